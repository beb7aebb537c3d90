"""Chapter 4, line by line: the global energy of l layers against the smallest of theirs, and against a mixture."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import sympy as sp
from sympy.tensor.indexed import IndexedBase

from assocmem.theory.exact.derivation import Derivation, Step, bowl, given, growing, summed, termwise

i, j = sp.symbols("i j", integer=True)
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


# The mixture of the layers as a surrogate -----------------------------------------------------------------------------
at_y, at_x, ratio = (IndexedBase(name, real=True) for name in "abu")
share, other = (IndexedBase(name, positive=True) for name in ("p", "o"))
from_y, to_x, mean_y, mean_x, spread, apart = sp.symbols("G_y G_x Q_y Q_x H KL", real=True)
_SUM_Y, _SUM_X = sp.Sum(sp.exp(-at_y[j]), (j, 1, layers)), sp.Sum(sp.exp(-at_x[j]), (j, 1, layers))
_MIXED = {
    from_y: -sp.log(_SUM_Y),
    to_x: -sp.log(_SUM_X),
    share[i]: sp.exp(-at_y[i]) / _SUM_Y,
    other[i]: sp.exp(-at_x[i]) / _SUM_X,
    mean_y: sp.Sum(share[i] * at_y[i], (i, 1, layers)),
    mean_x: sp.Sum(share[i] * at_x[i], (i, 1, layers)),
    spread: -sp.Sum(share[i] * sp.log(share[i]), (i, 1, layers)),
    apart: sp.Sum(share[i] * (sp.log(share[i]) - sp.log(other[i])), (i, 1, layers)),
}
_MIXED_NAMES = {
    from_y: r"E_{\mathrm{global}}(y)",
    to_x: r"E_{\mathrm{global}}(x)",
    mean_y: "Q(y|y)",
    mean_x: "Q(x|y)",
    spread: r"H(\pi(y))",
    apart: r"\mathrm{KL}(\pi(y)\,\Vert\,\pi(x))",
    share.label: r"\pi(y)",
    other.label: r"\pi(x)",
}
_ENERGIES = "energies $a_i=E_i(y)$ and $b_i=E_i(x)$ of the layers, any numbers"


@cache
def mixture_is_above() -> Derivation:
    """Q(x|y) - E_global(x) - H(pi(y)) = KL >= 0."""
    logs = share[i] * (sp.log(share[i]) - sp.log(other[i]))
    terms = sp.Sum(logs - share[i] + other[i], (i, 1, layers))
    tangent = given({other[i]: share[i] * sp.exp(-ratio[i])}, bowl(ratio[i]))
    why = "with $\\pi_i(x)=\\pi_i(y)e^{-u_i}$: $u\\ge1-e^{-u}$, the tangent at $0$; both shares sum to $1$"
    steps = (
        Step("=", apart, "$\\log\\pi_i(x)=E_{\\mathrm{global}}(x)-b_i$"),
        Step(">=", sp.Integer(0), why, summed(terms, tangent)),
    )
    start = mean_x - to_x - spread
    return Derivation("X-MM-MIX", start, steps, _MIXED, _MIXED_NAMES, _ENERGIES, part="above")


@cache
def mixture_change(change: Fraction = Fraction(1), divergence: Fraction = Fraction(1)) -> Derivation:
    """E_global(y) - E_global(x) = Q(y|y) - Q(x|y) + KL; refused for other factors than 1 and 1."""
    inner = at_y[i] - at_x[i] + sp.log(share[i]) - sp.log(other[i])
    last = sp.Rational(change) * (mean_y - mean_x) + sp.Rational(divergence) * apart
    steps = (
        Step("=", sp.Sum(share[i] * (from_y - to_x), (i, 1, layers)), "the shares sum to $1$"),
        Step("=", sp.Sum(share[i] * inner, (i, 1, layers)), "$\\log\\pi_i=E_{\\mathrm{global}}-E_i$ at either point"),
        Step("=", last, "mean energies and divergence, by their definitions"),
    )
    return Derivation("X-MM-MIX", from_y - to_x, steps, _MIXED, _MIXED_NAMES, _ENERGIES, part="change")
