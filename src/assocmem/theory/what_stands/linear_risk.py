"""Double descent where it can be computed exactly: least squares on p of P standard normal features, n samples.

The target is linear in all P features, each with the same share of the signal, plus noise. The fit uses the first p:
ordinary least squares for p < n, the interpolating solution of least norm for p > n. Features that are left out act as
noise. With the mean of an inverse Wishart matrix the expected squared error on a fresh sample is rational
(Belkin, Hsu and Xu 2020); at p = n-1, n, n+1 it is infinite.
"""

from __future__ import annotations

from fractions import Fraction

INFINITE = "the error is infinite at p = n-1, n, n+1"


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
    if p < n:
        return missed * (1 + Fraction(p, n - p - 1))
    return fitted * (1 - Fraction(n, p)) + missed * (1 + Fraction(n, p - n - 1))
