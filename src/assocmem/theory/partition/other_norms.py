"""The unit ball of a norm: its area in the plane, enclosed, and whether the norm is the Euclidean one.

In the plane the unit ball of a norm N has the area (1/2) times the integral of N(u)^-2 over the sides of the square
``max(|u_1|, |u_2|) = 1``. On a piece of a side of length h with midpoint u, N differs from N(u) by at most h/2 times N
of the side's direction, by the triangle inequality; so finitely many exact points enclose the area.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from flint import arb

from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import UNIT_INTERVAL
from assocmem.theory.exact.distances import Distance, DistanceError, Point
from assocmem.theory.exact.norms import hypotenuse, joins

ORIGIN = (Fraction(0), Fraction(0))


def _side(fixed: int, value: int, at: Fraction) -> tuple[Point, Point]:
    """A point of a side of the square and the direction of that side."""
    one = Fraction(1)
    if fixed == 0:
        return (Fraction(value), at), (Fraction(0), one)
    return (at, Fraction(value)), (one, Fraction(0))


@lru_cache(maxsize=64)
def unit_area(distance: Distance, pieces: int = 64) -> arb:
    """A ball that contains the area of {y in R^2: N(y) < 1}, for a distance that is that of a norm N.

    Each side of the square is cut into so many pieces.

    Raises
    ------
    ValueError
        If the distance is not granted to be a norm.
    ArithmeticError
        If the pieces are too long.
    """
    if not distance.has("norm"):
        raise ValueError(f"the distance {distance.name!r} is not granted to be that of a norm")
    step, total = Fraction(2, pieces), arb(0)
    with precision(128):
        for fixed in (0, 1):
            for value in (-1, 1):
                for index in range(pieces):
                    point, direction = _side(fixed, value, -1 + step * (2 * index + 1) / 2)
                    slack = distance(direction, ORIGIN) * to_arb(step / 2) * (2 * UNIT_INTERVAL - 1)
                    length = distance(point, ORIGIN) + slack
                    if not length > 0:
                        raise ArithmeticError(f"pieces={pieces} is too small for the distance {distance.name!r}")
                    total += to_arb(step) / length**2
    return total / 2


@lru_cache(maxsize=64)
def is_euclidean(distance: Distance) -> bool:
    """Whether the distance is granted to be a norm whose formula is built up by coordinates as the Euclidean."""
    try:
        return distance.has("norm") and joins(distance.function, hypotenuse)
    except DistanceError:  # a function that takes fractions only has no formula to compare
        return False
