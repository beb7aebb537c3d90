"""Checks of the balance of least squares: the gap at the end of training, and the least data by the threshold."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.size_grid import derivations
from assocmem.theory.size_grid.least_squares import (
    GAP,
    RATIO,
    digits_at_fifth,
    least_pairs,
    limit_of_count,
    mean_gap_of_one,
    n,
    p,
    sigma,
    u,
)

claim(
    "X-BAL-OLS",
    GAP,
    mutants={
        "as if the Gram matrix were its mean": u * 2 * p / n,
        "one degree of freedom more": u * (p / (n - p) + p / n),
        "the test loss alone": u * p / (n - p - 1),
        "without the noise": GAP / u,
    },
)


@check(
    "X-BAL-OLS",
    kind="symbolic",
    scope="all p >= 1, n > p + 1, regular covariances and u > 0",
    in_words="that fitted values are projections, and the law of a diagonal entry of the inverse Gram matrix",
)
def gap_in_expectation(stated: sp.Expr) -> Finding:
    """The noise that the fit keeps, p of n dimensions, and the mean of the inverse of a sum of n - p + 1 squares."""
    return Finding.attempt(
        "the mean gap, whatever the covariance", derivations.mean_of_inverse, lambda: derivations.stated_gap(stated)
    )


@check("X-BAL-OLS", kind="certified", scope="one weight, 4 to 20 pairs, noise of variance 1 and 3, by quadrature")
def gap_of_one_weight(stated: sp.Expr) -> Finding:
    """With one weight the gap is u (E[1/S] + 1/n), S a sum of n squares: an integral with a proved error."""
    for pairs in range(4, 21, 2):
        for noise in (1, 3):
            with precision(128):
                off = noise * mean_gap_of_one(pairs) - enclose(stated, {p: 1, n: pairs, u: noise})
            if 0 not in off:
                return Finding.fails(
                    f"at n = {pairs}, u = {noise} the gap is off by {off.str(6, radius=False)}", "certified"
                )
            if off.rad() > arb(10) ** -12:
                return Finding.fails(f"at n = {pairs} the integral is known to {off.rad().str(2)} only")
    return Finding.survived("4 to 20 pairs", margin="certified")


@dataclass(frozen=True)
class Threshold:
    """The least data of p weights lies between r p + low (excluded) and r p + high; powers of the laws of two counts.

    ``digits`` are those with which r begins at sigma = 1/5.
    """

    ratio: sp.Expr = RATIO
    low: int = 0
    high: int = 2
    weights: int = 1
    products: int = 2
    digits: Fraction = Fraction("5.5495")


claim(
    "X-BAL-OLS-SIZE",
    Threshold(),
    mutants={
        "the ratio of small thresholds": Threshold(ratio=1 / sigma),
        "one pair beyond at most": Threshold(high=1),
        "one pair beyond at least": Threshold(low=1),
        "the square with weights counted": Threshold(weights=2),
        "a proportion with products counted": Threshold(products=1),
        "five and a half": Threshold(digits=Fraction("5.5")),
    },
)
COUNTS = {"weights": p, "products": p**2 + p}
"""Two ways to count the parameters of one family of predictors."""


@check(
    "X-BAL-OLS-SIZE",
    kind="symbolic",
    scope="all p >= 1 and sigma > 0",
    in_words="that the gap falls with n, from the two bounds at r p and r p + 1 to the least whole number",
)
def between_two_sizes(stmt: Threshold) -> Finding:
    """The gap at n = r p is above the threshold, at r p + 1 below; then the limits of N/D*^power for both counts."""
    if stmt.ratio != RATIO or (stmt.low, stmt.high, stmt.digits) != (0, 2, digits_at_fifth()):
        return Finding.undecided("the derivations do not give these bounds")
    for name, count in COUNTS.items():
        power = getattr(stmt, name)
        limit = limit_of_count(count, power)
        if not limit.is_positive:
            return Finding.fails(f"N/D*^{power} tends to {limit} where {name} are counted", margin="exact")
    made = (
        derivations.square_of_root,
        derivations.ratio_solves,
        derivations.above_at_the_ratio,
        derivations.below_one_pair_later,
    )
    return Finding.attempt("r p < D* <= r p + 2, so N/D* and N/D*^2 have limits that are not 0", *made)


@check(
    "X-BAL-OLS-SIZE", kind="certified", scope="1 to 100 weights, thresholds 1/20, 1/5, 1 and 3; least sizes by halving"
)
def least_sizes(stmt: Threshold) -> Finding:
    """The least size by exact fractions against the stated bounds."""
    for threshold in (Fraction(1, 20), Fraction(1, 5), Fraction(1), Fraction(3)):
        with precision(128):
            ratio = enclose(stmt.ratio, {sigma: threshold})
            for weights in range(1, 101):
                least = least_pairs(weights, threshold)
                if not ratio * weights + stmt.low < least <= ratio * weights + stmt.high:
                    return Finding.fails(f"at sigma = {threshold} and p = {weights} D* is {least}", margin="certified")
    with precision(128):
        shown = enclose(stmt.ratio, {sigma: Fraction(1, 5)})
        if not 0 < shown - to_arb(stmt.digits) < to_arb(Fraction(1, 10**4)):
            return Finding.fails(f"at sigma = 1/5 the ratio is {shown.str(6, radius=False)}", margin="certified")
    return Finding.survived(f"the bounds hold; at sigma = 1/5 the ratio is {shown.str(6, radius=False)}")
