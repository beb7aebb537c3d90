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


Region = tuple[tuple[str, str], ...]
"""What a difference is asked for: names of n, p and P with their least values, each in those that stand before it."""
n_, p_, features_ = sp.symbols("n p P", nonnegative=True)


def difference(what: str) -> sp.Expr:
    """How the error without noise changes with one more ("parameters, fewer than samples", and so on)."""
    fitted, missed = p_ / features_, 1 - p_ / features_
    more, _, where = what.partition(", ")
    side = below if where in ("fewer than samples", "more than parameters") else beyond
    error, symbol = side(n_, p_, fitted, missed), p_ if more == "parameters" else n_
    return error.subs(symbol, symbol + 1) - error


def direction(what: str, region: Region) -> str:
    """Whether the error "rises" or "falls" with one more, everywhere in a region; "both" if that is not seen.

    Each symbol is its least value and a nonnegative one, so that the difference is a quotient of polynomials; what is
    seen is that all coefficients have one sign, and that the constants do not vanish.
    """
    values: dict[sp.Symbol, sp.Expr] = {}
    for name, least in region:
        slack = sp.Symbol(f"more_{name}", nonnegative=True)
        symbol = sp.Symbol(name, nonnegative=True)
        values[symbol] = sp.sympify(least, {str(known): known for known in values}).subs(values) + slack
    return way(difference(what).subs(values, simultaneous=True))


def way(changed: sp.Expr) -> str:
    """The common sign of a rational function of nonnegative symbols, read off its coefficients."""
    quotient = sp.cancel(sp.together(changed))
    symbols = sorted(quotient.free_symbols, key=str)
    parts = [sp.Poly(part, *symbols) for part in sp.fraction(quotient)]
    signs = [{sp.sign(coefficient) for coefficient in part.coeffs()} for part in parts]
    at_zero = [part.eval(dict.fromkeys(symbols, 0)) for part in parts]
    if any(len(found) > 1 for found in signs) or 0 in at_zero:
        return "both"
    return "rises" if signs[0] == signs[1] else "falls"


def change(what: str, n: int, p: int, features: int) -> Fraction:
    """The same difference at numbers, exactly."""
    value = difference(what).subs({n_: n, p_: p, features_: features})
    return Fraction(int(value.p), int(value.q))


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
