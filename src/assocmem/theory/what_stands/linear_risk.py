"""A peak of the error where it can be computed exactly: least squares on p of P standard normal features, n samples.

The target is linear in all P features, each with the same share of the signal, plus noise. The fit uses the first p:
ordinary least squares for p < n, the interpolating solution of least norm for p > n. Features that are left out act as
noise. With the mean of an inverse Wishart matrix the expected squared error on a fresh sample is rational
(Belkin, Hsu and Xu 2020); at p = n-1, n, n+1 it is infinite.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

INFINITE = "the error is infinite at p = n-1, n, n+1"


def below(n: Any, p: Any, fitted: Any, missed: Any) -> Any:
    """The error with fewer parameters than samples; ``fitted`` and ``missed``: the variance in reach, and the rest."""
    return missed * (1 + p / (n - p - 1))


def beyond(n: Any, p: Any, fitted: Any, missed: Any) -> Any:
    """The error with more parameters than samples."""
    return fitted * (1 - n / p) + missed * (1 + n / (p - n - 1))


def risk(n: int, p: int, *, features: int, signal: Fraction | int = 1, noise: Fraction | int = 0) -> Fraction:
    """Expected squared error on a fresh sample, exactly.

    Parameters
    ----------
    n : int
        Samples, at least 1.
    p : int
        Parameters, between 1 and ``features``.
    features : int
        P, the number of features that the target uses.
    signal : Fraction | int
        The target's variance without noise, divided equally among the features.
    noise : Fraction | int
        The variance of the noise.

    Raises
    ------
    ValueError
        Outside these ranges, and where the error is infinite.
    """
    if not (1 <= p <= features and n >= 1 and signal >= 0 and noise >= 0):
        raise ValueError(f"n={n}, p={p}, features={features}: need n >= 1 and 1 <= p <= features, variances >= 0")
    if abs(n - p) <= 1:
        raise ValueError(f"n={n}, p={p}: {INFINITE}")
    fitted = Fraction(signal) * p / features
    missed = Fraction(signal) - fitted + Fraction(noise)
    error: Fraction = (below if p < n else beyond)(Fraction(n), Fraction(p), fitted, missed)
    return error


def directions() -> dict[str, str]:
    """Which way the error goes with one more parameter, and with one more sample, on each side of the peak.

    "rises", "falls", or "both" where the differences have no common sign. Without noise, for all n, p and P with
    P >= n + 2 (parameters) or P >= 2p (samples): they are written as n, p, P = sums of nonnegative integers a, b, c
    and of constants, so that each difference is a quotient of polynomials whose coefficients have one sign.
    """
    a, b, c, n, p, features = sp.symbols("a b c n p P", nonnegative=True)
    fitted, missed = p / features, 1 - p / features
    first, second = below(n, p, fitted, missed), beyond(n, p, fitted, missed)
    few = {features: a + b + c + 6, n: a + b + 4, p: a + 1}
    many = {features: a + b + c + 4, p: a + b + 3, n: a + 1}
    return {
        "parameters, fewer than samples": _way(first.subs(p, p + 1) - first, few),
        "parameters, more than samples": _way(second.subs(p, p + 1) - second, many),
        "samples, fewer than parameters": _way(
            second.subs(n, n + 1) - second, {features: 2 * a + 2 * b + c + 8, p: a + b + 4, n: a + 1}
        ),
        "samples, more than parameters": _way(
            first.subs(n, n + 1) - first, {features: 2 * a + c + 2, n: a + b + 3, p: a + 1}
        ),
    }


def _way(difference: sp.Expr, substituted: dict[sp.Symbol, sp.Expr]) -> str:
    """The common sign of a difference for all nonnegative symbols, read off the coefficients of its quotient."""
    quotient = sp.cancel(sp.together(difference.subs(substituted, simultaneous=True)))
    symbols = sorted(quotient.free_symbols, key=str)
    parts = [sp.Poly(part, *symbols) for part in sp.fraction(quotient)]
    signs = [{sp.sign(coefficient) for coefficient in part.coeffs()} for part in parts]
    at_zero = [part.eval(dict.fromkeys(symbols, 0)) for part in parts]
    if any(len(found) > 1 for found in signs) or 0 in at_zero:
        return "both"
    return "rises" if signs[0] == signs[1] else "falls"


def inverse_mean(freedom: int) -> sp.Rational:
    """The mean of 1/S for a chi-square S with so many degrees of freedom, at least 3, by integration of its density."""
    s = sp.Symbol("s", positive=True)
    half = sp.Rational(freedom, 2)
    density = s ** (half - 1) * sp.exp(-s / 2) / (2**half * sp.gamma(half))
    return sp.Rational(sp.simplify(sp.integrate(density / s, (s, 0, sp.oo))))


def single(n: int, p: int, features: int) -> Fraction:
    """The error where n = 1 or p = 1, from the mean of an inverse chi-square variable alone.

    One parameter: the estimate's variance is the mean of 1/S over n samples. One sample x: the fit is the projection on
    x, which keeps the share 1/p of the fitted signal, and the rest enters with the mean of 1/S over p features.

    Raises
    ------
    ValueError
        Where neither is 1.
    """
    if 1 not in (n, p):
        raise ValueError(f"n={n}, p={p}; takes one sample or one parameter")
    mean = Fraction(str(inverse_mean(max(n, p))))
    fitted = Fraction(p, features)
    lost = fitted * (1 - Fraction(n, p)) if n < p else Fraction(0)
    return lost + (1 - fitted) * (1 + mean)
