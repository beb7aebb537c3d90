"""Chapter 4, line by line: the global energy of l layers against the smallest of theirs."""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy.tensor.indexed import IndexedBase

from assocmem.theory.exact.derivation import Derivation, Step, growing, termwise

i = sp.Symbol("i", integer=True)
layers = sp.Symbol("l", integer=True, positive=True)
least, c = sp.symbols("E_t c", real=True)
q = IndexedBase("q", nonnegative=True)
_REST = sp.Sum(sp.exp(-q[i]), (i, 2, layers))
_GLOBAL = -sp.log(sp.exp(-least) + sp.Sum(sp.exp(-(least + q[i])), (i, 2, layers)))
_WHERE = {c: _GLOBAL - least + sp.log(layers)}
_NUMBERED = "layers numbered from the one of smallest energy on at this point: $E_1=E_t$, $E_i=E_t+q_i$, $q_i\\ge0$"
_FACTOR = Step("=", sp.log(layers) - sp.log(1 + _REST), "every term has the factor $e^{-E_t}$")


@cache
def remainder_not_negative() -> Derivation:
    """c >= 0 at each point, for the layer of smallest energy there."""
    ones = sp.Sum(sp.Integer(1), (i, 2, layers))
    by = termwise(_REST, ones, growing(q[i]), lambda rest: sp.log(layers) - sp.log(1 + rest))
    steps = (
        _FACTOR,
        Step(">=", sp.log(layers) - sp.log(1 + ones), "no term is above $1$", by),
        Step("=", sp.Integer(0), "$l-1$ ones and the first"),
    )
    return Derivation("EQ10-a", c, steps, _WHERE, given=_NUMBERED, part="lower")


@cache
def remainder_at_most_log_l() -> Derivation:
    """c <= log l at each point, and below it where there are two layers or more."""
    steps = (_FACTOR, Step("<=", sp.log(layers), "the other terms are not negative"))
    words = "that the bound is strict where $l\\ge2$, since there is then another term, which is positive"
    return Derivation("EQ10-a", c, steps, _WHERE, given=_NUMBERED, part="upper", in_words=words)
