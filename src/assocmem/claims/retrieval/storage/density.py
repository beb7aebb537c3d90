"""Checks of the density of a layer: its normalization, the exchange of E for g on the balls, and what is inferred."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim, uncovered
from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.distances import Distance, Rows
from assocmem.theory.retrieval import density
from assocmem.theory.retrieval.density import EXACT_RATIO, Ratio

ZERO, FOUR = (Fraction(0),), (Fraction(4),)
PAIR: Rows = (ZERO, FOUR)

claim("EBM-DEF", {"energy": "0", "finite": False}, mutants={"finite constants only": {"energy": "x^2", "finite": True}})


@check("EBM-DEF", kind="symbolic", scope="any measurable energy")
def normalizable(stmt: Any) -> Finding:
    """exp(-E)/Z integrates to Z/Z = 1 exactly if Z is neither 0 nor infinite."""
    if stmt["finite"]:
        return Finding.holds("exp(-E)/Z is nonnegative and integrates to 1")
    return Finding.holds_if("0 < Z < infinity", "then exp(-E)/Z is nonnegative and integrates to 1")


@check("EBM-DEF", kind="symbolic", scope="the stated energy on the line")
def constant_energy(stmt: Any) -> Finding:
    """The integral of exp(-E) over the line."""
    x = sp.Symbol("x", real=True)
    whole = sp.integrate(sp.exp(-sp.sympify(stmt["energy"].replace("^", "**"), {"x": x})), (x, -sp.oo, sp.oo))
    if whole == sp.oo:
        return Finding.fails(f"E = {stmt['energy']} on the line has Z = oo", margin="exact", outside=not stmt["finite"])
    return Finding.survived(f"Z = {whole}")


claim("OMEGA", {"radii": (Fraction(0), Fraction(0))}, mutants={"positive radii": {"radii": (Fraction(1), Fraction(1))}})


@check("OMEGA", kind="symbolic", scope="any n, d and radii; also for a norm in place of the squared distance")
def finite_mass(stmt: Any, distance: Distance) -> Finding:
    """0 < exp(-E) <= d, bounded balls: 0 <= Z <= d |Omega|, and Z > 0 exactly if Omega has a volume."""
    if not distance.by_length:
        return Finding.undecided("the balls of this distance may be unbounded")
    if all(radius > 0 for radius in stmt["radii"]):
        return Finding.holds("0 < Z <= d |Omega|")
    return Finding.holds_if("some ball has a positive radius", "then 0 < Z <= d |Omega|; else Omega is a finite set")


@check("OMEGA", kind="certified", scope="n = 1, D = {0, 4}, the stated radii")
def zero_mass(stmt: Any) -> Finding:
    """The integral of exp(-E) over the balls by the error function."""
    with precision(128):
        parts = [
            density.one_dimensional_mass(c[0] - q, c[0] + q, [p[0] for p in PAIR])
            for c, q in zip(PAIR, stmt["radii"], strict=True)
        ]
        total = sum(parts, arb(0))
    if total == 0:
        return Finding.fails("all radii 0: Z = 0", margin="exact", outside=True)
    return Finding.survived(f"Z = {float(total.mid()):.6f}")


claim("X-MASS", {"bound": sp.sqrt(sp.pi)}, mutants={"the bound 1 per pattern": {"bound": sp.Integer(1)}})


@check("X-MASS", kind="symbolic", scope="any n and d")
def whole_mass(stmt: Any) -> Finding:
    """exp(-E) is a sum of d Gaussians; each is a product over the coordinates (n = 1, 2, 3 by integration)."""
    for n in (1, 2, 3):
        exact = density.total_mass(n)
        if sp.simplify(stmt["bound"] ** n - exact) != 0:
            return Finding.fails(f"one pattern, n={n}: {exact}, not {stmt['bound'] ** n}", margin=str(exact))
    return Finding.holds("d terms, each the n-th power of the integral of exp(-x^2), the root of pi")


claim("DENS", {"inferred": True}, mutants={"a definition": {"inferred": False}})


@check("DENS", kind="argument", scope="Theorem 4 of Ramsauer et al. (2020), from memory")
def density_follows(stmt: Any) -> Finding:
    """That theorem bounds the distance of one update from its fixed point; no density occurs in it.

    What is said of E (its stationary points, the order of nearness for one pattern) is as true of 2E, whose density
    on the same balls is another one: on [-1, 1] with D = {0} the values at 0 differ.
    """
    with precision(128):
        single = density.one_dimensional_mass(Fraction(-1), Fraction(1), [Fraction(0)])
        double = arb.pi().sqrt() / arb(2).sqrt() * arb(2).sqrt().erf()
        differ = not (single - double).contains(0)
    if stmt["inferred"] and differ:
        return Finding.heuristic("E and 2E have the same stationary points and different densities: p is a definition")
    return Finding.undecided("a definition needs no inference")


claim("EQ5", PAIR, mutants={"one pattern": (ZERO,)})


@check("EQ5", kind="certified", scope="D = {0, 4}, balls whose rim holds 1 (radius 1 here), x = 0 and x = 1")
def replaced(stmt: Rows, distance: Distance) -> Finding:
    """exp(-g) and exp(-E) are proportional on the balls only if exp(g-E) is constant there; the balls are disjoint."""
    one = (Fraction(1),)
    with precision(256):
        radius = distance(one, ZERO)
        if not distance(ZERO, ZERO) <= radius:
            return Finding.undecided("0 is not certainly in the ball of 0 whose rim holds 1")
        if not all(density.disjoint_balls(distance, p, q, radius) for p in stmt for q in stmt if p != q):
            return Finding.undecided("the balls are not known to be disjoint")
        gap = density.two_point_ratio(distance, stmt, one, ZERO)
    if not gap.contains(0):
        text = f"exp(g-E) differs by {float(gap.mid()):.6f} between x = 1 and x = 0, both in one ball"
        return Finding.fails(text, margin="certified")
    return Finding.survived("the two densities agree at these points")


def _slack(sep: arb, radius: arb) -> arb:
    return sep * sep


claim(
    "EQ5-FIX",
    EXACT_RATIO,
    mutants={
        "exponent s^2": Ratio(_slack, density.s**2, density.VARIATION),
        "exponent s(s-r)": Ratio(lambda a, b: a * (a - b), density.s * (density.s - density.r), density.VARIATION),
        "total variation eta/5": uncovered(
            Ratio(density.gap_exponent, EXACT_RATIO.symbolic, sp.Symbol("eta", positive=True) / 5)
        ),
    },
)


@check("EQ5-FIX", kind="symbolic", scope="any n, d and radius r <= s/2")
def ratio_bound(stmt: Ratio, distance: Distance) -> Finding:
    """The gap of distances grows with s_ij; the mean deviation lies under its chord, largest at m = sqrt(1+eta)."""
    if not distance.has("squared euclidean"):
        return Finding.undecided("the gap s_ij(s_ij - 2r) is that of the squared Euclidean distance")
    steps = density.deviation_residual() == 0 and density.variation_gap(stmt.variation) == 0
    if steps and density.exponent_gap(stmt.symbolic).is_nonnegative:
        return Finding.holds("1 <= exp(g-E) <= 1+eta; the ratio, divergence and variation follow")
    return Finding.undecided("the stated exponent exceeds the smallest gap of distances")


@check("EQ5-FIX", kind="certified", scope="two patterns, the point of a ball that faces the other, three pairs (s, r)")
def ratio_attained(stmt: Ratio, distance: Distance) -> Finding:
    """exp(g-E) against the stated 1+eta where it is attained."""
    for sep, radius in (("4", "1"), ("2.02", "1"), ("3", "1/2")):
        gap = density.facing_excess(stmt, distance, Fraction(sep), Fraction(radius))
        if gap > arb("1e-30"):
            text = f"s={sep}, r={radius}: exp(g-E) exceeds the bound by {float(gap.mid()):.6f}"
            return Finding.fails(text, margin="certified")
    return Finding.survived("the bound is attained at the facing point, to 30 digits", margin="0")


claim(
    "EQ5-OWN",
    {"radii": (Fraction(2), Fraction(2))},
    mutants={
        "disjoint balls of unequal radii": {"radii": (Fraction(3), Fraction(1, 2))},
        "a radius just too large": {"radii": (2 + Fraction(1, 10**6), Fraction(1))},
    },
)


@check("EQ5-OWN", kind="symbolic", scope="any n and d; any metric")
def own_pattern(stmt: Any, distance: Distance) -> Finding:
    """d(x,rho_j) >= s_ij - d(x,rho_i) >= s_ij - r >= r for the norm; squares keep the order. Here s_ij = 4."""
    if not (distance.has("triangle", "symmetric") or distance.has("squared euclidean")):
        return Finding.undecided("the argument needs the triangle inequality and symmetry")
    if all(4 - radius >= radius for radius in stmt["radii"]):
        return Finding.holds("within half the distance to the nearest other pattern the own pattern is nearest")
    return Finding.undecided("a radius exceeds half the distance")


@check("EQ5-OWN", kind="certified", scope="D = {0, 4} with the stated radii, the facing points")
def own_pattern_points(stmt: Any, distance: Distance) -> Finding:
    """g at the point of each ball that faces the other pattern, if the distance puts it into that ball."""
    first, second = stmt["radii"]
    for i, x, radius in ((0, first, first), (1, 4 - second, second)):
        if (
            density.in_ball(distance, PAIR, i, (x,), radius)
            and density.own_is_nearest(distance, PAIR, i, (x,)) is False
        ):
            return Finding.fails(
                f"D={{0,4}}, x={x} in the ball of {PAIR[i][0]}: the other pattern is nearer", margin="exact"
            )
    return Finding.survived("the own pattern is nearest at both facing points")
