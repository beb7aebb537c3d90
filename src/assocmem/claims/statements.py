"""How a file of statements is read: checked by the schema that editors use too, and filled up with defaults.

Which fields there are and what they take stands in ``views/statements.schema.json`` and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assocmem.claims.views.statement_schema import defaults, fault

WORDS = 12
"""Of a printed sentence no more words than this are quoted; formulas are quoted whole."""
SENTENCES = 2
"""The reason for a verdict, ``why``, has at most so many sentences; what else there is to say is the ``note``."""


_DEFAULTS = defaults()


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
        How it is known.
    """

    source: str
    basis: str


def read(document: Any, file: str) -> list[dict[str, Any]]:
    """The statements of a file, checked.

    Parameters
    ----------
    document : Any
        The file as YAML gives it: the headings paper and book, with a list of statements under each.
    file : str
        What to call it in an error.

    Returns
    -------
    list[dict[str, Any]]
        Of each statement every field of the schema, and ``origin``, the heading under which it stands.

    Raises
    ------
    LedgerError
        For what the schema does not allow, and a ``why`` of too many sentences: one line with file, claim and field,
        what it got and what it takes.
    """
    wrong = fault(document, file)
    if wrong is not None:
        raise LedgerError(wrong)
    return [_row(raw, file, origin) for origin, rows in document.items() for raw in rows or ()]


def _row(raw: Mapping[str, Any], file: str, origin: str) -> dict[str, Any]:
    row = {**_DEFAULTS, **raw, "origin": origin}
    row |= {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
    row |= {name: row[name].strip() for name in ("statement", "why", "note") if row[name]}
    if sentences(row["why"]) > SENTENCES:
        raise LedgerError(
            f"{file}: claim {row['id']}: why has {sentences(row['why'])} sentences; takes {SENTENCES}, the rest is the "
            "note"
        )
    row["argued"] = Argued(**row["argued"]) if row["argued"] else None
    versions = ("submission", "later") if row["versions"] == "both" else (row["versions"],)
    row["quote"] = dict.fromkeys(versions, row["quote"]) if isinstance(row["quote"], str) else row["quote"] or {}
    return row


def sentences(text: str) -> int:
    """How many sentences a text has; a formula, a link or an abbreviation ends none."""
    plain = re.sub(r"\{\w+\}`[^`]*`|\$[^$]*\$", "M", text)
    plain = re.sub(r"\b(?:et al|i\.e|e\.g|cf|Eq|Fig|Sec|App|No|pp?)\.", "M", plain)
    return len(re.findall(r"[.!?][)”\"']*(?=\s|$)", plain.strip()))
