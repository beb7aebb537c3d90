"""Balls around given points: when they are disjoint, and what the distances of nearest neighbors say of their radii.

Points lie on the line, as exact rationals; there the examples of chapter 8 live. The theorem itself is about any norm.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from statistics import median

import sympy as sp

Points = Sequence[Fraction]
CLOSE_PAIRS = (Fraction(0), Fraction(1, 10), Fraction(1000), Fraction(1000) + Fraction(399, 10))
"""Two near and two far neighbors, with mean and median 20."""
EQUALLY_SPACED = (Fraction(-20), Fraction(0), Fraction(20))
UNEQUAL_RADII = (Fraction(199, 10), Fraction(1, 20), Fraction(199, 10))
"""Radii around the equally spaced points."""
OFF_CENTER, CENTERS, WIDE = (Fraction(11, 2), Fraction(51, 2)), (Fraction(0), Fraction(31)), Fraction(15)
"""Two points 20 apart, and centers and radius of disjoint balls that hold one each."""


def nearest_distances(points: Points) -> list[Fraction]:
    """Of each point the distance to the nearest other one.

    Raises
    ------
    ValueError
        For fewer than two points.
    """
    if len(points) < 2:
        raise ValueError(f"points holds {len(points)}; a nearest neighbor needs at least 2")
    return [min(abs(x - y) for j, y in enumerate(points) if j != i) for i, x in enumerate(points)]


def mean(values: Points) -> Fraction:
    """Their mean, exactly."""
    return sum(values, Fraction(0)) / len(values)


def middle(values: Points) -> Fraction:
    """Their median, exactly."""
    return Fraction(median(values))


def largest_equal_radius(points: Points) -> Fraction:
    """The bound that equal disjoint balls stay below: half the least distance."""
    return min(abs(x - y) for x, y in combinations(points, 2)) / 2


def disjoint(points: Points, radii: Points) -> bool:
    """Whether the closed intervals around the points are disjoint, by their ends."""
    ends = sorted((x - r, x + r) for x, r in zip(points, radii, strict=True))
    return all(right < left for (_, right), (left, _) in pairwise(ends))


def held(points: Points, centers: Points, radius: Fraction) -> bool:
    """Whether each point lies in the closed ball of this radius around its own center."""
    return all(abs(x - c) <= radius for x, c in zip(points, centers, strict=True))


def by_sums(points: Points, radii: Points) -> bool:
    """Whether r_i + r_j < ``|x_i - x_j|`` for all pairs."""
    pairs = combinations(zip(points, radii, strict=True), 2)
    return all(r + s < abs(x - y) for (x, r), (y, s) in pairs)


def common_point() -> tuple[sp.Expr, sp.Expr]:
    """z = x + t(y - x) of the segment: z - x - t(y - x) and z - y + (1 - t)(y - x), by coordinate; both vanish.

    So z lies at t s from x and (1 - t) s from y, s = ``|y - x|``: t = min(1, r_x/s) in both balls if r_x + r_y >= s.
    """
    x, y, t = sp.symbols("x y t", real=True)
    z = x + t * (y - x)
    return sp.expand(z - x - t * (y - x)), sp.expand(z - y + (1 - t) * (y - x))


def left_over() -> sp.Expr:
    """r_y - (1 - t) s at t = r_x/s, less r_x + r_y - s: 0, so z is in the second ball exactly if the sum reaches s."""
    first, second, s = sp.symbols("r_x r_y s", positive=True)
    return sp.simplify(second - (1 - first / s) * s - (first + second - s))
