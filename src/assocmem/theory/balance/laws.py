"""How fast n grows with d where Z = 1: scaling laws with explicit constants, and their proofs step by step.

Balls of radius r = s sqrt(n), a = n/2, sigma = s^2 < 1/2, q = 2 sigma, so r^2 = qa. Then I_n(r) = V_n(r) e^(-qa) S with

    log V_n(r) = (n/2) log(2 pi e sigma) - log(pi n)/2 - mu,   0 < mu < 1/(6n)              (Stirling, Binet, Robbins)
    S = sum_k q^k p_k,  p_k = prod_{j <= k} a/(a+j) <= 1,   so   S < 1/(1-q),
    log((1-q) S) >= -sum_k (1-q) q^k sum_{j <= k} j/a = -q/(a (1-q)^2)      (Jensen, with log(1+y) <= y).

Hence at Z = 1, for all real n > 0, with 0 < eps < kappa/n and kappa = 1/6 + 2q/(1-q)^2,

    log d = R n + log(pi n)/2 + log(1-q) + eps,   R = sigma - log(2 pi e sigma)/2.

The paper's radius has sigma = c = 1/(2 pi e), so R = c. The rate R falls in sigma and vanishes at one sigma*; beyond it
the ball integral grows with n, and from sigma = 1/2 on it is of the order of pi^(n/2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import sympy as sp
from flint import arb

from assocmem.theory.balance.solution import Formula, certified_log_patterns
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_integral
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.partition import stirling

n, sigma, ell = sp.symbols("n sigma ell", positive=True)
"""Dimension, r^2/n, and log d."""
HALF = sp.Rational(1, 2)
PAPER = 1 / (2 * sp.pi * sp.E)
"""sigma at the paper's radius: c."""
DIMENSIONS = tuple(Fraction(t) for t in ("1/2", "1", "2", "5", "21", "100", "1024", "10000", "1000000"))


@dataclass(frozen=True)
class Law:
    """At Z = 1: log d = rate n + power log(pi n) + offset + eps with 0 < eps < slack/n; formulas in sigma."""

    rate: sp.Expr
    power: sp.Expr
    offset: sp.Expr
    slack: sp.Expr

    def at(self, value: sp.Expr) -> Law:
        """The law at one sigma."""
        return Law(*(sp.simplify(part.subs(sigma, value)) for part in (self.rate, self.power, self.offset, self.slack)))


@cache
def radial_law() -> Law:
    """The law of the module's text, put together from its three steps."""
    volume = {"rate": -sp.log(2 * sp.pi * sp.E * sigma) / 2, "power": HALF, "slack": sp.Rational(1, 6)}
    q = 2 * sigma
    rate, offset, jensen = sigma + volume["rate"], sp.log(1 - q), jensen_slack().subs(sp.Symbol("q", positive=True), q)
    return Law(rate, volume["power"], offset, volume["slack"] + jensen)


@cache
def volume_residual() -> sp.Expr:
    """log V_n(sqrt(sigma n)) minus its form in the text, mu written out; 0 for all n and sigma."""
    a = n / 2
    mu = sp.loggamma(a + 1) - a * sp.log(a) + a - sp.log(2 * sp.pi * a) / 2
    volume = a * sp.log(sp.pi * sigma * n) - sp.loggamma(a + 1)
    stated = a * sp.log(2 * sp.pi * sp.E * sigma) - sp.log(sp.pi * n) / 2 - mu
    return sp.simplify(sp.expand(sp.expand_log(volume - stated, force=True)))


@cache
def jensen_slack() -> sp.Expr:
    """n times sum_k (1-q) q^k k(k+1)/(2a) with a = n/2, from the geometric series: 2q/(1-q)^2."""
    q = sp.Symbol("q", positive=True)
    geometric = 1 / (1 - q)
    weighted = (q**2 * sp.diff(geometric, q, 2) + 2 * q * sp.diff(geometric, q)) / 2  # sum k(k+1) q^k / 2
    return sp.factor(sp.simplify((1 - q) * weighted * 2))


@cache
def series_steps() -> bool:
    """The terms of the series: x^k/((a+1)...(a+k)) = q^k p_k at x = qa, p_k <= 1, and log(1 + y) <= y for y = j/a."""
    a, j, y, q = sp.symbols("a j y q", positive=True)
    factor = sp.simplify(q * a / (a + j) - q * (a / (a + j)))
    below_one = sp.simplify(1 - a / (a + j)).is_positive
    gap = y - sp.log(1 + y)
    tangent = gap.subs(y, 0) == 0 and sp.simplify(sp.diff(gap, y)).is_positive
    return bool(factor == 0 and below_one and tangent)


@cache
def stirling_steps() -> bool:
    """0 < mu(a) < 1/(12a) for all a > 0, and mu(a) > 1/(12a+1) for a >= 1/2."""
    bounds = ((sp.Integer(0), 1, Fraction(0)), (stirling.HIGH, -1, Fraction(0)), (stirling.LOW, 1, Fraction(1, 2)))
    return stirling.step_residual() == 0 and all(stirling.side(bound, since) == want for bound, want, since in bounds)


@cache
def law_proved(stmt: Law, value: sp.Expr = sigma) -> bool:
    """Whether the steps give the stated law at ``value``: equal entries, and a slack not below the proved one."""
    proved = radial_law().at(value)
    equal = all(sp.simplify(getattr(stmt, k) - getattr(proved, k)) == 0 for k in ("rate", "power", "offset"))
    room = sp.simplify(stmt.slack - proved.slack)
    return bool(
        equal and (room == 0 or room.is_positive) and volume_residual() == 0 and series_steps() and stirling_steps()
    )


@cache
def monotone_steps() -> bool:
    """J falls in n: a U^(1/a), sqrt(cn) and U^(1/n) rise (U = e^-w), and log a is a mean of psi below psi(a+1)."""
    a, w = sp.symbols("a w", positive=True)
    exponent = sp.simplify(sp.diff(a * sp.exp(-w / a), a)).is_positive
    root = sp.diff(sp.exp(-w / n), n).is_positive and sp.diff(sp.sqrt(n), n).is_positive
    mean = sp.gammasimp(sp.gamma(a + 1) / sp.gamma(a)) == a  # the integral of psi from a to a+1 is log a
    rise = sp.simplify(sp.diff(a * sp.log(a) - a, a) - sp.log(a)) == 0
    return bool(exponent and root and mean and rise)


def certified_log_d(size: Fraction, square: arb | None = None, bits: int = 160) -> arb:
    """log d at Z = 1 for the radius sqrt(square n), by default the paper's."""
    if square is None:
        return certified_log_patterns(size, bits=bits)
    with precision(bits + 64):
        return -certified_log_ball_integral(size, (square * to_arb(size)).sqrt(), bits=bits)


def law_violation(
    stmt: Law, square: Fraction | None = None, sizes: Sequence[Fraction] = DIMENSIONS
) -> tuple[Fraction, str] | None:
    """The first dimension at which eps certainly leaves (0, slack/n), with the side; sigma = c without a square."""
    for size in sizes:
        with precision(224):
            ball = None if square is None else to_arb(square)
            at = {n: size, sigma: 1 / (2 * arb.pi() * arb(1).exp()) if ball is None else ball}
            parts = [enclose(sp.sympify(part), at) for part in (stmt.rate, stmt.power, stmt.offset, stmt.slack)]
            rest = certified_log_d(size, ball) - parts[0] * to_arb(size)
            eps = rest - parts[1] * (arb.pi() * to_arb(size)).log() - parts[2]
            if eps <= 0:
                return size, "eps <= 0"
            if eps * to_arb(size) >= parts[3]:
                return size, f"n eps = {float((eps * to_arb(size)).mid()):.5f} is not below the slack"
    return None


# Bounds on n as a function of d.


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
    y = 2 / (6 * n + 1)
    identity = sp.simplify(n * (y + y**2 / 2) - (1 - 1 / (6 * n + 1) ** 2) / 3)
    bounds = bool(sp.exp(sp.Rational(1, 3)) - 1 < sp.Rational(2, 5)) and sp.Rational(48, 49) / 3 > sp.Rational(8, 25)
    from_one = certified_log_patterns(1, "upper") < arb(first).log()
    return bool(identity == 0 and bounds and from_one and stirling_steps())


SQUARE = sp.exp(2 * ell) / sp.pi
EXACT_BETWEEN = Between(("exact",), LEADING, LEADING + 6, 100)
LOG_SQUARE = Between(("printed", "lower"), (ell - sp.log(ell) - 2) ** 2 / PAPER, ell**2 / PAPER, 100)
UPPER_END = Between(("upper",), SQUARE - sp.Rational(2, 5), SQUARE - sp.Rational(8, 25), 3)
