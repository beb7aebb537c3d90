"""The intrinsic dimension of a cloud from distances to neighbors, and the law of sample size that goes with it.

Two estimates: from the two nearest (Facco et al. 2017) and by maximum likelihood from the twenty nearest (Levina and
Bickel 2004, with the inverses averaged as MacKay and Ghahramani 2005 propose). In a cloud of dimension k the distance
to the nearest of M falls like M^(-1/k).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from jaxtyping import Float
from scipy.stats import t as student

__all__ = ["CORPUS", "NEIGHBORS", "Law", "fitted_law", "inverse_likelihood", "inverse_two_nearest"]

NEIGHBORS = 20
"""Of the estimate by maximum likelihood."""
CORPUS = 9_035_582_198 // 256
"""Chunks of 256 tokens in OpenWebText (claim F1-OWT)."""


def inverse_two_nearest(distances: Float[np.ndarray, "chunks k"]) -> Float[np.ndarray, " rows"]:
    """Of each vector log(r_2/r_1), whose mean estimates one over the dimension; those with a duplicate are left out."""
    first, second = distances[:, 0], distances[:, 1]
    there = first > 0
    logs: Float[np.ndarray, " rows"] = np.log(second[there] / first[there])
    return logs


def inverse_likelihood(distances: Float[np.ndarray, "chunks k"]) -> Float[np.ndarray, " rows"]:
    """Of each vector the mean of log(r_k/r_j) over j < k, whose mean estimates one over the dimension.

    Parameters
    ----------
    distances : Float[ndarray, "chunks k"]
        Ascending, to the k >= 3 nearest.

    Returns
    -------
    Float[ndarray, "rows"]
        One number a vector; those with a duplicate are left out.
    """
    there = distances[:, 0] > 0
    logs = np.log(distances[there, -1:] / distances[there, :-1])
    mean: Float[np.ndarray, " rows"] = logs.mean(1)
    return mean


@dataclass(frozen=True)
class Law:
    """Mean distance = c M^(-exponent), fitted for each seed, with 95% intervals over seeds.

    Attributes
    ----------
    exponent, low, high : float
        Mean over seeds, and its interval.
    at, at_low, at_high : float
        The distance that the law gives for the whole corpus.
    """

    exponent: float
    low: float
    high: float
    at: float
    at_low: float
    at_high: float


def fitted_law(means: Mapping[int, Sequence[tuple[int, float]]], size: int = CORPUS) -> Law:
    """Fit the law to mean distances of subsets.

    Parameters
    ----------
    means : Mapping
        By seed, sizes of subsets with their mean distances; two seeds or more.
    size : int
        Chunks for which the law is extrapolated.

    Returns
    -------
    Law
        By least squares of the logarithms.

    Raises
    ------
    ValueError
        For a single seed, or fewer than two sizes.
    """
    if len(means) < 2 or min(len({m for m, _ in rows}) for rows in means.values()) < 2:
        raise ValueError("means must hold at least two seeds, each with two sizes")
    fits = []
    for rows in means.values():
        fall, height = np.polyfit(np.log([m for m, _ in rows]), np.log([d for _, d in rows]), 1)
        fits.append((-fall, height + fall * log(size)))
    (exponent, low, high), (at, at_low, at_high) = (_interval(values) for values in zip(*fits, strict=True))
    return Law(exponent, low, high, exp(at), exp(at_low), exp(at_high))


def _interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean and t interval."""
    mean, count = float(np.mean(values)), len(values)
    half = float(student.ppf(0.975, count - 1)) * float(np.std(values, ddof=1)) / sqrt(count)
    return mean, mean - half, mean + half
