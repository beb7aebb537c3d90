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

from assocmem.theory.balance.certified_solution import certified_log_patterns
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
    below_one = sp.simplify(1 - a / (a + j) - j / (a + j))  # 0, so that p_k falls with each factor
    gap = y - sp.log(1 + y)
    slope = sp.simplify(sp.diff(gap, y) - y / (1 + y))  # 0, so that the gap rises from 0
    return bool(factor == below_one == slope == gap.subs(y, 0) == 0)


@cache
def stirling_steps() -> bool:
    """0 < mu(a) < 1/(12a) for all a > 0, and mu(a) > 1/(12a+1) for a >= 1/2."""
    between = stirling.side(sp.Integer(0)) == 1 and stirling.side(stirling.HIGH) == -1
    return stirling.step_residual() == 0 and between and stirling.side(stirling.LOW, stirling.ROBBINS_FROM) == 1


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


def least_slack(stmt: Law, size: int = 10**6) -> arb:
    """By how much n eps stays below the stated slack in a large dimension: little, if no smaller one is true."""
    with precision(224):
        parts = [enclose(sp.sympify(part), {}) for part in (stmt.rate, stmt.power, stmt.offset, stmt.slack)]
        eps = certified_log_d(Fraction(size)) - parts[0] * size - parts[1] * (arb.pi() * size).log() - parts[2]
        return parts[3] - eps * size


def ends(stmt: Law) -> tuple[sp.Expr, sp.Expr]:
    """What log d = -log I_n tends to as n -> 0, where the ball's integral tends to 1, and as n grows.

    The first from log V_n = (n/2) log(2 pi e sigma) - log(pi n)/2 - mu with n/2 log(pi sigma n) - log Gamma(n/2 + 1).
    """
    volume = n / 2 * sp.log(sp.pi * PAPER * n) - sp.log(sp.gamma(n / 2 + 1))
    far = sp.limit(stmt.rate * n + stmt.power * sp.log(sp.pi * n) + stmt.offset, n, sp.oo)
    return -sp.limit(volume, n, 0, "+"), far
