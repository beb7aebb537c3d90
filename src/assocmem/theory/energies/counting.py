"""How many memories a landscape can hold: at most d on the line, more in the plane, hull vertices when cold.

In one dimension both energies have the critical points of sum_i (x - rho_i) a_i e^{c rho_i x} with a_i > 0. A sum
sum_i P_i(x) e^{lambda_i x} with distinct lambda_i has at most sum_i (deg P_i + 1) - 1 real zeros, by induction: divide
by e^{lambda_1 x}, differentiate deg P_1 + 1 times, and each derivative loses at most one zero (Rolle).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Literal

import sympy as sp
from flint import arb

from assocmem.theory.energies.critical_points import Landscape
from assocmem.theory.exact.certified import precision, squared_distance, squared_norm, to_arb

Family = Literal["E", "mchn"]
Rows = tuple[tuple[Fraction, ...], ...]
SIDE = sp.Symbol("s", positive=True)
"""The side of an equilateral triangle."""


def stationarity_residual(family: Family, d: int = 3) -> sp.Expr:
    """Slope of the energy times a positive factor, minus sum_i (x - rho_i) a_i e^{c rho_i x}; 0 proves the form."""
    x, beta = sp.Symbol("x", real=True), sp.Symbol("beta", positive=True)
    rho = sp.symbols(f"r1:{d + 1}", real=True)
    if family == "E":
        total = sum(sp.exp(-beta * (x - r) ** 2) for r in rho)
        slope = sp.diff(-sp.log(total) / beta, x) * total * sp.exp(beta * x**2) / 2
        form = sum((x - r) * sp.exp(-beta * r**2) * sp.exp(2 * beta * r * x) for r in rho)
    else:
        total = sum(sp.exp(beta * x * r) for r in rho)
        slope = sp.diff(-sp.log(total) / beta + x**2 / 2, x) * total
        form = sum((x - r) * sp.exp(beta * r * x) for r in rho)
    return sp.simplify(sp.expand(sp.powsimp(sp.expand(slope - form))))


def zero_bound(degrees: Sequence[int | sp.Expr]) -> sp.Expr:
    """Largest number of real zeros of sum_i P_i(x) e^{lambda_i x} with the given degrees: sum (deg + 1) - 1.

    Computed by the induction of the module's text: one zero for each differentiation, and deg P zeros at the end.
    """
    *first, last = degrees
    return sp.sympify(last) + sum(sp.sympify(k) + 1 for k in first)


def critical_bound_1d(d: int) -> int:
    """At most 2d - 1 critical points of d patterns on a line (each P_i = x - rho_i has degree 1)."""
    return int(zero_bound([1] * d))


def bound_step(bound: sp.Expr, d: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """A bound's value for one pattern minus 1, and what one more pattern adds to it minus 2; zeros make it 2d - 1.

    The factor x - rho_i of degree 1 costs two differentiations, each of which loses at most one zero.
    """
    one_more = zero_bound([1, 1]) - zero_bound([1])
    return sp.expand(bound.subs(d, 1) - zero_bound([1])), sp.expand(bound.subs(d, d + 1) - bound - one_more)


def minima_bound_1d(d: int) -> int:
    """At most d minima: a coercive function's minima outnumber the other sign changes of its slope by one."""
    return (critical_bound_1d(d) + 1) // 2


def spaced(d: int, gap: int = 3) -> Rows:
    """d patterns on a line, ``gap`` apart."""
    return tuple((Fraction(gap * i),) for i in range(d))


def centroid_curvature() -> sp.Expr:
    """Curvature of E at the centroid of an equilateral triangle with side s, in every direction: 2 - 2 s^2/3.

    From the definition: the three weights are equal there, so H = 2I - 4 Cov with Cov the plain covariance.

    Raises
    ------
    ArithmeticError
        If the Hessian at the centroid is no multiple of the identity.
    """
    s = SIDE
    corners = [sp.Matrix([0, 0]), sp.Matrix([s, 0]), sp.Matrix([s / 2, s * sp.sqrt(3) / 2])]
    mean = sum(corners, sp.zeros(2, 1)) / 3
    cov = sum(((c - mean) * (c - mean).T for c in corners), sp.zeros(2, 2)) / 3
    hess = (2 * sp.eye(2) - 4 * cov).applyfunc(sp.simplify)
    if hess[0, 1] != 0 or sp.simplify(hess[0, 0] - hess[1, 1]) != 0:
        raise ArithmeticError("the Hessian at the centroid must be a multiple of the identity")
    return hess[0, 0]


def triangle(side_squared: Fraction) -> Rows:
    """An equilateral triangle with exact rational corners; its side squared is right to nine digits."""
    s = sp.sqrt(sp.Rational(side_squared.numerator, side_squared.denominator))
    half = Fraction(str(sp.N(s / 2, 12)))
    height = Fraction(str(sp.N(s * sp.sqrt(3) / 2, 12)))
    return ((Fraction(0), Fraction(0)), (2 * half, Fraction(0)), (half, height))


def count(rows: Rows, family: Family = "E", beta: Fraction = Fraction(1)) -> tuple[int, int]:
    """Certified numbers of critical points and of minima."""
    points = Landscape(rows, family, beta).critical_points()
    return len(points), sum(p.index == 0 for p in points)


def cold_minimum(rows: Rows, i: int) -> bool:
    """Whether ``|rho_i|^2 > rho_i.rho_j`` for all other j: the MCHN energy's zero-temperature minimum at pattern i."""
    own = _dot(rows[i], rows[i])
    return all(own > _dot(rows[i], row) for j, row in enumerate(rows) if j != i)


def cold_descends(rows: Rows, i: int, step: Fraction = Fraction(1, 1000)) -> bool:
    """Whether ``|x|^2/2 - max_j rho_j.x`` falls somewhere on a fine exact grid of directions around pattern i."""
    center = rows[i]
    here = _cold(rows, center)
    grid = [Fraction(k, 4) for k in range(-4, 5)]
    toward = [[a - c for a, c in zip(row, center, strict=True)] for j, row in enumerate(rows) if j != i]
    around = [list(u) for u in product(grid, repeat=len(center)) if any(u)]
    return any(_cold(rows, tuple(c + step * v for c, v in zip(center, u, strict=True))) < here for u in toward + around)


def cold_gap(
    rows: Sequence[Sequence[str]], family: Family, beta: int, at: Sequence[str], bits: int = 256
) -> tuple[arb, arb]:
    """How far an energy lies from its limit at zero temperature at an exact point, toward the stated side; log(d)/beta.

    For the MCHN energy: the energy without its constant ``max |rho|^2/2``, minus ``|x|^2/2 - max_j rho_j.x``. For E:
    the least squared distance minus the energy.
    """
    exact, x = tuple(tuple(Fraction(c) for c in row) for row in rows), tuple(Fraction(c) for c in at)
    with precision(bits):
        value = Landscape(exact, family, Fraction(beta)).value([to_arb(c) for c in x])
        spread = arb(len(exact)).log() / beta
        if family == "E":
            return to_arb(min(squared_distance(row, x) for row in exact)) - value, spread
        return value - to_arb(max(squared_norm(row) for row in exact) / 2 + _cold(exact, x)), spread


def _cold(rows: Rows, x: Sequence[Fraction]) -> Fraction:
    return _dot(x, x) / 2 - max(_dot(row, x) for row in rows)


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((p * q for p, q in zip(a, b, strict=True)), Fraction(0))
