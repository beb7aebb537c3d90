"""Checks of Akaike's gap, N/D, where the likeliest member of an exponential family is fitted."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.residual import nonzero_point
from assocmem.theory.size_grid import derivations
from assocmem.theory.size_grid.exponential_families import (
    RATES,
    D,
    N,
    agreeing_tosses,
    gap_of_mean,
    gap_of_rate,
    limit_of_gap,
)


@dataclass(frozen=True)
class Gaps:
    """Gaps of N normal means and N exponential rates, the limit of D gap, and whether that of a coin is finite.

    ``agreeing`` outcomes of a coin have one side only.
    """

    means: sp.Expr = N / D
    rates: sp.Expr = RATES
    limit: sp.Expr = N
    coin: bool = False
    agreeing: int = 2


claim(
    "X-BAL-AKAIKE",
    Gaps(),
    mutants={
        "half of it": Gaps(means=N / (2 * D)),
        "exact for rates": Gaps(rates=N / D),
        "twice the limit": Gaps(limit=2 * N),
        "for coins, too": Gaps(coin=True),
        "one outcome of a coin": Gaps(agreeing=1),
    },
)


@check(
    "X-BAL-AKAIKE",
    kind="symbolic",
    scope="exponential families, data that follow a member; h Lipschitz, with a derivative at mu",
    in_words="the central limit theorem and uniform integrability, from the identity to the limit",
)
def gap_of_likeliest(stmt: Gaps) -> Finding:
    """The gap is the mean of <h - eta, T' - mu>; integrated for means and rates, and their limits."""
    found = {"means": N * gap_of_mean(), "rates": N * gap_of_rate()}
    for name, gap in found.items():
        point = nonzero_point([gap.subs(D, D + 2) - getattr(stmt, name).subs(D, D + 2)])
        if point is not None:
            return Finding.fails(f"the gap of {name} is {gap}; off by {point[1]} at {point[0]}", margin="exact")
        if sp.simplify(limit_of_gap(gap) - stmt.limit) != 0:
            return Finding.fails(f"D times the gap of {name} tends to {limit_of_gap(gap)}", margin="exact")
    if stmt.coin or stmt.agreeing != 2:
        return Finding.undecided("the limit needs a Lipschitz h, and the log odds of a coin are none")
    return Finding.attempt("D times the gap tends to N", derivations.gap_of_families)


@check("X-BAL-AKAIKE", kind="certified", scope="2 to 10 tosses of a fair coin, outcome by outcome")
def coins_that_agree(stmt: Gaps) -> Finding:
    """All tosses agree with a positive chance; the likeliest coin then has an infinite mean loss."""
    counts = {agreeing_tosses(tosses) for tosses in range(2, 11)}
    if counts != {stmt.agreeing}:
        return Finding.fails(f"outcomes with one side only: {counts}", margin="exact")
    least = Fraction(stmt.agreeing, 2**10)
    if stmt.coin and least > 0:
        return Finding.fails(f"the loss is infinite with a chance of at least {least}", margin="exact")
    return Finding.survived(f"the loss of a coin is infinite with a chance of at least {least}")
