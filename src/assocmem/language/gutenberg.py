"""Project Gutenberg as training text: fetch books by id, read local ones, strip the licence, split into words.

The words are those of the Standardized Project Gutenberg Corpus (Gerlach and Font-Clos 2020, Entropy 22(1):126):
Penn Treebank tokens that consist of letters alone, in lower case, one a line. That corpus finds the ends of sentences
with a trained model; here a period ends a sentence unless it ends an initial or one of ``ABBREVIATIONS``, which
matters only for words that carry the period.
An abbreviation is kept as a word where the next one ends the sentence within the same run of characters (Mr. Darcy!"),
since the model of that corpus looks at both together.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = [
    "ABBREVIATIONS",
    "MIRROR",
    "Book",
    "DownloadError",
    "download",
    "read_books",
    "spgc_words",
    "strip_boilerplate",
]

MIRROR = "https://gutenberg.pglaf.org"
RECORD = "downloads.json"
"""Beside the downloaded files: url, bytes and sha256 of each."""

_START = re.compile(r"\s*\*{2,3}\s*START OF (?:THE |THIS )?PROJECT GUTENBERG|\s*\*END\s?\*\s?THE SMALL PRINT", re.I)
_END = re.compile(
    r"\s*\*{2,3}\s*END OF (?:THE |THIS )?PROJECT GUTENBERG|\s*\**\s*End of (?:the |this )?Project Gutenberg", re.I
)
_CREDIT = re.compile(
    r"(?:Produced by|E-?text prepared by|This e-?(?:text|book) was (?:prepared|produced) by|Transcribed (?:from|by))\b",
    re.I,
)
HEADER_LINES = 600
"""A start marker below this line belongs to the text."""


@dataclass(frozen=True)
class Book:
    """A book as it was read: a name without its ending, and its text."""

    name: str
    text: str


class DownloadError(OSError):
    """A book that cannot be fetched; the message says which and why."""


def strip_boilerplate(text: str) -> str:
    """The text between the markers of Project Gutenberg, without credits before it; whole if there are no markers.

    A header ends with the last start marker of the first 600 lines (also "*END*THE SMALL PRINT", of files before
    2004); a marker whose title runs on ends with the line of its closing asterisks. The text ends before the first end
    marker after that.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    starts = [i for i, line in enumerate(lines[:HEADER_LINES]) if _START.match(line)]
    first = _past_marker(lines, starts[-1]) if starts else 0
    last = next((i for i in range(first, len(lines)) if _END.match(lines[i])), len(lines))
    body = "\n".join(lines[first:last]).strip()
    while starts and _CREDIT.match(body):
        body = body.partition("\n\n")[2].strip()
    return body


def _past_marker(lines: list[str], start: int) -> int:
    """The line after a marker that may run over several; a blank line ends one that is not closed."""
    for i in range(start, len(lines)):
        if not lines[i].strip():
            return i
        if lines[i].rstrip().endswith("*"):
            return i + 1
    return len(lines)


ABBREVIATIONS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "messrs",
        "dr",
        "st",
        "rev",
        "hon",
        "col",
        "capt",
        "gen",
        "lieut",
        "lt",
        "maj",
        "sgt",
        "prof",
        "gov",
        "vs",
        "jr",
        "sr",
        "vol",
        "ill",
        "jan",
        "feb",
        "mar",
        "apr",
        "aug",
        "sept",
        "oct",
        "nov",
        "dec",
        "co",
        "corp",
        "ave",
    ]
)
"""After their period a sentence goes on; "ill" (Illinois) is one for that corpus, also where it means sick."""
_LAST_PERIOD = re.compile(r"([^\s.]*)\.(?=[\s\"')\]}>;:*@({\[!?]|$)")
_NEXT_ENDS = re.compile(r"\s+\S*[.?!](?:[?!)\";}\]*:@'({\[]|--)")
"""After an abbreviation: one word with which the sentence ends, inside quotation marks or before a dash."""
_APART = re.compile(r"\.\.\.|--|''|``|[?!;@#$%&()\[\]{}<>\"]|[:,](?!\d)")
_CLITIC = re.compile(r"(?<=[^' ])(?:'[smd]?|'S|'M|'D|'ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ")
_PAIRS = re.compile(
    r"\b(?:(can)(not)|(d)('ye)|(gim)(me)|(gon)(na)|(got)(ta)|(lem)(me)|(more)('n)|(wan)(na)(?=\s))(?:\b|(?<=wanna))",
    re.I,
)
_IT_IS = re.compile(r" '(t)(is|was)\b", re.I)


def spgc_words(text: str) -> list[str]:
    """The words of a text as the Standardized Project Gutenberg Corpus has them: letters alone, in lower case.

    A token with anything else in it is left out, not repaired: numbers, hyphenated words, emphasized ones with their
    underscores, abbreviations with their period. "didn't" becomes "did" before a space and is left out before a line
    break, as the Treebank rules have it.
    """
    spaced = _APART.sub(" ", _LAST_PERIOD.sub(_without_last_period, text))
    spaced = _CLITIC.sub("  ", f" {spaced} ")
    spaced = _PAIRS.sub(lambda m: " ".join(part for part in m.groups() if part), spaced)
    spaced = _IT_IS.sub(r" ' \2", spaced)
    return [token.lower() for token in spaced.split() if token.isalpha()]


def _without_last_period(match: re.Match[str]) -> str:
    word = match[1].lstrip("\"'([{").rpartition("-")[2].lower()
    short = word in ABBREVIATIONS or (len(word) == 1 and word.isalpha())
    return match[0] if short and not _NEXT_ENDS.match(match.string, match.end()) else f"{match[1]} "


def read_books(paths: Iterable[str | Path]) -> Iterator[Book]:
    """The .txt files among files, folders (with all inside) and .tar.xz archives; by name within each path.

    UTF-8, else Latin-1, which old books are in. Raises FileNotFoundError, and ValueError for another kind of file.
    """
    for path in map(Path, paths):
        if path.is_dir():
            for file in sorted(path.rglob("*.txt"), key=lambda p: p.relative_to(path).as_posix()):
                yield Book(file.stem, _decoded(file.read_bytes()))
        elif not path.exists():
            raise FileNotFoundError(f"no such file or folder of books: {path}")
        elif path.name.endswith(".tar.xz"):
            yield from _archived(path)
        elif path.suffix == ".txt":
            yield Book(path.stem, _decoded(path.read_bytes()))
        else:
            raise ValueError(f"{path} is not a .txt file, a folder, or a .tar.xz archive")


def _archived(path: Path) -> Iterator[Book]:
    """Members are read in memory and never unpacked, so that no name of a member can be a path of this machine."""
    with tarfile.open(path, "r:xz") as archive:
        members = [m for m in archive.getmembers() if m.isfile() and m.name.endswith(".txt")]
        for member in sorted(members, key=lambda m: m.name):
            stream = archive.extractfile(member)
            assert stream is not None
            yield Book(Path(member.name).stem, _decoded(stream.read()))


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def download(
    ids: Iterable[int], folder: str | Path, *, mirror: str = MIRROR, wait: float = 2.0, attempts: int = 4
) -> list[Path]:
    """The plain-text files of books by number, one after another, at least ``wait`` seconds between requests.

    What the record beside them names with the right sha256 is not fetched again; a broken transfer goes on where it
    stopped if the server still has the same file. Answers 429 and 5xx and lost connections are tried ``attempts``
    times. Raises DownloadError, and ValueError for a mirror that is neither https nor this machine.
    """
    parts = urlsplit(mirror)
    if parts.scheme != "https" and (parts.scheme, parts.hostname) != ("http", "127.0.0.1"):
        raise ValueError(f"the mirror must be reached over https, got {mirror}")
    if attempts < 1 or wait < 0:
        raise ValueError(f"attempts must be positive and wait not negative, got {attempts} and {wait}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pace = _Pace(wait)
    return [_fetched(number, folder, mirror.rstrip("/"), pace, attempts) for number in ids]


class _Pace:
    """Lets requests begin no closer together than ``wait`` seconds."""

    def __init__(self, wait: float) -> None:
        self.wait = wait
        self.next = 0.0

    def pause(self, extra: float = 0.0) -> None:
        time.sleep(max(0.0, self.next - time.monotonic(), extra))
        self.next = time.monotonic() + self.wait


def _fetched(number: int, folder: Path, mirror: str, pace: _Pace, attempts: int) -> Path:
    target, record = folder / f"PG{number}.txt", _record(folder)
    known = record.get(target.name)
    if known and target.exists() and sha256(target.read_bytes()).hexdigest() == known["sha256"]:
        return target
    url, part, reason, delay = f"{mirror}/cache/epub/{number}/pg{number}.txt", target.with_suffix(".part"), "", 0.0
    for attempt in range(attempts):
        pace.pause(delay)
        try:
            _transfer(url, part)
        except urllib.error.HTTPError as error:
            reason = f"the server answered {error.code}"
            error.close()
            if error.code == 416:
                part.unlink(missing_ok=True)
            elif error.code != 429 and error.code < 500:
                break
            delay = _asked_delay(error, pace.wait * 2**attempt)
        except (OSError, http.client.HTTPException) as error:
            reason, delay = str(error) or type(error).__name__, pace.wait * 2**attempt
        else:
            data = part.read_bytes()
            record[target.name] = {"url": url, "bytes": len(data), "sha256": sha256(data).hexdigest()}
            part.replace(target)
            _validator(part).unlink(missing_ok=True)
            _write(folder / RECORD, json.dumps(record, indent=1, sort_keys=True) + "\n")
            return target
    raise DownloadError(f"book {number} cannot be fetched from {url}: {reason}")


def _transfer(url: str, part: Path) -> None:
    """One request, appended to what is there if the server grants the rest of the same file."""
    validator = _validator(part)
    have = part.stat().st_size if part.exists() and validator.exists() else 0
    headers = {"User-Agent": "assocmem (plain-text books, one at a time)"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": validator.read_text(encoding="utf-8")}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        resumed = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if answer.status == 206 and not resumed:
            raise OSError("the server sent another part than asked for")
        if not resumed:
            validator.unlink(missing_ok=True)
            part.write_bytes(b"")
            tag = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
            if tag and not tag.startswith("W/"):
                _write(validator, tag)
        expected, got = answer.headers.get("Content-Length"), 0
        with part.open("ab") as file:
            while block := answer.read1(1 << 16):
                got += file.write(block)
        if expected is not None and got != int(expected):
            raise OSError(f"the transfer broke off after {got} of {expected} bytes")


def _asked_delay(error: urllib.error.HTTPError, usual: float) -> float:
    asked = error.headers.get("Retry-After", "")
    return min(float(asked), 120.0) if asked.isdecimal() else usual


def _validator(part: Path) -> Path:
    return part.with_suffix(".etag")


def _record(folder: Path) -> dict[str, Any]:
    path = folder / RECORD
    if not path.exists():
        return {}
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


def _write(path: Path, text: str) -> None:
    """A small file, whole or not at all."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(scratch, path)
