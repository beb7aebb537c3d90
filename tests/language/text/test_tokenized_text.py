"""Token files of a text are made once, belong to their text, and go on where they were cut off."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assocmem.language.text import tokenized_text
from assocmem.language.text.byte_pair_tokenizer import END_OF_TEXT
from assocmem.language.text.held_out_split import split
from assocmem.language.text.sources import TextSource, text_source
from assocmem.language.text.token_files import TokenFileError, build_tokens
from assocmem.language.text.tokenized_text import open_text, tokenized
from split_texts import BYTES, TEXTS, Docs, parts


def source(texts: Docs = TEXTS, key: str = "key") -> TextSource:
    return TextSource("texts", key, lambda: split(lambda: iter(texts), 0.2))


def test_tokens_are_made_once_and_belong_to_their_text(tmp_path: Path) -> None:
    made = tokenized(source(), vocabulary=300, folder=tmp_path / "t")
    assert made.tokenizer is not None
    assert made.ends is not None
    train, held_out = parts(TEXTS, 0.2)
    for ids, documents in ((made.train, train), (made.held_out, held_out)):
        text = "".join(END_OF_TEXT + text for _, text in documents)
        assert made.tokenizer.decode(ids.tolist()) == text
    assert made.ends[-1] == sum(len(text.encode()) for _, text in held_out)
    assert made.identity["train"]["documents"] == len(train)

    def unread() -> Any:
        raise AssertionError("the text is read again")

    again = tokenized(TextSource("texts", "key", unread), vocabulary=300, folder=tmp_path / "t")
    assert again.identity == made.identity
    assert open_text(tmp_path / "t").identity == made.identity
    for other in (source(key="other"), source()):
        with pytest.raises(TokenFileError, match="another text or tokenizer"):
            tokenized(other, vocabulary=300 if other.key == "other" else 301, folder=tmp_path / "t")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    with pytest.raises(TokenFileError, match=r"thesis\.tex"):
        tokenized(source(), folder=tmp_path / "mine")


def test_of_two_that_want_the_same_tokens_one_makes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    usual = tokenized_text._make

    def slow(place: Path, *values: Any) -> None:
        made.append(place)
        time.sleep(0.2)  # Long enough for the other to look.
        usual(place, *values)

    monkeypatch.setattr(tokenized_text, "_make", slow)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: tokenized(source(), vocabulary=300, folder=tmp_path / "t"), range(2)))
    assert both[0].identity == both[1].identity
    assert made == [tmp_path / "t"]


def test_what_a_kill_left_hidden_is_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / ".text.json-0123456789abcdef").touch()
    assert tokenized(source(), vocabulary=300, folder=tmp_path / "t").vocabulary == 300


def test_the_tokenizer_is_learned_without_the_held_out_part(tmp_path: Path) -> None:
    marked = [(name, f"{text} qqqqqqqq qqqqqqqq") for name, text in parts(TEXTS, 0.2)[1]]
    train = parts(TEXTS, 0.2)[0]
    mixed = TextSource("texts", "key", lambda: (lambda: iter(train), lambda: iter(marked)))
    tokenizer = tokenized(mixed, vocabulary=400, folder=tmp_path / "t").tokenizer
    assert tokenizer is not None
    assert not any("qq" in token for token in tokenizer.get_vocab())


@pytest.mark.parametrize("at", [1, 2])
def test_a_build_that_was_cut_off_goes_on(at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def cut(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == at:
            raise KeyboardInterrupt
        return build_tokens(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(tokenized_text, "build_tokens", cut)
        with pytest.raises(KeyboardInterrupt):
            tokenized(source(), vocabulary=300, folder=tmp_path / "a")
    with pytest.raises(TokenFileError, match="no finished"):
        open_text(tmp_path / "a")
    after, whole = (tokenized(source(), vocabulary=300, folder=tmp_path / name) for name in ("a", "b"))
    assert after.identity == whole.identity


def test_of_a_bare_token_file_the_last_documents_are_held_out(tmp_path: Path) -> None:
    made = build_tokens(tmp_path / "t", lambda: iter(TEXTS), BYTES, name="b", source="s", progress=False)
    opened = open_text(tmp_path / "t", 0.2)
    assert np.concatenate([opened.train, opened.held_out]).tolist() == made.tokens.tolist()
    assert len(opened.train) in made.manifest["offsets"]
    assert 0.2 <= len(opened.held_out) / len(made.tokens) < 0.3
    build_tokens(tmp_path / "one", lambda: TEXTS[-1:], BYTES, name="b", source="s", progress=False)
    one = open_text(tmp_path / "one", 0.2)
    assert len(one.held_out) == int(0.2 * (len(one.train) + len(one.held_out)))
    assert (one.ends, one.tokenizer) == (None, None)


def test_words_are_counted_and_remarks_are_made_at_every_opening(tmp_path: Path) -> None:
    page = (
        "*** START OF THE PROJECT GUTENBERG EBOOK ***\n\nThe {} is good and long.\n\n*** END OF THE PROJECT GUTENBERG\n"
    )
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.txt").write_text(page.format(name) + "The licence.\n" * (40 if name == "two" else 0))
    said: list[str] = []
    books = text_source(f"gutenberg:{tmp_path}")
    made = tokenized(books, vocabulary=260, folder=tmp_path / "tokens", report=said.append)
    train, _ = books.parts()
    assert made.words == 6 * len(list(train()))
    assert len(said) == 2
    assert said[1].startswith("two: 4% of the file is left")
    again = tokenized(
        text_source(f"gutenberg:{tmp_path}"), vocabulary=260, folder=tmp_path / "tokens", report=said.append
    )
    assert (again.words, said[2:]) == (made.words, said[1:2])
    (tmp_path / "tokens" / "text.json").write_text("")
    with pytest.raises(TokenFileError, match=r"text\.json is damaged"):
        tokenized(text_source(f"gutenberg:{tmp_path}"), vocabulary=260, folder=tmp_path / "tokens")
