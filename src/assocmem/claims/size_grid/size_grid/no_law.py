"""Checks of where the balance has no power law: a gap that is small for enough data, whatever the size of the model."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.size_grid import bounded_gap, derivations
from assocmem.theory.size_grid.exponential_families import D
from assocmem.theory.size_grid.least_squares import n

SIGMA = Fraction(1, 5)
SHORT = sp.sqrt(D)
"""A time of training that is short against D."""
POWER = sp.Symbol("p", positive=True)
"""Any exponent."""


FEWER = (n - 2) * (n + 1) / n
"""The gap of least squares with n - 2 weights."""


@dataclass(frozen=True)
class NoLaw:
    """Which features and times of training leave no law, and from which D on the gap of the instance is below 1/5.

    ``own`` is the gap, to three decimals, of examples that are alone with their features at the time 2 D, and ``fewer``
    that of least squares with n - 2 weights.
    """

    features: str = "bounded"
    times: sp.Expr = SHORT
    least: int = 278
    own: str = "0.320"
    fewer: sp.Expr = FEWER


claim(
    "X-BAL-NOLAW",
    NoLaw(),
    mutants={
        "normal features of unit covariance": NoLaw(features="normal"),
        "training as long as 2 D": NoLaw(times=2 * D),
        "one datum fewer": NoLaw(least=277),
        "no gap with features of their own": NoLaw(own="0.000"),
        "a bounded gap of least squares": NoLaw(fewer=2 * (n - 2) / n),
    },
)


@check(
    "X-BAL-NOLAW",
    kind="symbolic",
    scope="all N and D, bounded features, losses and stopping times of the statement; every exponent p > 0",
    in_words="symmetrization and contraction of Rademacher averages, and the Cauchy-Schwarz inequality along the flow",
)
def one_size_for_all_models(stmt: NoLaw) -> Finding:
    """G(D) tends to 0 where training is shorter than D, and N over any power of a fixed size of data has no bound."""
    if stmt.features != "bounded" or bounded_gap.limit_of_bound(stmt.times) != 0:
        return Finding.undecided("the bound does not tend to 0")
    if bounded_gap.ratio_beyond(POWER) != sp.oo:
        return Finding.undecided("N over a power of a fixed size of data may stay bounded")
    if stmt.least != bounded_gap.data_of_bound(SIGMA):
        return Finding.fails(
            f"the bound is below 1/5 from D = {bounded_gap.data_of_bound(SIGMA)} on", margin="certified"
        )
    if (own_gap(), sp.simplify(bounded_gap.gap_of_two_fewer() - stmt.fewer)) != (stmt.own, 0):
        return Finding.undecided("the gaps without the hypotheses are others")
    return Finding.attempt("D* is bounded, so N/D*^p is not", derivations.gap_below_the_threshold)


def own_gap() -> str:
    """The gap of examples that are alone with their features, at the time 2 D, to three decimals."""
    with precision(128):
        return f"{float(bounded_gap.gap_with_own_features(Fraction(2)).mid()):.3f}"


@check("X-BAL-NOLAW", kind="certified", scope="features of their own at the time 2 D; least squares with n - 2 weights")
def dropped_hypotheses(stmt: NoLaw) -> Finding:
    """Gaps that more data do not make small: of examples that are alone with their features, and of least squares."""
    with precision(128):
        gap = bounded_gap.gap_with_own_features(Fraction(2))
    large = gap > to_arb(SIGMA)
    if own_gap() != stmt.own or (bounded_gap.limit_of_bound(stmt.times) != 0 and large):
        return Finding.fails(f"at the time 2 D the gap is {gap.str(4, radius=False)}, for every D", margin="certified")
    fewer = bounded_gap.gap_of_two_fewer()
    if sp.simplify(fewer - stmt.fewer) != 0 or (stmt.features != "bounded" and sp.limit(fewer, n, sp.oo) == sp.oo):
        return Finding.fails(f"with n - 2 weights the gap of least squares is {fewer}", margin="exact")
    return Finding.survived("features and time are bounded as stated")
