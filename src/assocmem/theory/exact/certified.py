"""Certified comparisons: exact rationals in, Arb balls inside, True / False / undecided out.

A float64 comparison of LogSumExp with its maximum can be wrong once the gap between the two largest entries
exceeds 37: the excess is then below the spacing of floats near the maximum.
So strict inequalities are decided here with balls whose precision is raised until the comparison is settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction

from flint import arb, ctx, fmpq

PRECISIONS = (128, 512, 4096)
"""Working precisions in bits, tried in turn."""


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Set Arb's working precision inside a block."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def to_arb(value: Fraction | int) -> arb:
    """A ball around an exact rational, at the working precision."""
    exact = Fraction(value)
    return arb(fmpq(exact.numerator, exact.denominator))


def lse(values: Sequence[arb]) -> arb:
    """Certified log sum exp, shifted by the largest midpoint so that nothing overflows."""
    top = max(values, key=lambda v: float(v.mid()))
    total = arb(0)
    for value in values:
        total += (value - top).exp()
    return top + total.log()


def soft_minimum(costs: Sequence[arb], beta: arb | int = 1) -> arb:
    """Certified ``-(1/beta) log sum_i exp(-beta costs_i)``, with the least cost taken out."""
    return -lse([-beta * cost for cost in costs]) / beta


def sign(make: Callable[[], arb], precisions: Sequence[int] = PRECISIONS) -> int | None:
    """Certified sign (-1, 0, +1) of a number, or None when the balls stay undecided.

    ``make`` rebuilds the number at each precision; 0 is reported only for an exact zero ball.
    """
    for bits in precisions:
        with precision(bits):
            value = make()
            if value > 0:
                return 1
            if value < 0:
                return -1
            if value == 0:
                return 0
    return None


def squared_norm(x: Sequence[Fraction]) -> Fraction:
    """Exact squared Euclidean norm."""
    return sum((Fraction(c) * Fraction(c) for c in x), Fraction(0))


def squared_distance(x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
    """Exact squared Euclidean distance."""
    return squared_norm([Fraction(a) - Fraction(b) for a, b in zip(x, y, strict=True)])
