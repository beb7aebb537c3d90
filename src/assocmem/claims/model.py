"""What a claim of the ledger is, and how its verdict is computed from its checks.

A claim has a *formal* statement: an object that a machine can evaluate.
Each check receives that object, and the distance if it asks for one, and returns a `Finding`.
The verdict is a pure function of the findings (`decide`), never a hand-set field: the stored verdict
is only what the book prints, and the build fails when the two differ.
A *mutation* is an altered formal statement (a flipped sign, a dropped term); putting it in place of the
original must change the computed verdict, which proves that the checks look at what they claim to check.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

from assocmem.theory.exact.distances import PAPER, Distance

Kind = Literal["symbolic", "certified", "search", "measured", "argument"]
Outcome = Literal[
    "holds",
    "holds if",
    "enumerated",
    "fails",
    "survived",
    "violated",
    "ill-defined",
    "heuristic",
    "undecided",
    "reproduced",
    "reproduced in part",
    "not reproduced",
    "not yet run",
]
KINDS: tuple[str, ...] = get_args(Kind)

MATHEMATICAL = ("proved", "proved with a condition", "refuted", "ill-defined", "heuristic")
MEASURED = ("reproduced", "reproduced in part", "not reproduced", "not yet run")
UNTREATED = "not yet treated"
VERDICTS: tuple[str, ...] = (*MATHEMATICAL, *MEASURED, UNTREATED)
"""Every verdict that may be stored."""

INCONSISTENT = "inconsistent"
UNDECIDED = "undecided"
FIXED = "does not take a distance"
"""What a claim answers about another distance when none of its checks takes one."""


@dataclass(frozen=True)
class Finding:
    """What one check found: an outcome, a sentence for the reader, and a margin where there is one.

    ``margin`` is the distance to failure (for a search: the worst one met), as text or number.
    ``outside`` marks a counterexample that does not meet the condition under which another check proves the claim.
    """

    outcome: Outcome
    text: str
    margin: str | float | None = None
    condition: str | None = None
    outside: bool = False

    @classmethod
    def holds(cls, text: str, margin: str | float | None = None) -> Finding:
        """The statement is proved for everything in the check's scope."""
        return cls("holds", text, margin)

    @classmethod
    def holds_if(cls, condition: str, text: str, margin: str | float | None = None) -> Finding:
        """The statement is proved under a condition that it does not state."""
        return cls("holds if", text, margin, condition)

    @classmethod
    def fails(cls, text: str, margin: str | float | None = None, *, outside: bool = False) -> Finding:
        """An exact or certified counterexample stands against the statement.

        ``outside``: it breaks the condition that the claim is proved under, so the two do not contradict each other.
        """
        return cls("fails", text, margin, outside=outside)

    @classmethod
    def enumerated(cls, text: str, margin: str | float | None = None) -> Finding:
        """A certified computation covers everything that the statement speaks of: a witness, or finitely many cases."""
        return cls("enumerated", text, margin)

    @classmethod
    def survived(cls, text: str, margin: str | float | None = None) -> Finding:
        """Attacks or samples found no violation; this alone never proves anything."""
        return cls("survived", text, margin)

    @classmethod
    def violated(cls, text: str, margin: str | float | None = None) -> Finding:
        """A numerical search met a violation; a certified check must confirm it."""
        return cls("violated", text, margin)

    @classmethod
    def ill_defined(cls, text: str) -> Finding:
        """The statement has no single meaning; the text says what is missing."""
        return cls("ill-defined", text)

    @classmethod
    def heuristic(cls, text: str) -> Finding:
        """The statement is a motivation or a non sequitur, not something that can hold or fail."""
        return cls("heuristic", text)

    @classmethod
    def reproduced(cls, text: str, margin: str | float | None = None) -> Finding:
        """A record shows what the claim reports, at the sizes that it reports it for."""
        return cls("reproduced", text, margin)

    @classmethod
    def reproduced_in_part(cls, text: str, margin: str | float | None = None) -> Finding:
        """A record shows a part of what the claim reports, or all of it at other sizes; the text says which."""
        return cls("reproduced in part", text, margin)

    @classmethod
    def not_reproduced(cls, text: str, margin: str | float | None = None) -> Finding:
        """A record shows something else than the claim reports."""
        return cls("not reproduced", text, margin)

    @classmethod
    def not_run(cls, text: str) -> Finding:
        """There is no record yet of what the claim reports."""
        return cls("not yet run", text)

    @classmethod
    def undecided(cls, text: str) -> Finding:
        """The check does not apply to this formal statement."""
        return cls("undecided", text)


@dataclass(frozen=True)
class Check:
    """One named check of one claim."""

    claim: str
    kind: Kind
    name: str
    summary: str
    scope: str
    condition: str | None
    function: Callable[..., Finding] = field(repr=False)

    @cached_property
    def takes_distance(self) -> bool:
        """Whether the function asks for the distance, by a second parameter ``distance``."""
        return "distance" in inspect.signature(self.function).parameters

    def run(self, formal_statement: Any, distance: Distance = PAPER) -> Finding:
        """Run the check on a formal statement, for the given distance if it takes one.

        A check that meets a number it cannot work with for another distance (ValueError, ArithmeticError) leaves it
        undecided and says why. Raises DistanceError where the distance itself fails, ValueError for another
        distance than the paper's when the check takes none.
        """
        if not self.takes_distance:
            if distance is not PAPER:
                raise ValueError(f"check {self.name} of claim {self.claim} does not take a distance")
            return self.function(formal_statement)
        try:
            return self.function(formal_statement, distance)
        except (ValueError, ArithmeticError) as error:
            if distance is PAPER:
                raise
            return Finding.undecided(f"the check {self.name} cannot treat the distance {distance.name!r}: {error}")

    @property
    def location(self) -> str:
        """Dotted path of the function that decides, for the link beside the evidence."""
        return f"{self.function.__module__}.{self.function.__qualname__}"


@dataclass(frozen=True)
class Mutation:
    """An altered formal statement that must not pass.

    The checks of a proved claim must refute it, unless it is ``uncovered``: then no counterexample is known and the
    proof merely no longer reaches it.
    """

    claim: str
    name: str
    formal: Any = field(repr=False)
    uncovered: bool = False


@dataclass(frozen=True)
class Evidence:
    """A check together with what it found."""

    check: Check
    finding: Finding

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
        }


@dataclass(frozen=True)
class Result:
    """The computed verdict of a claim and the evidence that forces it."""

    id: str
    verdict: str
    stored: str
    evidence: tuple[Evidence, ...]

    @property
    def agrees(self) -> bool:
        """Whether the computed verdict is the stored one."""
        return self.verdict == self.stored


def decide(evidence: Iterable[tuple[str, Finding]]) -> str:
    """Compute the verdict from pairs (kind of check, finding).

    Proofs count only from symbolic checks, written arguments, and certified checks that enumerate all that the
    statement speaks of; refutations only from symbolic and certified checks (or an argument).
    Samples and searches can contradict a proof but never replace one. A proof under a condition stands beside
    counterexamples only if these are marked as breaking the condition.
    What records show is told by measured checks alone, and decides where no proof and no refutation does.
    """
    pairs = list(evidence)
    outcomes = {finding.outcome for _, finding in pairs}
    if not outcomes:
        return UNTREATED
    proving = {f.outcome for kind, f in pairs if kind in ("symbolic", "argument")}
    fails = any(f.outcome == "fails" for kind, f in pairs if kind not in ("search", "measured"))
    complete = any(f.outcome == "enumerated" for kind, f in pairs if kind in ("certified", "symbolic"))
    proved = "holds" in proving or complete
    conditional = "holds if" in proving
    against = [f for _, f in pairs if f.outcome in ("fails", "violated")]
    if proved and against:
        return INCONSISTENT
    if proved and not conditional:
        return "proved"
    if conditional:
        return "proved with a condition" if all(f.outside for f in against) else INCONSISTENT
    if fails:
        return "refuted"
    if "violated" in outcomes:
        return UNDECIDED
    seen = {f.outcome for kind, f in pairs if kind == "measured" and f.outcome in MEASURED}
    if seen:
        return seen.pop() if len(seen) == 1 else "reproduced in part"
    if "ill-defined" in outcomes:
        return "ill-defined"
    if "heuristic" in outcomes:
        return "heuristic"
    return UNDECIDED


_CHECKS: dict[str, list[Check]] = {}
_FORMALS: dict[str, Any] = {}
_MUTATIONS: dict[str, list[Mutation]] = {}


def formal(claim: str, statement: Any) -> Any:
    """Register the machine-readable statement of a claim and return it.

    Raises ValueError when the claim already has one.
    """
    if claim in _FORMALS:
        raise ValueError(f"claim={claim!r} already has a formal statement; register it once")
    _FORMALS[claim] = statement
    return statement


def check(
    claim: str, *, kind: Kind, scope: str, condition: str | None = None
) -> Callable[[Callable[..., Finding]], Callable[..., Finding]]:
    """Register a check; the first line of the function's docstring is its summary.

    The function takes the formal statement, and as ``distance`` the distance, if what it shows can be asked of another.

    Raises ValueError for an unknown kind or a missing docstring.
    """
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r} is not one of {KINDS}")

    def register(function: Callable[..., Finding]) -> Callable[..., Finding]:
        doc = (function.__doc__ or "").strip()
        if not doc:
            raise ValueError(f"check {function.__name__} of claim {claim} needs a docstring")
        summary = " ".join(doc.split("\n\n")[0].split())
        entry = Check(claim, kind, function.__name__, summary, scope, condition, function)
        _CHECKS.setdefault(claim, []).append(entry)
        return function

    return register


def mutation(claim: str, name: str, statement: Any, *, uncovered: bool = False) -> Mutation:
    """Register an altered formal statement that must change the computed verdict (see `Mutation`)."""
    entry = Mutation(claim, name, statement, uncovered)
    _MUTATIONS.setdefault(claim, []).append(entry)
    return entry


def registered() -> tuple[dict[str, list[Check]], dict[str, Any], dict[str, list[Mutation]]]:
    """All checks, formal statements and mutations registered so far, by claim id."""
    return _CHECKS, _FORMALS, _MUTATIONS
