"""All strict local minima of E for the taxicab distance ``d(x, y) = sum_c |x_c - y_c|``, exactly.

The coordinates of the patterns cut space into boxes on which every d_i is affine, so E = -LSE of affine functions is
concave there. Let w_i = exp(-d_i(x)) and, for a coordinate c, let B_c be the sum of the w_i with rho_ic = x_c, and A_c
the sum of those with rho_ic < x_c minus the sum of those with rho_ic > x_c. Up to the positive factor sum_i w_i, the
one-sided slope of E at x along u is ``sum_c (A_c u_c + B_c |u_c|)``. So x is a strict local minimum if ``|A_c| < B_c``
for each c; if ``|A_c| >= B_c`` for some c, E does not rise along e_c or -e_c, first by slope and then by concavity.
Exponents are rational: a sum of integers times exp(-q) vanishes only if every integer does (Lindemann-Weierstrass),
so each comparison is decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import product

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import sign, to_arb
from assocmem.theory.exact.distances import Point, Rows, l1

Criterion = Callable[[int, int], bool]
"""Whether a coordinate lets x be a minimum, from the signs of B_c - A_c and B_c + A_c."""


def both_positive(first: int, second: int) -> bool:
    """``|A_c| < B_c``."""
    return first > 0 and second > 0


def sum_sign(terms: Counter[Fraction]) -> int:
    """The sign of sum_q terms[q] exp(-q) for rational q and integer multiplicities.

    Raises
    ------
    ArithmeticError
        Where the balls stay undecided, for exponents thousands apart.
    """
    left = {q: k for q, k in terms.items() if k}
    if not left:
        return 0
    base = min(left)
    certain = sign(lambda: sum((k * (-to_arb(q - base)).exp() for q, k in left.items()), arb(0)))
    if certain is None:
        raise ArithmeticError("the sign of a sum of exponentials stayed undecided")
    return certain


def slope_signs(rows: Rows, x: Point, c: int, beta: Fraction = Fraction(1)) -> tuple[int, int]:
    """Signs of B_c - A_c and B_c + A_c, those of the slopes along -e_c and e_c."""
    along: list[Counter[Fraction]] = [Counter(), Counter()]
    for row in rows:
        exponent = beta * Fraction(l1(x, row))
        side = (x[c] > row[c]) - (x[c] < row[c])
        for terms, turn in zip(along, (-1, 1), strict=True):
            terms[exponent] += turn * side if side else 1
    return sum_sign(along[0]), sum_sign(along[1])


def is_minimum(rows: Rows, x: Point, beta: Fraction = Fraction(1), allows: Criterion = both_positive) -> bool:
    """Whether x is a strict local minimum of E_beta, by the criterion of the module's text."""
    return all(allows(*slope_signs(rows, x, c, beta)) for c in range(len(x)))


def grid(rows: Rows) -> list[Point]:
    """Every point whose coordinates are all coordinates of patterns: the only candidates."""
    return list(product(*[sorted(set(column)) for column in zip(*rows, strict=True)]))


def minima(rows: Rows, beta: Fraction = Fraction(1)) -> list[Point]:
    """All strict local minima of E_beta, in order of their coordinates."""
    return [x for x in grid(rows) if is_minimum(rows, x, beta)]


def slope_residual() -> sp.Expr:
    """Slope of -log sum_i exp(-d_i) for three affine d_i = q_i + s_i t at t = 0, minus sum_i w_i s_i; 0 proves it."""
    t = sp.Symbol("t", real=True)
    q, s = sp.symbols("q1:4", real=True), sp.symbols("s1:4", real=True)
    energy = -sp.log(sum(sp.exp(-(level + rise * t)) for level, rise in zip(q, s, strict=True)))
    weights = [sp.exp(-level) for level in q]
    mean = sum(w * rise for w, rise in zip(weights, s, strict=True)) / sum(weights)
    return sp.simplify(sp.diff(energy, t).subs(t, 0) - mean)


def gap_curvature() -> sp.Expr:
    """Second derivative of -log(A e^-x + B e^x) times the squared sum: -4AB, so E is strictly concave in every gap."""
    x = sp.Symbol("x", real=True)
    left, right = sp.symbols("A B", positive=True)
    total = left * sp.exp(-x) + right * sp.exp(x)
    return sp.simplify(sp.expand(sp.simplify(sp.diff(-sp.log(total), x, 2) * total**2)))


def cross(a: Fraction) -> Rows:
    """The four patterns (+-a, 0), (0, +-a)."""
    zero = Fraction(0)
    return ((a, zero), (-a, zero), (zero, a), (zero, -a))


def cross_residuals() -> tuple[sp.Expr, sp.Expr]:
    """Two zeros: the sum over the cross near its middle, and where it falls below its value there.

    With ``p = b|x_1|``, ``q = b|x_2|`` the four exponentials, over exp(-ba), are exp(p - q), exp(-p - q), exp(q - p)
    and exp(-p - q), which is 2 (cosh(p - q) + exp(-(p + q))). As ``|p - q| <= p + q = s``, that is at most 2 (cosh s +
    e^-s), and cosh s + e^-s - 2 = e^-s (e^s - 1)(e^s - 3)/2 is negative exactly for 0 < s < log 3.
    """
    p, q, s = sp.symbols("p q s", nonnegative=True)
    total = sp.exp(p - q) + 2 * sp.exp(-p - q) + sp.exp(q - p)
    first = sp.expand((total - 2 * (sp.cosh(p - q) + sp.exp(-p - q))).rewrite(sp.exp))
    factored = sp.exp(-s) * (sp.exp(s) - 1) * (sp.exp(s) - 3) / 2
    second = sp.expand((sp.cosh(s) + sp.exp(-s) - 2 - factored).rewrite(sp.exp))
    return sp.simplify(first), sp.simplify(second)
