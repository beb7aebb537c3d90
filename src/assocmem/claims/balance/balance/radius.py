"""Checks of what Z = 1 means at other radii and temperatures (chapter 7)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.balance import derivations, laws, radius
from assocmem.theory.balance.laws import PAPER, Law, sigma
from assocmem.theory.balance.radius import CRITICAL, Heated, Rounded, UnitBall, kappa, p
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_integral

ROUNDED = Rounded(low=sp.Rational(1, 6))
claim(
    "P5-ART",
    ROUNDED,
    mutants={
        "twice the exponent": replace(ROUNDED, power=sp.Rational(1, 2) - 1 / (2 * p)),
        "a radius of another order": replace(ROUNDED, power=sp.Rational(1, 2)),
        "a narrower bound": replace(ROUNDED, low=sp.Rational(1, 7)),
    },
)


@check("P5-ART", kind="symbolic", scope="all p > 0 and real n > 0")
def rounded_radius(stmt: Rounded) -> Finding:
    """The volume at the stated radius, and the limit of its ratio to the paper's radius."""
    stated = radius.rounded_residual(stmt) == 0 and radius.rounded_limit(stmt) == 1 and stmt.low >= radius.SIXTH
    if stated and laws.volume_residual() == 0 and laws.stirling_steps():
        text = "V_n(r_p) = (pi n)^(-1/p) e^(-mu), 0 < mu < 1/(6n), and r_p/r tends to 1"
        return Finding.derived(text, derivations.any_power())
    return Finding.undecided("the volume is not the stated power")


@check("P5-ART", kind="certified", scope="n = 1024; p = 1/2, 1, 2, 3, 10")
def rounded_at_points(stmt: Rounded) -> Finding:
    """pi n/d^p against its bounds, d the inverse of the certified volume."""
    hit = radius.rounded_fault(stmt)
    return Finding.survived("within the bounds") if hit is None else Finding.fails(hit, margin="certified")


RATE = sigma - sp.log(2 * sp.pi * sp.E * sigma) / 2
LAW = Law(RATE, sp.Rational(1, 2), sp.log(1 - 2 * sigma), sp.Rational(1, 6) + 4 * sigma / (1 - 2 * sigma) ** 2)
SQUARES = tuple(Fraction(t) for t in ("1/100", "1/16", "1/10", "1/4", "49/100"))
claim(
    "P5-RAD-LAW",
    LAW,
    mutants={
        "the sign of s^2": replace(LAW, rate=LAW.rate - 2 * sigma),
        "99/100 of the slack": replace(LAW, slack=LAW.slack * sp.Rational(99, 100)),
        "log(1-s^2)": replace(LAW, offset=sp.log(1 - sigma)),
    },
)


@check(
    "P5-RAD-LAW",
    kind="symbolic",
    scope="all s^2 < 1/2, all real n > 0",
    in_words="Jensen's inequality and the geometric series, from their terms to the sums",
)
def law_of_radius(stmt: Law) -> Finding:
    """Stirling's bounds, the positive series of the ball integral and Jensen's inequality at any s^2 < 1/2."""
    if laws.law_proved(stmt):
        return Finding.holds("all residuals are 0 for symbolic s^2, and every remainder has its sign")
    return Finding.undecided("the steps do not give this law")


@check("P5-RAD-LAW", kind="certified", scope="five radii, n from 1/2 to a million")
def law_of_radius_at_points(stmt: Law) -> Finding:
    """n eps against its bounds at exact radii."""
    for square in SQUARES:
        hit = laws.law_violation(stmt, square)
        if hit is not None:
            return Finding.fails(f"s^2={square}, n={hit[0]}: {hit[1]}", margin="certified")
    return Finding.survived("all within the bounds")


claim(
    "P5-RAD",
    CRITICAL,
    mutants={
        "the border at the paper's radius": PAPER,
        "the border at unit length": sp.Rational(1, 2),
    },
)
SIGNS = "from the sign of the rate to that of log I_n for large n, hence for every larger radius"


@check("P5-RAD", kind="symbolic", scope="all s > 0, all real n > 0", in_words=SIGNS)
def regimes(stmt: sp.Expr) -> Finding:
    """The slope of the rate, and its root in Lambert's W.

    -log I_n is continuous in n and tends to 0 as n -> 0; it tends to infinity where R > 0, and to minus infinity where
    R < 0, hence for every larger radius too.
    """
    if stmt == CRITICAL and radius.rate_steps() and laws.law_proved(LAW):
        return Finding.holds("the rate falls through 0 at s*")
    return Finding.undecided("the steps do not give this border")


@check("P5-RAD", kind="certified", scope="n = 10^6, s^2 within 1/1000 of the border")
def regimes_at_points(stmt: sp.Expr) -> Finding:
    """The ball integral to both sides of the border; the border itself as the root of the rate."""
    fault = radius.critical_fault(stmt)
    if fault is not None:
        return Finding.fails(fault, margin="certified")
    root = radius.certified_root_of_rate()
    text = f"s* = {float(root.sqrt().mid()):.8f} by Newton's method"
    return Finding.survived(text) if root.overlaps(radius.as_ball(stmt)) else Finding.fails(text)


claim(
    "P5-RAD-AT",
    CRITICAL,
    mutants={
        "the paper's radius": PAPER,
        "off the border by a hundred-thousandth": CRITICAL + sp.Rational(1, 10**5),
    },
)


@check("P5-RAD-AT", kind="symbolic", scope="all real n > 0", in_words="that eps/n -> 0 leaves n in proportion to d^2")
def square_on_border(stmt: sp.Expr) -> Finding:
    """At the root of the rate twice the law is log d^2 = log(pi n) + 2 log(1-2s*^2) + 2 eps."""
    if stmt == CRITICAL and radius.rate_steps() and laws.law_proved(LAW) and radius.square_residual() == 0:
        return Finding.holds("only log(pi n)/2 + log(1-2s^2) + eps is left of the law")
    return Finding.undecided("the rate does not vanish there")


@check("P5-RAD-AT", kind="certified", scope="n = 10, 1000 and a million")
def square_at_points(stmt: sp.Expr) -> Finding:
    """pi n (1-2s^2)^2/d^2 against its bounds."""
    fault = radius.critical_law_fault(stmt)
    return Finding.survived("within the bounds") if fault is None else Finding.fails(fault, margin="certified")


UNIT = UnitBall()
claim(
    "P5-UNIT-BALL",
    UNIT,
    mutants={
        "balls of weight one half": replace(UNIT, integral=Fraction(1, 2)),
        "the paper's radius in the limit": replace(UNIT, limit=PAPER),
    },
)


@check("P5-UNIT-BALL", kind="symbolic", scope="all n", in_words=f"that the ball integral rises with r; {SIGNS}")
def unit_balls(stmt: UnitBall) -> Finding:
    """The ball integral rises in r from 0 to pi^(n/2) > 1, and Z is d times it; the limit is the border of P5-RAD."""
    if stmt.integral * stmt.patterns != 1:
        return Finding.fails(f"Z = {stmt.integral} d, which is not 1 at d = {stmt.patterns}", margin="exact")
    if stmt.limit == CRITICAL and radius.rate_steps() and laws.law_proved(laws.radial_law()):
        return Finding.holds("Z = d; I_n(s sqrt(n)) tends to 0 for s < s* and to infinity for s > s*")
    return Finding.undecided("the limit is not the border")


@check("P5-UNIT-BALL", kind="certified", scope="n = 1, 2, 1024 and a million")
def unit_radius(stmt: UnitBall) -> Finding:
    """The radius of unit integral, enclosed; its square over n must lie near the limit at a million dimensions."""
    fault = radius.critical_fault(stmt.limit)
    if fault is not None:
        return Finding.fails(fault, margin="certified")
    radii = {n: radius.unit_integral_radius(n) for n in (1, 2, 1024)}
    for n, low in radii.items():
        if not certified_log_ball_integral(n, low) < 0 < certified_log_ball_integral(n, low + Fraction(1, 10**6)):
            return Finding.undecided(f"n={n}: the integral is not seen to pass 1 within 10^-6 of {float(low)}")
    shown = ", ".join(f"n={n}: {float(low) / n**0.5:.5f}" for n, low in radii.items())
    return Finding.survived(f"r/sqrt(n) is {shown}")


HEATED = Heated()
claim(
    "P5-TEMP",
    HEATED,
    mutants={
        "kappa c in the exponent": replace(HEATED, decay=kappa * PAPER),
        "at most d^2/pi": replace(HEATED, high=sp.Integer(1)),
        "at least d^2/pi": replace(HEATED, low=sp.Integer(1)),
    },
)


@check(
    "P5-TEMP",
    kind="symbolic",
    scope="all n > 0 and kappa > 0 with 2 kappa c < n + 2",
    in_words="that (a+1)...(a+k) >= (a+1)^k, factor by factor, and the geometric series",
)
def temperature(stmt: Heated) -> Finding:
    """pi n exp(2 kappa c)/d^2 = S^2 exp(-2 mu), with a geometric bound on the series S."""
    if radius.heated_proved(stmt) and radius.heated_limits(stmt) == (1, 1):
        return Finding.holds("both bounds tend to 1 for fixed kappa")
    return Finding.undecided("the steps do not give these bounds")


@check("P5-TEMP", kind="certified", scope="n = 3, 100, 10^4; kappa = 1/10, 1, 10, n")
def temperature_at_points(stmt: Heated) -> Finding:
    """The ratio at exact dimensions and temperatures."""
    hit = radius.heated_fault(stmt)
    return Finding.survived("within the bounds") if hit is None else Finding.fails(hit, margin="certified")
