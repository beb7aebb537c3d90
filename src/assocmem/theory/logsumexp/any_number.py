"""Identities of LogSumExp whose number of entries is a symbol: each residual is 0 for every n at once.

Sums are sympy sums over i = 1..n with n a symbol; where one entry is singled out, the exponentials of all others are
one number R >= 0, which is 0 for n = 1.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

N = sp.Symbol("n", integer=True, positive=True)
_I = sp.Symbol("i", integer=True)
_X, _Y, _V = (sp.IndexedBase(name, real=True) for name in "xyv")
_S, _C = sp.symbols("s c", real=True)
_REST = sp.Symbol("R", nonnegative=True)


def total(term: sp.Expr) -> sp.Expr:
    """The sum of a term over i = 1..n."""
    return sp.Sum(term, (_I, 1, N))


def curvature_residual() -> sp.Expr:
    """Second derivative of LSE along v minus (A C - B^2)/A^2, for the sums A, B, C of a_i, a_i v_i, a_i v_i^2.

    The weights are a_i = exp(x_i + s v_i), so A C - B^2 is the left side of Lagrange's identity.
    """
    weight = sp.exp(_X[_I] + _S * _V[_I])
    moments = {total(_V[_I] ** k * weight): sp.Symbol(name, positive=k == 0) for k, name in enumerate("ABC")}
    a, b, c = moments.values()
    return sp.simplify(sp.diff(sp.log(total(weight)), _S, 2).subs(moments) - (a * c - b**2) / a**2)


def shift_residual() -> sp.Expr:
    """LSE(x + c) - LSE(x) - c: adding a number to all entries adds it to the value."""
    return sp.expand_log(sp.log(sp.simplify(total(sp.exp(_X[_I] + _C)) / total(sp.exp(_X[_I])))), force=True) - _C


def rises_with_each_entry() -> bool:
    """Whether the derivative of LSE by one entry is positive, whatever the others are."""
    entry = sp.Symbol("t", real=True)
    return bool(sp.diff(sp.log(_REST + sp.exp(entry)), entry).is_positive)


def gradient_residual(scale: sp.Expr | int = 1) -> sp.Expr:
    """d LSE(beta, y)/d y_i - scale * softmax(beta y)_i for one entry among any number."""
    entry, beta = sp.Symbol("y", real=True), sp.Symbol("beta", positive=True)
    sums = _REST + sp.exp(beta * entry)
    return sp.simplify(sp.diff(sp.log(sums) / beta, entry) - scale * sp.exp(beta * entry) / sums)


def segment_residual(scale: sp.Expr | int = 1) -> sp.Expr:
    """d/ds LSE(s x + (1-s) y) - scale * sum_i softmax_i (x_i - y_i)."""
    weight = sp.exp(_S * _X[_I] + (1 - _S) * _Y[_I])
    sums, moved = sp.symbols("A B", positive=True)
    known = {total(weight): sums, total((_X[_I] - _Y[_I]) * weight): moved}
    return sp.simplify(sp.diff(sp.log(total(weight)), _S).subs(known) - scale * moved / sums)


def scaled_residual(beta: sp.Expr | int) -> sp.Expr:
    """(1/beta) log sum exp(beta y_i) at the given beta minus log sum exp(y_i)."""
    at = sp.sympify(beta)
    return sp.log(total(sp.exp(at * _Y[_I]))) / at - sp.log(total(sp.exp(_Y[_I])))


def marginal_residual(factor: sp.Expr | int) -> sp.Expr:
    """exp(-E) - sum_y exp(f_y) for the energy E = factor * LSE(f) of any number of classes."""
    marginal = total(sp.exp(_Y[_I]))
    return sp.simplify(sp.exp(-sp.sympify(factor) * sp.log(marginal)) - marginal)


def form_residual(term: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    """-log sum_i term(q_i) + LSE(-q_1, ..., -q_n) for real q_i: 0 if the term makes an energy minus a LogSumExp."""
    return -sp.log(total(term(_Y[_I]))) + sp.log(total(sp.exp(-_Y[_I])))
