"""Checks of Theorem D.1, Stirling's approximation, of its form for large arguments, and of the corrected theorem."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.partition import stirling
from assocmem.theory.partition.stirling import HIGH, LOW, Remainder, z

AXIS = tuple(Fraction(x) for x in ("1/1000", "1/10", "1/3", "1/2", "1", "2", "10", "1000", "1000000"))
PLANE = tuple(
    (Fraction(x), Fraction(y))
    for x, y in (
        ("0", "1"),
        ("-1", "1"),
        ("-1", "1/100"),
        ("-5", "1/2"),
        ("-50", "1"),
        ("1", "40"),
        ("-1/2", "-3"),
        ("10", "1/100"),
    )
)
HALFWAY = Fraction(-201, 2)
"""Half way between two poles."""

claim("STIR-T", Fraction(1), mutants={"|arg z| <= 9 pi/10": Fraction(9, 10)})
claim("STIR-G", Fraction(1), mutants={"|arg z| <= 9 pi/10": Fraction(9, 10)})


def _proved(stmt: Remainder) -> bool:
    """Every step of the proof of the bounds on mu."""
    identities = stirling.step_residual() == 0 and stirling.kernel_residual() == 0
    leading = sp.limit(stirling.leading_term(), z, sp.oo) == 0
    below = stirling.side(stmt.low, stirling.ROBBINS_FROM) == 1 and stirling.holds_near_zero(stmt.low)
    above = stirling.side(stmt.high) == -1
    sector = stirling.half_angle_residual(stmt.share) == 0
    height = stirling.kernel_peak() == sp.Rational(1, 8) and stirling.angle_residuals() == (0, 0)
    return identities and leading and below and above and sector and height and stmt.peak >= Fraction(1, 8)


@check("STIR-T", kind="symbolic", scope="|arg z| up to the stated share of pi; z = -(m + 1/2) where that is all of pi")
def halfway_between_poles(stmt: Fraction) -> Finding:
    """By the reflection formula the ratio at z = -x is e^-mu(x)/(1 - e^(-2 pi i x)), which is near 1/2 half way.

    With the other square root of 2 pi/z it is near -1/2. At x = m there is a pole, and the right side is finite.
    """
    m = sp.Symbol("m", integer=True, positive=True)
    limit = sp.simplify(stirling.reflected_ratio().subs(z, m + sp.Rational(1, 2)))
    if stmt < 1 and _proved(Remainder()):
        return Finding.holds("|mu(z)| <= 1/(12 |z| cos^2(arg z/2)), bounded by a multiple of 1/|z|")
    if stmt < 1 or limit == 1:
        return Finding.undecided("the remainder was not confirmed")
    return Finding.fails(f"z = -(m + 1/2): the ratio of the two sides tends to {limit}; at z = -m Gamma has a pole")


@check("STIR-T", kind="certified", scope="z = -201/2")
def far_left(stmt: Fraction) -> Finding:
    """The certified ratio of both sides half way between two poles."""
    ratio = stirling.printed_ratio(HALFWAY).real
    shown = f"{float(ratio.mid()):.6f}"
    if stmt == 1 and abs(ratio - 1) > to_arb(Fraction(1, 4)):
        return Finding.fails(f"z={HALFWAY}: the ratio of the two sides is {shown}", margin=shown)
    return Finding.survived("the point lies outside the stated arguments")


@check("STIR-G", kind="symbolic", scope="z -> infinity within the stated share of pi")
def large_arguments(stmt: Fraction) -> Finding:
    """Gamma(z+1) = z Gamma(z), and |mu(z)| <= 1/(12 |z| cos^2(arg z/2)) -> 0 in a sector that leaves out the cut."""
    root = sp.simplify(z * sp.sqrt(2 * sp.pi / z) - sp.sqrt(2 * sp.pi * z))
    if root != 0 or not _proved(Remainder()):
        return Finding.undecided("the remainder was not confirmed")
    text = "the ratio of the two sides is e^mu(z) -> 1"
    if stmt < 1:
        return Finding.holds(text)
    return Finding.holds_if("z tends to infinity with |arg z| <= pi - delta, such as z = n/2", text)


@check("STIR-G", kind="certified", scope="z = -201/2")
def large_and_negative(stmt: Fraction) -> Finding:
    """Gamma(z+1) over sqrt(2 pi z) (z/e)^z is the same ratio as for Theorem D.1."""
    ratio = stirling.printed_ratio(HALFWAY).real
    shown = f"{float(ratio.mid()):.6f}"
    if stmt == 1 and abs(ratio - 1) > to_arb(Fraction(1, 4)):
        return Finding.fails(f"z={HALFWAY}: the ratio of the two sides is {shown}", margin=shown, outside=True)
    return Finding.survived("the point lies outside the stated arguments")


claim(
    "STIR-T-FIX",
    Remainder(),
    mutants={
        "lower bound 1/(12z)": Remainder(low=HIGH, high=1 / (11 * z)),
        "lower bound 1/(12z + 1/2)": Remainder(low=1 / (12 * z + sp.Rational(1, 2))),
        "upper bound 1/(13z)": Remainder(high=1 / (13 * z)),
        "|arg z|/(13 |Im z|)": Remainder(peak=Fraction(1, 13)),
        "cos^2 of a third of the angle": Remainder(share=Fraction(1, 3)),
    },
)


@check("STIR-T-FIX", kind="symbolic", scope="all x > 0; all z off the negative axis")
def remainder_bounds(stmt: Remainder) -> Finding:
    """Second differences decide the bounds on the axis (links of monotony below 1/2); |z+t|^2 splits by half angles."""
    if _proved(stmt):
        return Finding.holds("mu is the sum of its steps, each between those of the bounds; off the axis by Q >= 0")
    return Finding.undecided("a step of the proof does not reach the stated bounds")


@check("STIR-T-FIX", kind="certified", scope="nine points of the positive axis, eight of the plane, some near the cut")
def remainder_values(stmt: Remainder) -> Finding:
    """mu by certified log Gamma against the stated bounds."""
    hit = stirling.outside(stmt, AXIS)
    if hit is not None:
        return Finding.fails(f"the {hit[0]} bound fails at z={hit[1]}", margin="certified")
    for re, im in PLANE:
        if stirling.sector_excess(stmt, re, im) > 0:
            return Finding.fails(f"the bound off the axis fails at z = {re} + {im} i", margin="certified")
    with precision(128):
        tight = float((stirling.mu(1) / to_arb(stirling.at(LOW, Fraction(1)))).mid())
    return Finding.survived(f"inside the bounds; at z=1, mu is {tight:.4f} times the lower one", margin=f"{tight:.4f}")
