"""Distances in a Gaussian cloud, free of its scale: how near the nearest is for so many points in so many dimensions.

The squared distance of two points of N(mu, s^2 I) over 2 s^2 follows the chi-squared law with n degrees of freedom, so
its root mean square is s sqrt(2n). Both an upper bound for the chance of a near pair, and the expected distances.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np
import sympy as sp
from flint import arb
from scipy import stats

from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.derivation import Derivation, Step

BITS = 128
GPT2 = (1024, 80_000)
"""Width of GPT-2 medium, and the chunks of the paper."""
s, lam = sp.symbols("s lambda", positive=True)
n = sp.Symbol("n", integer=True, positive=True)


@cache
def chernoff(power: Fraction = Fraction(1, 2)) -> Derivation:
    """e^(lambda n s) E e^(-lambda X) for X of the chi-squared law, at the best lambda; refused for a power not 1/2."""
    best = (1 / s - 1) / 2
    start = sp.exp(best * n * s) * (1 + 2 * best) ** (-n / 2)
    steps = (
        Step("=", sp.exp((1 - s) * n / 2) * s ** (n / 2), "$1+2\\lambda=\\frac1s$"),
        Step("=", (s * sp.exp(1 - s)) ** (sp.Rational(power) * n), "one power"),
    )
    given = "$\\mathbb E\\,e^{-\\lambda X}=(1+2\\lambda)^{-n/2}$ and $\\lambda=\\frac12(\\frac1s-1)$, $0<s<1$"
    words = "Markov's inequality for $e^{-\\lambda X}$, and the sum over all pairs"
    return Derivation("X-RAD-RATIO", start, steps, given=given, in_words=words)


def log_chance_of_near_pair(dimension: int, points: int, share: Fraction) -> arb:
    """Logarithm of M(M-1)/2 (t^2 e^(1-t^2))^(n/2): at least the chance that some pair is within t s sqrt(2n).

    Raises
    ------
    ValueError
        Unless 0 < t < 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"share must lie in (0, 1), got {share}")
    with precision(BITS):
        square = to_arb(share * share)
        return to_arb(Fraction(points * (points - 1), 2)).log() + arb(dimension) / 2 * (square.log() + 1 - square)


def chance_of_disjoint_pairs(pairs: int, s: Fraction) -> arb:
    """The chance, in the plane, that one of so many disjoint pairs is within the root of s times s sqrt(2n): exactly.

    The chi-squared law with two degrees of freedom is exponential, and disjoint pairs are independent.
    """
    with precision(BITS):
        return 1 - (-to_arb(pairs * s)).exp()


def bound_in_the_plane(count: int, s: Fraction, power: Fraction = Fraction(1, 2)) -> arb:
    """``count (s e^(1-s))^(2 power)``: the bound for n = 2 and so many pairs."""
    with precision(BITS):
        return arb(count) * (2 * to_arb(power) * (to_arb(s).log() + 1 - to_arb(s))).exp()


def ratio(dimension: int, points: int) -> float:
    """Expected distance to the nearest of the others over that of two points, in a Gaussian cloud.

    Given the length of a point its squared distances to the others are independent, each of a noncentral law; the least
    of them is integrated over that length. In float64, by quadrature.

    Raises
    ------
    ValueError
        For fewer than two points, or a dimension below one.
    """
    if points < 2 or dimension < 1:
        raise ValueError(f"points must be at least 2 and dimension at least 1, got {points} and {dimension}")
    levels = (np.arange(64) + 0.5) / 64
    squares = stats.chi2.ppf(levels, dimension)
    pairs = np.sqrt(2) * stats.chi.mean(dimension)
    return float(np.mean([_expected_least(dimension, points, square) for square in squares]) / pairs)


def _expected_least(dimension: int, points: int, square: float) -> float:
    """The integral of the chance that all others are farther than r, over r."""
    law = stats.ncx2(dimension, square)
    top = np.sqrt(law.isf(1e-12))
    radii = np.linspace(0, top, 1500)
    farther = np.exp((points - 1) * np.log1p(-np.minimum(law.cdf(radii**2), 1 - 1e-15)))
    return float(np.trapezoid(farther, radii))
