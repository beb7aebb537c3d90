"""Bounds on a ball's integral: those that the paper prints, those that are true, and exact points that tell them apart.

A bound is divided by the ball's volume, so that it bounds the mean weight M(n/p, r^p) of ``mean_weight``:
p = 2 for the squared distance, p = 1 for a norm itself. Written out with a = n/2 and x = r^2, the book's are

    e^-x <= e^(-ax/(a+1)) <= M <= min(1, Gamma(a+1) x^-a, e^-x/(1 - x/(a+1))),                            (first order)
    e^-x ((a+1)(a+2) - ax)/((a+1-x)^2 + a + 1) <= M <= e^-x ((a+1)(a+2) + x)/((a+1)(a+2-x)),             (second order)

the upper fractions where their denominators are positive. Each is proved in ``assocmem.theory.partition.bound_proofs``.
The second pair are convergents of continued fractions of gamma(a, x), the lower one after a step of the recurrence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import sympy as sp
from flint import arb

from assocmem.theory.exact.ball_integrals import log_ball_integral, log_ball_volume
from assocmem.theory.exact.certified import sign
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.exact.incomplete_gamma import Array
from assocmem.theory.partition.mean_weight import a, certified_mean, n, r, x

ALWAYS = sp.Integer(1)
DIMENSIONS = (1, 2, 3, 4, 5, 8, 20, 64, 1024)
RADII = tuple(Fraction(t) for t in ("1/1000", "1/8", "1/2", "9/10", "1", "3/2", "2", "3", "7", "20", "100"))
"""Exact points at which every bound is compared with a certified mean."""


class Bound(NamedTuple):
    """A bound on the mean weight, as a formula in n and r; stated only where ``where`` is positive."""

    value: sp.Expr
    where: sp.Expr = ALWAYS

    def at(self, p: int) -> Bound:
        """The same in a = n/p and x = r^p."""
        back = {n: p * a, r: x ** sp.Rational(1, p)}
        value, where = (sp.sympify(part).subs(back, simultaneous=True) for part in self)
        return Bound(sp.powsimp(value), sp.simplify(where))


@dataclass(frozen=True)
class Bounds:
    """Lower and upper bounds on M(n/p, r^p) for all n and r; ``power`` fixes p, else the distance gives it."""

    lower: tuple[Bound, ...] = ()
    upper: tuple[Bound, ...] = ()
    power: int | None = None

    def sides(self) -> Iterator[tuple[str, Bound]]:
        """Each bound with "lower" or "upper"."""
        yield from (("lower", bound) for bound in self.lower)
        yield from (("upper", bound) for bound in self.upper)

    def __or__(self, other: Bounds) -> Bounds:
        return Bounds(self.lower + other.lower, self.upper + other.upper, self.power)


def of_gamma(lower: sp.Expr, upper: sp.Expr) -> Bounds:
    """Bounds on gamma(n, r) itself, as bounds on M(n, r) = n r^-n gamma(n, r)."""
    whole = r**n / n
    return Bounds((Bound(sp.simplify(lower / whole)),), (Bound(sp.simplify(upper / whole)),), power=1)


def in_squares(lower: Sequence[sp.Expr], upper: Sequence[tuple[sp.Expr, sp.Expr]]) -> Bounds:
    """Bounds written in a = n/2 and x = r^2."""
    there = {a: n / 2, x: r**2}
    return Bounds(
        tuple(Bound(value.subs(there)) for value in lower),
        tuple(Bound(sp.sympify(value).subs(there), sp.sympify(where).subs(there)) for value, where in upper),
    )


PRINTED_LOWER = Bounds(lower=(Bound(sp.exp(-r)),))
VOLUME = Bounds(upper=(Bound(sp.Integer(1)),))
PRINTED = PRINTED_LOWER | VOLUME
"""e^-r <= mean <= 1, as the paper has it."""

FIRST_ORDER = in_squares(
    [sp.exp(-x), sp.exp(-a * x / (a + 1))],
    [(sp.Integer(1), ALWAYS), (sp.gamma(a + 1) * x**-a, ALWAYS), (sp.exp(-x) / (1 - x / (a + 1)), a + 1 - x)],
)
SECOND_ORDER = in_squares(
    [sp.exp(-x) * ((a + 1) * (a + 2) - a * x) / ((a + 1 - x) ** 2 + a + 1)],
    [(sp.exp(-x) * ((a + 1) * (a + 2) + x) / ((a + 1) * (a + 2 - x)), a + 2 - x)],
)


class Hit(NamedTuple):
    """A bound that certainly fails at an exact point; ``excess`` by how much, relative to the mean."""

    side: str
    n: int
    r: Fraction
    excess: float

    def __str__(self) -> str:
        return f"n={self.n}, r={self.r}: the {self.side} bound fails by {self.excess:.6g} of the mean"


def excess(bound: Bound, side: str, p: int, dimension: int, radius: Fraction) -> arb:
    """By how much a bound is broken at an exact point, over the mean: positive for a violation."""
    mean = certified_mean(Fraction(dimension, p), radius**p)
    value = enclose(bound.value, {n: dimension, r: radius})
    return (value / mean - 1) if side == "lower" else (1 - value / mean)


def counterexample(
    bounds: Bounds, p: int, dimensions: Sequence[int] = DIMENSIONS, radii: Sequence[Fraction] = RADII
) -> Hit | None:
    """The first exact point of the grid at which a bound certainly fails, or None."""
    for dimension in dimensions:
        for radius in radii:
            for side, bound in bounds.sides():
                where = {n: dimension, r: radius}
                if bound.where != ALWAYS and not enclose(bound.where, where) > 0:
                    continue
                value = excess(bound, side, p, dimension, radius)
                if value > 0:
                    return Hit(side, dimension, radius, float(value.mid()))
    return None


def in_distance(bounds: Bounds, p: int) -> Bounds:
    """Bounds whose r is the radius of the ball {d < r} of d = N^p, rewritten in the radius of N, its p-th root."""
    lower, upper = (tuple(Bound(b.value.subs(r, r**p), b.where) for b in side) for side in (bounds.lower, bounds.upper))
    return Bounds(lower, upper, bounds.power)


def means(dimensions: Sequence[int], radius: Fraction, p: int) -> list[arb]:
    """Certified means M(n/p, r^p) for several n."""
    return [certified_mean(Fraction(size, p), radius**p) for size in dimensions]


def worst(bounds: Bounds, *, largest: int = 200, widest: float = 20.0, seed: int = 0, count: int = 20000) -> float:
    """Largest violation log(lower/M) or log(M/upper) over random dimensions and radii, for p = 2, in float64."""
    rng = np.random.default_rng(seed)
    dims = np.floor(np.exp(rng.uniform(0, np.log(largest + 1), count)))
    radii = np.exp(rng.uniform(np.log(1e-2), np.log(widest), count))
    mean = log_ball_integral(dims, radii) - log_ball_volume(dims, radii)
    violation = -np.inf
    for side, bound in bounds.sides():
        applies = np.broadcast_to(_float(bound.where)(dims, radii) > 0, dims.shape)
        with np.errstate(all="ignore"):
            gap = np.log(np.broadcast_to(_float(bound.value)(dims, radii), dims.shape)) - mean
        gap = gap[applies & np.isfinite(gap)]
        violation = max(violation, float((gap if side == "lower" else -gap).max(initial=-np.inf)))
    return violation


def _float(expr: sp.Expr) -> Callable[[Array, Array], Array]:
    made: Callable[[Array, Array], Array] = sp.lambdify((n, r), expr, modules=["scipy", "numpy"])
    return made


def window(dimension: int, digits: int = 6) -> tuple[float, float]:
    """Two radii, each less than 10^-digits outside the interval on which the printed lower bound fails.

    It certainly holds at both; chapter 6 proves that the set is one interval.

    Raises
    ------
    ValueError
        For a dimension below 3, where the bound holds for every r.
    """
    if dimension < 3:
        raise ValueError(f"dimension={dimension} must be at least 3: below, the bound holds for every r")
    unit = Fraction(1, 10**digits)
    inside, below, above = Fraction(3), Fraction(1), Fraction(4)
    while fails(dimension, above):
        above *= 2
    return float(_edge(dimension, below, inside, unit)), float(_edge(dimension, above, inside, unit))


def fails(dimension: int, radius: Fraction) -> bool:
    """Whether e^-r V_n(r) <= I_n(r) certainly fails (True) or certainly holds (False).

    Raises
    ------
    ArithmeticError
        If the sign stays undecided.
    """
    direction = sign(lambda: excess(PRINTED_LOWER.lower[0], "lower", 2, dimension, radius))
    if direction is None or direction == 0:
        raise ArithmeticError(f"the sign at n={dimension}, r={radius} was not decided")
    return direction > 0


def _edge(dimension: int, outside: Fraction, inside: Fraction, unit: Fraction) -> Fraction:
    """Bisects between a radius where the bound holds and one where it fails; the end where it holds."""
    while abs(inside - outside) > unit:
        middle = Fraction(round((inside + outside) / 2 / (unit / 2))) * (unit / 2)
        if fails(dimension, middle):
            inside = middle
        else:
            outside = middle
    return outside
