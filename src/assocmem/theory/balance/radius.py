"""What becomes of Z = 1 at other radii and temperatures: where the square in d^2 comes from, and where it survives.

**Radii s sqrt(n).** By the law of ``balance_laws``, log I_n(s sqrt(n)) = -R n - log(pi n)/2 - log(1-2 sigma) - eps with
sigma = s^2. R falls in sigma < 1/2, from infinity to -log(pi)/2, and vanishes where log(2 pi e sigma) = 2 sigma, which
is sigma* = -W(-1/(pi e))/2 (Lambert's W). Below it log d ~ R n; at it only the logarithm is left, and
pi n (1-2 sigma*)^2 = d^2 e^(-2 eps); above it, and so for all larger radii, I_n grows without bound.

**Radii sqrt(cn) (pi n)^((1/2 - 1/p)/n)** are all asymptotic to sqrt(cn), and V_n = (pi n)^(-1/p) e^(-mu): d V_n = 1 is
d^p = pi n e^(p mu).

**Temperature.** For the energy (kappa/n)|x - rho|^2 the ball integral at r^2 = cn is V_n e^(-kappa c) S, x = kappa c
in S = sum_k x^k/((a+1)...(a+k)), and 1 < S < 1/(1 - x/(a+1)) if x < a + 1. With V_n = (pi n)^(-1/2) e^(-mu),
pi n e^(2 kappa c)/d^2 = S^2 e^(-2 mu). That holds at each n, so kappa may depend on n.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy as sp
from flint import arb

from assocmem.theory.balance import laws
from assocmem.theory.balance.laws import PAPER, n, sigma
from assocmem.theory.exact.ball_integrals import log_ball_volume, log_partition, paper_radius
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import (
    certified_log_ball_integral,
    certified_log_ball_volume,
    certified_log_partition,
    certified_paper_radius,
)
from assocmem.theory.exact.enclose import enclose

kappa, p = sp.symbols("kappa p", positive=True)
CRITICAL = -sp.LambertW(-1 / (sp.pi * sp.E)) / 2
"""sigma*, (0.25872...)^2."""


def rate_steps() -> bool:
    """The rate falls on (0, 1/2) from infinity to -log(pi)/2; it is 0 where w e^w = -1/(pi e), w = -2 sigma."""
    rate, w = laws.radial_law().rate, sp.Symbol("w", negative=True)
    slope, half = sp.diff(rate, sigma), sp.Rational(1, 2)
    falls = slope.subs(sigma, half) == 0 and sp.simplify(sp.diff(slope, sigma)).is_positive  # so slope < 0 before
    lambert = sp.log(sp.pi * sp.E * -w).subs(sp.pi, -1 / (sp.E * w * sp.exp(w))) + w
    start, end = sp.limit(rate, sigma, 0, "+"), sp.simplify(rate.subs(sigma, half) + sp.log(sp.pi) / 2)
    root = sp.simplify(sp.expand_log(lambert, force=True))
    return bool(falls and start == sp.oo and root == end == 0)


def certified_critical(bits: int = 128) -> arb:
    """A ball around sigma*."""
    with precision(bits):
        return as_ball(CRITICAL)


def as_ball(square: sp.Expr) -> arb:
    """A ball around a number in what ``assocmem.theory.exact.enclose.enclose`` knows and Lambert's W, its
    principal branch.
    """
    terms = {term: enclose(term.args[0], {}).lambertw() for term in square.atoms(sp.LambertW)}
    return enclose(square, terms)


def certified_root_of_rate(bits: int = 128) -> arb:
    """A ball around the root of sigma - log(2 pi e sigma)/2 in (0, 1/2), from two points of opposite sign around it.

    Raises
    ------
    ArithmeticError
        When the signs at the two points are not certain, or do not differ.
    """

    def rate(at: arb) -> arb:
        return at - (2 * arb.pi() * arb(1).exp() * at).log() / 2

    with precision(bits):
        guess = to_arb(Fraction(1, 15))
        for _ in range(8):
            guess = (guess - rate(guess) / (1 - 1 / (2 * guess))).mid()
        reach = arb(2) ** (16 - bits)
        low, high = (guess - reach).mid(), (guess + reach).mid()
        if not (rate(low) > 0 > rate(high)):
            raise ArithmeticError("the root of the rate could not be enclosed")
        return low.union(high)


def square_residual() -> sp.Expr:
    """Twice the law without its rate, less log(pi n) + 2 log(1 - 2 sigma); 0."""
    law = laws.radial_law()
    rest = 2 * (law.power * sp.log(sp.pi * n) + law.offset)
    return sp.simplify(rest - sp.log(sp.pi * n) - 2 * sp.log(1 - 2 * sigma))


def critical_fault(square: sp.Expr, size: int = 10**6, step: Fraction = Fraction(1, 1000)) -> str | None:
    """Certainly at n = ``size``: the ball integral above 1 below ``square``, or below 1 above it; else None."""
    with precision(160):
        border, shift = as_ball(square), to_arb(step)
        below, above = (certified_log_ball_integral(size, (s * size).sqrt()) for s in (border - shift, border + shift))
        if below > 0:
            return f"n={size}: log I = {float(below.mid()):.1f} at s^2 below the stated one by {step}"
        if above < 0:
            return f"n={size}: log I = {float(above.mid()):.1f} at s^2 above the stated one by {step}"
    return None


def critical_law_fault(square: sp.Expr, sizes: Sequence[int] = (10, 1000, 10**6)) -> str | None:
    """A dimension at which pi n (1-2 sigma)^2/d^2 = exp(-2 eps) is not seen in (exp(-2 slack/n), 1) at Z = 1."""
    with precision(160):
        value = as_ball(square)
        slack = enclose(laws.radial_law().slack, {sigma: value})
        for size in sizes:
            log_d = -certified_log_ball_integral(size, (value * size).sqrt())
            eps = log_d - (arb.pi() * size).log() / 2 - (1 - 2 * value).log()
            if not 0 < eps * size < slack:
                return f"n={size}: half the log of the ratio is {-float(eps.mid()):.4g}"
    return None


@dataclass(frozen=True)
class UnitBall:
    """With balls whose integral is ``integral``, Z = 1 iff d = ``patterns``; their r^2/n tends to ``limit``."""

    integral: Fraction = Fraction(1)
    patterns: int = 1
    limit: sp.Expr = CRITICAL


def unit_integral_radius(size: int, digits: int = 6) -> Fraction:
    """The r at which I_n(r) = 1, rounded down to a multiple of 10^-digits; the integral rises with r."""
    unit = Fraction(1, 10**digits)
    low, high = 0, 1
    while certified_log_ball_integral(size, high * unit) < 0:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if certified_log_ball_integral(size, middle * unit) < 0 else (low, middle)
    return low * unit


def rounded_numbers(size: int, power: float) -> tuple[float, float]:
    """(r_p over the paper's radius, pi n/d^p at d V_n(r_p) = 1), in float64."""
    factor = (math.pi * size) ** ((0.5 - 1 / power) / size)
    log_d = -log_ball_volume(size, paper_radius(size) * factor)
    return factor, float(math.pi * size * np.exp(-power * log_d))


SIXTH = sp.Rational(1, 6)
POWER = sp.Rational(1, 2) - 1 / p


@dataclass(frozen=True)
class Rounded:
    """At the radius sqrt(cn) (pi n)^(power/n): exp(-low p/n) < pi n/d^p < 1 where d V_n = 1; ``power`` in p."""

    power: sp.Expr = POWER
    low: sp.Expr = SIXTH


def rounded_residual(stmt: Rounded) -> sp.Expr:
    """log V_n at that radius minus -log(pi n)/p + mu-term: 0 if d V_n = 1 is d^p = pi n e^(p mu)."""
    exact = -sp.log(sp.pi * n) / 2 + n * (stmt.power / n) * sp.log(sp.pi * n)
    return sp.simplify(sp.expand(exact + sp.log(sp.pi * n) / p))


def rounded_limit(stmt: Rounded) -> sp.Expr:
    """The limit of the radius over sqrt(cn)."""
    return sp.exp(sp.limit(sp.log(sp.pi * n) / n, n, sp.oo) * stmt.power)


def rounded_fault(stmt: Rounded, size: int = 1024) -> str | None:
    """An exponent p at which pi n/d^p certainly leaves its bounds in dimension ``size``."""
    for value in (Fraction(1, 2), Fraction(1), Fraction(2), Fraction(3), Fraction(10)):
        with precision(192):
            power = enclose(stmt.power, {p: value})
            radius = certified_paper_radius(size) * (power / size * (arb.pi() * size).log()).exp()
            log_d = -certified_log_ball_volume(size, radius)
            ratio = (arb.pi() * size).log() - to_arb(value) * log_d
            if ratio >= 0 or ratio <= -enclose(stmt.low, {}) * to_arb(value) / size:
                return f"n={size}, p={value}: log(pi n/d^p) = {float(ratio.mid()):.5g}"
    return None


def heated_number(size: int, value: float) -> float:
    """pi n/d^2 at Z = 1 for the energy (value/n) g, in float64."""
    log_d = -log_partition(size, paper_radius(size), beta=value / size)
    return float(math.pi * size * np.exp(-2 * log_d))


COLD = sp.exp(-1 / (3 * n))


@dataclass(frozen=True)
class Heated:
    """Energy (kappa/n) g: low < pi n e^decay/d^2 < high at Z = 1, if 2 kappa c < n + 2; formulas in n and kappa."""

    decay: sp.Expr = 2 * kappa * PAPER
    low: sp.Expr = COLD
    high: sp.Expr = (1 - 2 * kappa * PAPER / (n + 2)) ** -2


def heated_proved(stmt: Heated) -> bool:
    """S^2 e^(-2 mu) with 1 < S < 1/(1 - x/(a+1)), as (a+1)...(a+k) >= (a+1)^k, and 0 < mu < 1/(6n)."""
    a, k, x = sp.symbols("a k x", positive=True)
    factor = sp.simplify((a + 1 + k) - (a + 1)) == k
    series = 1 / (1 - x / (a + 1))
    high = (series**2).subs({x: kappa * PAPER, a: n / 2})
    same = [stmt.decay - 2 * kappa * PAPER, stmt.high - high, sp.log(stmt.low) + 1 / (3 * n)]
    return bool(factor and all(sp.simplify(e) == 0 for e in same) and laws.stirling_steps())


def heated_fault(stmt: Heated, sizes: Sequence[int] = (3, 100, 10**4)) -> str | None:
    """A dimension and kappa at which the ratio certainly leaves its bounds."""
    for size in sizes:
        for value in (Fraction(1, 10), Fraction(1), Fraction(10), Fraction(size)):
            with precision(192):
                at = {n: size, kappa: value}
                radius = certified_paper_radius(size)
                log_d = -certified_log_partition(size, radius, beta=value / size)
                ratio = (arb.pi() * size).log() + enclose(stmt.decay, at) - 2 * log_d
                low, high = (enclose(bound, at).log() for bound in (stmt.low, stmt.high))
                if ratio <= low or ratio >= high:
                    return f"n={size}, kappa={value}: log of the ratio is {float(ratio.mid()):.5g}"
    return None


def heated_limits(stmt: Heated) -> tuple[sp.Expr, sp.Expr]:
    """The limits of both bounds as n grows at a fixed kappa: 1 and 1."""
    return sp.limit(stmt.low, n, sp.oo), sp.limit(stmt.high, n, sp.oo)
