"""What a check can find, and what the findings of a claim are worth together.

The verdict is a pure function of the findings (:func:`decide`), never a hand-set field: the stored verdict is only what
the book prints, and the build fails when the two differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

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

    Attributes
    ----------
    outcome : Outcome
        What it means for the claim; each has a constructor below.
    text : str
        A sentence for the reader.
    margin : str, float or None
        The distance to failure (for a search: the worst one met).
    condition : str or None
        What a proof needs that the statement does not say.
    outside : bool
        Whether a counterexample breaks the condition under which another check proves the claim.
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


def decide(evidence: Iterable[tuple[str, Finding]]) -> str:
    """The verdict that findings force.

    Proofs count only from symbolic checks, written arguments, and certified checks that enumerate all that the
    statement speaks of; refutations only from symbolic and certified checks (or an argument).
    Samples and searches can contradict a proof but never replace one. A proof under a condition stands beside
    counterexamples only if these are marked as breaking the condition.
    What records show is told by measured checks alone, and decides where no proof and no refutation does.

    Parameters
    ----------
    evidence : iterable of tuple[str, Finding]
        Pairs of the kind of a check and what it found.

    Returns
    -------
    str
        One of ``VERDICTS``, or ``INCONSISTENT`` or ``UNDECIDED``.
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
    measured = {f.outcome for kind, f in pairs if kind == "measured" and f.outcome in MEASURED}
    if measured:
        return measured.pop() if len(measured) == 1 else "reproduced in part"
    if "ill-defined" in outcomes:
        return "ill-defined"
    if "heuristic" in outcomes:
        return "heuristic"
    return UNDECIDED
