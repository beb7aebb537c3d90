"""What a metric stores, and what its energy's shape is: the theorems about E for distances other than the squared one.

Let d be a metric, S = sum_{j != i} exp(-d(rho_i, rho_j)) and t = d(x, rho_i). By the triangle inequality
d(x, rho_j) >= d(rho_i, rho_j) - t, so sum_j exp(-d(x, rho_j)) <= exp(-t) + S exp(t), while at rho_i itself it is 1 + S.
The difference is (1 - exp(-t)) (1 - S exp(t)): positive for 0 < t < log(1/S). So if S < 1, then E is larger than at
rho_i in the whole ball of radius log(1/S) around it: the pattern is stored exactly where it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import sign, to_arb
from assocmem.theory.exact.distances import Distance, Point, Rows


def gain_residual() -> sp.Expr:
    """(1 + S) - (e^-t + S e^t) - (1 - e^-t)(1 - S e^t); 0 proves the factorization above."""
    crowd, t = sp.symbols("S t", positive=True)
    return sp.expand((1 + crowd) - (sp.exp(-t) + crowd * sp.exp(t)) - (1 - sp.exp(-t)) * (1 - crowd * sp.exp(t)))


def crowding(distance: Distance, rows: Rows, i: int) -> arb:
    """S_i = sum_{j != i} exp(-d(rho_i, rho_j)), at the working precision."""
    return sum(((-distance(rows[i], row)).exp() for j, row in enumerate(rows) if j != i), arb(0))


def is_certain_minimum(distance: Distance, rows: Rows, i: int) -> bool:
    """Certified S_i < 1, for a granted metric: pattern i is a strict local minimum of E. False says nothing.

    The metric must be continuous: only then do its balls hold all points near the pattern.
    """
    return distance.is_metric and distance.has("continuous") and sign(lambda: 1 - crowding(distance, rows, i)) == 1


def midpoint_excess(distance: Distance, rows: Rows, a: Point, b: Point) -> arb:
    """E((a + b)/2) - (E(a) + E(b))/2, at the working precision; positive refutes convexity."""
    middle = tuple((p + q) / 2 for p, q in zip(a, b, strict=True))
    return distance.energy(middle, rows) - (distance.energy(a, rows) + distance.energy(b, rows)) / 2


def bent(distance: Distance, rows: Rows, pairs: Iterable[tuple[Point, Point]]) -> tuple[Point, Point, float] | None:
    """The first pair of points between which E certainly lies above its chord's middle, with the excess."""
    for a, b in pairs:
        if sign(lambda a=a, b=b: midpoint_excess(distance, rows, a, b)) == 1:  # type: ignore[misc]
            return a, b, float(midpoint_excess(distance, rows, a, b).mid())
    return None


def near_pair(distance: Distance) -> tuple[Point, Point] | None:
    """Two patterns 0 and t <= 1 on the line whose distance s is certainly below 7/5, so that s^2 < 2; or None.

    Both readings of s, in the distance and as ``|x - y|``, are then below the thresholds of the squared distance.
    """
    for t in (Fraction(1), Fraction(1, 10), Fraction(1, 1000)):
        first, second = (Fraction(0),), (t,)
        if sign(lambda there=second: to_arb(Fraction(7, 5)) - distance((Fraction(0),), there)) == 1:  # type: ignore[misc]
            return first, second
    return None


def two_pattern_excess(r: sp.Expr, beta: sp.Expr) -> sp.Expr:
    """``midpoint_excess`` of E_b for two patterns 2r apart in a norm: d = r at the middle, 0 and 2r at the patterns."""
    middle = -sp.log(2 * sp.exp(-beta * r)) / beta
    end = -sp.log(1 + sp.exp(-2 * beta * r)) / beta
    return middle - end


def cosh_residual() -> sp.Expr:
    """exp(beta * ``two_pattern_excess``) - cosh(beta r); 0 proves that the excess is log cosh(beta r)/beta > 0."""
    r, beta = sp.symbols("r beta", positive=True)
    ratio = sp.exp(sp.expand_log(beta * two_pattern_excess(r, beta), force=True))
    return sp.simplify(sp.expand(ratio.rewrite(sp.exp)) - sp.expand(sp.cosh(beta * r).rewrite(sp.exp)))


def simplex(size: int, side: Fraction) -> Rows:
    """``side`` times each unit vector of R^size."""
    return tuple(tuple(side if c == i else Fraction(0) for c in range(size)) for i in range(size))


def cube(n: int, side: Fraction) -> Rows:
    """The 2^n corners of [0, side]^n, the origin first."""
    return tuple(tuple(side * (k >> c & 1) for c in range(n)) for k in range(2**n))


def slides_off(distance: Distance, rows: Rows, toward: Point, radius: arb) -> bool:
    """Certified for a norm: in the ball of ``radius`` around the first pattern E falls in one direction everywhere.

    The direction is v = (toward - rho_1)/T with T = d(rho_1, toward). At y = rho_1 + u in the ball, d_j is convex along
    v, d_j(y + Tv) <= d_j(toward) + radius and d_j(y) >= d_j(rho_1) - radius, so its slope is at most
    (d_j(toward) - d_j(rho_1) + 2 radius)/T = -k_j; that of d_1 is at most 1. As d_j(y) <= d_j(rho_1) + d_1(y), the
    weight exp(-d_j(y)) is at least exp(-d_j(rho_1)) times that of rho_1. So E falls if
    sum_j k_j exp(-d_j(rho_1)) > 1 and all k_j > 0.
    """
    first, others = rows[0], rows[1:]
    reach, total = distance(first, toward), arb(0)
    for row in others:
        here = distance(first, row)
        fall = (here - distance(toward, row) - 2 * radius) / reach
        if not fall > 0:
            return False
        total += fall * (-here).exp()
    return distance.has("norm") and bool(total > 1)
