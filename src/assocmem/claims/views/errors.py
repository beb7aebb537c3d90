"""Which of the paper's false statements stand by themselves, and which follow from another: read off the graph.

A false statement is a *consequence* if something that it rests on (``depends_on``) is false, otherwise a *root*. What a
statement only takes its terms from (``defined_by``) does not count: a sentence about a wrongly defined thing can be
false whatever that thing is. Statements that the paper does not print (``wording: implied``) are not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from assocmem.claims.verdicts import FALSE


class Entry(Protocol):
    """The part of a claim that is read here."""

    @property
    def origin(self) -> str:
        """Whose statement it is: paper or book."""
        ...

    @property
    def wording(self) -> str | None:
        """How near the statement is to the printed words."""
        ...

    @property
    def verdict(self) -> str:
        """The stored verdict."""
        ...

    @property
    def weight(self) -> str | None:
        """Whether an error is one of substance, or a slip."""
        ...

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The claims it rests on."""
        ...


Ledger = Mapping[str, Entry]


class Errors(NamedTuple):
    """Ids of the paper's false statements in the order of the book: of substance by themselves, what follows, slips."""

    roots: tuple[str, ...]
    consequences: tuple[str, ...]
    slips: tuple[str, ...]


def printed(ledger: Ledger) -> list[str]:
    """The statements that the paper prints, as they are counted: without those that it only implies."""
    return [name for name, entry in ledger.items() if entry.origin == "paper" and entry.wording != "implied"]


def is_false(entry: Entry) -> bool:
    """Whether a statement is refuted, or contradicted by what it is about."""
    return entry.verdict in FALSE


def causes(name: str, ledger: Ledger) -> tuple[str, ...]:
    """The false statements that a claim rests on directly; for a false claim: what it follows from.

    Parameters
    ----------
    name : str
        The id of a claim.
    ledger : Mapping[str, Entry]
        All claims by id.

    Returns
    -------
    tuple[str, ...]
        Ids; empty where the claim stands, or falls, by itself.
    """
    return tuple(basis for basis in ledger[name].depends_on if is_false(ledger[basis]))


def roots(name: str, ledger: Ledger) -> tuple[str, ...]:
    """The false statements from which a false one follows in the end, through others or directly.

    Parameters
    ----------
    name : str
        The id of a claim.
    ledger : Mapping[str, Entry]
        All claims by id.

    Returns
    -------
    tuple[str, ...]
        Ids of roots; empty where the claim is one itself, or rests on nothing false.
    """
    found = [root for cause in causes(name, ledger) for root in (roots(cause, ledger) or (cause,))]
    return tuple(dict.fromkeys(found))


def errors(ledger: Ledger, names: Iterable[str] | None = None) -> Errors:
    """The paper's false statements, sorted.

    Parameters
    ----------
    ledger : Mapping[str, Entry]
        All claims by id.
    names : iterable of str, optional
        Which of them; all by default.

    Returns
    -------
    Errors
        Slips are errors of a word, a letter or a reference on which no result rests, whether or not they follow from
        another.
    """
    chosen = set(ledger if names is None else names)
    false = [name for name in printed(ledger) if name in chosen and is_false(ledger[name])]
    slips = [name for name in false if ledger[name].weight == "slip"]
    grave = [name for name in false if name not in slips]
    follow = [name for name in grave if causes(name, ledger)]
    return Errors(tuple(name for name in grave if name not in follow), tuple(follow), tuple(slips))
