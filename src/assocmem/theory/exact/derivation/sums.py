"""Sums for every number of terms, in a normal form in which sympy sees what is equal and what has a sign.

A statement about d patterns, d a symbol, is a ``Sum`` over an ``IndexedBase``. Sympy does not know that two such sums
agree up to the name of the index, or that a factor without the index may stand in front. ``flat`` brings sums to one
form; ``plain`` then puts a symbol, which knows its sign, in the place of each, and the rest is ordinary algebra.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from sympy.tensor.indexed import Indexed

Definitions = Mapping[sp.Expr, sp.Expr]
"""What is put in for a symbol, or for an indexed name at any index."""


def flat(expr: sp.Expr) -> sp.Expr:
    """Sums split into monomials, with all that does not depend on the index in front; nested sums in one order.

    Raises
    ------
    ValueError
        For a sum whose upper end may lie more than one below its lower end: sympy would let it run backwards.
    """
    if not expr.args or isinstance(expr, Indexed):
        return expr
    if isinstance(expr, sp.Sum):
        inner, *limits = expr.args
        for index, low, high in map(tuple, limits):
            inner = sp.Add(*[_summed(term, index, low, high) for term in sp.Add.make_args(sp.expand(flat(inner)))])
        return inner
    return expr.func(*map(flat, expr.args))


def _summed(term: sp.Expr, index: sp.Symbol, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    free, bound = sp.powsimp(term).expand(power_exp=True).as_independent(index, as_Add=False)
    if not (high - low + 1).is_nonnegative:
        raise ValueError(f"the sum from {low} to {high} may run backwards; takes an end at which it is empty at least")
    if bound == 1:
        return free * (high - low + 1)
    for inner in (factor for factor in sp.Mul.make_args(bound) if isinstance(factor, sp.Sum)):
        if f"{high}#" < str(inner.limits[0][0]):  # Two finite sums may be exchanged: one order for all.
            whole = sp.Sum(bound / inner * inner.function, (index, low, high))
            return sp.expand(free * flat(sp.Sum(flat(whole), inner.limits[0])))
    name = sp.Symbol(f"{high}#", integer=True)  # The index has no name of its own.
    while name != index and name in bound.atoms(sp.Symbol):
        name = sp.Symbol(f"{name}'", integer=True)
    return free * sp.Sum(bound.xreplace({index: name}), (name, low, high))


def define(expr: sp.Expr, where: Definitions) -> sp.Expr:
    """The definitions put in, also where an indexed name has another index than in its definition."""
    by_base = {key.base: (key, value) for key, value in where.items() if isinstance(key, Indexed)}
    for _ in range(len(where) + 1):
        own = dict(where)
        for atom in expr.atoms(Indexed):
            if atom not in own and atom.base in by_base:
                key, value = by_base[atom.base]
                own[atom] = value.xreplace(dict(zip(key.indices, atom.indices, strict=True)))
        expr = expr.xreplace(own)  # ``subs`` would skip names under the index of a sum.
    return expr


def plain(expr: sp.Expr, where: Definitions | None = None) -> sp.Expr:
    """The definitions put in, sums made flat and then replaced by symbols that know their sign."""
    expr = flat(define(expr, where or {}))
    while sums := sorted((s for s in expr.atoms(sp.Sum) if not s.function.has(sp.Sum)), key=sp.default_sort_key):
        expr = expr.xreplace({one: _symbol(one) for one in sums})
    logs = {one: sp.expand_log(sp.log(sp.factor(one.args[0]))) for one in expr.atoms(sp.log)}
    return sp.expand_log(expr.xreplace(logs))


def _symbol(total: sp.Sum) -> sp.Symbol:
    """A sum is positive where its terms are and there is at least one; nonnegative where its terms are."""
    (_, low, high), term = total.limits[0], total.function
    if term.is_positive and (high - low).is_nonnegative:
        return sp.Symbol(f"<{total}>", positive=True)
    if term.is_nonnegative:
        return sp.Symbol(f"<{total}>", nonnegative=True)
    return sp.Symbol(f"<{total}>", real=term.is_real)


def undefined(expr: sp.Expr) -> list[sp.Expr]:
    """Divisors that may vanish, logarithms, roots, Gamma of what may be negative: sympy cancels across them in silence.

    What was cancelled before the expression was made, such as x y/x, is not seen here.
    """

    def safe(power: sp.Pow) -> bool:
        base, exponent = power.base, power.exp
        whole = bool(exponent.is_integer and base.is_nonzero)
        return bool(base.is_positive or whole or (exponent.is_positive and base.is_nonnegative))

    powers = [power for power in expr.atoms(sp.Pow) if not power.exp.is_integer or power.exp.is_negative]
    bad = [power for power in powers if not safe(power)]
    return [*bad, *(one for one in expr.atoms(sp.log, sp.gamma, sp.loggamma) if not one.args[0].is_positive)]


def residual(left: sp.Expr, right: sp.Expr, where: Definitions | None = None) -> sp.Expr:
    """left - right, as simple as sympy makes it; 0 proves the equality for every value of the symbols."""
    rest = plain(left - right, where)
    for reduce in (
        sp.expand,
        lambda e: sp.expand_log(sp.simplify(e)),
        lambda e: sp.simplify(sp.expand(e, power_exp=True)),
    ):
        rest = reduce(rest)
        if rest == 0:
            break
    return rest
