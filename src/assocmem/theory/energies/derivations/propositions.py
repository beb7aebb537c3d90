"""Propositions 1 to 3, line by line, with the signs that the paper leaves out."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp
from sympy.tensor.indexed import IndexedBase

from assocmem.theory.exact.derivation import Derivation, Step, given, growing, termwise

i, k = sp.symbols("i k", integer=True)
n, d = sp.symbols("n d", integer=True, positive=True)
g, spread, largest = sp.symbols("g Delta xi2", nonnegative=True)
E, hopfield = sp.symbols("E E_M", real=True)
q, s, t = (IndexedBase(name, nonnegative=True) for name in "qst")
x, rho = (IndexedBase(name, real=True) for name in ("x", "rho"))
NAMES = {hopfield: r"E_{\mathrm{MCHN}}", largest: r"\xi^2", spread: r"\Delta"}

# Proposition 1: patterns numbered from the nearest on ---------------------------------------------------------------
_REST = sp.Sum(sp.exp(-q[i]), (i, 2, d))
_ONE = {E: -sp.log(sp.exp(-g) + sp.Sum(sp.exp(-(g + q[i])), (i, 2, d)))}
_NUMBERED = "patterns numbered from the nearest on: $d_1=g$, $d_i=g+q_i$ with $q_i\\ge0$"
_FACTOR = Step("=", g - sp.log(1 + _REST), "every term has the factor $e^{-g}$")


@cache
def energy_at_most_distance() -> Derivation:
    """E <= g, for any number of patterns and any distance."""
    steps = (_FACTOR, Step("<=", g, "the other terms are not negative"))
    return Derivation("P1", E, steps, _ONE, NAMES, _NUMBERED, part="upper")


@cache
def energy_at_least_log_d_below() -> Derivation:
    """E >= g - log d, for any number of patterns and any distance."""
    ones = sp.Sum(sp.Integer(1), (i, 2, d))
    by = termwise(_REST, ones, growing(q[i]), lambda rest: g - sp.log(1 + rest))
    steps = (
        _FACTOR,
        Step(">=", g - sp.log(1 + ones), "no term is above $1$", by),
        Step("=", g - sp.log(d), "$d-1$ ones and the first"),
    )
    return Derivation("P1", E, steps, _ONE, NAMES, _NUMBERED, part="lower")


# Proposition 2, with the sign that it leaves out --------------------------------------------------------------------
_NORM = sp.Sum(rho[i, k] ** 2, (k, 1, n))
_DISTANCE = sp.Sum((x[k] - rho[i, k]) ** 2, (k, 1, n))
_NEAR = sp.Sum(sp.exp(-_DISTANCE), (i, 1, d))
_TILTED = sp.Sum(sp.exp(-_DISTANCE) * sp.exp(_NORM - largest), (i, 1, d))
_TWO = {
    E: -sp.log(_NEAR),
    hopfield: -sp.log(sp.Sum(sp.exp(2 * sp.Sum(x[k] * rho[i, k], (k, 1, n))), (i, 1, d))) / 2
    + (sp.Sum(x[k] ** 2, (k, 1, n)) + largest) / 2
    + sp.log(d) / 2,
}
_SHORT = {**NAMES, _DISTANCE: r"\lVert x-\rho^i\rVert^2", _NORM: r"\lVert\rho^i\rVert^2"}
_APART = 2 * hopfield - sp.log(d) - E
_SQUARE = Step("=", sp.log(_NEAR) - sp.log(_TILTED), "complete the square; $\\lVert x\\rVert^2$ and $\\log d$ cancel")


def _patterns(draw: random.Random) -> dict[str, Fraction]:
    """Patterns whose largest and smallest squared norms are those that are named."""
    rows, columns = draw.randint(1, 3), draw.randint(1, 3)
    at = [[Fraction(draw.randint(-8, 8), 8) for _ in range(columns)] for _ in range(rows)]
    norms = [sum((value * value for value in row), Fraction(0)) for row in at]
    names = {f"rho[{row + 1}, {column + 1}]": at[row][column] for row in range(rows) for column in range(columns)}
    sizes = {"d": Fraction(rows), "n": Fraction(columns)}
    return {**names, **sizes, "xi2": max(norms), "Delta": max(norms) - min(norms)}


@cache
def hopfield_energy_not_below() -> Derivation:
    """0 <= 2 E_MCHN - log d - E at beta = 2, for any patterns."""
    fact = given({_NORM: largest - s[i]}, growing(s[i]))
    by = termwise(_TILTED, _NEAR, fact, lambda rest: sp.log(_NEAR) - sp.log(rest))
    why = "$\\lVert\\rho^i\\rVert^2=\\xi^2-s_i$ with $s_i\\ge0$, as $\\xi^2$ is the largest"
    steps = (_SQUARE, Step(">=", sp.Integer(0), why, by))
    return Derivation("P2-FIX", _APART, steps, _TWO, _SHORT, "at $\\beta=2$", part="lower", sample=_patterns)


@cache
def hopfield_energy_within_spread() -> Derivation:
    """2 E_MCHN - log d - E <= Delta at beta = 2, for any patterns."""
    fact = given({_NORM: largest - spread + t[i]}, growing(t[i]))
    least = sp.Sum(sp.exp(-_DISTANCE) * sp.exp(-spread), (i, 1, d))
    by = termwise(least, _TILTED, fact, lambda rest: sp.log(_NEAR) - sp.log(rest))
    why = "$\\lVert\\rho^i\\rVert^2=\\xi^2-\\Delta+t_i$ with $t_i\\ge0$, as $\\xi^2-\\Delta$ is the smallest"
    steps = (_SQUARE, Step("<=", spread, why, by))
    return Derivation("P2-FIX", _APART, steps, _TWO, _SHORT, "at $\\beta=2$", part="upper", sample=_patterns)


# Proposition 3: the distance itself, from the two before ------------------------------------------------------------
_over, _gap = sp.symbols("u w", nonnegative=True)


@cache
def distance_not_above_hopfield() -> Derivation:
    """g - 2 E_MCHN <= 0, from 0 <= 2 E_MCHN - log d - E and g - log d <= E."""
    short = sp.Symbol("v", nonnegative=True)
    where = {E: g - sp.log(d) + short, hopfield: (g + short + _gap) / 2}
    words = "$E=g-\\log d+v$ with $v\\ge0$ (P1), $2E_{\\mathrm{MCHN}}=E+\\log d+w$ with $w\\ge0$ (P2-FIX)"
    steps = (
        Step("=", -short - _gap, "both put in; $g$ and $\\log d$ cancel"),
        Step("<=", sp.Integer(0), "neither is negative"),
    )
    return Derivation("P3-FIX", g - 2 * hopfield, steps, where, NAMES, words, part="upper")


@cache
def distance_not_far_below_hopfield() -> Derivation:
    """g - 2 E_MCHN >= -Delta - log d, from 2 E_MCHN - log d - E <= Delta and E <= g."""
    where = {E: g - _over, hopfield: (g - _over + sp.log(d) + spread - _gap) / 2}
    words = "$E=g-u$ with $u\\ge0$ (P1), $2E_{\\mathrm{MCHN}}=E+\\log d+\\Delta-w$ with $w\\ge0$ (P2-FIX)"
    steps = (
        Step("=", _over + _gap - spread - sp.log(d), "both put in; $g$ cancels"),
        Step(">=", -spread - sp.log(d), "neither $u$ nor $w$ is negative"),
    )
    return Derivation("P3-FIX", g - 2 * hopfield, steps, where, NAMES, words, part="lower")


_t = sp.Symbol("t_1", positive=True)


@cache
def lower_bound_fails() -> Derivation:
    """g - 2 E_MCHN + Delta < 0 for the patterns -1 and 1 on the line, at every point t > 0: against Proposition 3."""
    where = {
        g: (_t - 1) ** 2,
        hopfield: -sp.log(sp.exp(2 * _t) + sp.exp(-2 * _t)) / 2 + (_t**2 + 1) / 2 + sp.log(2) / 2,
        spread: sp.Integer(0),
    }
    steps = (
        Step("=", sp.log(1 + sp.exp(-4 * _t)) - sp.log(2), "$2t=\\log e^{2t}$; $t^2$ and $1$ cancel"),
        Step("<", sp.Integer(0), "it falls from $0$ at $t=0$ as $t$ grows", growing(_t)),
    )
    about = "patterns $-1$ and $1$ at the point $t>0$: $g=(t-1)^2$, $\\xi^2=1$, $\\Delta=0$"
    words = "that the printed bound says $g-2E_{\\mathrm{MCHN}}+\\Delta\\ge0$"
    return Derivation("P3", g - 2 * hopfield + spread, steps, where, {**NAMES, _t: "t"}, about, in_words=words)


def refuted_by(lower: Mapping[str, Any], middle: Mapping[str, Any]) -> tuple[Derivation, ...]:
    """The derivation of middle - lower < 0 at some patterns; empty where none is known."""
    made = lower_bound_fails()
    return (made,) if made.states(_linear(middle) - _linear(lower), "<", sp.S.Zero) else ()


@cache
def _sides() -> tuple[Derivation, ...]:
    """The derivations whose conclusions are sides of Propositions 1 to 3."""
    proposition_one = (energy_at_least_log_d_below(), energy_at_most_distance())
    proposition_two = (hopfield_energy_not_below(), hopfield_energy_within_spread())
    return (*proposition_one, *proposition_two, distance_not_far_below_hopfield(), distance_not_above_hopfield())


def sandwich(lower: Mapping[str, Any], middle: Mapping[str, Any], upper: Mapping[str, Any]) -> tuple[Derivation, ...]:
    """The derivations that conclude the two sides of lower <= middle <= upper, linear forms in g, E, M, delta, log_d.

    Parameters
    ----------
    lower, middle, upper : mapping
        Rational coefficients by name; M is twice the MCHN energy at beta = 2.

    Returns
    -------
    tuple[Derivation, ...]
        Those that conclude this or more; fewer than two where a side needs another argument.
    """
    low, mid, high = (_linear(form) for form in (lower, middle, upper))
    return tuple(made for made in _sides() if made.start == mid and _reaches(made, low, high))


def _reaches(made: Derivation, low: sp.Expr, high: sp.Expr) -> bool:
    """Whether it concludes one of two bounds, or a better one."""
    _, relation, end = made.conclusion()
    return bool((end - low).is_nonnegative if relation == ">=" else (high - end).is_nonnegative)


def _linear(form: Mapping[str, Any]) -> sp.Expr:
    """A linear form by name as an expression."""
    symbols = {"g": g, "E": E, "M": 2 * hopfield, "delta": spread, "log_d": sp.log(d)}
    return sum((sp.Rational(str(share)) * symbols[name] for name, share in form.items()), sp.S.Zero)
