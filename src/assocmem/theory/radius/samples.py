"""What a part of a set of points shows of the whole: nearest-neighbor distances of subsets, given and random.

Of one point and the M - 1 others, let i lie no farther than a. A random subset of m points with the point in it holds
m - 1 of the others; all of these lie farther than a in C(M-1-i, m-1) of C(M-1, m-1) cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import comb

import sympy as sp

from assocmem.theory.radius.disjoint_balls import mean, nearest_distances

TWO, THREE = (Fraction(0), Fraction(1)), (Fraction(0), Fraction(1), Fraction(100))
"""A set and a larger one with a larger mean."""


def step() -> sp.Expr:
    """The chance with one point more over the chance before it, less 1 - i/(M-m): 0 as an identity of factorials."""
    total, size, near = sp.symbols("M m i", integer=True, positive=True)

    def chance(count: sp.Expr) -> sp.Expr:
        return sp.binomial(total - 1 - near, count - 1) / sp.binomial(total - 1, count - 1)

    quotient = sp.gammasimp((chance(size + 1) / chance(size)).rewrite(sp.gamma))
    return sp.simplify(quotient - (1 - near / (total - size)))


def farther(total: int, size: int, near: int) -> Fraction:
    """The chance that all others of a random subset of so many points lie farther than the ``near`` nearest ones."""
    return Fraction(comb(total - 1 - near, size - 1), comb(total - 1, size - 1))


def counted_farther(points: Sequence[Fraction], size: int, value: Fraction) -> Fraction:
    """Share of distances above the value, over all points of all subsets of the size: by enumeration."""
    rows = [nearest_distances(subset) for subset in combinations(points, size)]
    return mean([Fraction(int(d > value)) for row in rows for d in row])


def expected_farther(points: Sequence[Fraction], size: int, value: Fraction) -> Fraction:
    """The same by the formula, averaged over the points."""
    near = [sum(abs(x - y) <= value for j, y in enumerate(points) if j != i) for i, x in enumerate(points)]
    return mean([farther(len(points), size, count) for count in near])


def expected_mean(points: Sequence[Fraction], size: int) -> Fraction:
    """Mean nearest-neighbor distance in a random subset of the size, in expectation: by enumeration."""
    return mean([mean(nearest_distances(subset)) for subset in combinations(points, size)])


def added_point() -> sp.Expr:
    """min(a, b) - a = (b - a - ``|b - a|``)/2, never positive: one distance more does not raise the least.

    The identity's residual; 0.
    """
    a, b = sp.symbols("a b", real=True)
    return sp.simplify((sp.Min(a, b) - a - (b - a - sp.Abs(b - a)) / 2).rewrite(sp.Piecewise))


def estimate(sample: Sequence[Fraction], whole: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Half the mean nearest distance of the sample, within the sample and within the whole.

    Raises
    ------
    ValueError
        For a sample that is no part of the whole.
    """
    if not set(sample) <= set(whole):
        raise ValueError("sample must be a part of whole")
    inside = dict(zip(whole, nearest_distances(whole), strict=True))
    return mean(nearest_distances(sample)) / 2, mean([inside[x] for x in sample]) / 2


def stays_within(factor: int, share: Fraction, dimension: int) -> bool:
    """Whether factor^(-1/k) >= 1 - share, that is (1 - share)^k factor <= 1, for dimension k."""
    return (1 - share) ** dimension * factor <= 1
