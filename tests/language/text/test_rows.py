"""Texts become two parts that share nothing, rows that predict every token once, and bytes that are counted right."""

from __future__ import annotations

import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from assocmem.language.text import rows as text_rows
from assocmem.language.text import sources
from assocmem.language.text.book_tokenizer import END_OF_TEXT
from assocmem.language.text.docstring_corpus import offline_corpus
from assocmem.language.text.rows import TextRows, bytes_predicted, open_text, text_ends, tokenized
from assocmem.language.text.sources import TextSource, split, text_source
from assocmem.language.text.token_files import TokenFileError, build_tokens
from assocmem.language.text.tokenizers import load_tokenizer

Docs = list[tuple[str, str]]
TEXTS = [(f"d{i}", f"Text {i} says that {i * i} is the square of {i}.\nÜber {'x' * i}. " * 9) for i in range(30)]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offline_corpus()  # From the usual cache, before it moves.
    monkeypatch.setenv("ASSOCMEM_CACHE", str(tmp_path / "cache"))


def parts(documents: Docs, share: float) -> tuple[Docs, Docs]:
    train, held_out = split(lambda: iter(documents), share)
    return list(train()), list(held_out())


@given(st.lists(st.tuples(st.text(max_size=3), st.text(min_size=1, max_size=3)), min_size=2), st.floats(0.01, 0.99))
def test_every_document_is_in_one_part_and_no_text_in_both(documents: Docs, share: float) -> None:
    if len({text for _, text in documents}) == 1:
        return
    train, held_out = parts(documents, share)
    assert train
    assert held_out
    assert sorted(train + held_out) == sorted(documents)
    assert not {text for _, text in train} & {text for _, text in held_out}
    assert train == [one for one in documents if one in train]
    renamed = [(f"{i}", text) for i, (_, text) in reversed(list(enumerate(documents)))]
    assert {text for _, text in parts(renamed, share)[1]} == {text for _, text in held_out}


def test_a_document_keeps_its_part_when_others_come() -> None:
    few, many = parts(TEXTS[:20], 0.3), parts(TEXTS, 0.3)
    assert set(few[1]) == set(many[1]) & set(TEXTS[:20])
    assert 3 <= len(many[1]) <= 15


@pytest.mark.parametrize("copies", [1, 3])
def test_the_tail_of_a_single_document_is_held_out(copies: int) -> None:
    text = "A line of words.\n" * 200
    train, held_out = parts([("one", text)] * copies, 0.1)
    assert train[0][1] + held_out[0][1] == text
    assert train[0][1].endswith(".\n")
    assert 0.08 <= len(held_out[0][1]) / len(text) <= 0.1
    words = parts([("one", "word " * 100)], 0.1)
    assert words[1][0][1] == "word " * 10
    with pytest.raises(ValueError, match="too short"):
        parts([("one", "a")], 0.1)
    with pytest.raises(ValueError, match="no text"):
        parts([], 0.1)


def read(source: TextSource) -> Docs:
    train, held_out = source.parts()
    return sorted([*train(), *held_out()])


def test_the_offline_corpus_keeps_its_own_split() -> None:
    source, corpus = text_source("docstrings"), offline_corpus()
    assert [tuple(part()) for part in source.parts()] == [corpus.train, corpus.held_out]
    assert source.key == corpus.sha256


def test_files_and_folders_are_read_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"One.\n{END_OF_TEXT}\n \n{END_OF_TEXT}Two é.", encoding="utf-8")
    assert read(text_source(str(tmp_path / "a.md"))) == [("a", "One.\n"), ("a", "Two é.")]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.txt").write_text("B.")
    (tmp_path / "in" / "c.txt").write_bytes("ü".encode("latin-1"))
    folder = text_source(str(tmp_path / "in"))
    assert read(folder) == [("b", "B."), ("c", "ü")]
    (tmp_path / "in" / "b.txt").write_text("C.")
    assert text_source(str(tmp_path / "in")).key != folder.key
    assert text_source(str(tmp_path / "in"), share=0.1).key != text_source(str(tmp_path / "in")).key


def test_a_long_document_is_cut_and_nothing_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LONGEST", 20)
    text = "A line of text.\nB line of text.\n" + "word " * 9 + "x" * 50
    (tmp_path / "a.txt").write_text(text)
    found = [part for _, part in sources._documents("a", text)]
    assert "".join(found) == text
    assert max(map(len, found)) <= 20
    assert found[0].endswith("\n")
    assert found[2].endswith(" ")


BOOK = "Top\n*** START OF THE PROJECT GUTENBERG EBOOK ***\n\nThe {0} isn't {1}.\n\n*** END OF THE PROJECT GUTENBERG"


def test_books_are_stripped_and_read_as_words(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "set.tar.xz", "w:xz") as tar:
        for name in ("one", "two"):
            data = BOOK.format(name, "Long").encode()
            member = tarfile.TarInfo(f"{name}.txt")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
            (tmp_path / f"{name}.txt").write_bytes(data)
    plain = [("one", "The one isn't Long."), ("two", "The two isn't Long.")]
    words = [("one", "the one is long"), ("two", "the two is long")]
    for place in (tmp_path, tmp_path / "set.tar.xz"):
        assert read(text_source(f"gutenberg:{place}")) == plain
        assert read(text_source(f"gutenberg:{place}", words=True)) == words
    assert "Top" in read(text_source(str(tmp_path)))[0][1]


class Mirror(BaseHTTPRequestHandler):
    """Books 1 and 2."""

    def do_GET(self) -> None:
        number = self.path.split("/")[3]
        body = BOOK.format(f"book {number}", "old").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("assocmem.language.text.gutenberg.time.sleep", lambda _: None)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_books_by_number_are_fetched_once(mirror: str) -> None:
    first = text_source("gutenberg:2,1", mirror=mirror)
    assert read(first) == [("PG1", "The book 1 isn't old."), ("PG2", "The book 2 isn't old.")]
    again = text_source("gutenberg:1,2", mirror="http://127.0.0.1:9")  # Where nobody answers.
    assert (again.key, read(again)) == (first.key, read(first))


@pytest.mark.parametrize(
    ("data", "words", "message"),
    [
        ("absent", False, "'absent'"),
        ("gutenberg:absent", False, "'gutenberg:absent'"),
        (".", False, r"without \.txt"),
        ("bad.txt", False, "not UTF-8"),
        ("bad.txt", True, "words"),
    ],
)
def test_a_source_that_is_none_is_named(
    data: str, words: bool, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty" if data == "." else tmp_path)
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        read(text_source(data, words=words))


@given(st.integers(2, 60), st.integers(2, 9))
def test_every_token_is_predicted_once_from_those_before_it(count: int, context: int) -> None:
    tokens = np.arange(100, 100 + count, dtype="<u2")
    if count < context:
        with pytest.raises(ValueError, match="context"):
            TextRows(tokens, context)
        return
    rows = TextRows(tokens, context)
    batch = [rows[i] for i in range(len(rows))]
    assert all(row["labels"].tolist() == row["input_ids"].tolist() for row in batch)
    assert all(len(row["labels"]) == context for row in batch)
    targets = [token for row in batch for token in row["labels"][1:].tolist()]
    assert targets == list(range(101, 101 + rows.predicted))
    assert count - 1 - rows.predicted < context - 1


def byte_level(vocabulary: int = 300) -> Tokenizer:
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=[END_OF_TEXT], initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator([text for _, text in TEXTS], trainer)
    return bpe


BYTES = byte_level()


def direct_ends(documents: Docs, start: bool) -> list[int]:
    """From the tokens' own bytes: each sign of a byte-level token is a byte, and a character is its first token's."""
    found, before = [], 0
    for _, text in documents:
        whole = text.encode()
        borders = [len(text[:i].encode()) for i in range(len(text) + 1)]
        found += [before] if start else []
        at = 0
        for token in BYTES.encode(text, add_special_tokens=False).tokens:
            at += len(token)
            found.append(before + min(border for border in borders if border >= at))
        before += len(whole)
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="ab é€🙂\n", min_size=1, max_size=12), max_size=5), st.booleans())
def test_bytes_are_those_of_the_tokens(texts: list[str], start: bool) -> None:
    documents = [("d", text) for text in texts]
    ends = text_ends(lambda: iter(documents), BYTES, 0 if start else None)
    assert ends.tolist() == direct_ends(documents, start)
    assert len(ends) == sum(len(BYTES.encode(text).ids) + start for _, text in documents)


def test_marks_cover_no_bytes_and_whole_documents_all_of_theirs() -> None:
    documents = [("a", "wör ld "), ("b", "  end\n")]
    words = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    assert text_ends(lambda: documents, words, 0).tolist() == [0, 4, 8, 8, 14]
    assert text_ends(lambda: documents, words, None).tolist() == [4, 8, 14]
    rows = TextRows(np.zeros(5, dtype="<u2"), 3)
    assert bytes_predicted(text_ends(lambda: documents, words, 0), rows) == 14
    assert bytes_predicted(text_ends(lambda: documents, words, None), TextRows(np.zeros(3, dtype="<u2"), 2)) == 10


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


def test_the_tokenizer_is_learned_without_the_held_out_part(tmp_path: Path) -> None:
    marked = [(name, f"{text} qqqqqqqq qqqqqqqq") for name, text in parts(TEXTS, 0.2)[1]]
    train = parts(TEXTS, 0.2)[0]
    mixed = TextSource("texts", "key", lambda: (lambda: iter(train), lambda: iter(marked)))
    found = tokenized(mixed, vocabulary=400, folder=tmp_path / "t").tokenizer
    assert found is not None
    assert not any("qq" in token for token in found.get_vocab())


@pytest.mark.parametrize("at", [1, 2])
def test_a_build_that_was_cut_off_goes_on(at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def cut(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == at:
            raise KeyboardInterrupt
        return build_tokens(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(text_rows, "build_tokens", cut)
        with pytest.raises(KeyboardInterrupt):
            tokenized(source(), vocabulary=300, folder=tmp_path / "a")
    with pytest.raises(TokenFileError, match="no finished"):
        open_text(tmp_path / "a")
    after, whole = (tokenized(source(), vocabulary=300, folder=tmp_path / name) for name in ("a", "b"))
    assert after.identity == whole.identity


def test_of_a_bare_token_file_the_last_documents_are_held_out(tmp_path: Path) -> None:
    made = build_tokens(tmp_path / "t", lambda: iter(TEXTS), BYTES, name="b", source="s", progress=False)
    found = open_text(tmp_path / "t", 0.2)
    assert np.concatenate([found.train, found.held_out]).tolist() == made.tokens.tolist()
    assert len(found.train) in made.manifest["offsets"]
    assert 0.2 <= len(found.held_out) / len(made.tokens) < 0.3
    build_tokens(tmp_path / "one", lambda: TEXTS[-1:], BYTES, name="b", source="s", progress=False)
    one = open_text(tmp_path / "one", 0.2)
    assert len(one.held_out) == int(0.2 * (len(one.train) + len(one.held_out)))
    assert (one.ends, one.tokenizer) == (None, None)


def test_tokenizers_come_from_files_or_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "full").mkdir()
    BYTES.save(str(tmp_path / "full" / "tokenizer.json"))
    (tmp_path / "two").mkdir()
    BYTES.model.save(str(tmp_path / "two"))
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.json").write_text("{}")
    for name in ("full/tokenizer.json", "two"):
        found = load_tokenizer(str(tmp_path / name))
        assert found("Text é", add_special_tokens=False)["input_ids"] == BYTES.encode("Text é").ids
        assert found.bos_token == END_OF_TEXT
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in ("empty", "bad.json", "absent"):
        with pytest.raises(ValueError, match=f"tokenizer got '{tmp_path / name}'"):
            load_tokenizer(str(tmp_path / name))
