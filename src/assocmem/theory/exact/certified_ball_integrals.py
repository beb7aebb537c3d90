"""The partition function of balls in Arb: log-integrals of ``exp(-beta ||y||^2)`` that contain the exact value.

The formulas are those of ``assocmem.theory.exact.ball_integrals``: I_n(r) = V_n(r) e^(-x) S(a, x) with a = n/2, x =
r^2. The functions take exact numbers or balls, never floats, and enclose also where these balls are wide. Near r^2 =
n/2 the series S has about 20 sqrt(n) terms: a fifth of a second at n = 10^6, some seconds at n = 10^9.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from numbers import Rational
from typing import Any, TypeAlias

from flint import arb

from assocmem.theory.exact.certified import lse, precision, to_arb

Real: TypeAlias = int | Fraction | arb

UNIT_INTERVAL = arb(0.5, 0.5)
"""The ball [0, 1]: a number known to lie between 0 and a bound is the bound times this."""
_NARROW = 64
"""Relative bits from which a ball is narrow enough for the series to be summed with it; a wider one is split."""


def positive(name: str, value: Any) -> arb:
    """A ball around an exact number (or the ball itself) that is certainly positive and finite.

    Raises
    ------
    TypeError
        For what is not exact (a float, text, a boolean).
    ValueError
        For what is not positive; by name.
    """
    if isinstance(value, arb):
        ball = value
    elif isinstance(value, Rational) and not isinstance(value, bool):
        ball = to_arb(Fraction(int(value.numerator), int(value.denominator)))
    else:
        raise TypeError(f"{name}={value!r} must be an int, a Fraction or an arb; of a float take Fraction({name})")
    if not (ball > 0 and ball.is_finite()):
        raise ValueError(f"{name}={value} must be positive and finite (a ball must exclude 0)")
    return ball


def extra_bits(n: Real) -> int:
    """Bits that the cancellation between n log n and log Gamma(n/2+1) can cost, with a reserve."""
    size = positive("n", n)
    return 64 + 2 * max(0, math.ceil(float(((size + 2).log() / arb(2).log()).mid())))


def _wide(ball: arb) -> bool:
    return bool(ball.rel_accuracy_bits() < _NARROW)


def certified_paper_radius(n: Real, *, bits: int = 128) -> arb:
    """A ball around sqrt(n/(2 pi e)), at ``bits`` bits."""
    with precision(bits):
        return (positive("n", n) / (2 * arb.pi() * arb(1).exp())).sqrt()


def log_gamma(ball: arb) -> arb:
    """log Gamma over a positive ball. Of a wide one the ends decide: it is convex, least near 1.4616."""
    if not _wide(ball):
        return ball.lgamma()
    ends = ball.lower().lgamma().union(ball.upper().lgamma())
    return ends.union(arb(-0.1215)) if ball.overlaps(arb(1.4616, 0.0001)) else ends


def certified_log_ball_volume(n: Real, r: Real, *, bits: int = 128) -> arb:
    """A ball that contains log V_n(r), for exact or enclosed n > 0 and r > 0."""
    with precision(bits + extra_bits(n)):
        size, radius = positive("n", n), positive("r", r)
        return size / 2 * arb.pi().log() + size * radius.log() - log_gamma(size / 2 + 1)


def certified_log_ball_integral(n: Real, r: Real, *, bits: int = 128) -> arb:
    """A ball that contains log I_n(r) (see ``assocmem.theory.exact.ball_integrals.log_ball_integral``), for exact or
    enclosed n > 0 and r > 0.

    The series S is summed with a geometric bound for its rest. Where x = r^2 exceeds a = n/2, the mass outside the ball
    is bounded by Gamma(a, x) <= x^a e^-x / (x - a); below the working precision that bound replaces the series.
    A wide ball is replaced by its ends: I_n(r) rises with r, and its mean over the ball falls with n (chapter 6).

    Raises
    ------
    TypeError
        For an argument that is not exact (a float, text, a boolean), by name.
    ValueError
        For an argument that is out of range, by name.
    """
    with precision(bits + extra_bits(n)):
        size, radius = positive("n", n), positive("r", r)
        if _wide(radius):
            low, high = (certified_log_ball_integral(size, end, bits=bits) for end in (radius.lower(), radius.upper()))
            return low.union(high)
        if _wide(size):
            low, high = (_log_mean(end, radius, bits) for end in (size.upper(), size.lower()))
            return certified_log_ball_volume(size, radius, bits=bits) + low.union(high)
        a, x = size / 2, radius * radius
        if x > a:
            outside = (a * x.log() - x - a.lgamma() - (x - a).log()).exp()
            if outside < arb(2) ** (-bits - 32):
                return a * arb.pi().log() + (1 - outside * UNIT_INTERVAL).log()
        return certified_log_ball_volume(size, radius, bits=bits) - x + _certified_series(a, x, bits).log()


def certified_log_mean(a: Real, x: Real, *, bits: int = 128) -> arb:
    """A ball that contains log M(a, x), for exact or enclosed a > 0 and x > 0.

    M(a, x) is the mean of exp(-||y||^2) over the ball of radius sqrt(x) in "2a dimensions".

    Raises
    ------
    ValueError
        For an a or x that is not certainly positive.
    """
    with precision(bits + 64):
        size, radius = 2 * positive("a", a), positive("x", x).sqrt()
        whole = certified_log_ball_integral(size, radius, bits=bits)
        return whole - certified_log_ball_volume(size, radius, bits=bits)


def _log_mean(n: arb, r: arb, bits: int) -> arb:
    """log of the mean of exp(-||y||^2) over the ball."""
    return certified_log_ball_integral(n, r, bits=bits) - certified_log_ball_volume(n, r, bits=bits)


def _certified_series(a: arb, x: arb, bits: int) -> arb:
    """S(a, x) with its rest enclosed: once x/(a+k+1) < 1, the terms after the k-th fall at least geometrically."""
    total, term, k = arb(1), arb(1), 0
    small = arb(2) ** (-bits - 32)
    while True:
        k += 1
        term *= x / (a + k)
        total += term
        ratio = x / (a + k + 1)
        if ratio < 1 and term * ratio < small * total * (1 - ratio):
            return total + term * ratio / (1 - ratio) * UNIT_INTERVAL


def certified_log_partition(n: Real, r: Real, d: Real = 1, *, beta: Real = 1, bits: int = 128) -> arb:
    """A ball that contains log Z of d equal disjoint balls (see
    ``assocmem.theory.exact.ball_integrals.log_partition``).
    """
    with precision(bits + extra_bits(n)):
        size, radius = positive("n", n), positive("r", r)
        count, inverse = positive("d", d), positive("beta", beta)
        one = certified_log_ball_integral(n, radius * inverse.sqrt(), bits=bits)
        return count.log() + one - size / 2 * inverse.log()


def certified_log_partition_of_radii(n: Real, radii: Sequence[Real], *, bits: int = 128) -> arb:
    """A ball that contains the log of the sum over the patterns of the integral of exp(-||y||^2) over each one's ball.

    This is the layer's partition function only where each pattern is the nearest one on its ball (see
    ``assocmem.theory.partition.unequal_radii``).

    Raises
    ------
    ValueError
        If there is no radius.
    """
    if not radii:
        raise ValueError("radii is empty; it must hold at least one radius")
    with precision(bits + extra_bits(n)):
        return lse([certified_log_ball_integral(n, r, bits=bits) for r in radii])
