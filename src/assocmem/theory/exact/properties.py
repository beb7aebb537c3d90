"""Attacks a property of a distance: an exact search for rational points at which it certainly fails.

A hit is a proof that the property is absent. No hit proves nothing, so a user's distance never earns a property here;
but one that it is granted is attacked before a proof may use it, and refused when it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
from flint import arb

from assocmem.theory.exact.attack import Vector, worst
from assocmem.theory.exact.certified import sign, to_arb
from assocmem.theory.exact.distances import METRIC, NAMED, ON_A_DOMAIN, PROPERTIES, Distance, Point, l1, sqeuclidean

Quantity = Callable[[Distance, Sequence[Point]], arb]
_LINE = ("0", "1", "-1", "2", "1/2", "-7/3", "1/1000", "1000")
_PLANE = (("0", "0"), ("1", "0"), ("0", "1"), ("1", "1"), ("-1", "2"), ("3", "1/2"), ("1/1000", "0"), ("-50", "-51"))
_SPACE = (("0", "0", "0"), ("1", "0", "0"), ("1", "1", "1"), ("-2", "1", "1/2"), ("0", "0", "1/1000"))
LATTICE: tuple[tuple[Point, ...], ...] = (
    tuple((Fraction(c),) for c in _LINE),
    tuple(tuple(Fraction(c) for c in row) for row in _PLANE),
    tuple(tuple(Fraction(c) for c in row) for row in _SPACE),
)
"""Exact points in one, two and three dimensions: unit steps, near duplicates, far points."""


@dataclass(frozen=True)
class Counterexample:
    """Points at which a property certainly fails, and a sentence that shows how."""

    property: str
    points: tuple[Point, ...]
    text: str


def _value(distance: Distance, points: Sequence[Point]) -> arb:
    return distance(points[0], points[1])


def _asymmetry(distance: Distance, points: Sequence[Point]) -> arb:
    return distance(points[0], points[1]) - distance(points[1], points[0])


def _detour(distance: Distance, points: Sequence[Point]) -> arb:
    x, y, z = points
    return distance(x, y) + distance(y, z) - distance(x, z)


def _stretch(distance: Distance, points: Sequence[Point]) -> arb:
    """d(-3x, -3y) - 3 d(x, y), zero for a norm."""
    x, y = ([-3 * c for c in p] for p in points)
    return distance(x, y) - 3 * distance(points[0], points[1])


def _shift(distance: Distance, points: Sequence[Point]) -> arb:
    """d(x + 1, y + 1) - d(x, y), zero for a norm."""
    x, y = ([c + 1 for c in p] for p in points)
    return distance(x, y) - distance(points[0], points[1])


def _off_squared(distance: Distance, points: Sequence[Point]) -> arb:
    return distance(points[0], points[1]) - to_arb(sqeuclidean(*points))


def _off_taxicab(distance: Distance, points: Sequence[Point]) -> arb:
    return distance(points[0], points[1]) - to_arb(l1(*points))


_TESTS: dict[str, tuple[tuple[str, int, Quantity, tuple[int, ...]], ...]] = {
    "nonnegative": (("d(x, y)", 2, _value, (-1,)),),
    "separates": (("d(x, y)", 2, _value, ()),),
    "symmetric": (("d(x, y) - d(y, x)", 2, _asymmetry, (-1, 1)),),
    "triangle": (("d(x, y) + d(y, z) - d(x, z)", 3, _detour, (-1,)),),
    "norm": (("d(-3x, -3y) - 3 d(x, y)", 2, _stretch, (-1, 1)), ("d(x+1, y+1) - d(x, y)", 2, _shift, (-1, 1))),
    "squared euclidean": (("d(x, y) - |x - y|^2", 2, _off_squared, (-1, 1)),),
    "taxicab": (("d(x, y) - sum |x_c - y_c|", 2, _off_taxicab, (-1, 1)),),
}
"""Per property: what is looked at, of how many points, and which certified signs refute it."""


def attack(distance: Distance, name: str) -> Counterexample | None:
    """Exact points at which the property certainly fails, or None where the search met none.

    Every tuple of the lattice is tried; for an inequality a descent over three points follows, whose end is rounded to
    fractions and certified. A norm must also pass as a metric.

    Raises
    ------
    ValueError
        For an unknown property, and for "continuous", which no finite set of points refutes.
    """
    if name not in PROPERTIES or name == "continuous":
        raise ValueError(f"name must be one of {tuple(_TESTS)}, got {name!r}")
    if name == "norm":
        for part in METRIC:
            hit = attack(distance, part)
            if hit is not None:
                return Counterexample(name, hit.points, f"not {part}: {hit.text}")
    for label, count, quantity, refuting in _TESTS[name]:
        covered = [tuple(point for point in points if distance.covers(point)) for points in LATTICE]
        candidates = [p for points in covered for p in product(points, repeat=count)]
        if name in ("nonnegative", "triangle") and distance.domain is None:
            candidates += [_descended(distance, quantity, count, n) for n in (1, 2)]
        for points in candidates:
            wrong = _wrong(distance, quantity, points, refuting, separating=name == "separates")
            if wrong is not None:
                return Counterexample(name, points, f"{label} = {wrong} at {_shown(points)}")
    return None


class FalseGrantError(ValueError):
    """A distance is granted a property that certainly fails; the message shows where."""


def refuse_false_grants(distance: Distance) -> None:
    """Attack each property that is granted to a distance, once a process.

    A distance that was granted a property which survives may still lack it; so the grant stays the user's word. What is
    granted to the named distances is proved.

    Raises
    ------
    FalseGrantError
        For a property that certainly fails.
    """
    if distance not in (*NAMED.values(), *ON_A_DOMAIN.values()):
        wrong = _false_grant(distance)
        if wrong is not None:
            raise FalseGrantError(
                f"distance {distance.name!r} is granted {wrong.property!r}, which fails: {wrong.text}; leave it "
                "out of its properties"
            )


@cache
def _false_grant(distance: Distance) -> Counterexample | None:
    names = [name for name in PROPERTIES if name in distance.properties and name != "continuous"]
    return next((hit for name in names if (hit := attack(distance, name)) is not None), None)


def _wrong(
    distance: Distance, quantity: Quantity, points: tuple[Point, ...], refuting: tuple[int, ...], *, separating: bool
) -> str | None:
    """The value that refutes, in six digits, or None."""
    direction = sign(lambda: quantity(distance, points))
    if separating:
        same = points[0] == points[1]
        refuted = (same and direction in (-1, 1)) or (not same and direction == 0)
    else:
        refuted = direction in refuting
    return f"{float(quantity(distance, points).mid()):.6g}" if refuted else None


def _descended(distance: Distance, quantity: Quantity, count: int, n: int) -> tuple[Point, ...]:
    """Where a float descent of the quantity over all points at once ends, rounded to fractions."""

    def split(z: Vector) -> tuple[Point, ...]:
        return tuple(tuple(Fraction(float(c)) for c in row) for row in z.reshape(count, n))

    def slack(z: Vector) -> float:
        return float(quantity(distance, split(z)).mid())

    points = split(np.asarray(worst(slack, count * n, count=3)[1]))
    return tuple(tuple(c.limit_denominator(1000) for c in point) for point in points)


def _shown(points: Sequence[Point]) -> str:
    pairs = zip("xyz", points, strict=False)
    return ", ".join(f"{name}=({', '.join(str(c) for c in point)})" for name, point in pairs)
