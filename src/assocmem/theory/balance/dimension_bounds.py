"""Bounds on the dimension n as a function of log d where Z = 1, in each of the four formulas, and their proofs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from assocmem.theory.balance.certified_solution import certified_log_patterns
from assocmem.theory.balance.laws import PAPER, ell, n, radial_law, stirling_steps
from assocmem.theory.balance.solution import Formula
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.partition import stirling


@dataclass(frozen=True)
class Between:
    """low(ell) < n < high(ell) at Z = 1 for all d >= first, ell = log d, in each of the formulas."""

    formulas: tuple[Formula, ...]
    low: sp.Expr
    high: sp.Expr
    first: int


def outside(stmt: Between, logarithms: Sequence[Fraction]) -> tuple[str, str, str] | None:
    """The first formula and log d >= log(first) at which n certainly leaves the bounds, with the side.

    log d is monotone in n, so n > low certainly fails where log d at n = low is already at least ell.
    """
    for formula in stmt.formulas:
        for value in logarithms:
            for side, bound, sign in (("lower", stmt.low, 1), ("upper", stmt.high, -1)):
                with precision(128 + 4 * int(float(value))):
                    size = enclose(bound, {ell: value}).mid()
                    if size > 0 and (certified_log_patterns(size, formula) - to_arb(value)) * sign > arb(2) ** -40:
                        return formula, f"log d = {value}", side
    return None


CONSTANT = sp.log(2 * sp.pi**2 * sp.E * (1 - 2 * PAPER) ** 2) / (2 * PAPER)
"""C = pi e log(2 pi^2 e (1-2c)^2), 31.885."""
LEADING = ell / PAPER - sp.log(ell) / (2 * PAPER) - CONSTANT
"""2 pi e log d - pi e log log d - C: n at Z = 1, up to what vanishes."""


@cache
def leading_residual() -> sp.Expr:
    """(ell - log(pi ell/c)/2 - log(1-2c))/c - LEADING: the law with ell for cn in its logarithm."""
    replaced = (ell - sp.log(sp.pi * ell / PAPER) / 2 - sp.log(1 - 2 * PAPER)) / PAPER
    return sp.simplify(sp.expand(sp.expand_log(sp.expand(replaced - LEADING), force=True)))


@cache
def exact_bounds(first: int) -> tuple[arb, arb] | None:
    """Bounds (0 and an upper one) on n - LEADING for all d >= first, or None where the argument does not reach.

    With u = ell - cn = log(pi n)/2 + log(1-2c) + eps, n - LEADING = [log(ell/(cn))/2 - eps]/c. Let n0 be an exact point
    below the root at d = first. If u >= 0, cn >= ell/2 (both sides rise, the left one faster, for n >= 1/(2c)) and
    u/(2 ell) > kappa/n, then 0 < n - LEADING < log(2)/(2c), because log(ell/(cn)) = -log(1 - u/ell) >= u/ell.
    """
    law = radial_law().at(PAPER)
    with precision(160):
        c, slack, offset = (enclose(part, {}) for part in (law.rate, law.slack, law.offset))
        start = _point_below(first)
        least = (arb.pi() * start).log() / 2 + offset
        half = c * start - least - slack / start
        if start * c * 2 > 1 and least > 0 and half > 0 and least / 4 > c * slack:
            return arb(0), arb(2).log() / (2 * c)
    return None


def _point_below(first: int, formula: Formula = "exact") -> arb:
    """An exact dimension, a multiple of 1/64, certainly below the n at which Z = 1 for d = first."""
    low, high = 0, 64
    while certified_log_patterns(Fraction(high, 64), formula) < arb(first).log():
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if certified_log_patterns(Fraction(middle, 64), formula) < arb(first).log():
            low = middle
        else:
            high = middle
    return arb(low) / 64


@cache
def leading_limit() -> sp.Expr:
    """The limit of log(ell/(cn)) = log(1 + u/(cn)), u = log(pi n)/2 + log(1-2c) + kappa/n, as n grows: 0."""
    law = radial_law().at(PAPER)
    u = law.power * sp.log(sp.pi * n) + law.offset + law.slack / n
    return sp.limit(u / (law.rate * n), n, sp.oo)


@cache
def square_log_steps(first: int) -> bool:
    """(ell - log ell - 2)^2/c < n < ell^2/c for d >= first, in the printed formula and at the lower end of (14).

    With t = sqrt(cn), ell = t + log t + log(2 pi^2 e)/2 + eta, log(1 - t/(n+1)) < eta < 1/(6n): the series of the
    printed form lies between 1 and 1/(1 - t/(n+1)), and t/(n+1) <= sqrt(c)/2. For t >= 1 the terms after t have a
    positive sum, so t < ell, log t < log ell, and t > ell - log ell - log(2 pi^2 e)/2 - 1/(6n). The lower bound's root
    ell - log ell - 2 is positive at d = first, and rises.
    """
    t = sp.Symbol("t", positive=True)
    split = sp.log(sp.pi * n) / 2 - (sp.log(t) + sp.log(2 * sp.pi**2 * sp.E) / 2)
    residual = sp.simplify(sp.expand_log(split.subs(n, t**2 / PAPER), force=True))
    with precision(128):
        c = enclose(PAPER, {})
        start = min((_point_below(first, formula) for formula in ("printed", "lower")), key=lambda p: float(p.mid()))
        constant = enclose(sp.log(2 * sp.pi**2 * sp.E) / 2, {})
        grows = c * start >= 1 and constant + (1 - c.sqrt() / 2).log() > 0
        rooted = arb(first).log() - arb(first).log().log() - 2 > 0 and first >= 3
        return bool(residual == 0 and grows and rooted and constant + 1 / (6 * start) < 2)


@cache
def upper_end_steps(first: int) -> bool:
    """d^2/pi - 2/5 < n < d^2/pi - 8/25 at the upper end for n >= 1, where d^2/pi = n e^(2 mu), 1/(6n+1) < mu < 1/(6n).

    n (e^(1/(3n)) - 1) falls in n, so it is at most e^(1/3) - 1 < 2/5. With y = 2/(6n+1),
    n (e^y - 1) > n (y + y^2/2) = (1 - 1/(6n+1)^2)/3 >= (1 - 1/49)/3 > 8/25. For d >= first n is at least 1.
    """
    start, y = 1, 2 / (6 * n + 1)
    least = (1 - 1 / (6 * n + 1) ** 2) / 3
    identity = sp.simplify(n * (y + y**2 / 2) - least)
    most = n * sp.exp(2 * stirling.HIGH.subs(stirling.z, n / 2)) - n
    above, below = (sp.expand(SQUARE - end) for end in (UPPER_END.high, UPPER_END.low))
    bounds = bool(above < least.subs(n, start)) and bool(most.subs(n, start) < below)
    from_start = certified_log_patterns(start, "upper") < arb(first).log()
    return bool(identity == 0 and bounds and from_start and stirling_steps())


SQUARE = sp.exp(2 * ell) / sp.pi
EXACT_BETWEEN = Between(("exact",), LEADING, LEADING + 6, 100)
LOG_SQUARE = Between(("printed", "lower"), (ell - sp.log(ell) - 2) ** 2 / PAPER, ell**2 / PAPER, 100)
UPPER_END = Between(("upper",), SQUARE - sp.Rational(2, 5), SQUARE - sp.Rational(8, 25), 3)
