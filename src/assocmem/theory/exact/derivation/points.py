"""Exact points at which a step is tried before sympy sees it: a certified number can refute a step, never show it.

A false residual can keep ``simplify`` busy for minutes; its value at one point takes a moment. Values are Arb balls, so
that a point that is printed as a counterexample is one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb
from sympy.tensor.indexed import Indexed

from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.derivation.sums import Definitions

BITS = 192
"""Working precision of a point."""
Sample = Callable[[random.Random], Mapping[str, Fraction]]
"""Draws values for names that are tied to each other, such as the largest of several norms."""


def _power(base: arb, exponent: arb) -> arb:
    whole = exponent.unique_fmpz()
    if whole is None:
        return base**exponent
    out = arb(1)
    for _ in range(abs(int(whole))):  # The power operator of a ball that contains 0 gives nan.
        out *= base
    return out if whole >= 0 else 1 / out


def _product(*parts: arb) -> arb:
    out = arb(1)
    for part in parts:
        out *= part
    return out


FUNCTIONS: dict[Any, Callable[..., arb]] = {
    sp.Add: lambda *parts: sum(parts, arb(0)),
    sp.Mul: _product,
    sp.Pow: _power,
    sp.exp: arb.exp,
    sp.log: arb.log,
    sp.Abs: abs,
    sp.erf: arb.erf,
    sp.gamma: arb.gamma,
    sp.loggamma: arb.lgamma,
    sp.Max: lambda first, *others: _extreme(first, others, arb.max),
    sp.Min: lambda first, *others: _extreme(first, others, arb.min),
}
"""What can be evaluated."""
CONSTANTS: dict[Any, Callable[[], arb]] = {sp.pi: arb.pi, sp.E: arb.const_e, sp.EulerGamma: arb.const_euler}


def _extreme(first: arb, others: tuple[arb, ...], of: Callable[[arb, arb], arb]) -> arb:
    for other in others:
        first = of(first, other)
    return first


class Point:
    """A value for every name, drawn when first asked for; names that have a definition follow from the others.

    Parameters
    ----------
    where : mapping
        Definitions.
    draw : random.Random
        Where values come from: eighths in [-3, 3], of the sign that the name has; 1 to 3 for a number of things.
    sample : callable, optional
        Draws the names that are tied to each other.
    """

    def __init__(self, where: Definitions, draw: random.Random, sample: Sample | None = None) -> None:
        self.defined = {key.base if isinstance(key, Indexed) else key: (key, value) for key, value in where.items()}
        self.draw = draw
        self.drawn: dict[str, Fraction] = dict(sample(draw)) if sample else {}
        self.known: dict[tuple[sp.Expr, tuple[tuple[str, int], ...]], arb] = {}

    def words(self) -> str:
        """The values that were asked for."""
        return ", ".join(f"{name}={value}" for name, value in sorted(self.drawn.items()))

    def value(self, expr: sp.Expr, bound: Mapping[str, int] | None = None) -> arb:
        """A ball around the number; ``bound`` gives the indices their values.

        Raises
        ------
        KeyError
            For a function that is not among ``FUNCTIONS``.
        """
        free = {str(symbol) for symbol in expr.free_symbols}
        at = {name: number for name, number in (bound or {}).items() if name in free}
        key = expr, tuple(sorted(at.items()))
        if key not in self.known:
            with precision(BITS):
                self.known[key] = self._value(expr, at)
        return self.known[key]

    def _value(self, expr: sp.Expr, at: dict[str, int]) -> arb:
        if expr.is_Rational:
            return to_arb(Fraction(int(expr.p), int(expr.q)))
        if expr in CONSTANTS:
            return CONSTANTS[expr]()
        if isinstance(expr, sp.Sum):
            index, low, high = expr.limits[-1]
            inner = expr.func(expr.function, *expr.limits[:-1]) if len(expr.limits) > 1 else expr.function
            ends = range(self._whole(low, at), self._whole(high, at) + 1)
            return sum((self.value(inner, {**at, str(index): r}) for r in ends), arb(0))
        if isinstance(expr, Indexed):
            places = [self._whole(index, at) for index in expr.indices]
            if expr.base in self.defined:
                key, value = self.defined[expr.base]
                return self.value(value, dict(zip(map(str, key.indices), places, strict=True)))
            return self._drawn(f"{expr.base}{places}", expr)
        if expr.is_Symbol:
            if str(expr) in at:
                return arb(at[str(expr)])
            return self.value(self.defined[expr][1]) if expr in self.defined else self._drawn(str(expr), expr)
        if expr.func not in FUNCTIONS:
            known = ", ".join(sorted(function.__name__ for function in FUNCTIONS))
            raise KeyError(f"{expr.func.__name__} in {expr}; a derivation takes {known}")
        return FUNCTIONS[expr.func](*(self.value(arg, at) for arg in expr.args))

    def _whole(self, expr: sp.Expr, at: dict[str, int]) -> int:
        number = self.value(expr, at).unique_fmpz()
        if number is None:
            raise ValueError(f"{expr} is no whole number; takes one where it counts or is an index")
        return int(number)

    def _drawn(self, name: str, expr: sp.Expr) -> arb:
        if name not in self.drawn:
            low = 1 if expr.is_positive else 0 if expr.is_nonnegative else -24
            whole = expr.is_Symbol and expr.is_integer
            drawn = Fraction(self.draw.randint(1, 3)) if whole else Fraction(self.draw.randint(low, 24), 8)
            self.drawn[name] = drawn
        return to_arb(self.drawn[name])
