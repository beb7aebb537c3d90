"""The fields of a statement, and how a row of a file of statements is read: what it must say, and what it may."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assocmem.claims.verdicts import ARGUED, CONDITIONS, VERDICTS

REQUIRED = ("id", "title", "source", "statement", "verdict", "why")
"""What every statement has; where it stands (chapter, page, origin) follows from its place in its file."""
DEFAULTS: dict[str, Any] = {
    "kind": "statement",
    "versions": "both",
    "differs": None,
    "wording": None,
    "quote": None,
    "depends_on": (),
    "defined_by": (),
    "condition_kind": None,
    "weight": None,
    "argued": None,
    "corrected": (),
    "formerly": (),
    "note": None,
}
"""What a statement that says nothing of these fields has."""
KINDS = (
    "statement",
    "assumption",
    "definition",
    "equation",
    "example",
    "figure",
    "lemma",
    "measurement",
    "proposition",
    "remark",
    "table",
    "theorem",
)
"""What a statement is, as the paper or the book calls it; not the kind of a check."""
ID = re.compile(r"[A-Z][A-Za-z0-9]*(?:[-.][A-Za-z0-9]+)*")
"""The form of an id, which is a permanent name: ``P3``; ``X-...`` for what the book adds, ``...-FIX`` for what holds in
the place of a statement that does not."""
ORIGINS = ("paper", "book")
"""Whose statement it is: the heading of a file of statements under which it stands."""
VERSIONS = ("both", "submission", "later")
"""In which version of the paper it stands."""
WORDINGS = ("verbatim", "paraphrase", "implied")
"""How near a statement of the paper is to the print: its words or formula; their sense, in ours; neither."""
WEIGHTS = ("substance", "slip")
"""What is wrong where the paper is: something that matters, or a word or a letter on which nothing rests."""
BASES = ("read", "from memory")
"""How a source is known."""
WORDS = 12
"""Of a printed sentence no more words than this are quoted; formulas are quoted whole."""
SENTENCES = 2
"""The reason for a verdict, ``why``, has at most so many sentences; what else there is to say is the ``note``."""


class LedgerError(ValueError):
    """A file of statements, or what is registered beside it, is not as it must be; the message says where and how."""


@dataclass(frozen=True)
class Argued:
    """What a claim about a source, or about words, rests on: no computation, but a text that somebody has read.

    Attributes
    ----------
    source : str
        The text: a reference and a place in it.
    basis : str
        One of ``BASES``.
    """

    source: str
    basis: str


def read(raw: Mapping[str, Any], where: str, origin: str) -> dict[str, Any]:
    """The fields of one row, checked.

    Parameters
    ----------
    raw : mapping
        The row as YAML gives it.
    where : str
        What to call it in an error.
    origin : str
        The heading under which it stands.

    Returns
    -------
    dict[str, Any]
        Every field of ``REQUIRED`` and ``DEFAULTS``, and ``origin``.

    Raises
    ------
    LedgerError
        For a missing or unknown field, a value that a field does not take, and fields that exclude each other.
    """
    if not isinstance(raw, Mapping):
        raise LedgerError(f"{where}: got {raw!r}; takes fields with their values")
    if origin not in ORIGINS:
        raise LedgerError(f"{where}: stands under {origin!r}; takes {ORIGINS}")
    missing = [name for name in REQUIRED if name not in raw]
    unknown = [name for name in raw if name not in (*REQUIRED, *DEFAULTS)]
    if missing or unknown:
        raise LedgerError(f"{where}: missing fields {missing}, unknown fields {unknown}")
    row = {**DEFAULTS, **raw, "origin": origin}
    if not ID.fullmatch(str(row["id"])):
        raise LedgerError(
            f"{where}: id={row['id']!r}; takes letters and digits, a capital first, in parts joined by - or ."
        )
    taken = {
        "kind": KINDS,
        "verdict": VERDICTS,
        "versions": VERSIONS,
        "wording": WORDINGS if origin == "paper" else (None,),
        "condition_kind": CONDITIONS if row["verdict"] == "proved with a condition" else (None,),
        "weight": WEIGHTS if origin == "paper" and row["verdict"] in ("refuted", "contradicted") else (None,),
    }
    for name, values in taken.items():
        if row[name] not in values:
            raise LedgerError(f"{where}: {name}={row[name]!r}; takes {values}")
    row["quote"] = _quote(row, where)
    row["argued"] = _argued(row, where)
    for name in ("depends_on", "defined_by", "corrected", "formerly"):
        if not isinstance(row[name], (list, tuple)):
            raise LedgerError(f"{where}: {name}={row[name]!r}; takes a list of ids")
        row[name] = tuple(row[name])
    row["statement"] = str(row["statement"]).strip()
    for name in ("why", "note"):
        row[name] = str(row[name]).strip() if row[name] else None
    if not row["why"]:
        raise LedgerError(f"{where}: why is empty; takes the reason for the verdict")
    if sentences(row["why"]) > SENTENCES:
        raise LedgerError(
            f"{where}: why has {sentences(row['why'])} sentences; takes {SENTENCES}, the rest is the note"
        )
    return row


def sentences(text: str) -> int:
    """How many sentences a text has; a formula, a link or an abbreviation ends none."""
    plain = re.sub(r"\{\w+\}`[^`]*`|\$[^$]*\$", "M", text)
    plain = re.sub(r"\b(?:et al|i\.e|e\.g|cf|Eq|Fig|Sec|App|No|pp?)\.", "M", plain)
    return len(re.findall(r"[.!?][)”\"']*(?=\s|$)", plain.strip()))


def _argued(row: Mapping[str, Any], where: str) -> Argued | None:
    given = row["argued"]
    if given is None:
        if row["verdict"] in set(ARGUED) - {"empty", "ill-defined", "heuristic"}:
            raise LedgerError(f"{where}: verdict={row['verdict']!r} is a reading; takes a field argued with its source")
        return None
    if not isinstance(given, dict) or set(given) != {"source", "basis"} or given["basis"] not in BASES:
        raise LedgerError(f"{where}: argued={given!r}; takes a source and a basis, one of {BASES}")
    if row["verdict"] not in ARGUED:
        raise LedgerError(f"{where}: verdict={row['verdict']!r} of an argued claim; takes {ARGUED}")
    return Argued(str(given["source"]), given["basis"])


def _quote(row: Mapping[str, Any], where: str) -> dict[str, str]:
    given = row["quote"]
    printed = row["origin"] == "paper" and row["wording"] != "implied"
    if printed != bool(given):
        takes = "the printed words or formula" if printed else "none, for the paper does not print it"
        raise LedgerError(f"{where}: quote={given!r}; takes {takes}")
    versions = ("submission", "later") if row["versions"] == "both" else (row["versions"],)
    quotes = {version: str(given) for version in versions} if isinstance(given, str) else dict(given or {})
    if printed and set(quotes) != set(versions):
        raise LedgerError(f"{where}: quote for {sorted(quotes)}; takes one for each of {versions}")
    return quotes
