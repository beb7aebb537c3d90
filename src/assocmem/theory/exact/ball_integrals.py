"""The partition function of balls in float64: log-integrals of ``exp(-beta ||y||^2)``, for arrays.

With a = n/2 and x = r^2, polar coordinates give (the corrected equation (12) of the paper)

    I_n(r) = integral of ``exp(-||y||^2)`` over ``||y|| < r`` = pi^a P(a, x) = V_n(r) e^(-x) S(a, x),
    S(a, x) = sum_{k >= 0} x^k / ((a+1)(a+2)...(a+k)),

where P is the regularized lower incomplete gamma function and V_n(r) = pi^a r^n / Gamma(a+1) the volume of the ball.
Everything is a logarithm: at the paper's radius I_n(r) leaves the range of float64 near n = 12000, and its factors
pi^(n/2) and P near n = 1200. The terms of S are positive, so nothing cancels in it; the volume is written as
a log(pi e x/a) - log(2 pi a)/2 - stirling_remainder(a), which keeps its digits where the large parts of log V_n cancel.

Errors. Log-integrals are natural logarithms of a volume (no unit is attached to the coordinates of R^n).
The float functions are within ``32 (1 + n + |value|)`` units of 2^-53 of the exact value at their float arguments, for
0.1 <= n <= 10^12 and every r (tested against ``assocmem.theory.exact.certified_ball_integrals``, real n included); the
term in n is the effect of the last bit of r on r^n. The parts of ``log_partition`` may cancel: its ``|value|`` stands
for ``|log d| + |log Z - log d|``.
"""

from __future__ import annotations

import math
from numbers import Real

import numpy as np
import numpy.typing as npt
from scipy import special

from assocmem.theory.exact.incomplete_gamma import LARGE, NEAR, Array, log_gamma_mass

_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
"""B_2k / (2k (2k-1)): log Gamma(a+1) - [a log a - a + log(2 pi a)/2] is the sum of these over a^(2k-1)."""
_SERIES_FROM = 12.0
_SUMMED_BEYOND = 3.0
"""The series is used up to x = a + 3: just above x = a scipy's P loses two digits for small a."""


def checked(**arguments: npt.ArrayLike) -> list[Array]:
    """Arguments as one shape of float64; a radius ``r`` may be 0 or infinite, all others must be positive and finite.

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
        is_radius = name == "r"
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
        numbers = all(isinstance(item, Real) and not isinstance(item, bool) for item in raw.flat)
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


def paper_radius(n: npt.ArrayLike) -> Array:
    """sqrt(n/(2 pi e)), the radius that the paper gives every ball (Section 5.2, before equation (14))."""
    (n,) = checked(n=n)
    return np.sqrt(n / (2 * math.pi * math.e))[()]
