"""How far apart patterns may be for a convex energy: two patterns exactly, any number by Popoviciu's inequality."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import cache

import sympy as sp
from sympy.tensor.indexed import IndexedBase

from assocmem.theory.energies import two_patterns
from assocmem.theory.energies.convexity import PART, WHOLE
from assocmem.theory.energies.two_patterns import Family
from assocmem.theory.exact.derivation import Derivation, Refused, Step, by_sign, given, residual, summed

i, j = sp.symbols("i j", integer=True)
d = sp.Symbol("d", integer=True, positive=True)
b, s, w, p = sp.symbols("b s w p", positive=True)
u, mean, variance = sp.symbols("u mu V", real=True)
a = IndexedBase("a", positive=True)
q, t = (IndexedBase(name, nonnegative=True) for name in "qt")
SCALE = {"E": sp.Integer(1), "mchn": sp.Rational(1, 2)}
"""The two scores differ by twice b s u times this: for the MCHN energy they are b rho.x."""
BETA = {"E": "b", "mchn": r"\beta"}
CURVATURE = {"E": r"E_b^{\prime\prime}(u)", "mchn": r"E_{\mathrm{MCHN}}^{\prime\prime}(u)"}
TWO: dict[Family, str] = {"E": "X-CONV-E", "mchn": "C-MCHNCONVEX-FIX"}
ANY: dict[Family, str] = {"E": "X-CONV-DIAM-E", "mchn": "X-CONV-DIAM-M"}


@cache
def two_patterns_bend(family: Family = "E") -> Derivation:
    """The curvature along the line of two patterns, and its least value, met where the two scores agree.

    Raises
    ------
    Refused
        If the second derivative of the energy is not the constant less the variance, from which this starts.
    """
    whole, part = sp.Integer(WHOLE[family]), sp.Integer(PART[family])
    start, spread = whole - part * b * variance, s**2 / 4 - ((2 * p - 1) * s / 2) ** 2
    bend = two_patterns.curvature(family).xreplace({two_patterns.u: u, two_patterns.s: s, two_patterns.b: b})
    if residual(bend, start, {u: sp.log(w) / (b * s * SCALE[family]), variance: spread, p: w**2 / (1 + w**2)}) != 0:
        raise Refused(f"{TWO[family]}: the second derivative is not {start}")
    steps = (
        Step("=", whole - part * b * s**2 * p * (1 - p), "the variance of two places $s$ apart"),
        Step(">=", whole - part * b * s**2 / 4, "$p(1-p)\\le\\frac14$, as $(1-2p)^2\\ge0$; equal in the middle"),
    )
    ratio = "e^{-2bsu}" if family == "E" else r"e^{-\beta su}"
    given_words = (
        f"${CURVATURE[family]}$, the second derivative at $u$ along the line of two patterns at $\\pm\\frac s2$: their "
        f"places have the variance $\\mathrm{{Var}}$ under the weights $p=1/(1+{ratio})$ and $1-p$"
    )
    words = (
        f"the last value is met at the midpoint, $u=0$, so the energy is convex exactly if it is not negative, "
        f"${BETA[family]} s^2\\le{4 * whole / part}$; across the line the energy is a square and a constant"
    )
    names = {b: BETA[family], variance: r"\mathrm{Var}"}
    return Derivation(TWO[family], start, steps, {variance: spread}, names, given_words, in_words=words)


def _within(draw: random.Random) -> dict[str, Fraction]:
    """Numbers in an interval, measured from its lower end, and its length."""
    count, length = draw.randint(1, 3), Fraction(draw.randint(8, 24), 8)
    inside = {f"q[{k + 1}]": length * Fraction(draw.randint(0, 8), 8) for k in range(count)}
    return {**inside, "s": length, "d": Fraction(count)}


@cache
def diameter_bound(family: Family = "E") -> Derivation:
    """The curvature of any number of patterns whose scores lie in an interval of length s is at least that of two."""
    whole, part = sp.Integer(WHOLE[family]), sp.Integer(PART[family])
    total = sp.Sum(a[j], (j, 1, d))
    share = a[i] / total
    inside = sp.Sum(share * q[i] * (s - q[i]), (i, 1, d))
    first = whole - part * b * s**2 / 4
    steps = (
        Step(
            "=",
            first + part * b * inside + part * b * (mean - s / 2) ** 2,
            "expand; the weights $a_i/\\sum_ja_j$ sum to $1$",
        ),
        Step(">=", first + part * b * inside, "a square is not negative"),
        Step(
            ">=",
            first,
            "each number lies in the interval: $q_i\\ge0$ and $s-q_i\\ge0$",
            summed(sp.Sum(part * b * share * q[i] * (s - q[i]), (i, 1, d)), given({s - q[i]: t[i]}, by_sign)),
        ),
    )
    where = {
        mean: sp.Sum(a[j] * q[j], (j, 1, d)) / total,
        variance: sp.Sum(a[i] * q[i] ** 2, (i, 1, d)) / total - mean**2,
    }
    given_words = (
        "the curvature along a unit vector; $q_i$ is the coordinate of pattern $i$ along it, from the least on, and "
        "$s$ the diameter"
    )
    words = (
        "that the curvature is this constant less this multiple of the variance of the coordinates under the weights"
    )
    names = {b: BETA[family], variance: r"\mathrm{Var}", mean: r"\mu"}
    start = whole - part * b * variance
    return Derivation(ANY[family], start, steps, where, names, given_words, in_words=words, sample=_within)


@cache
def two_patterns_bend_hopfield() -> Derivation:
    """The same for the MCHN energy."""
    return two_patterns_bend("mchn")


@cache
def diameter_bound_hopfield() -> Derivation:
    """The same for the MCHN energy."""
    return diameter_bound("mchn")


def vanishes_at(made: Derivation, value: sp.Expr) -> bool:
    """Whether the last line of one of the above is 0 where b s^2 has this value: the threshold of a statement."""
    end = made.conclusion()[2]
    return bool(sp.simplify(end.xreplace({b: sp.sympify(value) / s**2})) == 0)
