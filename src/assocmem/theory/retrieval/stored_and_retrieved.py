"""Stored and retrieved: what the definition leaves open, decided exactly for patterns on the line.

On the line one step T is increasing (its derivative is 2 Var_w, or beta Var_p for the MCHN), so the iterates move
monotonically to the next fixed point. Hence all points of an interval converge to one fixed point inside it exactly
when the interval holds one critical point and that is a (nondegenerate) minimum; all critical points are certified.

A map that sends the ball B(rho, r) into itself and contracts it by q < 1 has one fixed point there, and
``|f^m(x) - rho*| <= q^m 2r`` for x in the ball: at most epsilon once m >= log(2r/epsilon)/log(1/q).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.energies.critical_points import CriticalPoint, Family, Landscape
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.retrieval.descent import step

Line = tuple[tuple[Fraction], ...]
TWO: Line = ((Fraction(0),), (Fraction(2),))
CROWD: Line = ((Fraction(-1),), (Fraction(0),), (Fraction(3, 2),), (Fraction(8, 5),))
NEAR: Line = ((Fraction(-1, 2),), (Fraction(1, 2),))
"""Patterns on the line for the examples of this module; those of ``NEAR`` share the midpoint as only fixed point."""


@dataclass(frozen=True)
class Interval:
    """A closed ball on the line, by its center and the square of its radius (exact also where the radius is not)."""

    center: Fraction
    squared_radius: Fraction

    def side(self, point: arb) -> bool | None:
        """Whether a certified point lies inside; None when its ball cannot be told from the rim."""
        gap = (point - to_arb(self.center)) * (point - to_arb(self.center)) - to_arb(self.squared_radius)
        return True if gap < 0 else False if gap > 0 else None

    def meets(self, other: Interval) -> bool:
        """Whether two intervals have a common point, exactly: the gap is at most the sum of the radii, squared."""
        gap = self.center - other.center
        beyond = gap * gap - self.squared_radius - other.squared_radius
        return beyond <= 0 or beyond * beyond <= 4 * self.squared_radius * other.squared_radius


def inside(rows: Line, where: Interval, family: Family = "E", beta: Fraction = Fraction(1)) -> list[CriticalPoint]:
    """The critical points in an interval.

    Raises
    ------
    ArithmeticError
        Where a critical point cannot be told from the rim.
    """
    points = Landscape(rows, family, beta).critical_points()
    with precision(128):
        sides = [where.side(p.x[0]) for p in points]
    if None in sides:
        raise ArithmeticError("a critical point lies too near the rim of the interval")
    return [p for p, s in zip(points, sides, strict=True) if s]


def stored(rows: Line, where: Interval, family: Family = "E", beta: Fraction = Fraction(1)) -> bool:
    """Whether all points of the interval converge to one fixed point inside it (see the module's text)."""
    points = inside(rows, where, family, beta)
    return len(points) == 1 and points[0].index == 0


Balls = Sequence[Interval]


def stored_alone(rows: Line, balls: Balls, i: int) -> bool:
    """Whether the i-th pattern is stored in its ball as Definition 1 asks it, of this pattern alone, by the step T."""
    here, ball = rows[i][0] - balls[i].center, balls[i]
    disjoint = not any(ball.meets(other) for j, other in enumerate(balls) if j != i)
    return here * here <= ball.squared_radius and disjoint and stored(rows, ball)


def stored_together(rows: Line, balls: Balls) -> bool:
    """Whether all patterns are stored in their balls, by the step T."""
    return all(stored_alone(rows, balls, i) for i in range(len(rows)))


def fixed_points_in(rows: Line, balls: Balls) -> int:
    """How many of the balls hold a fixed point of T; balls that are disjoint hold different ones."""
    return sum(bool(inside(rows, ball)) for ball in balls)


@dataclass(frozen=True)
class Reading:
    """What a definition of storage says of the map; None where it says nothing: then both answers are tried."""

    family: Family | None = None


BETA: dict[Family, Fraction] = {"E": Fraction(1), "mchn": Fraction(2)}
"""Inverse temperatures of the two maps: at 2 beta the MCHN moves equal norms as E does at beta."""


def storage_answers(stmt: Reading) -> dict[str, bool]:
    """Is 0 stored among {0, 2} in the ball of radius 1/2 around it? One answer for each map that is left open."""
    families: tuple[Family, ...] = (stmt.family,) if stmt.family else ("E", "mchn")
    ball = Interval(Fraction(0), Fraction(1, 4))
    return {family: stored(TWO, ball, family, BETA[family]) for family in families}


def limit_near(epsilon: Fraction, start: Fraction = Fraction(1, 4)) -> bool:
    """Whether the iterates from ``start`` for {0, 2} converge to within epsilon of the fixed point near 0.

    They move monotonically to the next critical point on the side to which the first step goes.

    Raises
    ------
    ArithmeticError
        When the start cannot be told from a critical point.
    """
    points = [p.x[0] for p in Landscape(TWO).critical_points()]
    (target,) = inside(TWO, Interval(Fraction(0), Fraction(1, 4)))
    with precision(128):
        here = to_arb(start)
        up = step([here], TWO)[0] > here
        ahead = [p for p in points if (p > here if up else p < here)]
        if any(p.overlaps(here) for p in points) or not ahead:
            raise ArithmeticError(f"start={start} cannot be told from a critical point")
        limit = min(ahead, key=lambda p: float(abs(p - here)))
        return bool(abs(limit - target.x[0]) < to_arb(epsilon))


def first_step_near(epsilon: Fraction) -> bool:
    """Whether one step from 1/4 for {0, 2} certainly comes within epsilon of the fixed point near 0."""
    (target,) = inside(TWO, Interval(Fraction(0), Fraction(1, 4)))
    with precision(128):
        gap = abs(step([to_arb(Fraction(1, 4))], TWO)[0] - target.x[0])
        return bool(gap < to_arb(epsilon))


def steps_residual(steps: sp.Expr) -> sp.Expr:
    """q^m 2r - epsilon at the stated m, in the symbols r, q, epsilon; 0 when m is the number of steps needed."""
    r, q, eps = sp.symbols("r q epsilon", positive=True)
    reached = sp.expand_log(sp.log(q) * steps + sp.log(2 * r), force=True)
    return sp.simplify(sp.expand(sp.expand_log(reached - sp.log(eps), force=True)))


def centered_gap(rows: Line, which: int, where: Interval) -> tuple[arb, arb] | None:
    """(distance of the pattern from its fixed point, from the nearest critical point outside the interval) or None.

    None when the interval does not store the pattern. A ball around the pattern that holds the fixed point has at
    least the first radius; one that converges has less than the second.
    """
    here = rows[which][0]
    gap = here - where.center
    if gap * gap > where.squared_radius or not stored(rows, where):
        return None
    (home,) = inside(rows, where)
    with precision(128):
        others = [
            abs(p.x[0] - to_arb(here))
            for p in Landscape(rows).critical_points()
            if p is not home and not p.x[0].overlaps(home.x[0])
        ]
        nearest = others[0]
        for other in others[1:]:
            nearest = nearest.min(other)
        return abs(home.x[0] - to_arb(here)), nearest
