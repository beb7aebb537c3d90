"""Bounds on the exact cross-entropy of one layer, for the printed energy and for readings A and B.

With 0 <= g <= m on Omega (m = r^2 for balls of radius r and the squared distance):

    A, B:     ``log|Omega| - mean g <= log Z < log|Omega|``
    printed:  ``log|Omega| < L < log|Omega| + (e^m - 1)/|Omega|``

Proofs. Jensen's inequality for exp, with means over Omega: ``Z >= |Omega| exp(-mean g)``, and, since the integral of
E = e^-g/Z is 1, ``M >= |Omega| exp(-1/|Omega|)``. Pointwise, E >= e^-m/Z gives ``M <= |Omega| exp(-e^-m/Z)``; and
``e^-m |Omega| <= Z <= |Omega|``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import sympy as sp
from flint import acb, arb

from assocmem.theory.cross_entropy.line import line
from assocmem.theory.cross_entropy.one_layer import BITS, Balls, certified_loss
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.layers.stack import bowl

CASES = tuple(
    Balls(n, Fraction(r), d)
    for n, r, d in (
        (1, "1/1000", 1),
        (1, "1/100", 1),
        (1, "1/2", 1),
        (1, "3", 7),
        (2, "1/10", 3),
        (2, "2", 1),
        (3, "1/2", 5),
        (5, "1", 1),
        (10, "1/2", 1),
        (10, "2", 1000),
        (30, "1/10", 5 * 10**34),
        (30, "3", 1),
    )
)
"""Small and large balls in low and middle dimensions; 10^34 patterns in dimension 30 bring ``|Omega|`` near 1."""


def tangent_bowl() -> bool:
    """exp(-u) >= 1 - u, with equality at u = 0 alone: Jensen's inequality for exp is its mean."""
    u = sp.Symbol("u", real=True)
    return bowl(sp.exp(-u) - 1 + u, u)


def jensen_holds() -> bool:
    """A mean of exp(-g) is at least exp(-mean of g): the tangent of exp(-g) at the mean lies below, with that mean.

    For two values of g with weights w and 1 - w; any mean of an affine function is its value at the mean.
    """
    first, second, w = sp.symbols("g_1 g_2 w", positive=True)
    mean = w * first + (1 - w) * second
    at, g = sp.symbols("m g", positive=True)
    tangent = sp.exp(-at) * (1 - (g - at))
    rest = w * tangent.subs(g, first) + (1 - w) * tangent.subs(g, second) - sp.exp(-at)
    touches = sp.diff(tangent - sp.exp(-g), g).subs(g, at)
    return bool(tangent_bowl() and sp.simplify(rest.subs(at, mean)) == 0 and sp.simplify(touches) == 0)


def mean_square(n: sp.Expr) -> sp.Expr:
    """Mean of ``|y|^2`` over the ball of radius r in R^n, divided by r^2: the ratio of radial moments; n/(n+2)."""
    t = sp.Symbol("t", positive=True)
    mass = sp.integrate(t ** (n - 1), (t, 0, 1))
    return sp.simplify(sp.integrate(t ** (n + 1), (t, 0, 1)) / mass)


def printed_lower_residual() -> sp.Expr:
    """Least value of ``log M + 1/Z - log|Omega|`` by the bounds: with ``Z = |Omega| / (1+q)``, q >= 0, it is
    ``q/|Omega|``.
    """
    volume, q = sp.Symbol("V", positive=True), sp.Symbol("q", nonnegative=True)
    least_log_w = sp.log(volume) - 1 / volume
    return sp.simplify(least_log_w + (1 + q) / volume - sp.log(volume) - q / volume)


def printed_upper_residual() -> sp.Expr:
    """``log|Omega| + (e^m-1)/|Omega|`` minus the bound ``log|Omega| - e^-m/Z + 1/Z``, for ``Z = e^-m |Omega| (1+q)``:
    >= 0.
    """
    volume, m = sp.symbols("V m", positive=True)
    q = sp.Symbol("q", nonnegative=True)
    z = sp.exp(-m) * volume * (1 + q)
    gap = (sp.exp(m) - 1) / volume - (1 - sp.exp(-m)) / z
    return sp.simplify(gap - q * (sp.exp(m) - 1) / ((1 + q) * volume))


@dataclass(frozen=True)
class Nearest:
    """log|Omega| - lower * mean g < L < log|Omega| + upper, and L = log Z + extra/Z, for readings A and B."""

    lower: Fraction = Fraction(1)
    upper: Fraction = Fraction(0)
    extra: Fraction = Fraction(0)


LINES = tuple((texts, Fraction(r)) for texts in ("0", "0 3") for r in ("1/1000", "1/2", "1"))
"""One layer on the line and its radius."""


def mean_distance(distance: Distance, radius: Fraction) -> arb:
    """Mean of d(x, 0) over [-r, r]: r^2/3 for the square, k r/2 for a norm ``k |x|``."""
    if distance.has("squared euclidean"):
        return to_arb(radius * radius / 3)
    return distance((Fraction(0),), (Fraction(1),)) * to_arb(radius) / 2


def broken_nearest(stmt: Nearest, distance: Distance) -> str | None:
    """The first of ``LINES`` and readings A, B at which an equation or a bound certainly fails, in words."""
    for (text, radius), reading in product(LINES, ("A", "B")):
        layered = line(text, radius=radius, reading=reading, distance=distance)  # type: ignore[arg-type]
        with precision(BITS):
            loss, z = layered.loss(), layered.normalizers[0]
            volume = to_arb(layered.volume()).log()
            exact = z.log() + to_arb(stmt.extra) / z
            below = volume - to_arb(stmt.lower) * mean_distance(distance, radius)
            inside = below < loss < volume + to_arb(stmt.upper)
        if not (loss - exact).contains(0) or not inside:
            return f"reading {reading}, patterns {{{text}}}, r={radius}: L = {float(loss.mid()):.6f}"
    return None


@dataclass(frozen=True)
class BallLoss:
    """L = count log d + log I_n(r), and L > log|Omega| - n r^2/(n + shift)."""

    count: int = 1
    shift: int = 2


def broken_balls(stmt: BallLoss) -> str | None:
    """The first of ``CASES`` whose exact loss, by radial quadrature, certainly disagrees, in words."""
    for balls in CASES:
        square = _square(balls)
        with precision(BITS):
            mean = acb.integral(lambda u, _, b=balls, q=square: b.n * u ** (b.n - 1) * (-q * u * u).exp(), 0, 1)
            loss = balls.log_volume() + mean.real.log()
            stated = certified_loss("A", Balls(balls.n, balls.r)) + stmt.count * to_arb(balls.d).log()
            low = balls.log_volume() - square * balls.n / (balls.n + stmt.shift)
        if not (loss - stated).contains(0) or not low < loss < balls.log_volume():
            return f"n={balls.n}, r={balls.r}, d={balls.d}: L = {float(loss.mid()):.6f}"
    return None


def _square(balls: Balls) -> arb:
    with precision(BITS):
        return (balls.r if isinstance(balls.r, arb) else to_arb(balls.r)) ** 2


@dataclass(frozen=True)
class Printed:
    """``log|Omega| + lower (e^m-1)/|Omega| < L < log|Omega| + upper (e^m-1)/|Omega|`` for the printed energy, m
    = r^2.
    """

    lower: Fraction = Fraction(0)
    upper: Fraction = Fraction(1)

    def slacks(self, balls: Balls) -> tuple[arb, arb]:
        """L minus the lower bound, and the upper bound minus L, as balls."""
        with precision(BITS):
            volume = balls.log_volume()
            unit = (_square(balls).exp() - 1) * (-volume).exp()
            excess = certified_loss("printed", balls) - volume
            return excess - to_arb(self.lower) * unit, to_arb(self.upper) * unit - excess


def slacks_agree(stmt: Printed) -> bool:
    """Whether both slacks at the interval [-1/2, 1/2] are those of a loss by quadrature on the line.

    There ``|Omega| = 1`` and m = 1/4, so that the bounds are multiples of e^(1/4) - 1.
    """
    lower, upper = stmt.slacks(Balls(1, Fraction(1, 2)))
    loss = line("0", radius=Fraction(1, 2), reading="printed").loss()
    with precision(BITS):
        unit = to_arb(Fraction(1, 4)).exp() - 1
        gaps = lower - (loss - to_arb(stmt.lower) * unit), upper - (to_arb(stmt.upper) * unit - loss)
    return all(gap.contains(0) for gap in gaps)


def broken_printed(stmt: Printed, cases: Iterable[Balls] = CASES) -> str | None:
    """The first case in which a bound certainly fails, in words."""
    for balls in cases:
        for side, slack in zip(("lower", "upper"), stmt.slacks(balls), strict=True):
            if slack <= 0:
                return f"the {side} bound fails at n={balls.n}, r={balls.r}, d={balls.d}"
    return None


def broken_printed_line(stmt: Printed, distance: Distance) -> str | None:
    """The same on the line for a norm, with m its value at the rim."""
    for text, radius in LINES:
        layered = line(text, radius=radius, reading="printed", distance=distance)
        with precision(BITS):
            unit = (distance((Fraction(0),), (radius,)).exp() - 1) / to_arb(layered.volume())
            excess = layered.loss() - to_arb(layered.volume()).log()
        if excess <= to_arb(stmt.lower) * unit or excess >= to_arb(stmt.upper) * unit:
            return f"patterns {{{text}}}, r={radius}: L exceeds log|Omega| by {float(excess.mid()):.6f}"
    return None
