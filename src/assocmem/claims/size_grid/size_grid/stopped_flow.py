"""Checks of the balance of least squares by the paper's rule, which stops where the validation loss is least."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import to_arb
from assocmem.theory.size_grid import derivations, stopped_flow

SIGMA = Fraction(1, 5)
POINTS = tuple(Fraction(k, 10) for k in (11, 15, 20, 30, 40, 50, 60))
"""Quotients D/p at which the gap is compared with the threshold, beside the ends of each crossing."""
CROSSINGS = {
    Fraction(1): (Fraction("4.475"), Fraction("4.485")),
    Fraction(4): (Fraction("5.345"), Fraction("5.355")),
    Fraction(100): (Fraction("5.545"), Fraction("5.547")),
    Fraction(1, 4): None,
}
"""Between which quotients the gap crosses the threshold, by the signal over the noise; None where it lies below."""


@dataclass(frozen=True)
class Stopped:
    """How many minima the mean test loss has along the flow, and what the gap at the first is to that at the end."""

    minima: int = 1
    bound: str = "at most that at the end"


claim(
    "X-BAL-OLS-STOP",
    Stopped(),
    mutants={"two minima": Stopped(minima=2), "above the end": Stopped(bound="above that at the end")},
)


@check(
    "X-BAL-OLS-STOP",
    kind="symbolic",
    scope="every signal, every r > 1 for the minimum; every D > p + 1 for the bound",
    in_words="the law of Marchenko and Pastur, one sign change of a density under a Laplace transform, and that the "
    "training loss falls along the flow",
)
def one_best_time(stmt: Stopped) -> Finding:
    """The slope of the test loss changes its sign once; up to the minimum both losses are at least those at the end."""
    made = Finding.attempt(
        "one minimum, and a gap of at most that at the end",
        derivations.densities_cross_once,
        derivations.stopped_below_the_end,
    )
    if made.outcome != "holds" or stmt == Stopped():
        return made
    return Finding.fails("one minimum, and the gap there is at most that at the end", margin="exact")


@check(
    "X-BAL-OLS-STOP",
    kind="certified",
    scope="signal 1, seven quotients D/p; times from 1/64 to 64; limit of many weights",
)
def slopes_at_times(stmt: Stopped) -> Finding:
    """Signs of the slope at doubled times, and the gap at the best time against that at the end."""
    for ratio in POINTS:
        signs = stopped_flow.signs_of_slope(Fraction(1), ratio)
        if sum(a != b for a, b in pairwise(signs)) != 1 or signs[0] > 0:
            return Finding.fails(f"signs {signs} at D/p = {float(ratio)}", margin="certified")
        high = stopped_flow.gap_bounds(Fraction(1), ratio)[1]
        if 2 * high > to_arb(1 / (ratio - 1) + 1 / ratio):
            return Finding.undecided(f"the gap at D/p = {float(ratio)} may exceed that at the end")
    return Finding.survived("the slope changes its sign once, and the gap is below that at the end")


@dataclass(frozen=True)
class Crossings:
    """Between which quotients D/p the gap at the best time crosses 1/5, by the signal; None where it lies below."""

    between: Mapping[Fraction, tuple[Fraction, Fraction] | None]


claim(
    "X-BAL-OLS-RULE",
    Crossings(CROSSINGS),
    mutants={
        "at one ratio whatever the signal": Crossings({**CROSSINGS, Fraction(1): CROSSINGS[Fraction(100)]}),
        "a weak signal crosses, too": Crossings({**CROSSINGS, Fraction(1, 4): (Fraction(3), Fraction(4))}),
        "a strong signal does not": Crossings({**CROSSINGS, Fraction(4): None}),
    },
)


@check(
    "X-BAL-OLS-RULE",
    kind="certified",
    scope="four signals, seven quotients D/p and the ends of each crossing; limit of many weights",
)
def gap_at_the_best_time(stmt: Crossings) -> Finding:
    """A bracket of the best time and, as each term is monotone in time, bounds of the gap there, by quadrature."""
    threshold = to_arb(SIGMA)
    for signal, ends in stmt.between.items():
        for ratio in (*POINTS, *(ends or ())):
            low, high = stopped_flow.gap_bounds(signal, ratio)
            above = ends is not None and ratio <= ends[0]
            if not (low > threshold if above else high < threshold):
                text = f"at signal {signal} and D/p = {float(ratio)} the gap is {low.str(4, radius=False)}"
                certain = high < threshold if above else low > threshold
                return Finding.fails(text, margin="certified") if certain else Finding.undecided(text)
    return Finding.enumerated("; ".join(f"signal {signal}: {in_words(ends)}" for signal, ends in stmt.between.items()))


def in_words(ends: tuple[Fraction, Fraction] | None) -> str:
    """A crossing in words."""
    return "below throughout" if ends is None else f"crosses between {float(ends[0])} and {float(ends[1])}"
