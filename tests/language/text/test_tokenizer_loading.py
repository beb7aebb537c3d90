"""Tokenizers come from files, or what is wrong with them is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from assocmem.language.text.byte_pair_tokenizer import END_OF_TEXT
from assocmem.language.text.tokenizer_loading import load_tokenizer
from split_texts import BYTES


def test_tokenizers_come_from_files_or_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "full").mkdir()
    BYTES.save(str(tmp_path / "full" / "tokenizer.json"))
    (tmp_path / "two").mkdir()
    BYTES.model.save(str(tmp_path / "two"))
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.json").write_text("{}")
    for name in ("full/tokenizer.json", "two"):
        tokenizer = load_tokenizer(str(tmp_path / name))
        assert tokenizer("Text é", add_special_tokens=False)["input_ids"] == BYTES.encode("Text é").ids
        assert tokenizer.bos_token == END_OF_TEXT
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in ("empty", "bad.json", "absent"):
        with pytest.raises(ValueError, match=f"tokenizer got '{tmp_path / name}'"):
            load_tokenizer(str(tmp_path / name))
