"""Where training text comes from, as documents in a fixed order: the offline corpus, books, local files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from assocmem.language.cache import cache_folder, files_sha256, fingerprint
from assocmem.language.text import gutenberg, held_out_split
from assocmem.language.text.byte_pair_tokenizer import END_OF_TEXT
from assocmem.language.text.docstring_corpus import offline_corpus
from assocmem.language.text.gutenberg import MIRROR, download, read_books, spgc_words, strip_boilerplate
from assocmem.language.text.held_out_split import split
from assocmem.language.text.token_files import Documents

__all__ = ["DOCSTRINGS", "GUTENBERG", "TextSource", "text_source"]

DOCSTRINGS, GUTENBERG = "docstrings", "gutenberg"
LONGEST = 1 << 22
"""Characters of a document; a longer one is cut after a line, else after a word, into several."""


@dataclass(frozen=True)
class TextSource:
    """Documents of a training part and a held-out part, read when they are needed.

    Attributes
    ----------
    name : str
        What a record calls it.
    key : str
        The sha256 of all that the documents and their parts depend on.
    parts : Callable
        Gives the documents of the training part and those held out.
    """

    name: str
    key: str
    parts: Callable[[], tuple[Documents, Documents]]


def text_source(data: str, *, words: bool = False, share: float = 0.05, mirror: str = MIRROR) -> TextSource:
    """The source that ``data`` names.

    Parameters
    ----------
    data : str
        ``docstrings``: the offline corpus in its own split, by module. ``gutenberg:1342,84``: books by number, fetched
        once and then read from the cache. ``gutenberg:PATH``: a .txt file, folder or .tar.xz archive of books; their
        licence is stripped. Anything else: a UTF-8 text file, or a folder of .txt files (UTF-8, else Latin-1), taken
        as they are. ``<|endoftext|>`` separates documents of one file.
    words : bool
        Books as the words of the Standardized Project Gutenberg Corpus, a space apart (see
        :func:`~assocmem.language.text.gutenberg.spgc_words`).
    share : float
        Of the documents, to be held out (see :mod:`~assocmem.language.text.held_out_split`).
    mirror : str
        Where books are fetched from.

    Returns
    -------
    TextSource
        Nothing is read yet but for hashes of the files.

    Raises
    ------
    ValueError
        For ``words`` without books, a folder without text, and text that is not UTF-8; the message names ``data``.
    FileNotFoundError
        For a path where nothing is.
    DownloadError
        For a book that cannot be fetched.
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

    code = files_sha256(__file__, gutenberg.__file__, held_out_split.__file__)
    rules = [code, books, words, share]
    return TextSource(name, fingerprint([rules, _hashes(paths)]), lambda: split(documents, share))


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
    hashes = []
    for path in paths:
        files = sorted(path.rglob("*.txt")) if path.is_dir() else [path]
        for file in files:
            with file.open("rb") as stream:
                hashes.append([file.relative_to(path.parent).as_posix(), file_digest(stream, "sha256").hexdigest()])
    return hashes


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
