"""Numbers for prose by name, counted in the ledger or read from records, so that no page has one typed into it.

A name that a page uses and nobody registered ends the build; ``number`` names what is near. A page's own numbers are
added here as functions without arguments that return the words of the page.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from functools import cache, partial
from statistics import mean

from assocmem.claims.registry import claims
from assocmem.claims.verdicts import FALSE, UNTREATED, VERDICTS
from assocmem.claims.views.errors import errors, printed


class UnknownNumberError(KeyError):
    """A name that no number has; the message lists near matches."""

    def __str__(self) -> str:
        return str(self.args[0])


def _book() -> list[str]:
    return [name for name, claim in claims.items() if claim.origin == "book"]


def _implied() -> list[str]:
    paper = set(printed(claims))
    return [name for name, claim in claims.items() if claim.origin == "paper" and name not in paper]


def _count(names: Callable[[], Iterable[str]]) -> str:
    return f"{len(list(names())):,}"


def _with_verdict(names: Callable[[], Iterable[str]], verdict: str) -> str:
    return _count(lambda: (name for name in names() if claims[name].verdict == verdict))


def _waits(name: str) -> bool:
    """Whether a statement waits for a run."""
    return claims[name].verdict == "not yet run"


def _checks() -> str:
    return f"{sum(len(claim.checks) for claim in claims.values()):,}"


def _mutants() -> str:
    return f"{sum(len(claim.mutants) for claim in claims.values()):,}"


@cache
def _settled(grammar: str) -> tuple[str, str]:
    """The entropy of a grammar, and where the six-layer decoders of the record settle on it, nats per token."""
    from assocmem.experiments.records import published

    record = published("question-plateau", "local")
    entropy = next(float(row["entropy"]) for row in record.summary["floors"] if row["grammar"] == grammar)
    runs = [run for run in record.config["runs"] if run["grammar"] == grammar and run["layers"] == 6]
    return f"{entropy:.3f}", f"{mean(float(run['plateau']) for run in runs):.3f}"


def _settles(grammar: str, part: int) -> str:
    return _settled(grammar)[part]


def _formula() -> str:
    """The least that Proposition 4 allows for the loss at the numbers of the Question-Formation experiment."""
    from assocmem.theory.question_formation.experiment import Plateau

    return f"{float(Plateau().least_loss().mid()):.2f}"


def _patterns() -> str:
    from assocmem.language.questions.grammar import MEASURED, patterns

    return f"{len(patterns(MEASURED)):,}"


def _lines() -> str:
    from assocmem.language.questions.facts import language_size
    from assocmem.language.questions.grammar import MEASURED

    return f"{language_size(MEASURED):,}"


def _slug(text: str) -> str:
    return text.replace(" ", "-")


_PAPER = partial(printed, claims)
GRAMMARS = {"published": "measured", "two-words": "two words", "128-words": "128 words"}
"""The grammars of the plateaus: their names here, and in the record."""
NUMBERS: dict[str, Callable[[], str]] = {
    "claims": partial(_count, lambda: claims),
    "statements-of-paper": partial(_count, _PAPER),
    "statements-of-book": partial(_count, _book),
    "statements-implied": partial(_count, _implied),
    "statements-decided": partial(_count, lambda: (n for n in _PAPER() if claims[n].verdict != UNTREATED)),
    "statements-computed": partial(_count, lambda: (n for n in _PAPER() if not claims[n].argued and not _waits(n))),
    "statements-read": partial(_count, lambda: (n for n in _PAPER() if claims[n].argued)),
    "statements-waiting": partial(_count, lambda: (n for n in _PAPER() if _waits(n))),
    "statements-false": partial(_count, lambda: (n for n in _PAPER() if claims[n].verdict in FALSE)),
    "roots": partial(_count, lambda: errors(claims).roots),
    "consequences": partial(_count, lambda: errors(claims).consequences),
    "slips": partial(_count, lambda: errors(claims).slips),
    "checks": _checks,
    "altered-statements": _mutants,
    **{f"paper-{_slug(verdict)}": partial(_with_verdict, _PAPER, verdict) for verdict in VERDICTS},
    **{f"book-{_slug(verdict)}": partial(_with_verdict, _book, verdict) for verdict in VERDICTS},
    **{f"entropy-{name}": partial(_settles, grammar, 0) for name, grammar in GRAMMARS.items()},
    "formula-on-questions": _formula,
    "question-lines": _lines,
    "question-patterns": _patterns,
    **{f"plateau-{name}": partial(_settles, grammar, 1) for name, grammar in GRAMMARS.items()},
}
"""What a page may name, and how it is computed."""


def number(name: str) -> str:
    """The number of a name, in words for the page.

    Parameters
    ----------
    name : str
        One of ``NUMBERS``.

    Returns
    -------
    str
        Digits, with what belongs to them.

    Raises
    ------
    UnknownNumberError
        If nothing is registered under the name; the message lists near matches.
    """
    if name not in NUMBERS:
        near = ", ".join(difflib.get_close_matches(name, NUMBERS, n=5, cutoff=0.4))
        raise UnknownNumberError(f"number {name!r} is not registered; near matches: {near or ', '.join(NUMBERS)}")
    return NUMBERS[name]()
