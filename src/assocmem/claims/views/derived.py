"""What a claim rests on, and what a sentence that joins several claims is worth: both read from the ledger.

The verdict of such a sentence follows from the stored verdicts of its parts, which the tests hold equal to the computed
ones. So it changes when one of them does, and stays open while one of them is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from assocmem.claims.registry import claims
from assocmem.claims.verdicts import FALSE, UNTREATED, Finding


class Entry(Protocol):
    """The part of a claim that is read here."""

    @property
    def origin(self) -> str:
        """Whose statement it is: paper or book."""
        ...

    @property
    def chapter(self) -> int:
        """The chapter that treats it."""
        ...

    @property
    def verdict(self) -> str:
        """The stored verdict."""
        ...

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The claims it rests on."""
        ...


Ledger = Mapping[str, Entry]

PROPOSITIONS = ("P1", "P2", "P3", "P4", "P5")
"""The paper's propositions."""


def bases(names: Iterable[str], ledger: Ledger = claims) -> set[str]:
    """All claims that the named ones rest on, directly or through others.

    The named ones are among them only where they rest on each other.

    Parameters
    ----------
    names : iterable of str
        Claim ids.
    ledger : Mapping[str, Entry]
        Where they are looked up.

    Returns
    -------
    set[str]
        Claim ids.

    Raises
    ------
    UnknownClaimError
        For an unknown name.
    """
    reached: set[str] = set()
    waiting = [basis for name in names for basis in ledger[name].depends_on]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(ledger[name].depends_on)
    return reached


def resting_on(names: Iterable[str], ledger: Ledger = claims) -> list[str]:
    """The claims that rest on one of the named ones, directly or through others, in the order of the ledger."""
    wanted = set(names)
    return [name for name in ledger if wanted & bases([name], ledger)]


def fallen(names: Iterable[str], ledger: Ledger = claims) -> list[str]:
    """Those of the named claims that are refuted or contradicted, in the ledger's order."""
    wanted = set(names)
    return [name for name in ledger if name in wanted and ledger[name].verdict in FALSE]


def tally(ledger: Ledger = claims, origin: str = "paper") -> dict[int, Counter[str]]:
    """Number of the paper's (or the book's) claims by verdict, for each chapter that leaves none of them untreated."""
    by_chapter: dict[int, Counter[str]] = {}
    for name in ledger:
        if ledger[name].origin == origin:
            by_chapter.setdefault(ledger[name].chapter, Counter())[ledger[name].verdict] += 1
    return {chapter: counts for chapter, counts in sorted(by_chapter.items()) if UNTREATED not in counts}


def conjunction(names: Sequence[str], ledger: Ledger = claims) -> Finding:
    """The finding for a sentence that asserts all the named claims: it is worth as much as the weakest of them.

    A false part refutes the sentence; otherwise a part that is not decided leaves it open, and so does one that is only
    read in a source, for a sentence is not proved by what is read.

    Parameters
    ----------
    names : sequence of str
        The ids of the claims that the sentence asserts.
    ledger : Mapping[str, Entry]
        Where they are looked up.

    Returns
    -------
    Finding
        With the parts that decide in its text.

    Raises
    ------
    ValueError
        For an empty list.
    UnknownClaimError
        For an unknown name.
    """
    if not names:
        raise ValueError("names is empty; a sentence must assert something")
    by_verdict: dict[str, list[str]] = {}
    for name in names:
        by_verdict.setdefault(ledger[name].verdict, []).append(name)
    words = {verdict: ", ".join(parts) for verdict, parts in by_verdict.items()}
    false = [words[verdict] for verdict in FALSE if verdict in words]
    if false:
        return Finding.fails(f"it asserts what is refuted: {', '.join(false)}")
    decided = ("proved", "proved with a condition", "empty", "ill-defined", "heuristic")
    read = [words[verdict] for verdict in ("supported", "supported in part") if verdict in words]
    if read:
        return Finding.undecided(f"it joins what is computed with what is read in a source: {', '.join(read)}")
    waiting = [verdict for verdict in words if verdict not in decided]
    if waiting:
        return Finding.undecided(f"it asserts what is open: {', '.join(words[verdict] for verdict in waiting)}")
    if "ill-defined" in words:
        return Finding.ill_defined(f"it asserts what has no single meaning: {words['ill-defined']}")
    if "heuristic" in words:
        return Finding.heuristic(f"it asserts what is a motivation: {words['heuristic']}")
    if "empty" in words:
        return Finding.empty(
            f"the readings of {words['empty']} that say nothing", f"each part holds: {', '.join(names)}"
        )
    if "proved with a condition" in words:
        parts = words["proved with a condition"]
        return Finding.holds_if(f"the conditions of {parts}", f"each part holds: {', '.join(names)}")
    return Finding.holds(f"each part is proved: {words['proved']}")
