"""Chapter 1, line by line: LogSumExp lies between the maximum and log n above it, and is convex."""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy.tensor.indexed import IndexedBase

from assocmem.theory.exact.derivation import Derivation, Step, growing, no_negative_term, termwise

i, j = sp.symbols("i j", integer=True)
n = sp.Symbol("n", integer=True, positive=True)
top, lse, mean, shift = sp.symbols("m LSE mu s", real=True)
v = IndexedBase("v", real=True)
a = IndexedBase("a", positive=True)
q = IndexedBase("q", nonnegative=True)
NAMES = {lse: r"\mathrm{LSE}(x)", top: r"\max x", mean: r"\mu"}

_BELOW = sp.Sum(sp.exp(-q[i]), (i, 2, n))
_ENTRIES = {lse: sp.log(sp.exp(top) + sp.Sum(sp.exp(top - q[i]), (i, 2, n)))}
_NUMBERED = "entries numbered from the largest on: $x_1=\\max x$, $x_i=\\max x-q_i$, $q_i\\ge0$"
_FACTOR = Step("=", top + sp.log(1 + _BELOW), "every term has the factor $e^{\\max x}$")


@cache
def lse_at_least_maximum() -> Derivation:
    """LSE(x) >= max x, for any number of entries."""
    steps = (_FACTOR, Step(">=", top, "the other terms are not negative"))
    return Derivation("L2", lse, steps, _ENTRIES, NAMES, _NUMBERED, part="lower")


@cache
def lse_at_most_log_n_above() -> Derivation:
    """LSE(x) <= max x + log n, for any number of entries."""
    ones = sp.Sum(sp.Integer(1), (i, 2, n))
    by = termwise(_BELOW, ones, growing(q[i]), lambda rest: top + sp.log(1 + rest))
    steps = (
        _FACTOR,
        Step("<=", top + sp.log(1 + ones), "no term is above $1$", by),
        Step("=", top + sp.log(n), "$n-1$ ones and the first"),
    )
    return Derivation("L2", lse, steps, _ENTRIES, NAMES, _NUMBERED, part="upper")


@cache
def curvature_is_a_variance() -> Derivation:
    """The second derivative of LSE along v is the variance of v under softmax, and not negative."""
    total = sp.Sum(a[j], (j, 1, n))
    weight = a[i] / total
    curvature = sp.Sum(a[i] * v[i] ** 2, (i, 1, n)) / total - (sp.Sum(a[i] * v[i], (i, 1, n)) / total) ** 2
    steps = (
        Step("=", sp.Sum(weight * (v[i] - mean) ** 2, (i, 1, n)), "the weights $a_i/\\sum_ja_j$ sum to $1$"),
        Step(">=", sp.Integer(0), "weights are positive, squares are not negative", no_negative_term),
    )
    where = {mean: sp.Sum(a[j] * v[j], (j, 1, n)) / total}
    given = "the second derivative of $\\log\\sum_ie^{x_i+tv_i}$ at $t=0$, with $a_i=e^{x_i}$"
    words = "that a function whose second derivative along every line is not negative is convex"
    return Derivation("L1", curvature, steps, where, NAMES, given, in_words=words)
