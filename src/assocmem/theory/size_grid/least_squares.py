"""Least squares at the end of training: the mean gap of the two losses, and the least data that the rule asks for.

y = <x, w> + e with x normal of any regular covariance in p dimensions, and e of mean 0 and variance u given x; p
weights are fitted to n > p + 1 pairs. Losses are squared errors, or half of them where that is said.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import sympy as sp
from flint import acb, arb

from assocmem.theory.exact.certified import precision, to_arb

p, n, u, sigma = sp.symbols("p n u sigma", positive=True)
"""Weights, pairs, variance of the noise, and the threshold of the rule."""

GAP = u * (p / (n - p - 1) + p / n)
"""Mean test loss less mean training loss."""
RATIO = (sigma + 1 + sp.sqrt(sigma**2 + 1)) / (2 * sigma)
"""r(sigma), near which D*/p is for many weights, where the loss is half the squared error and u = 1."""


def mean_gap_of_one(pairs: int) -> arb:
    """The gap of one weight with u = 1, by quadrature over the chi-square law of a sum of squares.

    Parameters
    ----------
    pairs : int
        The number n of pairs, even and at least 4.

    Returns
    -------
    arb
        A ball around E[1/S] + 1/n, with S of the chi-square law with n degrees of freedom.

    Raises
    ------
    ValueError
        For another number.
    """
    if pairs < 4 or pairs % 2:
        raise ValueError(f"pairs={pairs} is not even or below 4")
    half, end = pairs // 2, 200 * pairs
    with precision(128):

        def weight(x: acb, power: int) -> acb:
            return x**power * (-x / 2).exp()

        inverse = acb.integral(lambda x, _: weight(x, half - 2), 0, end).real
        mass = acb.integral(lambda x, _: weight(x, half - 1), 0, end).real
        # Beyond the end x^a falls by less than exp(x/4) rises, so that each tail is at most 4 end^a exp(-end/2).
        tail = 4 * arb(end) ** (half - 1) * (-arb(end) / 2).exp()
        rest = tail * arb(0.5, 0.5)
        return (inverse + rest) / (mass + rest) + to_arb(Fraction(1, pairs))


def least_pairs(weights: int, threshold: Fraction) -> int:
    """D*, the least n > p + 1 at which half the gap is below the threshold, with u = 1.

    The gap falls strictly with n, so the least n is found by halving.
    """

    def below(pairs: int) -> bool:
        return Fraction(weights, pairs - weights - 1) + Fraction(weights, pairs) < 2 * threshold

    low, high = weights + 1, weights + 2
    while not below(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if below(middle) else (middle, high)
    return high


@cache
def digits_at_fifth() -> Fraction:
    """The first four decimals of r(1/5)."""
    exact = RATIO.subs(sigma, sp.Rational(1, 5))
    return Fraction(int(sp.floor(10**4 * exact)), 10**4)


def limit_of_count(count: sp.Expr, power: int) -> sp.Expr:
    """The limit of N/D*^power as p grows, where D*/p tends to r and N is a polynomial in p."""
    return sp.limit(count / p**power, p, sp.oo) / RATIO**power
