"""What one retrieval step gains: an exact identity, for every number of patterns, every distance and any target point.

With w = softmax(-beta d(x)) and E = -log(sum exp(-beta d_i))/beta, log w_i(x) = beta (E(x) - d_i(x)). Averaging
log w_i(x) - log w_i(y) over w(x), whose sum is 1, gives for all points x and y

    ``E(x) - E(y) = sum_i w_i(x) (d_i(x) - d_i(y)) + KL(w(x) || w(y)) / beta``.

For ``d_i = |x - rho_i|^2`` and y = T(x) = sum_i w_i(x) rho_i the first sum is ``|x - y|^2``, coordinate by coordinate.
KL >= 0, so every y with a smaller weighted sum of distances has a smaller energy: majorization-minimization.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.distances import Distance, Point, Rows


@dataclass(frozen=True)
class Descent:
    """E(x) - E(y) = moved * first sum + divergence * KL(w(x) || w(y)) / beta, as in the module's text."""

    moved: Fraction = Fraction(1)
    divergence: Fraction = Fraction(1)


def log_weight_residual() -> sp.Expr:
    """log w_i - beta (E - d_i) with w_i = exp(-beta d_i)/S and E = -log(S)/beta, for any sum S > 0; 0 proves it."""
    beta, total = sp.symbols("beta S", positive=True)
    distance = sp.Symbol("d", real=True)
    energy = -sp.log(total) / beta
    return sp.simplify(sp.expand_log(sp.log(sp.exp(-beta * distance) / total) - beta * (energy - distance), force=True))


def mean(polynomial: sp.Expr, of: sp.Symbol, moments: Sequence[sp.Expr]) -> sp.Expr:
    """sum_i w_i polynomial(of_i), given the moments sum w_i, sum w_i of_i, sum w_i of_i^2, ...: linear, for any number.

    Raises
    ------
    ValueError
        When the degree exceeds the moments given.
    """
    powers = sp.Poly(sp.expand(polynomial), of).all_coeffs()[::-1]
    if len(powers) > len(moments):
        raise ValueError(f"degree {len(powers) - 1} needs {len(powers)} moments, got {len(moments)}")
    return sp.expand(sum(c * m for c, m in zip(powers, moments, strict=False)))


def identity_residual(stmt: Descent) -> sp.Expr:
    """E(x) - E(y) minus the stated right side, summed over any number of patterns with total weight 1.

    A term of the divergence over beta is w_i ((E(x) - d_i(x)) - (E(y) - d_i(y))); it is linear in the distances, so
    only sum w_i = 1 and the two weighted sums of distances remain.
    """
    here, there, sum_here, sum_there, dist = sp.symbols("E_x E_y D_x D_y d")
    log_ratio = mean(here - dist, dist, (1, sum_here)) - mean(there - dist, dist, (1, sum_there))
    return sp.expand(here - there - stmt.moved * (sum_here - sum_there) - stmt.divergence * log_ratio)


def step_residual(target: sp.Expr | None = None) -> sp.Expr:
    """One coordinate of sum_i w_i ((x-rho_i)^2 - (y-rho_i)^2) - (x-y)^2, with sum w_i = 1 and sum w_i rho_i = target.

    0 for target = y; the second moment of the patterns cancels.
    """
    x, y, rho, second = sp.symbols("x y rho m2", real=True)
    first = y if target is None else target
    return sp.expand(mean((x - rho) ** 2 - (y - rho) ** 2, rho, (1, first, second)) - (x - y) ** 2)


def gibbs_gap() -> sp.Expr:
    """-log t - (1 - t) in the symbol t > 0: averaged over w(x) at t_i = w_i(y)/w_i(x) it is KL(w(x) || w(y))."""
    t = sp.Symbol("t", positive=True)
    return -sp.log(t) - 1 + t


def gibbs_holds() -> bool:
    """KL >= 0: -log t >= 1 - t, as the difference vanishes with its slope at t = 1 and is convex.

    Averaged over w(x) at t_i = w_i(y)/w_i(x) it gives KL >= 1 - sum_i w_i(y) = 0.
    """
    t, gap = sp.Symbol("t", positive=True), gibbs_gap()
    return bool(gap.subs(t, 1) == 0 and sp.diff(gap, t).subs(t, 1) == 0 and sp.diff(gap, t, 2).is_positive)


def softmax(scores: Sequence[arb]) -> list[arb]:
    """Certified weights, each from the differences of scores."""
    return [1 / sum(((other - own).exp() for other in scores), arb(0)) for own in scores]


def _gap(stmt: Descent, here: Sequence[arb], there: Sequence[arb], gained: arb | None, beta: arb) -> arb:
    """Left minus right side from the distances at x and y; ``gained`` replaces the weighted sum when given."""
    w, v = softmax([-beta * d for d in here]), softmax([-beta * d for d in there])
    change = (
        (sum(((-beta * d).exp() for d in there), arb(0))).log() - (sum(((-beta * d).exp() for d in here), arb(0))).log()
    ) / beta
    spread, divergence = arb(0), arb(0)
    for weight, other, near, far in zip(w, v, here, there, strict=True):
        spread += weight * (near - far)
        divergence += weight * (weight / other).log() / beta
    first = spread if gained is None else gained
    return change - to_arb(stmt.moved) * first - to_arb(stmt.divergence) * divergence


def pair_gap(stmt: Descent, distance: Distance, x: Point, y: Point, rows: Rows, beta: Fraction = Fraction(1)) -> arb:
    """Left minus right side of the identity at two exact points, for any distance, at the working precision."""
    return _gap(stmt, distance.all(x, rows), distance.all(y, rows), None, to_arb(beta))


def step(x: Sequence[arb], rows: Rows, beta: Fraction = Fraction(1)) -> list[arb]:
    """T(x) = sum_i w_i rho_i for the squared Euclidean distance, at the working precision."""
    w = softmax([-to_arb(beta) * d for d in squared_distances(x, rows)])
    out = []
    for column in zip(*rows, strict=True):
        total = arb(0)
        for weight, c in zip(w, column, strict=True):
            total += weight * to_arb(c)
        out.append(total)
    return out


def square(value: arb) -> arb:
    """value * value: the power operator of balls that contain 0 gives nan."""
    return value * value


def squared_distances(x: Sequence[arb], rows: Rows) -> list[arb]:
    """Balls around ``|x - rho_i|^2`` for a point given by balls."""
    return [sum((square(a - to_arb(b)) for a, b in zip(x, row, strict=True)), arb(0)) for row in rows]


def step_gap(stmt: Descent, x: Point, rows: Rows, beta: Fraction = Fraction(1)) -> arb:
    """``E(x) - E(Tx) - moved |x - Tx|^2 - divergence KL/beta`` at an exact point, for the squared Euclidean
    distance.
    """
    here = [to_arb(c) for c in x]
    there = step(here, rows, beta)
    moved = sum((square(a - b) for a, b in zip(here, there, strict=True)), arb(0))
    return _gap(stmt, squared_distances(here, rows), squared_distances(there, rows), moved, to_arb(beta))


def mean_gap(distance: Distance, x: Point, rows: Rows) -> arb | None:
    """``E(x) - E(y) - |x - y|^2`` for any distance at a point x exactly equally far from all patterns, y their mean.

    There the weights are equal, so y is T(x) and the divergence from w(x) to w(y) vanishes if y is equally far, too.
    None when either point is not certainly so.
    """
    y = tuple(sum(column, Fraction(0)) / len(rows) for column in zip(*rows, strict=True))
    here, there = distance.all(x, rows), distance.all(y, rows)
    if any(d - here[0] != 0 for d in here) or any(d - there[0] != 0 for d in there):
        return None
    moved = sum(((a - b) ** 2 for a, b in zip(x, y, strict=True)), Fraction(0))
    return here[0] - there[0] - to_arb(moved)


def scale_free_gap(distance: Distance, x: Point, y: Point, rows: Rows) -> arb | None:
    """Whether one beta could make the gain ``beta |x - Tx|^2`` at two points like those of ``mean_gap``: 0 if it could.

    The gains E(x) - E(Tx) at x and y, each times the squared step at the other point, subtracted. A multiple of the
    squared Euclidean distance gives 0. None where ``mean_gap`` is None.
    """
    center = tuple(sum(column, Fraction(0)) / len(rows) for column in zip(*rows, strict=True))
    gains, squares = [], []
    for point in (x, y):
        off = mean_gap(distance, point, rows)
        if off is None:
            return None
        squares.append(to_arb(sum(((a - b) ** 2 for a, b in zip(point, center, strict=True)), Fraction(0))))
        gains.append(off + squares[-1])
    return gains[0] * squares[1] - gains[1] * squares[0]


def real_valued(distance: Distance) -> bool:
    """Whether the distance is a finite number at the points and patterns of ``EXACT``."""
    return all(d.is_finite() for x, rows, _ in EXACT for d in distance.all(x, rows))


EXACT: tuple[tuple[Point, Rows, Fraction], ...] = tuple(
    (tuple(map(Fraction, x)), tuple(tuple(map(Fraction, row)) for row in rows), Fraction(beta))
    for x, rows, beta in (
        (("3",), (("0",),), "1"),
        (("1/2",), (("0",), ("2",)), "1"),
        (("-5",), (("0",), ("1",), ("1",)), "3"),
        (("1", "2"), (("0", "0"), ("3", "1"), ("-1", "1/2")), "1/7"),
        (("40",), (("-1",), ("1",)), "1"),
        (("0", "1/3"), (("1", "0"), ("0", "1"), ("-1", "0"), ("0", "-1")), "2"),
    )
)
"""Exact points, patterns and inverse temperatures: one pattern, duplicates, far points, several dimensions."""


def nonzero_case(stmt: Descent, bits: int = 256) -> tuple[int, arb] | None:
    """The first entry of ``EXACT`` at which the identity of the step certainly fails, with its left minus right side.

    Raises
    ------
    ArithmeticError
        If a case cannot be evaluated.
    """
    with precision(bits):
        for k, (x, rows, beta) in enumerate(EXACT):
            gap = step_gap(stmt, x, rows, beta)
            if not gap.is_finite():
                raise ArithmeticError(f"case {k} could not be evaluated")
            if not gap.contains(0):
                return k, gap
    return None
