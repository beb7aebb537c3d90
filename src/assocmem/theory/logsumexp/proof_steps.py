"""The lines of the paper's own proofs of Lemmas 1-4, as identities and inequalities that can be checked.

Lemma 1 rests on Hoelder's inequality for finite sums, which follows term by term from the tangent inequality
z^t <= t z + 1 - t (z > 0, 0 <= t <= 1). Lemma 4 rests on the derivative of LogSumExp along a segment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import lse, to_arb

Exponents = Callable[[Fraction], tuple[Fraction, Fraction]]


def tangent_inequality() -> bool:
    """z^t <= t z + 1 - t: the difference and its slope vanish at z = 1, and its curvature t(1-t)z^(t-2) is >= 0.

    With u = 1 - t the curvature is t u z^(t-2), a product of nonnegative numbers.
    """
    z, t, u = sp.symbols("z t u", positive=True)
    gap = t * z + 1 - t - z**t
    at_one = gap.subs(z, 1) == 0 and sp.diff(gap, z).subs(z, 1) == 0
    curvature = t * u * z ** (t - 2)
    verified = sp.simplify(sp.diff(gap, z, 2) - curvature.subs(u, 1 - t)) == 0
    return bool(at_one and verified and curvature.is_positive)


def holder_terms_residual() -> sp.Expr:
    """Summing b (t a/b + 1 - t) over terms with sum a = sum b = 1 gives 1: 0 closes the proof for any number of terms.

    a and b are the softmax weights of x and y; the sum is t sum a + (1-t) sum b.
    """
    t, a, b = sp.symbols("t a b", positive=True)
    term = sp.expand(b * (t * a / b + 1 - t))
    return sp.simplify(term.subs({a: 1, b: 1}) - 1) + sp.simplify(term - t * a - (1 - t) * b)


def holder_gap(x: Sequence[Fraction], y: Sequence[Fraction], t: Fraction, exponents: Exponents) -> arb:
    """log of the left side minus log of the right side of the inequality behind Lemma 1, at an exact point."""
    first, second = exponents(t)
    left = to_arb(first) * lse([to_arb(v) for v in x]) + to_arb(second) * lse([to_arb(v) for v in y])
    return left - lse([to_arb(t * u + (1 - t) * v) for u, v in zip(x, y, strict=True)])


def segment_residual(n: int, sign: int = 1) -> sp.Expr:
    """d/ds LSE(s x + (1-s) y) - sign * sum_i softmax_i (x_i - y_i), simplified for n entries."""
    x, y = sp.symbols(f"x1:{n + 1}", real=True), sp.symbols(f"y1:{n + 1}", real=True)
    s = sp.Symbol("s", real=True)
    terms = [sp.exp(s * a + (1 - s) * b) for a, b in zip(x, y, strict=True)]
    mean = sum(e * (a - b) for e, a, b in zip(terms, x, y, strict=True)) / sum(terms)
    return sp.simplify(sp.diff(sp.log(sum(terms)), s) - sign * mean)


def scaled_at_zero(beta: sp.Expr | int) -> sp.Expr:
    """(1/beta) log sum exp(beta y) at the given beta minus log sum exp(y), at y = (0, 0)."""
    at = sp.sympify(beta)
    return sp.simplify(sp.log(sum(sp.exp(at * v) for v in (0, 0))) / at - sp.log(sum(sp.exp(v) for v in (0, 0))))
