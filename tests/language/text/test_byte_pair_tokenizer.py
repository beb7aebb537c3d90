"""The tokenizer that the book trains gives back any text, and is cached under all that made it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assocmem.language.text import byte_pair_tokenizer as tokenizer_module
from assocmem.language.text.byte_pair_tokenizer import END_OF_TEXT, byte_pair_tokenizer, token_stream
from made_up_corpus import corpus


def test_the_tokenizer_gives_back_any_text_and_marks_each_document() -> None:
    tokenizer = byte_pair_tokenizer(corpus(), 300)
    assert tokenizer.decode(tokenizer("Ünïcode, a pattern")["input_ids"]) == "Ünïcode, a pattern"
    assert len(tokenizer) == 300
    stream = token_stream(tokenizer, corpus().held_out)
    assert int((stream == tokenizer.convert_tokens_to_ids(END_OF_TEXT)).sum()) == 5
    with pytest.raises(ValueError, match="257"):
        byte_pair_tokenizer(corpus(), 100)


def test_a_tokenizer_is_kept_under_the_code_that_made_it(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = Path(tokenizer_module.__file__).read_text()
    for change in ("", "", "# changed\n"):
        (tmp_path / "copy.py").write_text(text + change)
        monkeypatch.setattr(tokenizer_module, "__file__", str(tmp_path / "copy.py"))
        byte_pair_tokenizer(corpus(), 300)
    assert len(list(own_cache.glob("tokenizer-*"))) == 2
