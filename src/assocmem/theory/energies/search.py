"""The value of a nearest-neighbor search, found by comparing two distances at a time, and the pattern that has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce

import sympy as sp

Choice = Callable[[sp.Expr, sp.Expr], sp.Expr]


def takes_the_nearer(choice: Choice) -> bool:
    """Whether of two distances the smaller is taken, in either order: the step by which any number is searched."""
    near, more = sp.Symbol("m", real=True), sp.Symbol("s", nonnegative=True)
    return bool(choice(near, near + more) == near and choice(near + more, near) == near)


def searched(choice: Choice, distances: Sequence[Fraction]) -> sp.Expr:
    """What the comparison leaves of a list of distances, exactly."""
    return reduce(choice, [sp.Rational(v) for v in distances])


def neighbors(distances: Sequence[Fraction]) -> list[int]:
    """The patterns that no other is nearer than, exactly."""
    return [i for i, own in enumerate(distances) if all(own <= other for other in distances)]
