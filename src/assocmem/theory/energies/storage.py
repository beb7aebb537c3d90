"""When the distance energy has exactly one minimum near each pattern: an explicit separation condition.

Let s be the smallest distance between patterns, r = 1/(2s), and let x lie within r of rho_i. The other weights obey
w_j <= exp(-(d_j - d_i)) and d_j - d_i = s_ij^2 - 2<x-rho_i, rho_j-rho_i> >= s_ij (s_ij - 2r) = s_ij^2 - s_ij/s.
Then ``|T(x)-rho_i| <= sum_j w_j s_ij`` and ``|JT(x)| = 2|Cov_w| <= 2 sum_j w_j s_ij^2``, and t^p exp(-t^2 + t/s) falls
for t >= s once s^2 >= 3/2 (p = 1, 2). So with d - 1 < exp(s^2-1)/(2 s^2) the map T sends the ball into itself and
contracts it, and the Hessian 2(I - JT) is positive definite there: exactly one critical point of E in the ball, a
minimum, at most (d-1) s exp(1-s^2) away from rho_i.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.energies.critical_points import CriticalPoint, Landscape
from assocmem.theory.exact.certified import precision, squared_distance, to_arb

Rows = tuple[tuple[Fraction, ...], ...]


def gap_residual(n: int = 1) -> sp.Expr:
    """d_j - d_i - (s_ij^2 - 2<x-rho_i, rho_j-rho_i>), expanded coordinate by coordinate; 0 proves the first step."""
    x, p, q = (sp.symbols(f"{name}1:{n + 1}", real=True) for name in "xpq")
    total = sp.Integer(0)
    for a, u, v in zip(x, p, q, strict=True):
        total += (a - v) ** 2 - (a - u) ** 2 - (v - u) ** 2 + 2 * (a - u) * (v - u)
    return sp.expand(total)


def falling_from(power: int) -> sp.Expr:
    """The s^2 from which t^power exp(-t^2 + t/s) falls for all t >= s.

    t times its logarithmic derivative is power - 2t^2 + t/s, which falls in t; at t = s it is power + 1 - 2 s^2.

    Raises
    ------
    ArithmeticError
        If the slope is not the one of the argument.
    """
    t, s = sp.symbols("t s", positive=True)
    log_slope = sp.expand(t * sp.diff(power * sp.log(t) - t**2 + t / s, t))
    if sp.simplify(sp.diff(log_slope, t) - (1 / s - 4 * t)) != 0:
        raise ArithmeticError("the slope is not the one of the argument")
    square = sp.Symbol("q", positive=True)
    (root,) = sp.solve(log_slope.subs(t, s).subs(s, sp.sqrt(square)), square)
    return root


def contraction_bound(others: sp.Expr, square: sp.Expr) -> sp.Expr:
    """2 (d-1) s^2 exp(1-s^2): bounds ``|JT|`` on the ball; below 1 it also keeps the ball, since (d-1) s
    e^{1-s^2} < r.
    """
    return 2 * others * square * sp.exp(1 - square)


def self_map_residual() -> sp.Expr:
    """(d-1) s e^{1-s^2} - r * contraction bound: 0 proves that one condition gives both properties."""
    k, s = sp.symbols("k s", positive=True)
    return sp.simplify(k * s * sp.exp(1 - s**2) - contraction_bound(k, s**2) / (2 * s))


def smallest_square_distance(rows: Rows) -> Fraction:
    """s^2 over all pairs."""
    return min(squared_distance(p, q) for i, p in enumerate(rows) for q in rows[:i])


def room(square: sp.Expr) -> sp.Expr:
    """What d - 1 must stay below, as a function of s^2: exp(s^2-1)/(2 s^2)."""
    return sp.exp(square - 1) / (2 * square)


def condition_holds(rows: Rows, allowed: Callable[[sp.Expr], sp.Expr] = room) -> bool:
    """Beyond doubt: s^2 >= 3/2 and d - 1 < allowed(s^2), for d >= 2 patterns.

    Raises
    ------
    ValueError
        For fewer than two patterns.
    """
    if len(rows) < 2:
        raise ValueError("rows must hold at least two patterns: one alone has no distance")
    square = smallest_square_distance(rows)
    limit = sp.N(allowed(sp.Rational(square.numerator, square.denominator)) - (len(rows) - 1), 30)
    return square >= Fraction(3, 2) and bool(limit > sp.Float("1e-20"))


def squared_distance_to(point: CriticalPoint, row: tuple[Fraction, ...]) -> arb:
    """A ball around the squared distance of a critical point from a pattern, at the working precision."""
    away = arb(0)
    for c, p in zip(point.x, row, strict=True):
        away += (c - to_arb(p)) * (c - to_arb(p))
    return away


def condition_by_balls(rows: Rows) -> bool:
    """``condition_holds`` for ``room``, a second time, in certified balls: s^2 >= 3/2 and 2 (d-1) s^2 < e^(s^2-1)."""
    square = smallest_square_distance(rows)
    with precision(128):
        return square * 2 >= 3 and bool(to_arb(2 * (len(rows) - 1) * square) < to_arb(square - 1).exp())


def ball(rows: Rows) -> tuple[arb, arb]:
    """The squared radius 1/(4 s^2) and the squared reach ((d-1) s e^(1-s^2))^2, at the working precision."""
    square = to_arb(smallest_square_distance(rows))
    return 1 / (4 * square), ((len(rows) - 1) * (1 - square).exp()) ** 2 * square


def every_pattern_stored(rows: Rows) -> bool:
    """Certified: in each ball of radius 1/(2s) one critical point, a minimum, within (d-1) s e^(1-s^2)."""
    points = Landscape(rows).critical_points()
    with precision(128):
        radius, reach = ball(rows)
        for row in rows:
            away = [(squared_distance_to(p, row), p.index) for p in points]
            inside = [(gap, index) for gap, index in away if not gap > radius]
            if len(inside) != 1:
                return False
            ((gap, index),) = inside
            if index != 0 or not gap < reach or not gap < radius:
                return False
    return True
