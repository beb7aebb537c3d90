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
import lzma
import operator
import re
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from filelock import FileLock

from assocmem.language.files import write_bytes, write_json, write_text
from assocmem.language.text._redirects import is_mirror, may_lead_on

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
"""A default that may be changed, since mirrors come and go: any that serves ``/cache/epub/N/pgN.txt`` will do."""
RECORD, LOCK = "downloads.json", "lock"
"""Beside the downloaded files: url, bytes and sha256 of each; and what the process holds that fetches them."""
LARGEST = 1 << 28
"""Bytes of a member of an archive. The longest books have some 10 MB, but xz can pack any amount into a small file."""

_START = re.compile(
    r"\s*\*{2,3}\s*START OF (?:THE |THIS )?(?:COPYRIGHTED )?PROJECT GUTENBERG|\s*\*+END\s?\*?\s?THE SMALL PRINT", re.I
)
_END = re.compile(
    r"\s*\**\s*(?:The )?(?:End|Fine?|Ende|Einde)\b"
    r"(?: (?:of|de|du|del|di|des|dieses|von|van|the|this|het|ce|copyrighted))*"
    r" Pro(?:ject|jekt|jet|yecto|getto) Gutenberg",
    re.I,
)
_OLD_HEADER = re.compile(r"\s*\**\s*(?:This is )?(?:The |A )?Project Gutenberg(?:'s)?\b", re.I)
_OLD_WORDS = re.compile(r"Gutenberg|\be-?texts?\b|This file should be named|\bSmall Print\b", re.I)
_LICENCE = re.compile(r"Gutenberg|\blicen[cs]e\b|\bsmall print\b", re.I)
_CREDIT = re.compile(
    r"(?:Produced by|E-?text prepared by|This e-?(?:text|book) was (?:prepared|produced) by|Transcribed (?:from|by))\b",
    re.I,
)
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
HEADER_LINES = 600
"""A start marker below this line belongs to the text."""
OLD_HEADER_LINES = 150
"""The same of a paragraph of a header without a marker."""
LONGEST_LICENCE = 60_000
"""Characters after an end marker, at most; the licence has some 20,000. With more it belongs to the text."""
TAIL_LINES = 30
"""End markers that are no farther apart are one end."""


@dataclass(frozen=True)
class Book:
    """A book as it was read.

    Attributes
    ----------
    name : str
        Of its file, without the ending.
    text : str
        All of it, with the licence.
    latin : bool
        Whether it was no UTF-8 and was read as Latin-1, in which any bytes are some text.
    """

    name: str
    text: str
    latin: bool = False


class DownloadError(OSError):
    """A book that cannot be fetched; the message says which and why."""


def strip_boilerplate(text: str) -> str:
    """The text between the markers of Project Gutenberg, without credits before it; whole if there are no markers.

    The text ends before the last end marker, in English or in the languages of some files (Fin, Ende, Fine, Einde),
    where no more than a licence follows it; a sentence of the text that reads like one ends nothing, nor does a marker
    without asterisks that would cut off more than it leaves, unless what it cuts off reads like a licence. A header
    ends with the last start marker of the first 600 lines before that (also ``*END*THE SMALL PRINT``, of files before
    2004); a marker whose title runs on ends with the line of its closing asterisks. Files before 2004 that have the
    small print behind the text have no such marker: there the header ends with the last of the first paragraphs that
    speaks of Project Gutenberg.

    Parameters
    ----------
    text : str
        A plain-text file of Project Gutenberg; lines may end in any way.

    Returns
    -------
    str
        The book; lines end in line feeds.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    last = _end(lines)
    starts = [i for i, line in enumerate(lines[: min(last, HEADER_LINES)]) if _START.match(line)]
    first = _past_marker(lines, starts[-1]) if starts else _past_old_header(lines[:last])
    body = "\n".join(lines[first:last]).strip()
    while first and _CREDIT.match(body):
        _, *rest = _BLANK_LINE.split(body, maxsplit=1)
        body = "".join(rest).strip()
    return body


def _end(lines: list[str]) -> int:
    """The line that ends the text: an end marker, or the first of some that follow one another closely."""
    last, after = len(lines), 0
    for i in range(len(lines) - 1, -1, -1):
        after += len(lines[i]) + 1
        close = last < len(lines) and last - i <= TAIL_LINES
        if after > LONGEST_LICENCE and not close:
            break
        if _END.match(lines[i]) and (last == len(lines) or close) and _ends_there(lines, i, last):
            last = i
    return last


def _ends_there(lines: list[str], marker: int, last: int) -> bool:
    """Whether a marker may end the text, so that the lines between it and what is known to be behind go."""
    if lines[marker].lstrip().startswith("*"):
        return True
    cut = "".join(lines[marker + 1 : last]).strip()
    start = next((i + 1 for i in range(marker - 1, -1, -1) if _START.match(lines[i])), 0)
    return _LICENCE.search(cut) is not None or len("".join(lines[start:marker]).strip()) >= len(cut)


def _past_old_header(lines: list[str]) -> int:
    """The line after a header without a marker; 0 where the text does not begin with one."""
    top = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    if top == len(lines) or not _OLD_HEADER.match(lines[top]):
        return 0
    speaks = [i for i in range(top, min(len(lines), OLD_HEADER_LINES)) if _OLD_WORDS.search(lines[i])]
    return next((i for i in range(speaks[-1], len(lines)) if not lines[i].strip()), len(lines))


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
_LAST_PERIOD = re.compile(r"(?<![^\s.])([^\s.]*+)\.(?=[\s\"')\]}>;:*@({\[!?]|$)")
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

    Parameters
    ----------
    text : str
        A book without its licence.

    Returns
    -------
    list of str
        The words in order.
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
    """Read books from this machine, one after another.

    Parameters
    ----------
    paths : iterable of str or Path
        Files, folders (with all inside) and .tar.xz archives, of which the .txt files are read: UTF-8, else Latin-1,
        which old books are in.

    Yields
    ------
    Book
        By name within each path.

    Raises
    ------
    FileNotFoundError
        For a path where nothing is.
    ValueError
        For another kind of file, an archive that is damaged, and a member of one that is larger than 2^28 bytes.
    """
    for path in map(Path, paths):
        if path.is_dir():
            for file in sorted(path.rglob("*.txt"), key=lambda p: p.relative_to(path).as_posix()):
                if file.is_file():
                    yield Book(file.stem, *_decoded(file.read_bytes()))
        elif not path.exists():
            raise FileNotFoundError(f"no such file or folder of books: {path}")
        elif path.name.endswith(".tar.xz"):
            yield from _archived(path)
        elif path.suffix == ".txt":
            yield Book(path.stem, *_decoded(path.read_bytes()))
        else:
            raise ValueError(f"{path} is not a .txt file, a folder, or a .tar.xz archive")


def _archived(path: Path) -> Iterator[Book]:
    """Members are read in memory and never unpacked, so that no name of a member can be a path of this machine."""
    try:
        with tarfile.open(path, "r:xz") as archive:
            members = [m for m in archive.getmembers() if m.isfile() and m.name.endswith(".txt")]
            for member in sorted(members, key=lambda m: m.name):
                if member.size > LARGEST:
                    raise ValueError(f"{path}: {member.name!r} has {member.size} bytes, too many for a book")
                stream = archive.extractfile(member)
                assert stream is not None
                yield Book(Path(member.name).stem, *_decoded(stream.read()))
    except (tarfile.TarError, lzma.LZMAError, EOFError) as error:
        raise ValueError(f"{path} is no archive, or a damaged one: {error}") from error


def _decoded(data: bytes) -> tuple[str, bool]:
    """The text, and whether it had to be taken for Latin-1."""
    try:
        return data.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        return data.decode("latin-1"), True


def download(
    ids: Iterable[int], folder: str | Path, *, mirror: str = MIRROR, wait: float = 2.0, attempts: int = 4
) -> list[Path]:
    """Fetch the plain-text files of books by number, one after another.

    What the record beside them names with the right sha256 is not fetched again; a broken transfer goes on where it
    stopped if the server still has the same file. One process fetches into a folder at a time; others wait.

    Parameters
    ----------
    ids : iterable of int
        Numbers of books.
    folder : str or Path
        Where the files and their record go.
    mirror : str
        A server of Project Gutenberg's files, over https (or on this machine).
    wait : float
        Seconds between requests, at least.
    attempts : int
        How often a book is tried after answers 429 and 5xx and lost connections.

    Returns
    -------
    list of Path
        The files, in the order of the numbers.

    Raises
    ------
    DownloadError
        For a book that cannot be fetched, be it since the server leads on to a place that is not reached over https or
        lies in this machine's own network; those before it stay.
    ValueError
        For numbers that are not positive, a mirror that is neither https nor this machine, and a damaged record.
    TypeError
        For numbers that are no ints.
    """
    numbers = _numbers(ids)
    if not is_mirror(mirror):
        raise ValueError(f"the mirror must be reached over https, got {mirror}")
    if attempts < 1 or not wait >= 0:
        raise ValueError(f"attempts must be positive and wait not negative, got {attempts} and {wait}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pace = _Pace(wait)
    with FileLock(folder / LOCK):
        return [_fetched(number, folder, mirror.rstrip("/"), pace, attempts) for number in numbers]


def _numbers(ids: Iterable[int]) -> list[int]:
    listed = list(ids)
    try:
        numbers = [operator.index(number) for number in listed]
    except TypeError:
        raise TypeError(f"ids must be ints, the numbers of books, got {listed}") from None
    if any(number < 1 for number in numbers):
        raise ValueError(f"ids must be positive numbers of books, got {numbers}")
    return numbers


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows a server elsewhere only where it may lead, at every hop anew."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not may_lead_on(req.full_url, newurl):
            raise DownloadError(f"the server leads on to {newurl}, which is not a public place reached over https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


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
            delay = _requested_delay(error, pace.wait * 2**attempt)
        except DownloadError as error:
            reason = str(error)
            break
        except (OSError, http.client.HTTPException) as error:
            reason, delay = str(getattr(error, "reason", error)) or type(error).__name__, pace.wait * 2**attempt
        else:
            data = part.read_bytes()
            record[target.name] = {"url": url, "bytes": len(data), "sha256": sha256(data).hexdigest()}
            write_bytes(target, data)
            for leftover in (part, _validator(part)):
                leftover.unlink(missing_ok=True)
            write_json(folder / RECORD, record, indent=1, sort_keys=True)
            return target
    raise DownloadError(f"book {number} cannot be fetched from {url}: {reason}")


def _transfer(url: str, part: Path) -> None:
    """One request, appended to what is there if the server grants the rest of the same file."""
    validator = _validator(part)
    have = part.stat().st_size if part.exists() and validator.exists() else 0
    headers = {"User-Agent": "assocmem (plain-text books, one at a time)"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": validator.read_text(encoding="utf-8")}
    opener = urllib.request.build_opener(_SafeRedirects)
    with opener.open(urllib.request.Request(url, headers=headers), timeout=60) as answer:
        kind = answer.headers.get_content_type()
        if kind == "text/html":
            raise DownloadError("the server sent a page, text/html, in place of the text")
        resumed = answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if answer.status == 206 and not resumed:
            validator.unlink()  # The next attempt asks for the whole.
            raise OSError("the server sent another part than asked for")
        if not resumed:
            validator.unlink(missing_ok=True)
            part.write_bytes(b"")
            tag = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
            if tag and tag.isprintable() and not tag.startswith("W/"):
                write_text(validator, tag)
        expected, got = answer.headers.get("Content-Length"), 0
        with part.open("ab") as file:
            while block := answer.read1(1 << 16):
                got += file.write(block)
        if expected is not None and got != int(expected if expected.isdecimal() else -1):
            raise OSError(f"the transfer broke off after {got} of {expected} bytes")


def _requested_delay(error: urllib.error.HTTPError, usual: float) -> float:
    requested = error.headers.get("Retry-After", "")
    return min(float(requested), 120.0) if requested.isdecimal() else usual


def _validator(part: Path) -> Path:
    return part.with_suffix(".etag")


def _record(folder: Path) -> dict[str, Any]:
    path = folder / RECORD
    if not path.exists():
        return {}
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {name: {**entry, "sha256": str(entry["sha256"])} for name, entry in record.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} is no record of downloads; without it all books are fetched again") from error
