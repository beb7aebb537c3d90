"""Formulas as Arb balls: a sympy expression is enclosed at exact or enclosed values of its symbols."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_log_mean

_FUNCTIONS = {sp.exp: arb.exp, sp.log: arb.log, sp.gamma: arb.gamma, sp.loggamma: arb.lgamma}
_CONSTANTS = {sp.pi: arb.pi, sp.E: arb.const_e}


def enclose(expr: sp.Expr, at: Mapping[sp.Symbol, Fraction | int | arb]) -> arb:
    """A ball around a formula of sums, products, powers, exp, log, Gamma, gamma(s, y) and rationals, at a point.

    Raises
    ------
    TypeError
        For anything else, a symbol without a value included.
    """
    if expr in at:
        value = at[expr]
        return value if isinstance(value, arb) else to_arb(value)
    if expr.is_Rational:
        return to_arb(Fraction(int(expr.p), int(expr.q)))
    if expr in _CONSTANTS:
        return _CONSTANTS[expr]()
    if expr.is_Add or expr.is_Mul:
        parts = [enclose(arg, at) for arg in expr.args]
        return sum(parts, arb(0)) if expr.is_Add else math.prod(parts, start=arb(1))
    if expr.is_Pow:
        return _raised(enclose(expr.base, at), expr.exp, at)
    if expr.func in _FUNCTIONS:
        return _FUNCTIONS[expr.func](enclose(expr.args[0], at))
    if isinstance(expr, sp.lowergamma):
        order, upto = (enclose(arg, at) for arg in expr.args)
        return (certified_log_mean(order, upto) + order * upto.log()).exp() / order
    raise TypeError(f"expr={expr} holds something other than sums, products, powers, exp, log, gamma and rationals")


def _raised(base: arb, exponent: sp.Expr, at: Mapping[sp.Symbol, Fraction | int | arb]) -> arb:
    """A power; whole exponents keep a base that may be negative."""
    if exponent.is_Integer:
        return base ** int(exponent)
    return base ** enclose(exponent, at)
