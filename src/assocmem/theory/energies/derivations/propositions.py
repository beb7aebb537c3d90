"""Propositions 1 to 3, line by line, with the signs that the paper leaves out."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp
from sympy.tensor.indexed import IndexedBase

from assocmem.theory.exact.derivation import Derivation, Step, by_sign, given, growing, termwise

i, k = sp.symbols("i k", integer=True)
n, d = sp.symbols("n d", integer=True, positive=True)
g, spread, largest = sp.symbols("g Delta xi2", nonnegative=True)
E, doubled = sp.symbols("E twice_E_M", real=True)
"""The distance energy, and twice the MCHN energy at beta = 2."""
rest, others = sp.symbols("R T", nonnegative=True)
with_bias, with_largest = sp.symbols("A B", positive=True)
q, r, s = (IndexedBase(name, nonnegative=True) for name in "qrs")
x, rho = (IndexedBase(name, real=True) for name in ("x", "rho"))
NAMES = {doubled: r"2E_{\mathrm{MCHN}}", largest: r"\xi^2", spread: r"\Delta"}


def _as_written(*terms: sp.Expr) -> sp.Expr:
    """A sum whose terms keep their order on the page."""
    return sp.Add(*terms, evaluate=False)


# Proposition 1: patterns numbered from the nearest on ---------------------------------------------------------------
_NUMBERED = "patterns numbered from the nearest on: their squared distances are $g+q_i$ with $q_i\\ge0$, and $q_1=0$"
_ALL = sp.Sum(sp.exp(-q[i]), (i, 1, d))
_LEFT = {others: sp.Sum(sp.exp(-(g + q[i])), (i, 2, d)), rest: sp.Sum(sp.exp(-q[i]), (i, 2, d))}


@cache
def energy_at_most_distance() -> Derivation:
    """E <= g, for any number of patterns and any distance."""
    steps = (
        Step("=", g - sp.log(1 + rest), "every term has the factor $e^{-g}$"),
        Step("<=", g, "$R\\ge0$, so the logarithm is not negative"),
    )
    where = {E: -sp.log(sp.exp(-g) + others), **_LEFT}
    words = f"{_NUMBERED}; the nearest pattern has the term $e^{{-g}}$, the others add up to $T$"
    return Derivation("P1", E, steps, where, NAMES, words, part="upper")


@cache
def energy_at_least_log_d_below() -> Derivation:
    """E >= g - log d, for any number of patterns and any distance."""
    ones = sp.Sum(sp.Integer(1), (i, 1, d))
    by = termwise(_ALL, ones, growing(q[i]), lambda total: g - sp.log(total))
    steps = (
        Step("=", g - sp.log(_ALL), "every term has the factor $e^{-g}$"),
        Step(">=", g - sp.log(d), "none of the $d$ terms is above $1$", by),
    )
    where = {E: -sp.log(sp.Sum(sp.exp(-(g + q[i])), (i, 1, d)))}
    return Derivation("P1", E, steps, where, NAMES, _NUMBERED, part="lower")


# Proposition 2, with the sign that it leaves out --------------------------------------------------------------------
_NORM = sp.Sum(rho[i, k] ** 2, (k, 1, n))
_QUERY = sp.Sum(x[k] ** 2, (k, 1, n))
_PRODUCT = sp.Sum(x[k] * rho[i, k], (k, 1, n))
_DISTANCE = sp.Sum((x[k] - rho[i, k]) ** 2, (k, 1, n))
_BIASED = sp.Sum(sp.exp(2 * _PRODUCT - _NORM), (i, 1, d))
_LEVEL = sp.Sum(sp.exp(2 * _PRODUCT - largest), (i, 1, d))
_TWO = {
    E: -sp.log(sp.Sum(sp.exp(-_DISTANCE), (i, 1, d))),
    doubled: _QUERY - sp.log(sp.Sum(sp.exp(2 * _PRODUCT), (i, 1, d))) + sp.log(d) + largest,
    with_bias: _BIASED,
    with_largest: _LEVEL,
}
_SHORT = {
    **NAMES,
    _DISTANCE: r"\lVert x-\rho^i\rVert^2",
    _PRODUCT: r"\langle\rho^i,x\rangle",
    _NORM: r"\lVert\rho^i\rVert^2",
    _QUERY: r"\lVert x\rVert^2",
}
_APART = _as_written(doubled, -sp.log(d), -E)
_TWO_SUMS = _as_written(sp.log(with_bias), -sp.log(with_largest))
_SQUARE = Step(
    "=",
    _TWO_SUMS,
    "$-\\lVert x-\\rho^i\\rVert^2=2\\langle\\rho^i,x\\rangle-\\lVert\\rho^i\\rVert^2-\\lVert x\\rVert^2$; "
    "$\\lVert x\\rVert^2$ and $\\log d$ cancel",
)
_GIVEN = "$d$ patterns, $\\beta=2$; $\\xi^2$ is the largest squared norm, $\\rho_{i,k}$ coordinate $k$ of pattern $i$"


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
    by = termwise(_LEVEL, _BIASED, fact, lambda total: sp.log(with_bias) - sp.log(total))
    why = "no term of $B$ is above its partner in $A$: $\\lVert\\rho^i\\rVert^2=\\xi^2-s_i$ with $s_i\\ge0$"
    steps = (_SQUARE, Step(">=", sp.Integer(0), why, by))
    return Derivation("P2-FIX", _APART, steps, _TWO, _SHORT, _GIVEN, part="lower", sample=_patterns)


@cache
def hopfield_energy_within_spread() -> Derivation:
    """2 E_MCHN - log d - E <= Delta at beta = 2, for any patterns."""
    fact = given({_NORM: largest - spread + r[i]}, growing(r[i]))
    most = sp.Sum(sp.exp(2 * _PRODUCT - largest) * sp.exp(spread), (i, 1, d))
    by = termwise(_BIASED, most, fact, lambda total: sp.log(total) - sp.log(with_largest))
    why = (
        "no term of $A$ is above $e^\\Delta$ times its partner in $B$: "
        "$\\lVert\\rho^i\\rVert^2=\\xi^2-\\Delta+r_i$ with $r_i\\ge0$"
    )
    steps = (_SQUARE, Step("<=", spread, why, by))
    return Derivation("P2-FIX", _APART, steps, _TWO, _SHORT, _GIVEN, part="upper", sample=_patterns)


# Proposition 3: the distance itself, from the two before ------------------------------------------------------------
_over, _short, _gap, _room = sp.symbols("u v w y", nonnegative=True)
_SHIFT = _as_written(g, -doubled)
_LOG = (Fraction(0), Fraction(69, 100), Fraction(109, 100))
"""Numbers just below log 1, log 2 and log 3."""


def _sandwiched(draw: random.Random) -> dict[str, Fraction]:
    """Numbers that obey Propositions 1 and 2, the second with its sign."""
    count = draw.randint(1, 3)
    low, high = _LOG[count - 1], _LOG[count - 1] + Fraction(count > 1, 50)
    near, wide, part = (
        Fraction(draw.randint(0, 24), 8),
        Fraction(draw.randint(1, 24), 8),
        Fraction(draw.randint(1, 7), 8),
    )
    energy = near - low * part
    return {
        "d": Fraction(count),
        "g": near,
        "E": energy,
        "Delta": wide,
        "twice_E_M": energy + high + part * (wide - high + low),
    }


@cache
def distance_not_above_hopfield() -> Derivation:
    """g - 2 E_MCHN <= 0, from g - log d <= E and 0 <= 2 E_MCHN - log d - E."""
    steps = (
        Step(
            "<=",
            _as_written(E, sp.log(d), -doubled),
            "Proposition 1: $g\\le E+\\log d$",
            given({g: E + sp.log(d) - _short}, by_sign),
        ),
        Step(
            "<=",
            sp.Integer(0),
            "Proposition 2 with its sign (P2-FIX): $E+\\log d\\le2E_{\\mathrm{MCHN}}$",
            given({doubled: E + sp.log(d) + _gap}, by_sign),
        ),
    )
    return Derivation(
        "P3-FIX", _SHIFT, steps, {}, NAMES, "any patterns and any point", part="upper", sample=_sandwiched
    )


@cache
def distance_not_far_below_hopfield() -> Derivation:
    """g - 2 E_MCHN >= -Delta - log d, from E <= g and 2 E_MCHN - log d - E <= Delta."""
    steps = (
        Step(">=", _as_written(E, -doubled), "Proposition 1: $g\\ge E$", given({g: E + _over}, by_sign)),
        Step(
            ">=",
            _as_written(-spread, -sp.log(d)),
            "Proposition 2: $2E_{\\mathrm{MCHN}}\\le E+\\log d+\\Delta$",
            given({doubled: E + sp.log(d) + spread - _room}, by_sign),
        ),
    )
    return Derivation(
        "P3-FIX", _SHIFT, steps, {}, NAMES, "any patterns and any point", part="lower", sample=_sandwiched
    )


_t = sp.Symbol("t_1", positive=True)


@cache
def lower_bound_fails() -> Derivation:
    """g - 2 E_MCHN + Delta < 0 for the patterns -1 and 1 on the line, at every point t > 0: against Proposition 3."""
    where = {
        g: (_t - 1) ** 2,
        doubled: -sp.log(sp.exp(2 * _t) + sp.exp(-2 * _t)) + _t**2 + 1 + sp.log(2),
        spread: sp.Integer(0),
    }
    steps = (
        Step("=", sp.log(1 + sp.exp(-4 * _t)) - sp.log(2), "$2t=\\log e^{2t}$; $t^2$ and $1$ cancel"),
        Step("<", sp.Integer(0), "it falls from $0$ at $t=0$ as $t$ grows", growing(_t)),
    )
    about = "Proposition 3 says that this is $\\ge0$; here for the patterns $-1$ and $1$ at a point $t>0$"
    return Derivation("P3", _as_written(g, -doubled, spread), steps, where, {**NAMES, _t: "t"}, about)


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
    return tuple(made for made in _sides() if made.start.doit() == mid and _reaches(made, low, high))


def _reaches(made: Derivation, low: sp.Expr, high: sp.Expr) -> bool:
    """Whether it concludes one of two bounds, or a better one."""
    _, relation, end = made.conclusion()
    return bool((end - low).is_nonnegative if relation == ">=" else (high - end).is_nonnegative)


def _linear(form: Mapping[str, Any]) -> sp.Expr:
    """A linear form by name as an expression."""
    symbols = {"g": g, "E": E, "M": doubled, "delta": spread, "log_d": sp.log(d)}
    return sum((sp.Rational(str(share)) * symbols[name] for name, share in form.items()), sp.S.Zero)
