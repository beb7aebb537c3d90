"""Books are fetched politely and whole, stripped of their licence, and split as the published corpus splits them.

Where ASSOCMEM_BOOKS names a folder with default5.tar.xz, spgc_golden and pg_raw_samples, the real texts are read.
"""

from __future__ import annotations

import io
import json
import os
import socket
import tarfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given

from any_text import any_text
from assocmem.language.text.gutenberg import DownloadError, download, read_books, spgc_words, strip_boilerplate

BOOKS = os.environ.get("ASSOCMEM_BOOKS")
real = pytest.mark.skipif(BOOKS is None, reason="ASSOCMEM_BOOKS does not name the folder of books")
STARTS = [
    "*** START OF THIS PROJECT GUTENBERG EBOOK EMMA ***",
    "***START OF THE PROJECT GUTENBERG EBOOK EMMA***",
    "*** START OF THE PROJECT GUTENBERG EBOOK A TITLE\nTHAT RUNS ON ***",
    "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
    "*END THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
    "***END*THE SMALL PRINT!***",
    "*** START OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK EMMA ***",
    " *** start of project gutenberg ebook Emma ***",
]
ENDS = [
    "*** END OF THIS PROJECT GUTENBERG EBOOK EMMA ***",
    "***END OF THE PROJECT GUTENBERG EBOOK EMMA***",
    "End of Project Gutenberg's Emma, by Jane Austen",
    "End of the Project Gutenberg EBook of Emma",
    "  The End of this Project Gutenberg Etext of Emma",
    "*** END OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK EMMA ***",
    "Fin de Project Gutenberg Emma",
    "Fin du Projet Gutenberg",
    "Ende dieses Projekt Gutenberg Etextes Emma",
    "Ende dieses Project Gutenberg eBook Emma",
    "Fin del Proyecto Gutenberg",
    "Fine del Progetto Gutenberg",
    "Einde van het Project Gutenberg",
]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_only_the_text_between_the_markers_is_left(start: str, end: str, newline: str) -> None:
    text = f"\ufeffTitle: Emma\n\n{start}\n\nProduced by A,\nand B.\n\nEmma\n\nText.\n\n{end}\n\nLicence"
    assert strip_boilerplate(text.replace("\n", newline)) == "Emma\n\nText."


def test_text_without_markers_is_whole_and_late_markers_are_text() -> None:
    assert (
        strip_boilerplate("Produced by hand.\n\nThe end of a project.") == "Produced by hand.\n\nThe end of a project."
    )
    late = "line\n" * 600 + STARTS[0] + "\nrest"
    assert strip_boilerplate(late) == late
    assert strip_boilerplate("line\n" * 599 + STARTS[0] + "\nrest") == "rest"
    assert strip_boilerplate(STARTS[0] + "\n\n" + "line\n" * 700 + STARTS[0] + "\nrest").count("\n") == 701


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("{start}\n\n{small}\n\nText.\n\n{end}\n", "Text."),
        ("Title\n\nText.\n\n{end}\n\nLegal\n{small}\n", "Title\n\nText."),
        ("{start}\n\nText.\n\n{end}\n\nLegal\n{small}\n", "Text."),
        ("{start}\n\nOne.\n\n{end}\nLegal\n{start}\n\nTwo.\n\n{end}\n", "One."),
        ("{start}\n\nText.", "Text."),
        ("Text.\n\n{end}\n\nLegal", "Text."),
        ("{start}", ""),
        ("{start}\n\nProduced by A\n \t\nEmma\n\nText.", "Emma\n\nText."),
        ("{start}\n\nProduced by A\n\nE-text prepared by B\n\nThis etext was produced by C\n\nText.", "Text."),
        ("{start}\n\nProduced by A", ""),
        ("{start}\n\nProduced bytes\n\nText.", "Produced bytes\n\nText."),
        ("*** START OF THE PROJECT GUTENBERG EBOOK A TITLE\n\nText *\n\nMore.", "Text *\n\nMore."),
        ("", ""),
    ],
)
def test_markers_in_odd_places(text: str, body: str) -> None:
    assert strip_boilerplate(text.format(start=STARTS[0], small=STARTS[3], end=ENDS[0])) == body


def test_a_sentence_that_reads_like_an_end_ends_nothing() -> None:
    page = "They spoke of it for long.\n" * 3000
    sentence = "End of the Project Gutenberg, cried Emma.\n"
    text = f"{STARTS[0]}\n\n{sentence}{page}{sentence}{page}\n{ENDS[0]}\n{ENDS[1]}\n" + "The licence.\n" * 400
    assert strip_boilerplate(text) == f"{sentence}{page}{sentence}{page}".strip()
    assert strip_boilerplate(text.partition(ENDS[0])[0]) == f"{sentence}{page}{sentence}{page}".strip()
    for end in ENDS:
        assert strip_boilerplate(f"{page}\n{end}\n") == page.strip()


OLD = """The Project Gutenberg Etext of Emma, by Jane Austen
#7 in our series by Jane Austen

Copyright laws are changing all over the world, be sure to check.

*****This file should be named emma10.txt or emma10.zip******

Project Gutenberg Etexts are usually created from multiple editions,
all of which are in the Public Domain.

Scanned by A.

EMMA

Text.

End of The Project Gutenberg Etext of Emma
{small}
"""


def test_a_header_without_a_marker_ends_where_it_last_speaks_of_the_project() -> None:
    assert strip_boilerplate(OLD.format(small=STARTS[3])) == "Scanned by A.\n\nEMMA\n\nText."
    assert (
        strip_boilerplate(OLD.format(small=STARTS[3]).replace("Scanned", "This etext was prepared")) == "EMMA\n\nText."
    )
    assert strip_boilerplate("A tale.\n\nOf Project Gutenberg.\n\nText.") == "A tale.\n\nOf Project Gutenberg.\n\nText."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's 3 o'clock; a well-known _word_, café.", "it a café"),
        ("I didn't, she'll go. He said: 'tis so.", "i did she go he said is so"),
        ("he didn't\nsee", "he see"),
        ("\"You cannot!\" (he) 'said' [it]--so", "you can not he it so"),
        ("Mr. Smith saw me. Then no. 5", "smith saw me then no"),
        ('to Mr. Darcy!"', "to mr darcy"),
        ("the end...and A. B. on.", "the end and on"),
        ("gonna wanna go at 10:30,then", "gon na wan na go at then"),
        ("", ""),
    ],
)
def test_words_are_those_of_the_corpus(text: str, words: str) -> None:
    assert " ".join(spgc_words(text)) == words


@given(any_text())
def test_words_are_lower_case_letters_and_stay_what_they_are(text: str) -> None:
    words = spgc_words(text)
    assert all(word == word.lower() for word in words)
    plain = [w for w in words if w.isascii() and w not in {"cannot", "gimme", "gonna", "gotta", "lemme", "wanna"}]
    assert all(w.isalpha() for w in plain)
    assert spgc_words("\n".join(plain)) == plain


def test_words_of_a_text_without_spaces_take_no_longer() -> None:
    """A search that starts again at every letter would take minutes."""
    assert spgc_words("a" * 200_000) == ["a" * 200_000]


def test_files_folders_and_archives_are_read(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.txt").write_bytes("\ufeffé".encode())
    (tmp_path / "deep" / "a.txt").write_bytes("ü".encode("latin-1"))
    (tmp_path / "note.md").write_text("no book")
    (tmp_path / "folder.txt").mkdir()
    archive = tmp_path / "c.tar.xz"
    with tarfile.open(archive, "w:xz") as tar:
        for name, data in (("set/z.txt", b"z"), ("../y.txt", b"y"), ("set/x.md", b"x")):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    books = [(b.name, b.text) for b in read_books([tmp_path, archive, tmp_path / "b.txt"])]
    assert books == [("b", "é"), ("a", "ü"), ("y", "y"), ("z", "z"), ("b", "é")]
    with pytest.raises(ValueError, match="not a"):
        list(read_books([tmp_path / "note.md"]))
    with pytest.raises(FileNotFoundError, match="absent"):
        list(read_books([tmp_path / "absent"]))


def test_a_damaged_archive_and_a_huge_member_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "c.tar.xz"
    with tarfile.open(archive, "w:xz") as tar:
        for name in ("a.txt", "b.txt"):
            member = tarfile.TarInfo(name)
            member.size = 10_000
            tar.addfile(member, io.BytesIO(os.urandom(10_000)))
        link = tarfile.TarInfo("l.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    assert [b.name for b in read_books([archive])] == ["a", "b"]
    with monkeypatch.context() as patch:
        patch.setattr("assocmem.language.text.gutenberg.LARGEST", 9_999)
        with pytest.raises(ValueError, match=r"c\.tar\.xz: 'a\.txt' has 10000 bytes"):
            list(read_books([archive]))
        patch.setattr("assocmem.language.text.gutenberg.LARGEST", 10_000)
        assert len(list(read_books([archive]))) == 2
    whole = archive.read_bytes()
    for damaged in (whole[:-5000], b"no archive", b"", whole[:3000] + bytes(500) + whole[3500:]):
        archive.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"c\.tar\.xz is no archive, or a damaged one"):
            list(read_books([archive]))


BODY = b"A book of Project Gutenberg. " * 4000


class Mirror(BaseHTTPRequestHandler):
    """Book 1 is sound, 2 breaks off once, 3 is busy twice, 4 is not there, 5 changes after it broke off.

    6 leads to a place without https, 7 to book 1, 8 is a page, 9 breaks off and goes on at a wrong place once.
    20 and 21 ask for 70 and 9999 seconds of rest once, 22 breaks off and has a weak tag, 23 has no parts.
    """

    requests: list[tuple[str, str | None]] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.requests.append((self.path, self.headers.get("Range")))
        number, visit = int(self.path.split("/")[3]), sum(path == self.path for path, _ in self.requests)
        if number == 4 or (number == 3 and visit < 3):
            self.send_error(404 if number == 4 else 503)
            return
        if number in (20, 21) and visit == 1:
            self.send_response(429 if number == 20 else 503)
            self.send_header("Retry-After", "70" if number == 20 else "9999")
            self.end_headers()
            return
        if number == 23 and self.headers["Range"]:
            self.send_error(416)
            return
        if number in (6, 7):
            self.send_response(302)
            self.send_header("Location", "http://localhost:9/pg6.txt" if number == 6 else "/cache/epub/1/pg1.txt")
            self.end_headers()
            return
        tag, body = ('"new"', b"new " + BODY) if number == 5 and visit > 1 else ('"old"', BODY)
        requested = self.headers.get("Range")
        granted = requested if self.headers["If-Range"] in (None, tag) else None
        first = int(granted.removeprefix("bytes=").rstrip("-")) if granted else 0
        self.send_response(206 if first else 200)
        if number == 8:
            self.send_header("Content-Type", "text/html; charset=utf-8")
        if first:
            self.send_header("Content-Range", f"bytes {first + (number == 9)}-{len(body) - 1}/{len(body)}")
        self.send_header("ETag", f"W/{tag}" if number == 22 else tag)
        self.send_header("Content-Length", str(len(body) - first))
        self.end_headers()
        self.wfile.write(body[first : first + 50000] if number in (2, 5, 9, 22, 23) and visit == 1 else body[first:])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def mirror() -> Iterator[str]:
    Mirror.requests.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_books_are_fetched_resumed_and_recorded(mirror: str, tmp_path: Path) -> None:
    paths = download([1, 2, 3, 5], tmp_path, mirror=mirror, wait=0.01)
    assert [p.read_bytes() for p in paths] == [BODY, BODY, BODY, b"new " + BODY]
    assert [r for p, r in Mirror.requests if "/2/" in p] == [None, "bytes=50000-"]
    record = json.loads((tmp_path / "downloads.json").read_text())
    assert {n: r["sha256"] for n, r in record.items()} == {p.name: sha256(p.read_bytes()).hexdigest() for p in paths}
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        *("PG1.txt", "PG2.txt", "PG3.txt", "PG5.txt"),
        *("downloads.json", "lock"),
    ]
    before = len(Mirror.requests)
    download([1, 2, 3, 5], tmp_path, mirror=mirror, wait=0.01)
    assert len(Mirror.requests) == before
    paths[0].write_bytes(b"damaged")
    assert download([1], tmp_path, mirror=mirror, wait=0.01)[0].read_bytes() == BODY


def test_two_that_fetch_into_one_folder_ask_once(mirror: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: download([2, 1], tmp_path, mirror=mirror, wait=0.05), range(2)))
    assert both == [[tmp_path / "PG2.txt", tmp_path / "PG1.txt"]] * 2
    assert [path.read_bytes() for path in both[0]] == [BODY, BODY]
    assert len(Mirror.requests) == 3


def test_absent_and_busy_books_are_named(mirror: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"book 4 .* 404"):
        download([4], tmp_path, mirror=mirror, wait=0.01)
    assert len(Mirror.requests) == 1
    with pytest.raises(DownloadError, match=r"book 3 .* 503"):
        download([3], tmp_path, mirror=mirror, wait=0.01, attempts=2)
    assert len(Mirror.requests) == 3


def test_other_places_and_pages_are_refused(mirror: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"book 6 .* leads on to http://localhost:9/pg6\.txt, which is not"):
        download([6], tmp_path, mirror=mirror, wait=0.01)
    with pytest.raises(DownloadError, match=r"book 8 .* text/html"):
        download([8], tmp_path, mirror=mirror, wait=0.01)
    assert len(Mirror.requests) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
    assert download([7], tmp_path, mirror=mirror, wait=0.01)[0].read_bytes() == BODY


def test_another_part_than_asked_for_is_not_joined(mirror: str, tmp_path: Path) -> None:
    assert download([9], tmp_path, mirror=mirror, wait=0.01)[0].read_bytes() == BODY
    assert [r for _, r in Mirror.requests] == [None, "bytes=50000-", None]


def test_a_busy_server_is_given_the_rest_that_it_asks_for(
    mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else twice the usual pause each time; never more than two minutes at a server's word."""
    for number, expected in ((3, [0, 5, 10]), (20, [0, 70]), (21, [0, 120])):
        slept: list[float] = []
        monkeypatch.setattr("assocmem.language.text.gutenberg.time.sleep", slept.append)
        download([number], tmp_path, mirror=mirror, wait=5.0)
        assert slept == pytest.approx(expected)


def test_only_what_surely_belongs_together_is_joined(mirror: str, tmp_path: Path) -> None:
    (tmp_path / "PG1.part").write_bytes(b"of another day")
    made = download([1, 22, 23], tmp_path, mirror=mirror, wait=0)
    assert [path.read_bytes() for path in made] == [BODY] * 3
    parts = [(path.split("/")[3], part) for path, part in Mirror.requests]
    assert parts == [
        ("1", None),
        ("22", None),
        ("22", None),
        ("23", None),
        ("23", "bytes=50000-"),
        ("23", None),
    ]


def test_without_a_network_the_book_and_the_reason_are_named(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        mirror = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(DownloadError, match=r"book 84 .*/cache/epub/84/pg84\.txt: .*refused"):
            download([84], tmp_path, mirror=mirror, wait=0, attempts=2)


def test_the_record_is_checked_and_keeps_what_is_in_it(mirror: str, tmp_path: Path) -> None:
    download([1], tmp_path, mirror=mirror, wait=0)
    download([2], tmp_path, mirror=mirror, wait=0)
    record = json.loads((tmp_path / "downloads.json").read_text())
    assert record["PG2.txt"] == {
        "url": f"{mirror}/cache/epub/2/pg2.txt",
        "bytes": len(BODY),
        "sha256": sha256(BODY).hexdigest(),
    }
    assert set(record) == {"PG1.txt", "PG2.txt"}
    for damaged in ("{", "[]", '{"PG1.txt": {}}', '{"PG1.txt": 3}'):
        (tmp_path / "downloads.json").write_text(damaged)
        with pytest.raises(ValueError, match=r"downloads\.json is no record"):
            download([1], tmp_path, mirror=mirror, wait=0)


def test_requests_keep_their_distance(mirror: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("assocmem.language.text.gutenberg.time.sleep", slept.append)
    download([1, 11, 12], tmp_path, mirror=mirror, wait=50.0)
    assert slept[0] == 0
    assert all(40 < pause <= 50 for pause in slept[1:])


@pytest.mark.parametrize("mirror", ["http://example.org", "file:///books", "http://127.0.0.1.example.org", "https:x"])
def test_what_is_not_https_is_refused(tmp_path: Path, mirror: str) -> None:
    with pytest.raises(ValueError, match="https"):
        download([1], tmp_path / "books", mirror=mirror)
    assert not (tmp_path / "books").exists()


@pytest.mark.parametrize(
    ("ids", "options", "error", "message"),
    [
        ([84, 0], {}, ValueError, "ids must be positive"),
        ([-1], {}, ValueError, "ids must be positive"),
        (["../84"], {}, TypeError, "ids must be ints"),
        ([1.5], {}, TypeError, "ids must be ints"),
        ([1], {"wait": -1}, ValueError, "wait not negative"),
        ([1], {"wait": float("nan")}, ValueError, "wait not negative"),
        ([1], {"attempts": 0}, ValueError, "attempts must be positive"),
    ],
)
def test_wrong_arguments_are_named_before_anything_is_asked(
    mirror: str, tmp_path: Path, ids: list[int], options: dict[str, float], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        download(ids, tmp_path, mirror=mirror, **options)  # type: ignore[arg-type]
    assert Mirror.requests == []


@real
@pytest.mark.parametrize(("name", "missing"), [("PG84", ["ill"]), ("PG1342", ["ill", "i"])])
def test_published_tokenization_differs_only_by_what_its_model_adds(name: str, missing: list[str]) -> None:
    assert BOOKS is not None
    text = next(b.text for b in read_books([Path(BOOKS) / "default5.tar.xz"]) if b.name == name)
    golden = (Path(BOOKS) / "spgc_golden" / f"{name}_tokens.txt").read_text(encoding="utf-8").split()
    assert _missing(spgc_words(text), golden) == missing


def _missing(words: list[str], golden: list[str]) -> list[str]:
    """What is left of the longer list when the shorter one is read along it; fails if it is no part of it."""
    rest, missing = iter(golden), []
    for word in words:
        for other in rest:
            if other == word:
                break
            missing.append(other)
            assert len(missing) < 10, f"{missing} is more than missing words"
    return [*missing, *rest]


@real
def test_real_headers_are_stripped() -> None:
    assert BOOKS is not None
    texts = {b.name: strip_boilerplate(b.text) for b in read_books([Path(BOOKS) / "pg_raw_samples"])}
    assert texts["84"].startswith("Frankenstein,\n\nor the Modern Prometheus")
    assert texts["84"].endswith("lost in darkness and distance.")
    assert texts["11"].endswith("THE END")
    assert all("gutenberg" not in text.lower() for text in texts.values())
    golden = (Path(BOOKS) / "spgc_golden" / "PG84_tokens.txt").read_text(encoding="utf-8").split()
    assert _missing(spgc_words(texts["84"]), golden) == ["ill"]


@pytest.mark.parametrize("lines", [14, 40, 300])
@pytest.mark.parametrize(
    "end", ["", "\n\nEnd of the Project Gutenberg EBook of Lines\n\nA licence of Project Gutenberg."]
)
def test_an_early_end_line_cuts_no_text_away(lines: int, end: str) -> None:
    """Be the text long or so short that both lines are near each other, and with an end or without."""
    text = "\n".join(f"Line {i}." for i in range(lines))
    book = f"*** START OF THE PROJECT GUTENBERG EBOOK LINES ***\n\nEnd of the Project Gutenberg notice.\n\n{text}{end}"
    assert strip_boilerplate(book) == f"End of the Project Gutenberg notice.\n\n{text}"


@pytest.mark.parametrize("marker", ["", "\n\n*** END OF THE PROJECT GUTENBERG EBOOK LINE ***\n"])
def test_a_short_text_ends_before_a_long_licence(marker: str) -> None:
    licence = "This is the Project Gutenberg licence. " * 400
    end = f"End of Project Gutenberg's Line\n{marker}{licence}"
    book = f"*** START OF THE PROJECT GUTENBERG EBOOK LINE ***\n\nLine.\n\n{end}"
    assert strip_boilerplate(book) == "Line."
