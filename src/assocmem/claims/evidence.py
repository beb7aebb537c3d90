"""A check of a claim, an altered statement that it must reject, and what the checks found together.

A claim has a *formal* statement: an object that a machine can evaluate. Each check receives that object, and returns a
finding. A *mutant* is an altered formal statement (a flipped sign, a dropped term); putting it in place of the original
must change the computed verdict, which proves that the checks look at what they claim to check.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from assocmem.claims.verdicts import Finding, Kind
from assocmem.theory.exact.distances import PAPER, Distance


@dataclass(frozen=True)
class Check:
    """One named check of one claim.

    Attributes
    ----------
    claim : str
        The id of the claim.
    kind : Kind
        How it decides; see ``assocmem.claims.decide``.
    name : str
        The name of the function.
    summary : str
        What it does: the first paragraph of the function's docstring.
    scope : str
        For what it decides.
    condition : str or None
        Under which condition it decides.
    function : callable
        Takes the formal statement; ``claim_id`` and ``distance`` where it has parameters of these names.
    in_words : str or None
        Which part of what it shows is a written argument that no computation repeats; None where there is none.
    """

    claim: str
    kind: Kind
    name: str
    summary: str
    scope: str
    condition: str | None
    function: Callable[..., Finding] = field(repr=False)
    in_words: str | None = None

    @cached_property
    def _parameters(self) -> frozenset[str]:
        return frozenset(inspect.signature(self.function).parameters)

    @property
    def takes_distance(self) -> bool:
        """Whether the function asks for the distance, by a parameter ``distance``."""
        return "distance" in self._parameters

    def run(self, formal_statement: Any, distance: Distance = PAPER) -> Finding:
        """Run the check on a formal statement, of another distance if it takes one.

        A check that meets a number it cannot work with for another distance (ValueError, ArithmeticError) leaves it
        undecided and says why.

        Parameters
        ----------
        formal_statement : Any
            The claim's own, or one put in its place.
        distance : Distance
            The distance that the statement is about.

        Returns
        -------
        Finding
            What the function returns.

        Raises
        ------
        DistanceError
            Where the distance itself fails.
        ValueError
            For another distance than the paper's when the check takes none.
        """
        words = {"claim_id": self.claim} if "claim_id" in self._parameters else {}
        if not self.takes_distance:
            if distance is not PAPER:
                raise ValueError(f"check {self.name} of claim {self.claim} does not take a distance")
            return self.function(formal_statement, **words)
        try:
            return self.function(formal_statement, distance=distance, **words)
        except (ValueError, ArithmeticError) as error:
            if distance is PAPER:
                raise
            return Finding.undecided(f"the check {self.name} cannot treat the distance {distance.name!r}: {error}")

    @property
    def location(self) -> str:
        """Dotted path of the function that decides, for the link beside the evidence."""
        return f"{self.function.__module__}.{self.function.__qualname__}"


@dataclass(frozen=True)
class Mutant:
    """An altered formal statement that must not pass.

    Attributes
    ----------
    claim : str
        The id of the claim.
    name : str
        What was altered.
    formal : Any
        The altered statement.
    uncovered : bool
        Whether no counterexample is known, so that the proof of a proved claim merely no longer reaches the mutant;
        otherwise its checks must refute it.
    """

    claim: str
    name: str
    formal: Any = field(repr=False)
    uncovered: bool = False


@dataclass(frozen=True, repr=False)
class Evidence:
    """A check together with what it found; printed, one line."""

    check: Check
    finding: Finding

    def __repr__(self) -> str:
        margin = "" if self.finding.margin is None else f" [margin: {self.finding.margin}]"
        found = f"{self.check.kind}: {self.finding.outcome}: {self.finding.text}{margin} ({self.check.name})"
        return " ".join(found.split())

    def as_dict(self) -> dict[str, Any]:
        """The form published in ``claims.json``: kind, summary, margin and where the check lives."""
        return {
            "kind": self.check.kind,
            "summary": self.finding.text,
            "margin": self.finding.margin,
            "outcome": self.finding.outcome,
            "condition": self.finding.condition,
            "scope": self.check.scope,
            "check": self.check.location,
            "what": self.check.summary,
            "in_words": self.check.in_words,
            "derivations": [derivation.as_dict() for derivation in self.finding.derivations],
        }


@dataclass(frozen=True, repr=False)
class Result:
    """The computed verdict of a claim and the evidence that forces it; printed, a line each."""

    id: str
    verdict: str
    stored: str
    evidence: tuple[Evidence, ...]

    @property
    def agrees(self) -> bool:
        """Whether the computed verdict is the stored one."""
        return self.verdict == self.stored

    def __repr__(self) -> str:
        stored = "" if self.agrees else f", stored {self.stored}"
        return "\n".join([f"{self.id}: {self.verdict}{stored}", *(f"  {one}" for one in self.evidence)])
