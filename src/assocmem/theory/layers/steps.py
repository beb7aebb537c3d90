"""Equation (6), one layer's step inside a ball, exactly: what the printed sign does, and what the fixed sign does.

With an energy that grows with g_t the step goes straight toward the nearest pattern of the layer, by at most the
radius R of the ball. d is squared in the paper, so d(x, y) <= delta is a ball of radius R = sqrt(delta).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from math import isqrt

import sympy as sp

from assocmem.theory.exact.certified import to_arb
from assocmem.theory.exact.distances import Distance, Point, Rows
from assocmem.theory.layers.stack import Reading, of_nearest, word


def root(value: Fraction) -> Fraction:
    """The exact square root of a rational square.

    Raises
    ------
    ValueError
        For any other number.
    """
    exact = Fraction(isqrt(value.numerator), isqrt(value.denominator))
    if exact * exact != value:
        raise ValueError(f"{value} is not the square of a rational number")
    return exact


def radius(distance: Distance, delta: Fraction) -> Fraction:
    """R with ``{y : d(x, y) <= delta} = {y : |x - y| <= R}``: sqrt(delta) for the squared Euclidean distance, else
    delta.

    Raises
    ------
    ValueError
        Where the distance is neither that nor a norm, or delta is no square.
    """
    if distance.has("squared euclidean"):
        return root(delta)
    if distance.has("norm"):
        return delta
    raise ValueError(f"distance {distance.name!r} must be a norm or the squared Euclidean distance")


def minimizers(x: Fraction, patterns: Sequence[Fraction], reach: Fraction, reading: Reading) -> list[Fraction]:
    """All minimizers on [x - reach, x + reach] of a layer on the line, exactly; the printed energy falls as g grows.

    Between neighbors among ends, patterns and midpoints the distance to the nearest pattern is monotone.
    Reading C only for a single pattern, where it is A.

    Raises
    ------
    ValueError
        For reading C with several patterns.
    """
    if reading == "C" and len(patterns) > 1:
        raise ValueError("reading C is solved for a single pattern only")
    ordered = sorted(patterns)
    middles = [(a + b) / 2 for a, b in pairwise(ordered)]
    inside = [p for p in (*ordered, *middles) if abs(p - x) <= reach]
    candidates = sorted({x - reach, x + reach, *inside})
    nearest = {y: min(abs(y - p) for p in patterns) for y in candidates}
    best = max(nearest.values()) if reading == "printed" else min(nearest.values())
    return [y for y in candidates if nearest[y] == best]


def composed(x: Fraction, layers: Sequence[Sequence[Fraction]], reach: Fraction, reading: Reading) -> list[Fraction]:
    """x^(0), x^(1), ..., x^(l) on the line; of several minimizers the one farthest to the right."""
    out = [x]
    for patterns in layers:
        out.append(minimizers(out[-1], patterns, reach, reading)[-1])
    return out


@dataclass(frozen=True)
class Toward:
    """x + min(1, share * R / r) (rho - x) for a nearest rho at distance r; ``squared`` takes delta itself for R."""

    share: Fraction = Fraction(1)
    squared: bool = False


def length(distance: Distance, x: Point, y: Point) -> Fraction:
    """``|x - y|`` exactly: the root of the squared Euclidean distance, or the norm.

    Raises
    ------
    ValueError
        If the distance is not a whole number.
    """
    value = distance.function(x, y)
    if not isinstance(value, (int, Fraction)):
        whole = value.unique_fmpz()
        if whole is None:
            raise ValueError(f"the distance of {x} and {y} is not a whole number")
        value = int(whole)
    return root(Fraction(value)) if distance.has("squared euclidean") else Fraction(value)


def move(stmt: Toward, distance: Distance, x: Point, rho: Point, delta: Fraction) -> Point:
    """The point that the closed form gives."""
    far = length(distance, x, rho)
    reach = delta if stmt.squared else radius(distance, delta)
    part = min(Fraction(1), stmt.share * reach / far) if far else Fraction(0)
    return tuple(a + part * (b - a) for a, b in zip(x, rho, strict=True))


CASES: tuple[tuple[Point, Rows, Fraction], ...] = tuple(
    (tuple(map(Fraction, x.split())), tuple(tuple(map(Fraction, p.split())) for p in patterns), Fraction(delta))
    for x, patterns, delta in (
        ("0", ("5",), "4"),
        ("0", ("5", "-7"), "9"),
        ("2", ("2",), "1"),
        ("0", ("1",), "4"),
        ("1/2", ("9/2", "8"), "1/4"),
        ("0 0", ("3 4",), "4"),
        ("0 0", ("3 4", "6 8"), "1"),
        ("1 1", ("4 5",), "16"),
        ("0 0", ("0 5", "5 0"), "4"),
    )
)
"""x, patterns of the layer, delta: lengths are rational for every named distance."""

DIRECTIONS = tuple(Fraction(k, 4) for k in range(-4, 5))


def fault(stmt: Toward, distance: Distance) -> str | None:
    """A case in which the closed form leaves the ball, misses the value max(0, r - R), or is beaten inside the ball."""
    for x, patterns, delta in CASES:
        lengths = [length(distance, x, p) for p in patterns]
        rho = patterns[lengths.index(min(lengths))]
        y = move(stmt, distance, x, rho, delta)
        hit = leaves(distance, x, rho, y, delta) or misses(distance, x, rho, y, delta)
        hit = hit or beaten(distance, x, patterns, y, delta)
        if hit:
            return f"from {word(x)} toward {word(rho)}, delta={delta}: {hit}"
    return None


def leaves(distance: Distance, x: Point, rho: Point, y: Point, delta: Fraction) -> str | None:
    """Whether y on the segment from x to rho lies outside the ball around x, in words."""
    moved, reach = _along(distance, x, rho, y)[0], radius(distance, delta)
    return f"|x-y|={moved} leaves the ball of radius {reach}" if moved > reach else None


def misses(distance: Distance, x: Point, rho: Point, y: Point, delta: Fraction) -> str | None:
    """Whether y on the segment from x to rho ends farther from rho than the ball allows, or behind it, in words."""
    left, least = _along(distance, x, rho, y)[1], max(Fraction(0), length(distance, x, rho) - radius(distance, delta))
    return f"ends {left} away, though the ball reaches to {least}" if left != least else None


def beaten(distance: Distance, x: Point, patterns: Rows, y: Point, delta: Fraction) -> str | None:
    """Whether an exact point of the ball around x is certainly nearer to the patterns than y, in words."""
    reach = radius(distance, delta)
    for u in product(DIRECTIONS, repeat=len(x)):
        z = tuple(a + reach * b for a, b in zip(x, u, strict=True))
        if distance(z, x) <= to_arb(delta) and distance.nearest(z, patterns) < distance.nearest(y, patterns):
            return f"{word(z)} lies in the ball and is nearer than {word(y)}"
    return None


def _along(distance: Distance, x: Point, rho: Point, y: Point) -> tuple[Fraction, Fraction]:
    """``(|x - y|, |y - rho|)``, negative behind rho, for y on the line from x to rho."""
    far = length(distance, x, rho)
    if far == 0:
        return Fraction(0), Fraction(0)
    k = next(i for i, (a, b) in enumerate(zip(x, rho, strict=True)) if a != b)
    part = (y[k] - x[k]) / (rho[k] - x[k])
    return part * far, (1 - part) * far


def least_excess(share: Fraction) -> sp.Expr:
    """``excess`` for the smallest delta that is granted, where g = 1: share - 1."""
    return excess(share).subs(dict(zip(sp.symbols("g b", nonnegative=True), (1, 0), strict=True)))


def excess(share: Fraction) -> sp.Expr:
    """delta - d(x, rho) for delta >= share * g(x) and rho nearest to x: where it is >= 0, the ball holds rho."""
    g, more = sp.symbols("g b", nonnegative=True)
    return sp.expand(sp.Rational(share) * g + more - g)


def room(share: Fraction) -> sp.Expr:
    """share * delta minus the distance of a point of the ball to its center, which is delta less a slack."""
    delta, slack = sp.symbols("delta w", nonnegative=True)
    return sp.expand(sp.Rational(share) * delta - (delta - slack))


def drift(reading: Reading, squared: bool) -> tuple[sp.Expr, sp.Expr]:
    """(how much farther from a single pattern a step of any length R > 0 straight away from it leads, dE_t/dg_t).

    From any point, the pattern itself included: the farther point lies in the ball, whatever its radius R is. Where the
    first is positive and the second negative, the center of a ball never has the least energy in it.
    """
    r = sp.Symbol("r", nonnegative=True)
    reach, g, z = sp.symbols("R g Z", positive=True)
    power = 2 if squared else 1
    return sp.expand((r + reach) ** power - r**power), sp.diff(of_nearest(reading, g, z), g)


def pattern_wins(reading: Reading) -> bool:
    """Whether E_t grows with g_t, so that a ball that holds a zero of g_t has no other minimizers than such zeros."""
    g, z = sp.symbols("g Z", positive=True)
    return bool(sp.diff(of_nearest(reading, g, z), g).is_positive)


def remaining_residual(stmt: Toward) -> sp.Expr:
    """(1 - share R / r) r - (r - R): 0 if the closed form attains the lower bound
    ``|y - rho_j| >= |x - rho_j| - R``.
    """
    r, reach = sp.symbols("r R", positive=True)
    part = sp.Rational(stmt.share) * (reach**2 if stmt.squared else reach) / r
    return sp.expand((1 - part) * r - (r - reach))
