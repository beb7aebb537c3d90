"""Where training text comes from, as documents in a fixed order: the offline corpus, books, local files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from assocmem.language.cache import cache_folder, files_sha256, fingerprint
from assocmem.language.text import gutenberg, held_out_split, lines
from assocmem.language.text.byte_pair_tokenizer import END_OF_TEXT
from assocmem.language.text.docstring_corpus import offline_corpus
from assocmem.language.text.gutenberg import MIRROR, download, read_books, spgc_words, strip_boilerplate
from assocmem.language.text.held_out_split import split
from assocmem.language.text.lines import json_lines, unix_lines
from assocmem.language.text.token_files import Documents

__all__ = ["DOCSTRINGS", "GUTENBERG", "TextSource", "text_source"]

DOCSTRINGS, GUTENBERG = "docstrings", "gutenberg"
LITTLE = 0.2
"""A book of which less is left is remarked on."""
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
    remarks : Callable or None
        Gives a line on each thing in what was read so far that a person should know.
    """

    name: str
    key: str
    parts: Callable[[], tuple[Documents, Documents]]
    remarks: Callable[[], list[str]] | None = None


def text_source(
    data: str, *, words: bool = False, joined_by: str = " ", share: float = 0.05, mirror: str = MIRROR
) -> TextSource:
    """The source that ``data`` names.

    Parameters
    ----------
    data : str
        ``docstrings``: the offline corpus in its own split, by module. ``gutenberg:1342,84``: books by number, fetched
        once and then read from the cache. ``gutenberg:PATH``: a .txt file, folder or .tar.xz archive of books (UTF-8,
        else Latin-1, which is remarked on); their licence is stripped. Anything else: a UTF-8 text file, a .jsonl file,
        each line of which is an object with a document in ``text``, or a folder of .txt and .jsonl files. Lines end in
        line feeds, whatever they end in there. ``<|endoftext|>`` separates documents of one file.
    words : bool
        Books as the words of the Standardized Project Gutenberg Corpus (see
        :func:`~assocmem.language.text.gutenberg.spgc_words`).
    joined_by : str
        What stands between the words: a space, or a line feed as in the files of that corpus.
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
        For ``words`` without books, a folder without text, text that is not UTF-8, and a line of .jsonl that is no
        object with a text; the message names ``data`` and the file.
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

    remarks: dict[str, str] = {}

    def documents() -> Iterator[tuple[str, str]]:
        for title, text in _books(paths, remarks) if books else _texts(paths):
            yield from _documents(title, joined_by.join(spgc_words(text)) if words else text)

    code = files_sha256(__file__, gutenberg.__file__, held_out_split.__file__, lines.__file__)
    rules = [code, books, words, joined_by, share]
    key = fingerprint([rules, _hashes(paths)])
    return TextSource(name, key, lambda: split(documents, share), lambda: [remarks[one] for one in sorted(remarks)])


def _paths(data: str, place: str, books: bool, mirror: str) -> tuple[list[Path], str]:
    """Files and folders to read, and a name without a path."""
    if books and re.fullmatch(r"\d+(,\d+)*", place):
        ids = sorted({int(number) for number in place.split(",")})
        return download(ids, cache_folder() / GUTENBERG, mirror=mirror), GUTENBERG
    path = Path(place).expanduser()
    if not path.exists():
        takes = f"{DOCSTRINGS}, questions[:GRAMMAR], gutenberg:NUMBERS-OR-PATH, a text file or folder, a token folder"
        raise FileNotFoundError(f"data got {data!r}, which is no file or folder; takes {takes}")
    if path.is_dir() and not _files(path):
        raise ValueError(f"data got {data!r}, a folder without .txt or .jsonl files")
    return [path], path.resolve().name


def _hashes(paths: Iterable[Path]) -> list[list[str]]:
    """Name inside its folder and sha256 of every file."""
    hashes = []
    for path in paths:
        for file in _files(path) if path.is_dir() else [path]:
            with file.open("rb") as stream:
                hashes.append([file.relative_to(path.parent).as_posix(), file_digest(stream, "sha256").hexdigest()])
    return hashes


def _files(folder: Path) -> list[Path]:
    """What is read of a folder, in order."""
    files = [file for file in folder.rglob("*") if file.suffix.lower() in (".txt", ".jsonl") and file.is_file()]
    return sorted(files, key=lambda file: file.relative_to(folder).as_posix())


def _texts(paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Texts as they are, by file; of .jsonl by line."""
    for path in paths:
        if path.name.endswith(".tar.xz"):
            yield from _archived(path)
            continue
        for file in _files(path) if path.is_dir() else [path]:
            if file.suffix.lower() == ".jsonl":
                yield from json_lines(file)
            else:
                yield file.stem, unix_lines(_utf8(file))


def _archived(path: Path) -> Iterator[tuple[str, str]]:
    """The texts of an archive that is not said to be of books, so that no letters are guessed."""
    for one in read_books([path]):
        if one.latin:
            raise ValueError(f"data got {path.name!r}, in which {one.name!r} is not UTF-8 text; convert it first")
        yield one.name, unix_lines(one.text)


def _books(paths: Iterable[Path], remarks: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Books without their licence, with a remark on those of which little is left, or whose letters were guessed."""
    for book in read_books(paths):
        body = strip_boilerplate(book.text)
        if len(body) < LITTLE * len(book.text):
            share = len(body) / len(book.text)
            little = f"{book.name}: {share:.0%} of the file is left without licence and header; look at it"
            remarks[f"{book.name}, length"] = little
        if book.latin:
            remarks[f"{book.name}, letters"] = f"{book.name} is not UTF-8 and was read as Latin-1"
        yield book.name, body


def _utf8(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"{error.reason} at byte {error.start}"
        raise ValueError(f"data got {path.name!r}, which is not UTF-8 text: {reason}; convert it first") from None


def _documents(name: str, text: str) -> Iterator[tuple[str, str]]:
    """The documents of one file; those without anything but white space are left out, no other character is."""
    for part in text.split(END_OF_TEXT):
        while len(part) > LONGEST:
            cut = max(part.rfind("\n", 0, LONGEST), part.rfind(" ", 0, LONGEST) if "\n" not in part[:LONGEST] else -1)
            yield name, part[: cut + 1 or LONGEST]
            part = part[cut + 1 or LONGEST :]
        if part.strip():
            yield name, part
