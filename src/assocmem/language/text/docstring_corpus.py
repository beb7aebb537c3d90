"""Real English that needs no download: the prose of the docstrings of the scientific packages that the book installs.

The files are read, never imported. Code, signatures, tables, displayed formulas, lists of parameters, and whatever
touches a heading are left out, and a paragraph that occurs twice is kept once. A document is a module; every tenth one,
by the hash of its name, is held out.
The text depends on the installed versions alone, which the identity names together with the sha256 of the text.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from assocmem.language.cache import cached_folder, files_sha256, fingerprint

__all__ = ["PACKAGES", "Corpus", "offline_corpus", "paragraphs"]

PACKAGES = ("numpy", "scipy", "sympy", "networkx", "matplotlib")
"""Direct requirements of this project whose docstrings were written by people."""
HELD_OUT_ONE_IN = 10

_STRING = re.compile(r'[rRuU]?(?P<quotes>"""|\'\'\')(?P<body>.*?)(?P=quotes)', re.DOTALL)
_ROLE = re.compile(r":[a-z:]+:`~?\.?([^`<]*?)(?:\s*<[^`]*>)?`")
_REFERENCE = re.compile(r"\s*\[[\w*]+\]_")
_LINK = re.compile(r"`([^`<]+?)\s*<[^`]*>`_+")
_QUOTES = re.compile(r"``?([^`]*)``?_?")
_WORD = re.compile(r"[A-Za-z][a-z]*(?:['-][a-z]+)*[,;:.!?)]*")
_REFUSED = (">>>", "::", ":math:", "\\", "==", "--", "__", "$", "|", "{", "http", ".. ", "...", " = ", "@", "~", "#")


@dataclass(frozen=True)
class Corpus:
    """Documents, split by module, and what identifies them.

    Attributes
    ----------
    train, held_out : tuple of (str, str)
        Module and text of each document.
    versions : dict of str
        Installed version of each package.
    sha256 : str
        Of the whole text in order, both parts.
    """

    train: tuple[tuple[str, str], ...]
    held_out: tuple[tuple[str, str], ...]
    versions: dict[str, str]
    sha256: str

    @property
    def words(self) -> dict[str, int]:
        """How many words, split at white space, each part has."""
        return {
            name: sum(len(text.split()) for _, text in part)
            for name, part in (("train", self.train), ("held_out", self.held_out))
        }

    @property
    def identity(self) -> dict[str, object]:
        """The corpus in a record: versions, sha256, words and documents of each part."""
        documents = {"train": len(self.train), "held_out": len(self.held_out)}
        return {"versions": self.versions, "sha256": self.sha256, "words": self.words, "documents": documents}


@cache
def offline_corpus(packages: tuple[str, ...] = PACKAGES) -> Corpus:
    """The corpus of installed packages: read in seconds, then from the user's cache.

    Parameters
    ----------
    packages : tuple of str
        Their names, in the order of the documents.

    Returns
    -------
    Corpus
        The same for the same versions.

    Raises
    ------
    ModuleNotFoundError
        For a package that is not installed.
    ValueError
        When there is too little prose.
    """
    for package in packages:
        if importlib.util.find_spec(package) is None:
            raise ModuleNotFoundError(f"package {package!r} of the offline corpus is not installed")
    versions = {package: version(package) for package in packages}

    def fill(folder: Path) -> None:
        (folder / "documents.json").write_text(json.dumps(_read(packages)), encoding="utf-8")

    folder = cached_folder(f"corpus-{fingerprint([versions, files_sha256(__file__)])[:16]}", fill)
    documents: list[list[str]] = json.loads((folder / "documents.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256("".join(f"{name}\n{text}\n\n" for name, text in documents).encode())
    parts: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for name, text in documents:
        parts[_is_held_out(name)].append((name, text))
    if not parts[True] or not parts[False]:
        raise ValueError(f"packages={packages} hold too little prose to be split")
    return Corpus(tuple(parts[False]), tuple(parts[True]), versions, digest.hexdigest())


def _read(packages: tuple[str, ...]) -> list[tuple[str, str]]:
    """All documents in order, each paragraph only where it occurs first."""
    taken: set[str] = set()
    documents = []
    for package in packages:
        for module, path in _modules(package):
            fresh = dict.fromkeys(p for p in _prose(path) if p not in taken)
            taken.update(fresh)
            if fresh:
                documents.append((module, "\n".join(fresh)))
    return documents


def paragraphs(docstring: str) -> list[str]:
    """The prose paragraphs of a docstring.

    A block is a run of lines of equal indentation; it is prose if it has a full stop, eight words or more, and at
    least four of five tokens are plain words.

    Parameters
    ----------
    docstring : str
        As it stands in the file.

    Returns
    -------
    list of str
        Each paragraph on one line without markup.
    """
    blocks: list[str] = []
    block: list[str] = []
    indent = -1
    for line in [*inspect.cleandoc(docstring).splitlines(), ""]:
        depth = len(line) - len(line.lstrip())
        if block and (not line.strip() or depth != indent):
            blocks.append(" ".join(block))
            block = []
        if line.strip():
            block.append(line.strip())
            indent = depth
    long = (text for text in blocks if text.count(" ") >= 7 and text[-1] in ".?!" and text[0].isupper())
    return [clean for text in long if _is_prose(clean := _without_markup(text))]


def _without_markup(text: str) -> str:
    for pattern in (_ROLE, _LINK, _QUOTES):
        text = pattern.sub(r"\1", text)
    return " ".join(_REFERENCE.sub("", text).replace("*", "").split())


def _is_prose(text: str) -> bool:
    tokens = text.split()
    if len(tokens) < 8 or not text[0].isupper() or text[-1] not in ".?!" or any(mark in text for mark in _REFUSED):
        return False
    return sum(bool(_WORD.fullmatch(token.lstrip("(\"'"))) for token in tokens) >= 0.8 * len(tokens)


def _modules(package: str) -> Iterator[tuple[str, Path]]:
    """Name and file of each module of a package in order of name, tests left out."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    root = Path(spec.submodule_search_locations[0])
    for path in sorted(root.rglob("*.py"), key=lambda p: p.relative_to(root).as_posix()):
        inside = path.relative_to(root).with_suffix("").parts
        if not {"tests", "testing", "_vendor", "conftest"} & set(inside):
            yield ".".join((package, *inside)), path


def _prose(path: Path) -> list[str]:
    """Prose of the strings in triple quotes that begin a line, which docstrings do."""
    text = path.read_text(encoding="utf-8")
    starts = (m for m in _STRING.finditer(text) if not text[text.rfind("\n", 0, m.start()) + 1 : m.start()].strip())
    return [p for m in starts for p in paragraphs(m["body"])]


def _is_held_out(module: str) -> bool:
    return int(hashlib.sha256(module.encode()).hexdigest(), 16) % HELD_OUT_ONE_IN == 0
