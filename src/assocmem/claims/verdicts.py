"""What a check can find, what the findings of a claim are worth together, and the rule of every verdict.

The verdict is a pure function of the findings (:func:`decide`), never a hand-set field: the stored verdict is only what
the book prints, and the build fails when the two differ. Only a claim that is ``argued``, about a source or about
words, has no findings: a person has read, and says what and where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from assocmem.theory.exact.derivation import Derivation

Kind = Literal["symbolic", "certified", "search", "measured", "argument"]
Outcome = Literal[
    "holds",
    "holds if",
    "empty",
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
    "measured",
]
KINDS: tuple[str, ...] = get_args(Kind)

UNTREATED = "not yet treated"

RULES: dict[str, str] = {
    "proved": "A derivation, a written argument, or a certified computation of every case covers all that it says.",
    "proved with a condition": (
        "It holds under a condition that it leaves out: a *degenerate case* is excluded (one entry, one pattern), or a "
        "*hypothesis* is added that keeps its purpose. The box says which of the two. Counterexamples may break the "
        "condition, never satisfy it. A condition under which the statement would say nothing is none: see *empty*."
    ),
    "empty": (
        "The only readings that make it true are those in which it predicts and excludes nothing. Where it is used to "
        "say more than that, the use is a statement of its own, with a verdict of its own."
    ),
    "refuted": (
        "An exact or certified counterexample stands within the statement's own setting, or a proof that what it says "
        "cannot be. A condition that would change the object spoken of, or defeat the purpose, does not save it."
    ),
    "ill-defined": "It has no single meaning: readings that the text allows have different answers, which are given.",
    "heuristic": "A motivation, an aim or an assumption, which neither holds nor fails.",
    "reproduced": "A record of the book's own run shows what the paper measured, at the paper's sizes.",
    "reproduced in part": "A record shows a part of it, or all of it at smaller sizes; the box says which.",
    "not reproduced": "A record shows something else than what the paper reports.",
    "not yet run": "A measurement of which the book has no record.",
    "measured": "The book's own statement about its own run, of which the paper says nothing; the record shows it.",
    "supported": "The source or the text that it is about, as read or remembered, says so.",
    "supported in part": "The source or the text says a part of it, or says it with a restriction that the box names.",
    "contradicted": "The source or the text says otherwise.",
    UNTREATED: "Entered, not decided.",
}
"""The rule of each verdict; every verdict that may be stored is among them, in the order in which they are listed."""

MATHEMATICAL = ("proved", "proved with a condition", "empty", "refuted", "ill-defined", "heuristic")
MEASURED = ("reproduced", "reproduced in part", "not reproduced", "not yet run", "measured")
ARGUED = ("supported", "supported in part", "contradicted", "empty", "ill-defined", "heuristic")
"""The verdicts of a claim about a source or about words: a person's reading, never a proof or a refutation."""
VERDICTS: tuple[str, ...] = tuple(RULES)
"""Every verdict that may be stored."""
FALSE = ("refuted", "contradicted")
"""The verdicts of statements that are false."""
CONDITIONS = ("degenerate", "hypothesis")
"""What a condition does: it excludes a degenerate case, or adds a hypothesis that keeps the statement's purpose."""

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
        What a proof needs that the statement does not say; of an empty statement, the reading that makes it true.
    outside : bool
        Whether a counterexample breaks the condition under which another check proves the claim.
    derivations : tuple[Derivation, ...]
        The derivations that the finding is, each verified when it was made.
    """

    outcome: Outcome
    text: str
    margin: str | float | None = None
    condition: str | None = None
    outside: bool = False
    derivations: tuple[Derivation, ...] = ()

    @classmethod
    def derived(cls, text: str, *derivations: Derivation) -> Finding:
        """The statement is proved for everything in the check's scope, by derivations that the reader is shown."""
        return cls("holds", text, derivations=derivations)

    @classmethod
    def attempt(cls, text: str, *makers: Callable[[], Derivation]) -> Finding:
        """The statement is proved by the derivations that are made of it; undecided if one of them is refused."""
        from assocmem.theory.exact.derivation import Refused

        try:
            return cls.derived(text, *(make() for make in makers))
        except Refused as refusal:
            return cls.undecided(str(refusal))

    @classmethod
    def holds(cls, text: str, margin: str | float | None = None) -> Finding:
        """The statement is proved for everything in the check's scope."""
        return cls("holds", text, margin)

    @classmethod
    def holds_if(cls, condition: str, text: str, margin: str | float | None = None) -> Finding:
        """The statement is proved under a condition that it does not state."""
        return cls("holds if", text, margin, condition)

    @classmethod
    def empty(cls, reading: str, text: str, margin: str | float | None = None) -> Finding:
        """The statement is proved in a reading in which it predicts and excludes nothing, and in no other.

        ``reading`` names it; the text says what the statement then leaves open. Counterexamples to the other readings
        stand beside it as ``outside``.
        """
        return cls("empty", text, margin, reading)

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
        """The statement is a motivation, an aim or an assumption, not something that can hold or fail."""
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
    def measured(cls, text: str, margin: str | float | None = None) -> Finding:
        """A record shows what the book says of its own run, and the paper says nothing of."""
        return cls("measured", text, margin)

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

    ``RULES`` says what each verdict means. Proofs count only from symbolic checks, written arguments, and certified
    checks that enumerate all that the statement speaks of; refutations only from symbolic and certified checks (or an
    argument).
    Samples and searches can contradict a proof but never replace one. A proof under a condition stands beside
    counterexamples only if these are marked as breaking it; so does the proof of a reading that says nothing.
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
    vacuous = any(f.outcome == "empty" for kind, f in pairs if kind not in ("search", "measured"))
    against = [f for _, f in pairs if f.outcome in ("fails", "violated")]
    if proved and (against or vacuous):
        return INCONSISTENT
    if proved and not conditional:
        return "proved"
    if conditional:
        return "proved with a condition" if not vacuous and all(f.outside for f in against) else INCONSISTENT
    if vacuous:
        return "empty" if all(f.outside for f in against) else INCONSISTENT
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
