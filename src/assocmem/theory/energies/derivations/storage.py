"""Why separated patterns are kept: on a small ball around each, all other patterns together move a point by little."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import cache

import sympy as sp
from sympy.tensor.indexed import IndexedBase

from assocmem.theory.exact.derivation import Derivation, Step, by_sign, given, termwise
from assocmem.theory.exact.derivation.sums import Definitions, plain

j = sp.Symbol("j", integer=True)
d = sp.Symbol("d", integer=True, positive=True)
s, left = sp.symbols("s h", positive=True)
beyond = sp.Symbol("c", nonnegative=True)
a = IndexedBase("a", positive=True)
v = IndexedBase("v", nonnegative=True)
_FARTHER = {a[j]: 1 + v[j]}
_WHERE = {s: sp.sqrt(beyond + sp.Rational(3, 2)), **_FARTHER}
_ROOM = given({d - 1: sp.exp(s**2 - 1) / (2 * s**2) - left}, by_sign)
"""The condition: d - 1 is smaller than the room that the separation gives."""
_GIVEN = (
    "pattern $j$ is $D_j=sa_j$ away from pattern $1$, $a_j\\ge1$, and weighs at most $e^{D_j/s-D_j^2}=e^{a_j-s^2a_j^2}$"
)


def falling(small: sp.Expr, large: sp.Expr, where: Definitions, strict: bool) -> bool:
    """The smaller side is the larger one at v = 0 and falls from there: its slope, in factors, has no other sign."""
    t = sp.Dummy(nonnegative=True)
    gap = plain(large - small, {**where, **_FARTHER}).subs(v[j], t)
    return bool(not strict and sp.simplify(gap.subs(t, 0)) == 0 and sp.factor(sp.diff(gap, t)).is_nonnegative)


def _separated(draw: random.Random) -> dict[str, Fraction]:
    """Up to three patterns that are far enough apart for the condition."""
    return {"d": Fraction(draw.randint(1, 3)), "c": Fraction(draw.randint(24, 48), 8)}


def _others(factor: sp.Expr, power: int, end: sp.Expr, part: str, words: str) -> Derivation:
    """What the other patterns add up to, at most what they would if all were at distance s, and below the end."""
    total = sp.Sum(factor * a[j] ** power * sp.exp(a[j] - s**2 * a[j] ** 2), (j, 2, d))
    most = sp.Sum(factor * sp.exp(1 - s**2), (j, 2, d))
    why = f"each term falls as $a_j$ grows from $1$ on, as $2s^2a_j^2-a_j-{power}\\ge0$ where $s^2\\ge\\frac32$"
    steps = (
        Step("<=", (d - 1) * factor * sp.exp(1 - s**2), why, termwise(total, most, falling)),
        Step("<", end, "the condition: $d-1<e^{s^2-1}/(2s^2)$", _ROOM),
    )
    return Derivation("X-STORE-E", total, steps, _WHERE, {}, f"{words}; {_GIVEN}", part=part, sample=_separated)


@cache
def step_stays_in_the_ball() -> Derivation:
    """A step ends sum_j w_j D_j from the pattern at most, which is less than 1/(2s)."""
    return _others(s, 1, 1 / (2 * s), "stays", "a step ends no farther than this from pattern $1$")


@cache
def step_contracts() -> Derivation:
    """A step shortens distances: its stretch, at most 2 sum_j w_j D_j^2, is less than 1."""
    return _others(2 * s**2, 2, sp.Integer(1), "contracts", "a step stretches distances by no more than this")
