"""Checks of Theorem D.1, Stirling's approximation, of its form for large arguments, and of the corrected theorem."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb

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


@dataclass(frozen=True)
class Arguments:
    """Stirling's formula up to a factor 1 + O(z^-order), for ``|arg z|`` up to a share of pi."""

    share: Fraction = Fraction(1)
    order: int = 1


claim(
    "STIR-T",
    Arguments(),
    mutants={
        "|arg z| <= 9 pi/10": Arguments(share=Fraction(9, 10)),
        "up to 1 + O(1/z^2)": Arguments(order=2),
    },
)
claim("STIR-G", Fraction(1), mutants={"|arg z| <= 9 pi/10": Fraction(9, 10)})


def _on_axis(stmt: Remainder) -> bool:
    """Every step of the proof of the bounds on mu for x > 0."""
    leading = stirling.step_residual() == 0 and sp.limit(stirling.leading_term(), z, sp.oo) == 0
    below = stirling.side(stmt.low, stirling.ROBBINS_FROM) == 1 and stirling.holds_near_zero(stmt.low)
    return leading and below and stirling.side(stmt.high) == -1


def _in_plane(stmt: Remainder) -> bool:
    """Every step of the proof of the bounds on mu off the axis."""
    sector = stirling.kernel_residual() == 0 and stirling.half_angle_residual(stmt.share) == 0
    height = stirling.kernel_peak() == sp.Rational(1, 8) and stirling.angle_residuals() == (0, 0)
    return sector and height and stmt.peak >= Fraction(1, 8) and stirling.side(stmt.high) == -1


def _proved(stmt: Remainder) -> bool:
    return _on_axis(stmt) and _in_plane(stmt)


REFLECTED = "that e^-mu(x) tends to 1, and that the ratio is then that of the reflection formula"


@check(
    "STIR-T",
    kind="symbolic",
    scope="|z| -> infinity with |arg z| up to the stated share of pi; z > 0 for the order",
    in_words="that |e^u - 1| <= |u| e^|u|",
)
def off_the_negative_axis(stmt: Arguments) -> Finding:
    """In a sector that leaves out the negative axis mu(z) is bounded by a multiple of 1/z, by none of 1/z^2."""
    if sp.limit(z**stmt.order * stirling.LOW, z, sp.oo) == sp.oo and _on_axis(Remainder()):
        return Finding.fails(f"z -> oo: z^{stmt.order} mu(z) has no bound", margin="exact")
    if not _proved(Remainder()):
        return Finding.undecided("the remainder was not confirmed")
    text = "|mu(z)| <= 1/(12 |z| cos^2(arg z/2)), bounded by a multiple of 1/|z|"
    if stmt.share < 1:
        return Finding.holds(text)
    return Finding.holds_if("z lies in a sector |arg z| <= pi - delta without the negative axis, such as z = n/2", text)


def _ratio_halfway() -> arb:
    """The ratio of the two sides half way between two poles, by two routes that agree."""
    if not stirling.ratios_agree(-HALFWAY):
        raise ArithmeticError("the ratio and its reflection are two numbers")
    return stirling.printed_ratio(HALFWAY).real


@check("STIR-T", kind="symbolic", scope="z = -(m + 1/2), half way between two poles", in_words=REFLECTED)
def halfway_between_poles(stmt: Arguments) -> Finding:
    """By the reflection formula the ratio at z = -x is e^-mu(x)/(1 - e^(-2 pi i x)), which is near 1/2 half way.

    With the other square root of 2 pi/z it is near -1/2. At x = m there is a pole, and the right side is finite.
    """
    m = sp.Symbol("m", integer=True, positive=True)
    limit = sp.simplify(stirling.reflected_ratio().subs(z, m + sp.Rational(1, 2)))
    if stmt.share < 1 or limit == 1:
        return Finding.undecided("the points lie outside the stated arguments, or do not speak against them")
    text = f"z = -(m + 1/2): the ratio of the two sides tends to {limit}; at z = -m Gamma has a pole"
    return Finding.fails(text, outside=True)


@check("STIR-T", kind="certified", scope="z = -201/2")
def far_left(stmt: Arguments) -> Finding:
    """The certified ratio of both sides half way between two poles."""
    ratio = _ratio_halfway()
    shown = f"{float(ratio.mid()):.6f}"
    if stmt.share == 1 and abs(ratio - 1) > to_arb(Fraction(1, 4)):
        return Finding.fails(f"z={HALFWAY}: the ratio of the two sides is {shown}", margin=shown, outside=True)
    return Finding.survived("the point lies outside the stated arguments")


@check("STIR-G", kind="symbolic", scope="z -> infinity within the stated share of pi; the identities for all z")
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
    ratio = _ratio_halfway()
    shown = f"{float(ratio.mid()):.6f}"
    if stmt == 1 and abs(ratio - 1) > to_arb(Fraction(1, 4)):
        return Finding.fails(f"z={HALFWAY}: the ratio of the two sides is {shown}", margin=shown, outside=True)
    return Finding.survived("the point lies outside the stated arguments")


claim(
    "STIR-T-AXIS",
    Remainder(),
    mutants={
        "lower bound 1/(12z)": Remainder(low=HIGH, high=1 / (11 * z)),
        "lower bound 1/(12z + 1/2)": Remainder(low=1 / (12 * z + sp.Rational(1, 2))),
        "upper bound 1/(13z)": Remainder(high=1 / (13 * z)),
    },
)
claim(
    "STIR-T-PLANE",
    Remainder(),
    mutants={
        "|arg z|/(13 |Im z|)": Remainder(peak=Fraction(1, 13)),
        "cos^2 of a third of the angle": Remainder(share=Fraction(1, 3)),
        "upper bound 1/(13z) on the axis": Remainder(high=1 / (13 * z)),
    },
)


@check(
    "STIR-T-AXIS",
    kind="symbolic",
    scope="all x > 0",
    in_words="that mu is the sum of its steps, and that what tends to 0 with a positive second difference is positive",
)
def bounds_on_axis(stmt: Remainder) -> Finding:
    """Second differences decide the bounds; links of monotony below 1/2."""
    if _on_axis(stmt):
        return Finding.holds("mu is the sum of its steps, each between those of the bounds")
    return Finding.undecided("a step of the proof does not reach the stated bounds")


@check(
    "STIR-T-PLANE",
    kind="symbolic",
    scope="all z off the negative axis",
    in_words="that mu is the integral of its kernel, and |mu| at most that of the kernel's absolute value",
)
def bounds_in_plane(stmt: Remainder) -> Finding:
    """The kernel is positive with the peak 1/8, and |z+t|^2 splits by half angles."""
    if _in_plane(stmt):
        return Finding.holds("Q >= 0 and Q <= 1/8; |z+t| >= (|z|+t) cos(arg z/2)")
    return Finding.undecided("a step of the proof does not reach the stated bounds")


@check("STIR-T-AXIS", kind="certified", scope="nine points of the positive axis")
def values_on_axis(stmt: Remainder) -> Finding:
    """mu by certified log Gamma against the stated bounds."""
    hit = stirling.outside(stmt, AXIS)
    if hit is not None:
        return Finding.fails(f"the {hit[0]} bound fails at z={hit[1]}", margin="certified")
    with precision(128):
        tight = float((stirling.mu(1) / to_arb(stirling.at(LOW, Fraction(1)))).mid())
    return Finding.survived(f"inside the bounds; at z=1, mu is {tight:.4f} times the lower one", margin=f"{tight:.4f}")


@check("STIR-T-PLANE", kind="certified", scope="eight points of the plane, some near the cut")
def values_in_plane(stmt: Remainder) -> Finding:
    """mu by certified log Gamma against the smaller of the stated bounds."""
    for re, im in PLANE:
        if stirling.sector_excess(stmt, re, im) > 0:
            return Finding.fails(f"the bound off the axis fails at z = {re} + {im} i", margin="certified")
    return Finding.survived("inside both bounds")


@dataclass(frozen=True)
class Sectors:
    """Stirling's formula holds up to a factor 1 + O(z^-order) for ``|z|`` >= 1 in every sector that leaves out the cut.

    ``closed``: also in those that contain the negative axis.
    """

    order: int = 1
    closed: bool = False


claim(
    "STIR-T-FIX",
    Sectors(),
    mutants={"up to 1 + O(1/z^2)": Sectors(order=2), "the negative axis included": Sectors(closed=True)},
)


@check(
    "STIR-T-FIX",
    kind="symbolic",
    scope="all |z| >= 1 and all delta; z = -(m + 1/2) on the axis, z > 0 for the order",
    in_words=f"that |e^u - 1| <= |u| e^|u|; {REFLECTED}",
)
def in_sectors(stmt: Sectors) -> Finding:
    """In the sector cos(arg z/2) is at least sin(delta/2), so |mu| <= C/|z|; on the axis the ratio tends to 1/2.

    For z > 0, mu > 1/(12z+1), so z^2 (e^mu - 1) has no bound.
    """
    m, delta = sp.Symbol("m", integer=True, positive=True), sp.Symbol("delta", positive=True)
    limit = sp.simplify(stirling.reflected_ratio().subs(z, m + sp.Rational(1, 2)))
    if stmt.closed and limit != 1:
        return Finding.fails(f"z = -(m + 1/2): the ratio of the two sides tends to {limit}", margin="exact")
    if sp.limit(z**stmt.order * stirling.LOW, z, sp.oo) == sp.oo and _on_axis(Remainder()):
        return Finding.fails(f"z -> oo: z^{stmt.order} mu(z) has no bound", margin="exact")
    edge = sp.simplify(sp.cos((sp.pi - delta) / 2) - sp.sin(delta / 2)) == 0
    if stmt == Sectors() and edge and limit != 1 and _proved(Remainder()):
        return Finding.holds("|e^mu - 1| <= C e^C/|z| with C = 1/(12 sin^2(delta/2))")
    return Finding.undecided("the remainder was not confirmed")


@check("STIR-T-FIX", kind="certified", scope="z = -201/2, and z = 10^6")
def at_both_ends(stmt: Sectors) -> Finding:
    """The ratio of both sides half way between two poles, and z (ratio - 1) far on the positive axis."""
    left = _ratio_halfway()
    size = 10**6
    with precision(256):
        right = (stirling.mu(size).exp() - 1) * size**stmt.order
    shown = (
        f"{float(left.mid()):.6f} at z={HALFWAY}; z^{stmt.order} (ratio - 1) is {float(right.mid()):.6f} at z={size}"
    )
    if stmt.closed and abs(left - 1) > to_arb(Fraction(1, 4)):
        return Finding.fails(f"the ratio is {shown}")
    if abs(right - to_arb(Fraction(1, 12))) > to_arb(Fraction(1, 10**6)):
        return Finding.fails(f"the ratio is {shown}")
    return Finding.survived(f"the ratio is {shown}")
