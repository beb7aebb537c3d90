"""Row 3 of Table 1, the exponential energy: the law of one bit, and neighbors, which decide when all are stored.

F(z) = e^z: up to the factor e^(n-1) (e - 1/e) the change is 1 + sum_v xi_v e^(-2 B_v), where
B_v ~ Bin(n-1, 1/2) counts the other coordinates in which pattern v differs. Here s = (2/(1+e^-4))^(n-1).
In the reading "all" neighbors decide. *Whatever the energy*, two patterns that differ in one bit are not both strict
minima; the expected number of such pairs is d(d-1) n/2^(n+1), the pairs are pairwise independent, so with
d = C 2^(n/2)/sqrt(n) patterns P(all stored) <= 2/C^2 in the limit. (Ties do not help: both are weak minima only if
their energies agree, that is if as many other patterns with xi = 1 as with xi = -1 lie at each B, e being
transcendental, and that probability tends to 0.) Conversely a bit of a pattern fails only if some pattern has B = 0 and
xi = -1, which has probability at most (d-1)/2^n, or if the patterns with B >= 1 reach -1. These are symmetric, bounded
by b = e^-2, with total variance at most (d-1) q^(n-1), q = (1+e^-4)/2; by Bennett's inequality in the form
P(sum >= 1) <= (e var/b)^(1/b) the sum over all d n bits is at most
n d (d-1)/2^n + n d (e^3 (d-1) q^(n-1))^(e^2). At d = c 2^(n/2)/sqrt(n) that is c^2 plus a term that vanishes.
Hence **2^(n/2)/sqrt(n) is the capacity in the reading "all"**.
"""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from itertools import combinations, product

import sympy as sp

from assocmem.theory.energies.sign_capacity.flip_law import FlipLaw
from assocmem.theory.energies.sign_capacity.memories import d, n

GROWTH = 2 / (1 + sp.exp(-4))
"""Base of the exponential memory's capacity in the reading "bit"."""


def exponential_law() -> FlipLaw:
    """The exact law for F(z) = e^z, divided by its factor e^(n-1) (e - 1/e): A = 1, D = xi e^(-2B), B ~ Bin(n-1, 1/2).

    E e^(-2kB) = ((1 + e^(-2k))/2)^(n-1).
    """
    return FlipLaw(sp.Integer(1), ((1 + sp.exp(-4)) / 2) ** (n - 1), ((1 + sp.exp(-8)) / 2) ** (n - 1))


def exponential_reduction() -> sp.Expr:
    """e^(S+xi) - e^(S-xi) over e^(n-1)(e-1/e), minus xi e^(-2B) with S = n-1-2B, for xi = 1 and -1; 0 proves it."""
    b = sp.Symbol("B")
    total, factor = n - 1 - 2 * b, sp.exp(n - 1) * (sp.E - 1 / sp.E)
    gaps = [(sp.exp(total + xi) - sp.exp(total - xi)) / factor - xi * sp.exp(-2 * b) for xi in (1, -1)]
    return sp.simplify(sp.expand(sum(g**2 for g in gaps)))


def exponential_moments_agree(size: int) -> bool:
    """Signal, variance and fourth moment of ``exponential_law`` against h(S)/(e^(n-1) (e - 1/e)) summed over S."""
    law, unit = exponential_law(), math.exp(size - 1) * (math.e - 1 / math.e)
    sums = [(math.comb(size - 1, j) / 2 ** (size - 1), size - 1 - 2 * j) for j in range(size)]
    steps = [(weight, (math.exp(s + 1) - math.exp(s - 1)) / unit) for weight, s in sums]
    summed = [(math.exp(size) - math.exp(size - 2)) / unit, *(sum(w * h**k for w, h in steps) for k in (2, 4))]
    stated = [float(e.subs(n, size)) for e in (law.signal, law.variance, law.fourth)]
    return all(math.isclose(a, b, rel_tol=1e-12) for a, b in zip(summed, stated, strict=True))


def neighbor_bound(size: sp.Expr, patterns: sp.Expr) -> sp.Expr:
    """For any energy P(all stored) is at most this: one over the expected number of pairs that differ in one bit."""
    return 2 * 2**size / (size * patterns * (patterns - 1))


def neighbor_counts(size: int, patterns: int) -> Counter[int]:
    """How many of all sets of patterns have how many pairs that differ in exactly one bit."""
    every = range(2**size)
    near = [[(a ^ b).bit_count() == 1 for b in every] for a in every]
    return Counter(sum(near[a][b] for a, b in combinations(rows, 2)) for rows in product(every, repeat=patterns))


def without_neighbors(size: int, patterns: int) -> Fraction:
    """P(no two of the patterns differ in exactly one bit), by all sets: exactly when some energy stores them all.

    The energy -1 at each pattern and 0 elsewhere then stores them.
    """
    return Fraction(neighbor_counts(size, patterns)[0], 2 ** (size * patterns))


def neighbor_moments(size: int, patterns: int) -> tuple[Fraction, Fraction]:
    """Mean and variance of the number of pairs that differ in exactly one bit, by all sets."""
    counts, total = neighbor_counts(size, patterns), 2 ** (size * patterns)
    mean = Fraction(sum(k * c for k, c in counts.items()), total)
    return mean, Fraction(sum(k * k * c for k, c in counts.items()), total) - mean * mean


def neighbor_scale() -> sp.Expr:
    """The d at which the leading part n d^2/2^n of the expected number of neighbors stays constant."""
    leading = sp.limit(1 / (neighbor_bound(n, d) * d**2), d, sp.oo) * d**2
    (root,) = sp.solve(sp.Eq(2 * leading, 1), d)
    return sp.powsimp(root)


def crowd_rate(patterns: sp.Expr) -> sp.Expr:
    """Limit of 1/n times the log of n d (e^3 d q^(n-1))^(e^2): negative when far patterns do not matter."""
    log_d = sp.expand_log(sp.log(patterns), force=True)
    q = (1 + sp.exp(-4)) / 2
    log_bound = sp.log(n) + log_d + sp.exp(2) * (3 + log_d + (n - 1) * sp.log(q))
    return sp.limit(sp.expand(log_bound / n), n, sp.oo)
