"""The mean weight of a ball: one function of two numbers in which chapter 6 compares the printed integral and the true.

    M(a, x) = a x^(-a) gamma(a, x) = integral over 0 < u < 1 of exp(-x u^(1/a)) du.

If vol{N < t} = v t^n for a norm N, the substitution u = (t/r)^n gives, for every power p > 0,

    integral over N(y) < r of exp(-N(y)^p) dy = v r^n M(n/p, r^p),

so M is the mean of exp(-N^p) over the ball. The integral of the paper's equation (12) is V_n(r) M(n/2, r^2); the closed
form printed there, 2 pi^(n/2) gamma(n, r)/Gamma(n/2), is V_n(r) M(n, r).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import (
    Real,
    certified_log_ball_integral,
    certified_log_ball_volume,
    positive,
)
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


def certified_log_mean(a: Real, x: Real, *, bits: int = 128) -> arb:
    """A ball that contains log M(a, x), for exact or enclosed a > 0 and x > 0.

    M(a, x) is the mean of exp(-||y||^2) over the ball of radius sqrt(x) in "2a dimensions".

    Raises
    ------
    ValueError
        For an a or x that is not certainly positive.
    """
    with precision(bits + 64):
        size, radius = 2 * positive("a", a), positive("x", x).sqrt()
        whole = certified_log_ball_integral(size, radius, bits=bits)
        return whole - certified_log_ball_volume(size, radius, bits=bits)


@lru_cache(maxsize=4096)
def _mean(a: Fraction, x: Fraction, bits: int) -> arb:
    return certified_log_mean(a, x, bits=bits).exp()


def certified_mean(a: Fraction | int, x: Fraction | int, *, bits: int = 128) -> arb:
    """A ball that contains M(a, x) at exact arguments (see ``certified_log_mean``)."""
    return _mean(Fraction(a), Fraction(x), bits)


_FUNCTIONS = {sp.exp: arb.exp, sp.log: arb.log, sp.gamma: arb.gamma, sp.loggamma: arb.lgamma}
_CONSTANTS = {sp.pi: arb.pi, sp.E: arb.const_e}


def enclose(expr: sp.Expr, at: Mapping[sp.Symbol, Fraction | int | arb]) -> arb:
    """A ball around a formula of sums, products, powers, exp, log, Gamma, gamma(s, y) and rationals, at a point.

    Raises
    ------
    TypeError
        For anything else, a symbol without a value included.
    """
    if expr in at:
        value = at[expr]
        return value if isinstance(value, arb) else to_arb(value)
    if expr.is_Rational:
        return to_arb(Fraction(int(expr.p), int(expr.q)))
    if expr in _CONSTANTS:
        return _CONSTANTS[expr]()
    if expr.is_Add or expr.is_Mul:
        parts = [enclose(arg, at) for arg in expr.args]
        return sum(parts, arb(0)) if expr.is_Add else math.prod(parts, start=arb(1))
    if expr.is_Pow:
        return _raised(enclose(expr.base, at), expr.exp, at)
    if expr.func in _FUNCTIONS:
        return _FUNCTIONS[expr.func](enclose(expr.args[0], at))
    if isinstance(expr, sp.lowergamma):
        order, upto = (enclose(arg, at) for arg in expr.args)
        return (certified_log_mean(order, upto) + order * upto.log()).exp() / order
    raise TypeError(f"expr={expr} holds something other than sums, products, powers, exp, log, gamma and rationals")


def _raised(base: arb, exponent: sp.Expr, at: Mapping[sp.Symbol, Fraction | int | arb]) -> arb:
    """A power; whole exponents keep a base that may be negative."""
    if exponent.is_Integer:
        return base ** int(exponent)
    return base ** enclose(exponent, at)
