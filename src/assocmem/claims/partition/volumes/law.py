"""Checks of equation (14), its radius and its corrected form, and of the law of the partition function."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_paper_radius
from assocmem.theory.partition import asymptotics, bounds
from assocmem.theory.partition.asymptotics import Law
from assocmem.theory.partition.bounds import Bounds, c, n, q

claim("EQ14-R", {"apart": Fraction(2, 5)}, mutants={"patterns at distance 1": {"apart": Fraction(1)}})


@check(
    "EQ14-R",
    kind="symbolic",
    scope="any n and d",
    in_words="that balls of equal radius r have a common inner point only if their centers are nearer than 2r",
)
def room_for_balls(stmt: Any) -> Finding:
    """Balls of equal radius r have no inner point in common exactly if no two patterns are nearer than 2r."""
    with precision(128):
        wide = 2 * certified_paper_radius(1) <= to_arb(stmt["apart"])
    if wide:
        return Finding.holds("the balls do not meet")
    condition = "any two patterns are at least 2 sqrt(n/(2 pi e)) apart"
    return Finding.holds_if(condition, "a common inner point of two balls would bring their centers nearer than 2r")


@check("EQ14-R", kind="certified", scope="n = 1, two patterns at the stated distance")
def double_counting(stmt: Any) -> Finding:
    """The sum over the balls against the integral over their union, where they meet: [-r, a + r] cut at a/2."""
    half = to_arb(stmt["apart"]) / 2
    with precision(128):
        radius = certified_paper_radius(1)
        whole = arb.pi().sqrt() * (radius.erf() + half.erf())
        counted = 2 * arb.pi().sqrt() * radius.erf()
        meets = radius > half
    if meets and counted > whole:
        shown = f"{float(counted.mid()):.5f}, the integral {float(whole.mid()):.5f}"
        return Finding.fails(
            f"D={{0, {stmt['apart']}}}: the balls meet, and the sum is {shown}", margin=shown, outside=True
        )
    return Finding.survived("the balls do not meet")


claim("EQ14-LOW", Bounds(bounds.PRINTED_LOW, None), mutants={"e^(-r^2) for e^(-r)": Bounds(-c * n, None)})
claim(
    "EQ14-UP",
    Bounds(None, sp.Integer(0)),
    mutants={"with the factor e^(-r^2)": Bounds(None, -c * n), "with the factor 1/e": Bounds(None, sp.Integer(-1))},
)
claim(
    "EQ14-FIX",
    bounds.CORRECTED,
    mutants={
        "e^(-r) below": Bounds(bounds.PRINTED_LOW, bounds.SERIES),
        "n + 3 below": Bounds(-c * n**2 / (n + 3), bounds.SERIES),
        "n + 3 above": Bounds(bounds.JENSEN, -c * n - sp.log(1 - q * n / (n + 3))),
        "no quotient above": Bounds(bounds.JENSEN, -c * n),
    },
)


@check(
    "EQ14-LOW",
    "EQ14-UP",
    "EQ14-FIX",
    kind="symbolic",
    scope="all n, any d; equal disjoint balls",
    in_words="Jensen's inequality, and that (a+1)...(a+k) >= (a+1)^k under the series",
)
def from_proved_bounds(stmt: Bounds) -> Finding:
    """Jensen's inequality below; above, e^-g <= 1 or the geometric series: each side must follow from these."""
    if bounds.proved(stmt):
        return Finding.holds("each side follows from a bound on the mean of e^(-||y||^2) over a ball")
    return Finding.undecided("a side does not follow from the proved bounds")


@check("EQ14-LOW", "EQ14-UP", "EQ14-FIX", kind="certified", scope="n = 1 to 10^5, twelve dimensions")
def at_some_dimensions(stmt: Bounds) -> Finding:
    """Certified log(Z/(d V_n(r))) against the stated bounds."""
    hit = bounds.violation(stmt)
    if hit is None:
        return Finding.survived("both sides hold in all twelve dimensions")
    side, size, excess = hit
    text = f"n={size}: the {side} bound is off by the factor {float(arb(excess).exp().mid()):.4g}"
    large = bounds.violation(stmt, (1024,))
    more = f"; n=1024: by {float(arb(large[2]).exp().mid()):.3g}" if large else ""
    return Finding.fails(text + more, margin=f"{excess:.4g} nats at n={size}")


@check("EQ14-LOW", kind="certified", scope="n = 1024 and n = 10^4, against the law of log Z")
def excess_by_the_law(stmt: Bounds) -> Finding:
    """By how much the stated bound exceeds the true value, and what the law's main terms give for it."""
    assert stmt.lower is not None
    for size in (1024, 10**4):
        excess = bounds.value(stmt.lower, size) - bounds.weight(size)
        by_law = bounds.value(stmt.lower + c * n + sp.log(1 - q), size)
        if not abs(excess - by_law) < to_arb(Fraction(1, size)):
            return Finding.undecided(f"n={size}: {float(excess.mid()):.4f} nats, {float(by_law.mid()):.4f} by the law")
        if not excess > 0:
            return Finding.survived(f"n={size}: the bound is {float(-excess.mid()):.4f} nats below the value")
    return Finding.fails(f"n={size}: the bound exceeds the value by {float(excess.mid()):.4f} nats", "certified")


claim("X-EQ14-N", {"last": bounds.LAST_TRUE}, mutants={"up to n = 19": {"last": 19}, "up to n = 21": {"last": 21}})


@check("X-EQ14-N", kind="symbolic", scope="all n: certified up to 40, by the geometric series beyond")
def exactly_up_to(stmt: Any) -> Finding:
    """Certified signs for n <= 40; beyond, Z/(dV) < e^(-cn)/(1-2c) and cn - sqrt(cn) increases."""
    wrong = bounds.true_up_to(stmt["last"])
    if wrong == 0:
        return Finding.holds(f"true for n <= {stmt['last']}, false for all larger n")
    if wrong is None:
        return Finding.undecided("a comparison stayed undecided")
    return Finding.fails(f"n={wrong} is on the wrong side", margin=str(wrong))


claim(
    "Z-ASY",
    asymptotics.LAW,
    mutants={
        "rate e^(-r), not e^(-r^2)": Law(rate=sp.sqrt(c)),
        "without the root of pi n": Law(power=sp.Integer(0)),
        "constant of the other sign": Law(constant=sp.log(1 - q)),
        "kappa without 1/6": Law(kappa=asymptotics.LAW.kappa - sp.Rational(1, 6)),
        "kappa of the other sign": Law(kappa=-asymptotics.LAW.kappa),
        "error constant 4/5": Law(error=Fraction(4, 5)),
    },
)


@check(
    "Z-ASY",
    kind="symbolic",
    scope="all n and d, equal disjoint balls of radius sqrt(n/(2 pi e))",
    in_words="that the bounds on the product hold for any number of factors, by induction on the step that is checked",
)
def law_from_parts(stmt: Law) -> Finding:
    """Stirling's remainder to 1/(360 z^3), the product bounds, and sums of x^k T_k and x^k T_k^2 in closed form."""
    if asymptotics.law_follows(stmt):
        reached = float(asymptotics.certified_error_constant().mid())
        return Finding.holds(f"|e_n| <= {reached:.4f}/n^2 for all n", margin=f"{reached:.4f}")
    return Finding.undecided("not the derived law, or an error constant that the proof does not reach")


@check("Z-ASY", kind="certified", scope="n = 1 to 10^5, twelve dimensions")
def law_values(stmt: Law) -> Finding:
    """n^2 times the certified difference of log Z and the law."""
    hit = asymptotics.law_violation(stmt)
    if hit is not None:
        return Finding.fails(f"n={hit[0]}: n^2 times the error is {hit[1]:.4g}", margin=f"{hit[1]:.4g}")
    last = float(asymptotics.law_error(stmt, 10**5).mid())
    return Finding.survived(f"n^2 times the error is {last:.4f} at n=10^5", margin=f"{last:.4f}")


@check("Z-ASY", kind="certified", scope="n = 2, 10 and 40 by finite sums; n = 10^5 for the limit of n^2 e_n")
def law_by_finite_sums(stmt: Law) -> Finding:
    """e_n in even dimensions, where the ball integral is an elementary sum; and n^2 e_n near its limit.

    The law's constant kappa is read off there as well: n times what the law leaves without it.
    """
    for size in (2, 10, 40):
        if not asymptotics.law_error(stmt, size).overlaps(asymptotics.law_error_by_sum(stmt, size)):
            return Finding.fails(f"n={size}: by the finite sum another error")
    far, limit = asymptotics.law_error(stmt, 10**5), asymptotics.limit()
    if abs(far - arb(limit)) > to_arb(Fraction(1, 10**4)):
        return Finding.fails(f"n=10^5: n^2 e_n is {float(far.mid()):.4f}, its limit {limit:.4f}")
    if far > to_arb(stmt.error) or not far > to_arb(Fraction(9, 10)):
        return Finding.fails(f"n=10^5: n^2 e_n is {float(far.mid()):.4f}")
    return Finding.survived(f"n^2 e_n is {float(far.mid()):.4f} at n=10^5, and tends to {limit:.4f}")
