"""The partition function of balls: log-integrals of ``exp(-beta ||y||^2)``, in float64 for arrays and in Arb balls.

With a = n/2 and x = r^2, polar coordinates give (the corrected equation (12) of the paper)

    I_n(r) = integral of ``exp(-||y||^2)`` over ``||y|| < r`` = pi^a P(a, x) = V_n(r) e^(-x) S(a, x),
    S(a, x) = sum_{k >= 0} x^k / ((a+1)(a+2)...(a+k)),

where P is the regularized lower incomplete gamma function and V_n(r) = pi^a r^n / Gamma(a+1) the volume of the ball.
Everything is a logarithm: at the paper's radius I_n(r) leaves the range of float64 near n = 12000, and its factors
pi^(n/2) and P near n = 1200. The terms of S are positive, so nothing cancels in it; the volume is written as
a log(pi e x/a) - log(2 pi a)/2 - stirling_remainder(a), which keeps its digits where the large parts of log V_n cancel.

Errors. Log-integrals are natural logarithms of a volume (no unit is attached to the coordinates of R^n).
The float functions are within ``32 (1 + n + |value|)`` units of 2^-53 of the exact value at their float arguments, for
0.1 <= n <= 10^12 and every r (tested against the certified ones, real n included); the term in n is the effect of the
last bit of r on r^n. The parts of ``log_partition`` may cancel: its ``|value|`` stands for
``|log d| + |log Z - log d|``. The certified functions take exact numbers or balls, never floats, and enclose also where
these balls are wide. Near r^2 = n/2 the series has about 20 sqrt(n) terms: a fifth of a second at n = 10^6, some
seconds at n = 10^9.
"""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Rational
from numbers import Real as RealNumber
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from flint import arb
from scipy import special

from assocmem.theory.exact.certified import lse, precision, to_arb
from assocmem.theory.partition.incomplete_gamma import LARGE, NEAR, log_gamma_mass

Array = npt.NDArray[np.float64]
Real: TypeAlias = int | Fraction | arb

UNIT_INTERVAL = arb(0.5, 0.5)
"""The ball [0, 1]: a number known to lie between 0 and a bound is the bound times this."""
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
"""B_2k / (2k (2k-1)): log Gamma(a+1) - [a log a - a + log(2 pi a)/2] is the sum of these over a^(2k-1)."""
_SERIES_FROM = 12.0
_SUMMED_BEYOND = 3.0
"""The series is used up to x = a + 3: just above x = a scipy's P loses two digits for small a."""
_NARROW = 64
"""Relative bits from which a ball is narrow enough for the series to be summed with it; a wider one is split."""


def checked(**arguments: npt.ArrayLike) -> list[Array]:
    """Arguments as one shape of float64; radii may be 0 or infinite, all others must be positive and finite.

    Raises
    ------
    ValueError
        For a value out of range, with its name.
    TypeError
        For what is not a real number.
    """
    arrays = []
    for name, value in arguments.items():
        array = _floats(name, value)
        is_radius = name in ("r", "radii")
        bad = ~(array >= 0) if is_radius else ~(array > 0) | np.isinf(array)
        if bad.any():
            needed = "nonnegative" if is_radius else "positive and finite"
            raise ValueError(f"{name}={array[bad].flat[0]} must be {needed}")
        arrays.append(array)
    return list(np.broadcast_arrays(*arrays))


def _floats(name: str, value: npt.ArrayLike) -> Array:
    """An array of numbers as float64; booleans, text, None, complex numbers and Arb balls are refused by name."""
    raw = np.asarray(value)
    numbers = raw.dtype.kind in "iuf"
    if raw.dtype.kind == "O":
        numbers = all(isinstance(item, RealNumber) and not isinstance(item, bool) for item in raw.flat)
    if not numbers:
        raise TypeError(f"{name}={value!r} must be a real number (int, float, Fraction) or an array of them")
    try:
        return raw.astype(np.float64)
    except OverflowError as error:
        raise ValueError(f"{name} holds an integer beyond the range of float64") from error


def stirling_remainder(a: npt.ArrayLike) -> Array:
    """log Gamma(a+1) - [a log a - a + log(2 pi a)/2] for a > 0, without the cancellation of its two parts.

    Lies between 1/(12a+1) and 1/(12a) (Robbins 1955 for integers; chapter 6 proves it for all a > 0).

    Raises
    ------
    ValueError
        For a <= 0.
    """
    (a,) = checked(a=a)
    large = np.maximum(a, _SERIES_FROM)
    inverse = 1 / large
    series = inverse * np.polyval(_STIRLING[::-1], inverse**2)
    small = np.minimum(a, _SERIES_FROM)
    with np.errstate(divide="ignore", invalid="ignore"):
        direct = special.gammaln(small + 1) - (small * np.log(small) - small + 0.5 * np.log(2 * np.pi * small))
    return np.where(a < _SERIES_FROM, direct, series)[()]


def log_ball_volume(n: npt.ArrayLike, r: npt.ArrayLike) -> Array:
    """log V_n(r), the volume of the ball of radius r in R^n; -inf at r = 0 and inf at r = inf.

    ``n`` (positive; real values interpolate) and ``r`` broadcast.

    Raises
    ------
    ValueError
        For n <= 0 or r < 0.
    """
    n, r = checked(n=n, r=r)
    with np.errstate(divide="ignore"):
        scaled = math.log(2 * math.pi * math.e) + 2 * np.log(r) - np.log(n)
    return (n / 2 * scaled - 0.5 * np.log(np.pi * n) - stirling_remainder(n / 2))[()]


def log_ball_integral(n: npt.ArrayLike, r: npt.ArrayLike) -> Array:
    """log of the integral of exp(-||y||^2) over the ball of radius r in R^n: the corrected equation (12).

    ``n`` (positive; real values interpolate) and ``r`` (nonnegative, inf allowed) broadcast; the result is float64 of
    their common shape, -inf at r = 0 and (n/2) log pi at r = inf. For the error bound see the module.

    Raises
    ------
    ValueError
        For n <= 0 or r < 0.
    """
    n, r = checked(n=n, r=r)
    return _log_ball(n, r, np.ones_like(n))[()]


def _log_ball(n: Array, r: Array, beta: Array) -> Array:
    """log of the integral of exp(-beta ||y||^2) over the ball: the volume times its mean weight, or pi^a P/beta^a."""
    with np.errstate(over="ignore"):  # beyond 1e154 the ball is the whole space
        a, x = n / 2, (np.sqrt(beta) * r) ** 2
    large = a > LARGE
    summed = np.where(large, x < NEAR * a, x <= a + _SUMMED_BEYOND)
    near = large & ~summed
    log_mass = np.log1p(-np.where(summed | near, 0.0, special.gammaincc(a, x)))
    if near.any():
        log_mass = np.where(near, log_gamma_mass(np.maximum(a, LARGE), x), log_mass)
    whole = a * (math.log(math.pi) - np.log(beta)) + log_mass
    if summed.any():
        whole = np.where(summed, log_ball_volume(n, r) + _log_mean_weight(a, np.where(summed, x, 0.0)), whole)
    return np.asarray(whole)


def _log_mean_weight(a: Array, x: Array) -> Array:
    """-x + log S(a, x): the log of the mean of exp(-||y||^2) over the ball, for x <= a + 3."""
    total, term = np.ones_like(x), np.ones_like(x)
    k = 0
    while (term > 2.0**-55 * total).any():
        k += 1
        term = term * (x / (a + k))
        total = total + term
    return np.asarray(np.log(total) - x)


def log_partition(n: npt.ArrayLike, r: npt.ArrayLike, d: npt.ArrayLike = 1, *, beta: npt.ArrayLike = 1.0) -> Array:
    """log Z of d patterns whose balls of radius r do not meet, for the energy beta min_i ||x - rho_i||^2.

    Z = d I, with I the integral of exp(-beta ||y||^2) over a ball: the corrected equation (13) for equal radii.
    All arguments broadcast; the result is float64.

    Raises
    ------
    ValueError
        For n, d, beta <= 0 or r < 0.
    """
    n, r, d, beta = checked(n=n, r=r, d=d, beta=beta)
    return (np.log(d) + _log_ball(n, r, beta))[()]


def log_partition_of_radii(n: npt.ArrayLike, radii: npt.ArrayLike) -> Array:
    """log of the sum over the patterns of the integral of exp(-||y||^2) over each one's ball.

    ``radii`` has shape (..., d), ``n`` broadcasts with what stands before d. This is the layer's partition function
    only where each pattern is the nearest one on its ball (see ``assocmem.theory.partition.unequal_radii``).

    Raises
    ------
    ValueError
        For n <= 0, for a negative radius and where there is no radius.
    """
    (radii,) = checked(radii=radii)
    if radii.ndim == 0 or radii.shape[-1] == 0:
        raise ValueError(f"radii has shape {radii.shape}; the last axis must hold at least one radius")
    each = log_ball_integral(np.asarray(n)[..., None], radii)
    return np.asarray(special.logsumexp(each, axis=-1))[()]


def paper_radius(n: npt.ArrayLike) -> Array:
    """sqrt(n/(2 pi e)), the radius that the paper gives every ball (Section 5.2, before equation (14))."""
    (n,) = checked(n=n)
    return np.sqrt(n / (2 * math.pi * math.e))[()]


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
    """A ball that contains log I_n(r) (see ``log_ball_integral``), for exact or enclosed n > 0 and r > 0.

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
    """A ball that contains log Z of d equal disjoint balls (see ``log_partition``)."""
    with precision(bits + extra_bits(n)):
        size, radius = positive("n", n), positive("r", r)
        count, inverse = positive("d", d), positive("beta", beta)
        one = certified_log_ball_integral(n, radius * inverse.sqrt(), bits=bits)
        return count.log() + one - size / 2 * inverse.log()


def certified_log_partition_of_radii(n: Real, radii: list[Real], *, bits: int = 128) -> arb:
    """A ball that contains the log of the sum over the balls (see ``log_partition_of_radii``).

    Raises
    ------
    ValueError
        If there is no radius.
    """
    if not radii:
        raise ValueError("radii is empty; it must hold at least one radius")
    with precision(bits + extra_bits(n)):
        return lse([certified_log_ball_integral(n, r, bits=bits) for r in radii])
