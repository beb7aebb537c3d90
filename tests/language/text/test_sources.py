"""Documents come from the offline corpus, from files and from books, and nothing of them is lost."""

from __future__ import annotations

import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assocmem.language.text import sources
from assocmem.language.text.byte_pair_tokenizer import END_OF_TEXT
from assocmem.language.text.held_out_split import split
from assocmem.language.text.sources import TextSource, text_source
from made_up_corpus import corpus
from split_texts import Docs


def read(source: TextSource) -> Docs:
    train, held_out = source.parts()
    return sorted([*train(), *held_out()])


def test_the_offline_corpus_keeps_its_own_split(monkeypatch: pytest.MonkeyPatch) -> None:
    small = corpus()  # The split by text would be another.
    by_text = split(lambda: (*small.train, *small.held_out), 0.05)
    assert [tuple(part()) for part in by_text] != [small.train, small.held_out]
    monkeypatch.setattr(sources, "offline_corpus", lambda: small)
    source = text_source("docstrings")
    assert [tuple(part()) for part in source.parts()] == [small.train, small.held_out]
    assert source.key == small.sha256


def test_files_and_folders_are_read_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"One.\n{END_OF_TEXT}\n \n{END_OF_TEXT}Two é.", encoding="utf-8")
    assert read(text_source(str(tmp_path / "a.md"))) == [("a", "One.\n"), ("a", "Two é.")]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.txt").write_bytes(b"B.\r\nAnd\rmore.")
    (tmp_path / "in" / "c.jsonl").write_text('{"text": "One.", "id": 7}\n\n{"text": "Two\\r\\nlines."}\n')
    folder = text_source(str(tmp_path / "in"))
    assert read(folder) == [("b", "B.\nAnd\nmore."), ("c:1", "One."), ("c:3", "Two\nlines.")]
    assert read(text_source(str(tmp_path / "in" / "c.jsonl"))) == [("c:1", "One."), ("c:3", "Two\nlines.")]
    assert folder.remarks() == []
    (tmp_path / "in" / "b.txt").write_text("C.")
    assert text_source(str(tmp_path / "in")).key != folder.key
    assert text_source(str(tmp_path / "in"), share=0.1).key != text_source(str(tmp_path / "in")).key


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("a.jsonl", b'{"text": "One."}\n{"text": 1}', "'a.jsonl', whose line 2 has no text in 'text'"),
        ("a.jsonl", b'["One."]', "'a.jsonl', whose line 1 has no text"),
        ("a.jsonl", b'{"text": "One."', "'a.jsonl', whose line 1 is not JSON"),
        ("a.jsonl", b'{"text": "\xfc"}', "'a.jsonl', whose line 1 is not JSON"),
        ("a.txt", b"\xfcber", "'a.txt', which is not UTF-8 text: invalid start byte at byte 0"),
    ],
)
def test_a_file_that_is_no_text_is_named_in_a_folder_too(name: str, line: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.txt").write_text("B.")
    (tmp_path / "in" / name).write_bytes(line)
    for place in (tmp_path / "in", tmp_path / "in" / name):
        with pytest.raises(ValueError, match=message):
            read(text_source(str(place)))


def test_books_of_which_little_is_left_or_whose_letters_are_guessed_are_remarked_on(tmp_path: Path) -> None:
    licence = "\n" + "The licence.\n" * 40
    (tmp_path / "a.txt").write_text(BOOK.format("one", "Long") + licence)
    (tmp_path / "b.txt").write_bytes((BOOK.format("two", "long " * 50) + " für alle").encode("latin-1"))
    (tmp_path / "c.txt").write_text(BOOK.format("three", "long " * 100))
    source = text_source(f"gutenberg:{tmp_path}")
    read(source)
    assert source.remarks() == [
        "a: 3% of the file is left without licence and header; look at it",
        "b is not UTF-8 and was read as Latin-1",
    ]


def test_a_long_document_is_cut_and_nothing_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LONGEST", 20)
    text = "A line of text.\nB line of text.\n" + "word " * 9 + "x" * 50
    (tmp_path / "a.txt").write_text(text)
    pieces = [part for _, part in sources._documents("a", text)]
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= 20
    assert pieces[0].endswith("\n")
    assert pieces[2].endswith(" ")


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
        lines = [(name, text.replace(" ", "\n")) for name, text in words]
        assert read(text_source(f"gutenberg:{place}", words=True, joined_by="\n")) == lines
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


def test_a_line_of_json_that_no_file_could_hold_is_named(tmp_path: Path) -> None:
    lines = {
        "surrogate": b'{"text": "bad \\ud800 one"}',
        "nested": b"[" * 100_000,
        "latin": '{"text": "é"}'.encode("latin-1"),
    }
    for name, line in lines.items():
        (tmp_path / f"{name}.jsonl").write_bytes(b'{"text": "good one"}\n' + line + b"\n")
        with pytest.raises(ValueError, match=rf"data got '{name}\.jsonl', whose line 2"):
            text_source(str(tmp_path / f"{name}.jsonl")).parts()
    (tmp_path / "pair.jsonl").write_bytes(b'{"text": "\\ud83d\\ude42 is one sign"}\n{"text": "b c"}\n')
    assert sorted(text for part in text_source(str(tmp_path / "pair.jsonl")).parts() for _, text in part()) == [
        "b c",
        "🙂 is one sign",
    ]


def test_endings_may_be_in_capitals(tmp_path: Path) -> None:
    (tmp_path / "A.JSONL").write_bytes(b'{"text": "a b"}\n{"text": "c d"}\n')
    (tmp_path / "B.TXT").write_bytes(b"e f\r\n")
    for data, wanted in ((tmp_path / "A.JSONL", ["a b", "c d"]), (tmp_path, ["a b", "c d", "e f\n"])):
        assert sorted(text for part in text_source(str(data)).parts() for _, text in part()) == wanted


def test_no_letters_are_guessed_in_an_archive_that_is_not_of_books(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "m.tar.xz", "w:xz") as archive:
        for name, data in (("x.txt", "über alles".encode("latin-1")), ("y.txt", b"hello world")):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    with pytest.raises(ValueError, match=r"data got 'm\.tar\.xz', in which 'x' is not UTF-8 text"):
        text_source(str(tmp_path / "m.tar.xz")).parts()
    source = text_source(f"gutenberg:{tmp_path / 'm.tar.xz'}")
    assert {text for part in source.parts() for _, text in part()} == {"über alles", "hello world"}
    assert source.remarks() == ["x is not UTF-8 and was read as Latin-1"]


def test_a_book_of_which_little_is_left_may_be_latin_too(tmp_path: Path) -> None:
    start, end = (f"*** {one} OF THE PROJECT GUTENBERG EBOOK Q ***" for one in ("START", "END"))
    book = f"{start}\n\nüx\ny z\n\n{end}\n" + "Project Gutenberg licence " * 50
    (tmp_path / "q.txt").write_bytes(book.encode("latin-1"))
    source = text_source(f"gutenberg:{tmp_path / 'q.txt'}")
    assert "".join(text for part in source.parts() for _, text in part()) == "üx\ny z"
    assert [one.partition(" ")[2][:20] for one in source.remarks()] == ["0% of the file is le", "is not UTF-8 and was"]
