"""Simulated networks: how many bits of random patterns are unstable, and how often all patterns are stored."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float, Int


def random_patterns(rng: np.random.Generator, patterns: int, size: int) -> Int[np.ndarray, "patterns size"]:
    """Independent uniform patterns as rows."""
    drawn: Int[np.ndarray, "patterns size"] = 2 * rng.integers(0, 2, (patterns, size)) - 1
    return drawn


def flip_gains(patterns: Int[np.ndarray, "d n"], power: int, row: int = 0) -> Int[np.ndarray, " n"]:
    """Energy after minus before, for each flip of one pattern, from the energy -sum_i (rho_i . x)^r itself.

    Raises
    ------
    OverflowError
        If the powers exceed 64-bit integers.
    """
    if float(patterns.shape[1]) ** power * len(patterns) > 2.0**62:
        raise OverflowError(f"power={power} with patterns of shape {patterns.shape} exceeds 64-bit integers")
    overlap = patterns @ patterns[row]
    flipped = overlap[:, None] - 2 * patterns * patterns[row]
    gains: Int[np.ndarray, " n"] = (overlap[:, None] ** power - flipped**power).sum(0)
    return gains


def simulated_bit_error(size: int, patterns: int, power: int, trials: int, seed: int) -> tuple[float, float]:
    """Mean share of unstable bits of one pattern over fresh networks, and the standard error of that mean.

    The bits of one network are correlated, so the standard error comes from the spread between networks.
    """
    rng = np.random.default_rng(seed)
    gains = (flip_gains(random_patterns(rng, patterns, size), power) for _ in range(trials))
    shares = np.array([float((g < 0).mean()) for g in gains])
    return float(shares.mean()), float(shares.std(ddof=1) / math.sqrt(trials))


def exponential_gains(patterns: Int[np.ndarray, "d n"]) -> Float[np.ndarray, "d n"]:
    """1 + sum_v xi_v e^(-2 B_v) for every pattern (row) and bit (column): the change of -sum exp(rho . x) in a flip.

    In units of e^(n-1) (e - 1/e). With D_v the distance of pattern v, e^(-2 B_v) is e^(-2 D_v) for xi_v = 1 and
    e^(2 - 2 D_v) for xi_v = -1.
    """
    distance = (patterns.shape[1] - patterns @ patterns.T) // 2
    pull = np.exp(-2.0 * distance)
    np.fill_diagonal(pull, 0.0)
    same = patterns * (pull @ patterns)
    gains: Float[np.ndarray, "d n"] = 1 + ((1 - np.e**2) * pull.sum(1)[:, None] + (1 + np.e**2) * same) / 2
    return gains


def all_stored_exponential(patterns: Int[np.ndarray, "d n"]) -> bool:
    """Whether all patterns are strict minima of -sum exp(rho_i . x); neighbors are found in integers, so ties count."""
    if bool((patterns @ patterns.T == patterns.shape[1] - 2).any()):
        return False
    return bool((exponential_gains(patterns) > 0).all())


def simulated_all_stored(size: int, patterns: int, trials: int, seed: int) -> tuple[float, float]:
    """Share of networks with exponential energy that store all their patterns, and its standard error."""
    rng = np.random.default_rng(seed)
    hits = sum(all_stored_exponential(random_patterns(rng, patterns, size)) for _ in range(trials))
    share = (hits + 1) / (trials + 2)
    return hits / trials, math.sqrt(share * (1 - share) / trials)
