"""The mean weight of a ball: one function of two numbers in which chapter 6 compares the printed integral and the true.

    M(a, x) = a x^(-a) gamma(a, x) = integral over 0 < u < 1 of exp(-x u^(1/a)) du.

If vol{N < t} = v t^n for a norm N, the substitution u = (t/r)^n gives, for every power p > 0,

    integral over N(y) < r of exp(-N(y)^p) dy = v r^n M(n/p, r^p),

so M is the mean of exp(-N^p) over the ball. The integral of the paper's equation (12) is V_n(r) M(n/2, r^2); the closed
form printed there, 2 pi^(n/2) gamma(n, r)/Gamma(n/2), is V_n(r) M(n, r).
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified_ball_integrals import certified_log_mean
from assocmem.theory.exact.distances import Distance

a, x, n, r = sp.symbols("a x n r", positive=True)
"""The two arguments of M; dimension and radius."""

UNIT_VOLUME = sp.pi ** (n / 2) / sp.gamma(n / 2 + 1)
"""V_n(1), Euclidean."""


def power(distance: Distance) -> int | None:
    """The p for which the distance from a pattern is the p-th power of a norm; None if that is not granted."""
    if distance.has("squared euclidean"):
        return 2
    return 1 if distance.has("norm") else None


@lru_cache(maxsize=4096)
def _mean(a: Fraction, x: Fraction, bits: int) -> arb:
    return certified_log_mean(a, x, bits=bits).exp()


def certified_mean(a: Fraction | int, x: Fraction | int, *, bits: int = 128) -> arb:
    """A ball that contains M(a, x) at exact arguments (see ``certified_log_mean``)."""
    return _mean(Fraction(a), Fraction(x), bits)
