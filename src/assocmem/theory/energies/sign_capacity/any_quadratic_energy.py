"""Any quadratic energy: Cover counts the sign patterns that some weights and biases can store.

Pattern by pattern, stability of bit k says that the sign of rho_k is that of an affine
function (W_k, b_k) of the other n-1 bits. d points in n-1 dimensions have at most 2 sum_{k<n} C(d-1,k) affine
dichotomies (Cover 1965: a new point splits only the dichotomies whose plane can pass through it, at most those of d
points in one dimension less), and the d signs are fair and independent of the points. Hence
P(all stored for some W, b) <= P(Bin(d-1, 1/2) <= n-1), which vanishes for d >= (2+delta) n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import sympy as sp

from assocmem.theory.energies.sign_capacity.memories import n, states


@dataclass(frozen=True)
class CoverBound:
    """P(d random patterns are all stored for some W, b) <= P(Bin(d-1+extra, 1/2) <= n-1+more)."""

    more: int = 0
    extra: int = 0

    def value(self, size: int, patterns: int) -> Fraction:
        """The bound at one size, exactly."""
        trials = patterns - 1 + self.extra
        below = sum(math.comb(trials, k) for k in range(min(size - 1 + self.more, trials) + 1))
        return Fraction(below, 2**trials)

    def recursion_residual(self) -> sp.Expr:
        """f(d+1,n) - f(d,n) - f(d,n-1) for the count f = 2^d value, term by term (Pascal's rule); 0 for every term."""
        t, k = sp.symbols("t k", positive=True, integer=True)
        gap = sp.binomial(t + 1, k) - sp.binomial(t, k) - sp.binomial(t, k - 1)
        return sp.simplify(sp.gammasimp(gap.rewrite(sp.gamma)))

    def base_slacks(self) -> tuple[sp.Expr, sp.Expr]:
        """f(1,1) - 2 and f(d,1) - 2 with d = 1 + m: both must be nonnegative for the induction to start.

        Only offsets with extra = 0 or with a finite number of terms occur; f(1,n) >= f(1,1).
        """
        m = sp.Symbol("m", nonnegative=True, integer=True)
        trials = m + self.extra
        terms = [sp.expand_func(sp.ff(trials, k) / sp.factorial(k)) for k in range(self.more + 1)]
        count = sp.expand(2 ** (1 - self.extra) * sum(terms, sp.Integer(0)))
        return count.subs(m, 0) - 2, sp.expand(count - 2)


def cover_rate() -> sp.Expr:
    """Hoeffding's exponent per n of P(Bin(d-1, 1/2) <= n-1) at d = (2+delta) n: negative for every delta > 0."""
    delta = sp.Symbol("delta", positive=True)
    trials = (2 + delta) * n - 1
    return sp.factor(sp.limit(-2 * trials * (sp.Rational(1, 2) - (n - 1) / trials) ** 2 / n, n, sp.oo))


@cache
def storable_sets(size: int, largest: int = 2) -> frozenset[frozenset[int]]:
    """Sets of states that are the strict minima of some energy with integer weights and biases up to ``largest``."""
    every = states(size)
    pairs = [(i, j) for i in range(size) for j in range(i)]
    span = range(-largest, largest + 1)
    sets = set()
    for choice in product(span, repeat=len(pairs)):
        weights = np.zeros((size, size), dtype=np.int64)
        for (i, j), w in zip(pairs, choice, strict=True):
            weights[i, j] = weights[j, i] = w
        fields = every @ weights
        for bias in product(span, repeat=size):
            stable = ((fields + np.array(bias)) * every > 0).all(1)
            sets.add(frozenset(np.flatnonzero(stable).tolist()))
    return frozenset(sets)


def storable_probability(size: int, patterns: int, largest: int = 2) -> Fraction:
    """P(d random patterns are all strict minima of one such energy): exact for these energies, a floor for all."""
    sets = storable_sets(size, largest)
    good = 0
    for chosen in range(1, 2 ** (2**size)):
        members = frozenset(i for i in range(2**size) if chosen >> i & 1)
        if len(members) <= patterns and any(members <= storable for storable in sets):
            count = len(members)
            good += sum((-1) ** j * math.comb(count, j) * (count - j) ** patterns for j in range(count + 1))
    return Fraction(good, 2 ** (size * patterns))
