"""How a page says what it decides: ``claim("P3", formal, mutants={...})``, ``@check("P1", "P2", kind=..., scope=...)``.

Both only write down what the module that calls them says; the ledger reads it when it is first asked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assocmem.claims.evidence import Check, Mutant
from assocmem.claims.verdicts import KINDS, Finding, Kind


@dataclass(frozen=True)
class Treatment:
    """What a page says of a claim: its formal statement, the mutants of that, and where it says so."""

    formal: Any = field(repr=False)
    mutants: tuple[Mutant, ...]
    file: str
    line: int


@dataclass(frozen=True)
class _Uncovered:
    formal: Any


_TREATMENTS: dict[str, Treatment] = {}
_CHECKS: dict[str, list[Check]] = {}


def uncovered(altered: Any) -> Any:
    """Mark a mutant of a proved claim as one against which no counterexample is known.

    Parameters
    ----------
    altered : Any
        The altered formal statement.

    Returns
    -------
    Any
        The statement, marked for :func:`claim`.
    """
    return _Uncovered(altered)


def claim(claim_id: str, formal: Any, *, mutants: Mapping[str, Any]) -> None:
    """Register the machine-readable statement of a claim, and altered ones that its checks must reject.

    Parameters
    ----------
    claim_id : str
        The id of the statement, as the page's YAML has it.
    formal : Any
        The object that every check of the claim receives.
    mutants : mapping of str to Any
        What was altered, and the altered statement; see :class:`assocmem.claims.evidence.Mutant`. One against which no
        counterexample is known stands in :func:`uncovered`.

    Raises
    ------
    ValueError
        When the claim already has a formal statement, or has no mutant.
    """
    if claim_id in _TREATMENTS:
        taken = _TREATMENTS[claim_id]
        raise ValueError(
            f"claim_id={claim_id!r} is registered already, in {taken.file}, line {taken.line}; once is enough"
        )
    if not mutants:
        raise ValueError(f"mutants of claim {claim_id!r} is empty; takes at least one altered statement")
    caller = sys._getframe(1)
    altered = tuple(
        Mutant(claim_id, name, m.formal if isinstance(m, _Uncovered) else m, isinstance(m, _Uncovered))
        for name, m in mutants.items()
    )
    _TREATMENTS[claim_id] = Treatment(formal, altered, caller.f_code.co_filename, caller.f_lineno)


def check(
    *claim_ids: str, kind: Kind, scope: str, condition: str | None = None, in_words: str | None = None
) -> Callable[[Callable[..., Finding]], Callable[..., Finding]]:
    """Register a function as a check of one claim or more; the first paragraph of its docstring is the summary.

    The function takes the formal statement; as ``distance`` the distance, if what it shows can be asked of another; and
    as ``claim_id`` the id of the claim that it runs for, if that makes a difference.

    Parameters
    ----------
    *claim_ids : str
        The claims that it decides.
    kind : Kind
        How it decides.
    scope : str
        For what it decides.
    condition : str, optional
        Under which condition it decides.
    in_words : str, optional
        Which part of what it shows is a written argument that no computation repeats ("any n by induction").

    Returns
    -------
    callable
        A decorator that returns the function as it is.

    Raises
    ------
    ValueError
        For an unknown kind, for no id or the same id twice, or a missing docstring.
    """
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r} is not one of {KINDS}")
    if not claim_ids:
        raise ValueError("claim_ids is empty; a check decides at least one claim")
    for claim_id in claim_ids:
        if claim_ids.count(claim_id) > 1:
            raise ValueError(f"claim_ids names {claim_id!r} twice; takes each claim once")

    def register(function: Callable[..., Finding]) -> Callable[..., Finding]:
        doc = (function.__doc__ or "").strip()
        if not doc:
            raise ValueError(f"check {function.__name__} of claim {', '.join(claim_ids)} needs a docstring")
        summary = " ".join(doc.split("\n\n")[0].split())
        for claim_id in claim_ids:
            entry = Check(claim_id, kind, function.__name__, summary, scope, condition, function, in_words)
            _CHECKS.setdefault(claim_id, []).append(entry)
        return function

    return register


def treatment(claim_id: str) -> Treatment | None:
    """What a page said of a claim; None while none has treated it."""
    return _TREATMENTS.get(claim_id)


def checks(claim_id: str) -> tuple[Check, ...]:
    """The checks of a claim, in the order in which they were written."""
    return tuple(_CHECKS.get(claim_id, ()))


def registered() -> frozenset[str]:
    """The ids of all claims that were registered, or have a check."""
    return frozenset(_TREATMENTS) | frozenset(_CHECKS)
