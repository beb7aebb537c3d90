"""Where training text comes from, as documents in a fixed order, and which of them are held out.

Split by text: a document is held out where the sha256 of its UTF-8 text, read as a number in [0, 1), is below the share
asked for. So the parts do not depend on names or order, a document keeps its part when others come or go, and equal
texts are never on both sides. Where that leaves a part empty, the document of the least hash is held out, or the one
of the greatest trained on. Of a single document the tail is held out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from assocmem.language.cache import cache_folder, code, fingerprint
from assocmem.language.text import gutenberg
from assocmem.language.text.book_tokenizer import END_OF_TEXT
from assocmem.language.text.docstring_corpus import offline_corpus
from assocmem.language.text.gutenberg import MIRROR, download, read_books, spgc_words, strip_boilerplate
from assocmem.language.text.token_files import Documents

__all__ = ["DOCSTRINGS", "GUTENBERG", "TextSource", "split", "text_source"]

DOCSTRINGS, GUTENBERG = "docstrings", "gutenberg"
LONGEST = 1 << 22
"""Characters of a document; a longer one is cut after a line, else after a word, into several."""


@dataclass(frozen=True)
class TextSource:
    """Documents of a training part and a held-out part, read when asked for.

    name : what a record calls it. key : sha256 of all that the documents and their parts depend on.
    """

    name: str
    key: str
    parts: Callable[[], tuple[Documents, Documents]]


def text_source(data: str, *, words: bool = False, share: float = 0.05, mirror: str = MIRROR) -> TextSource:
    """The source that ``data`` names.

    ``docstrings`` : the offline corpus in its own split, by module. ``gutenberg:1342,84`` : books by number, fetched
    once and kept in the cache. ``gutenberg:PATH`` : a .txt file, folder or .tar.xz archive of books; their licence is
    stripped. Anything else : a UTF-8 text file, or a folder of .txt files (UTF-8, else Latin-1), taken as they are.
    <|endoftext|> separates documents of one file. words : books as the words of the Standardized Project Gutenberg
    Corpus (`gutenberg.spgc_words`), a space apart. share : of the documents, to be held out.

    Raises ValueError, FileNotFoundError and `gutenberg.DownloadError`, whose messages name ``data``.
    """
    kind, _, place = data.partition(":")
    books = kind == GUTENBERG and bool(place)
    if words and not books:
        raise ValueError(f"words goes with data gutenberg:..., got data {data!r}")
    if data == DOCSTRINGS:
        corpus = offline_corpus()
        return TextSource(DOCSTRINGS, corpus.sha256, lambda: (lambda: corpus.train, lambda: corpus.held_out))
    paths, name = _paths(data, place if books else data, books, mirror)

    def documents() -> Iterator[tuple[str, str]]:
        for title, text in _texts(paths):
            yield from _documents(title, _book(text, words) if books else text)

    rules = [code(__file__, gutenberg.__file__), books, words, share]
    return TextSource(name, fingerprint([rules, _hashes(paths)]), lambda: split(documents, share))


def split(documents: Documents, share: float) -> tuple[Documents, Documents]:
    """The documents that are trained on and those held out, each in the order given (rule: at the top of this file).

    Of a single text, once or repeated, the last ``share`` of its characters is held out, from the start of a line or
    else a word. Raises ValueError where there is nothing to split.
    """
    hashes = sorted({_sha256(text) for _, text in documents()})
    if not hashes:
        raise ValueError("data holds no text")
    if len(hashes) == 1:
        name, text = next(iter(documents()))
        border = _border(text, int(len(text) * (1 - share)))
        if not 0 < border < len(text):
            raise ValueError(f"data is one document of {len(text)} characters, too short to hold a part of it out")
        return lambda: [(name, text[:border])], lambda: [(name, text[border:])]
    held = {one for one in hashes if int(one, 16) < share * 16**64} or {hashes[0]}
    if len(held) == len(hashes):
        held.remove(hashes[-1])

    def part(inside: bool) -> Documents:
        return lambda: ((name, text) for name, text in documents() if (_sha256(text) in held) is inside)

    return part(False), part(True)


def _sha256(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _border(text: str, near: int) -> int:
    """The first start of a line from ``near`` on that has text after it; else of a word; else ``near``."""
    for gap in (r"\n(?=.*\S)", r"\s(?=\S)"):
        found = re.compile(gap, re.DOTALL).search(text, max(near - 1, 0))
        if found:
            return found.end()
    return near


def _paths(data: str, place: str, books: bool, mirror: str) -> tuple[list[Path], str]:
    """Files and folders to read, and a name without a path."""
    if books and re.fullmatch(r"\d+(,\d+)*", place):
        ids = sorted({int(number) for number in place.split(",")})
        return download(ids, cache_folder() / GUTENBERG, mirror=mirror), GUTENBERG
    path = Path(place).expanduser()
    if not path.exists():
        takes = f"{DOCSTRINGS}, questions[:GRAMMAR], gutenberg:NUMBERS-OR-PATH, a text file or folder, a token folder"
        raise FileNotFoundError(f"data got {data!r}, which is no file or folder; takes {takes}")
    if path.is_dir() and not any(path.rglob("*.txt")):
        raise ValueError(f"data got {data!r}, a folder without .txt files")
    return [path], path.resolve().name


def _hashes(paths: Iterable[Path]) -> list[list[str]]:
    """Name inside its folder and sha256 of every file."""
    found = []
    for path in paths:
        files = sorted(path.rglob("*.txt")) if path.is_dir() else [path]
        for file in files:
            with file.open("rb") as stream:
                found.append([file.relative_to(path.parent).as_posix(), file_digest(stream, "sha256").hexdigest()])
    return found


def _texts(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    for path in paths:
        if path.is_dir() or path.name.endswith(".tar.xz"):
            yield from ((book.name, book.text) for book in read_books([path]))
            continue
        try:
            yield path.stem, path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(f"data got {path.name!r}, which is not UTF-8 text: {error.reason}") from None


def _book(text: str, words: bool) -> str:
    body = strip_boilerplate(text)
    return " ".join(spgc_words(body)) if words else body


def _documents(name: str, text: str) -> Iterator[tuple[str, str]]:
    """The documents of one file; those without anything but white space are left out, no other character is."""
    for part in text.split(END_OF_TEXT):
        while len(part) > LONGEST:
            cut = max(part.rfind("\n", 0, LONGEST), part.rfind(" ", 0, LONGEST) if "\n" not in part[:LONGEST] else -1)
            yield name, part[: cut + 1 or LONGEST]
            part = part[cut + 1 or LONGEST :]
        if part.strip():
            yield name, part
