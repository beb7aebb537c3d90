"""The binary memories of Table 1: their energies, what they store, and what a sum over fewer patterns loses.

Entries of states and patterns are -1 or 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import permutations, product
from typing import Literal, TypeAlias

import numpy as np
import sympy as sp
from jaxtyping import Int
from scipy.special import logsumexp

Network = Literal["quadratic", "power", "exponential"]
Signs: TypeAlias = Int[np.ndarray, "..."]
"""Entries -1 and 1, of any shape."""

n, d, r = sp.symbols("n d r", positive=True)
"""Bits, patterns and the degree of a power."""


def hebb(patterns: Int[np.ndarray, "d n"], *, diagonal: bool = True) -> Int[np.ndarray, "n n"]:
    """Sum of the outer products of the patterns, with or without its diagonal (d in every place)."""
    weights: Int[np.ndarray, "n n"] = patterns.T @ patterns
    return weights if diagonal else weights - np.diag(np.diag(weights))


def krotov_energy(x: Int[np.ndarray, " n"], patterns: Int[np.ndarray, "d n"], power: int) -> int:
    """-sum_i (rho_i . x)^r, exactly (Table 1, row 2, summed over the rows given)."""
    overlaps: list[int] = (patterns @ x).tolist()
    return -sum(math.prod([v] * power) for v in overlaps)


def exponential_energy(x: Int[np.ndarray, " n"], patterns: Int[np.ndarray, "d n"]) -> float:
    """-sum_i exp(rho_i . x) (Demircigil et al.)."""
    return -float(np.exp((patterns @ x).astype(float)).sum())


def lse_energy(x: Int[np.ndarray, " n"], patterns: Int[np.ndarray, "d n"]) -> float:
    """-LSE(M'x) (Table 1, row 3)."""
    return -float(logsumexp((patterns @ x).astype(float)))


def states(size: int) -> Int[np.ndarray, "states size"]:
    """All 2^n states as rows."""
    return np.array(list(product((-1, 1), repeat=size)), dtype=np.int64)


def is_stored(energy: Callable[[Signs], float], x: Int[np.ndarray, " n"]) -> bool:
    """Whether every single flip raises the energy."""
    here = energy(x)
    flips = [np.where(np.arange(len(x)) == k, -x, x) for k in range(len(x))]
    return all(energy(y) > here for y in flips)


def dropped_example(terms: sp.Expr, power: int = 2, largest: int = 3) -> tuple[Int[np.ndarray, "d n"], int] | None:
    """The smallest d = n + 1 distinct patterns of which one is stored by the sum over all d and lost by the sum given.

    ``terms`` is the number of patterns summed, in n and d. Returns the patterns and the lost one's index, or None if
    no pattern is lost up to n = ``largest``.
    """
    for size in range(1, largest + 1):
        summed = int(terms.subs({n: size, d: size + 1}))
        for rows in permutations(states(size), size + 1):
            patterns = np.array(rows)
            full = partial(krotov_energy, patterns=patterns, power=power)
            part = partial(krotov_energy, patterns=patterns[:summed], power=power)
            for i, x in enumerate(patterns):
                if is_stored(full, x) and not is_stored(part, x):
                    return patterns, i
    return None
