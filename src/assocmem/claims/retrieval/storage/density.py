"""Checks of the density of a layer: its normalization, the exchange of E for g on the balls, and what is inferred."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim, uncovered
from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.distances import Distance, Rows
from assocmem.theory.retrieval import convergence, density, stored_and_retrieved
from assocmem.theory.retrieval.density import EXACT_RATIO, Ratio
from assocmem.theory.retrieval.stored_and_retrieved import Interval

ZERO, FOUR = (Fraction(0),), (Fraction(4),)
PAIR: Rows = (ZERO, FOUR)

claim("EBM-DEF", {"energy": "0", "finite": False}, mutants={"finite constants only": {"energy": "x^2", "finite": True}})


@check("EBM-DEF", kind="symbolic", scope="any measurable energy")
def normalizable(stmt: Any) -> Finding:
    """exp(-E)/Z integrates to Z/Z, which is 1 for a positive finite Z, and no number for Z = 0 and Z = oo."""
    finite = density.total_probability(sp.Symbol("Z", positive=True))
    others = {density.total_probability(mass) for mass in (sp.Integer(0), sp.oo)}
    if finite != 1 or others != {sp.nan}:
        return Finding.undecided("the total probability was not confirmed")
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
    """0 < exp(-E) <= d, as E + log d >= 0; 0 <= Z <= d |Omega| for bounded balls, positive if Omega has a volume."""
    if not distance.by_length or convergence.floor_needed() > 1:
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
        agree = density.masses_agree()
    if not agree:
        return Finding.violated("the error function and quadrature give other masses")
    if total == 0:
        return Finding.fails("all radii 0: Z = 0", margin="exact", outside=True)
    return Finding.survived(f"Z = {float(total.mid()):.6f}")


claim("X-MASS", {"bound": sp.sqrt(sp.pi)}, mutants={"the bound 1 per pattern": {"bound": sp.Integer(1)}})


@check(
    "X-MASS",
    kind="symbolic",
    scope="any n and d",
    in_words="that the integral of a product over the coordinates is the product of the integrals, and exp(-E) <= d",
)
def whole_mass(stmt: Any) -> Finding:
    """exp(-E) is a sum of d Gaussians; each is a product over the coordinates (n = 1, 2, 3 are computed)."""
    for n in (1, 2, 3):
        exact = density.total_mass(n)
        if sp.simplify(stmt["bound"] ** n - exact) != 0:
            return Finding.fails(f"one pattern, n={n}: {exact}, not {stmt['bound'] ** n}", margin=str(exact))
    return Finding.holds("d terms, each the n-th power of the integral of exp(-x^2), the root of pi")


claim("X-DENS", {"powers": (1, 2)}, mutants={"E alone": {"powers": (1, 1)}})


@check("X-DENS", kind="certified", scope="D = {0} on [-1, 1]: E = x^2 and 2E")
def densities_of_multiples(stmt: Any) -> Finding:
    """Both have the one stationary point 0; their densities there, by the error function."""
    x = sp.Symbol("x", real=True)
    stationary = {tuple(sp.solve(sp.diff(power * x**2, x), x)) for power in stmt["powers"]}
    with precision(128):
        first, second = (density.value_at_center(power) for power in stmt["powers"])
        apart = not (first - second).contains(0)
        closed = (first * density.one_dimensional_mass(Fraction(-1), Fraction(1), [Fraction(0)]) - 1).contains(0)
    if len(stationary) == 1 and closed and apart:
        return Finding.enumerated(f"the densities at 0 are {float(first.mid()):.6f} and {float(second.mid()):.6f}")
    return Finding.fails("the two densities agree at 0", margin="certified")


RIM = Fraction(19, 10)
claim(
    "EQ5", {"patterns": PAIR, "simplex": (1000, 10**6)}, mutants={"one pattern": {"patterns": (ZERO,), "simplex": (1,)}}
)
FACTORS = {1000: ("16.788", "16.789"), 10**6: ("500.99", "501")}
"""Between which numbers the factor lies, for two numbers of patterns."""


@check(
    "EQ5",
    kind="certified",
    scope="D = {0, 4} with balls whose rim holds 1.9, for any distance; regular simplices with s^2 = log d",
)
def replaced(stmt: Any, distance: Distance) -> Finding:
    """exp(-g) and exp(-E) are proportional on the balls only if exp(g-E) is constant there.

    The balls of {0, 4} are disjoint, and those of the squared Euclidean distance store their patterns. Those of the
    simplices have the radius s (1 - 10^-6)/2, and the factor by which exp(g-E) varies is compared with two numbers.
    """
    rows, rim = stmt["patterns"], (RIM,)
    with precision(256):
        radius = distance(rim, ZERO)
        if not distance(ZERO, ZERO) <= radius:
            return Finding.undecided("0 is not certainly in the ball of 0 whose rim holds 1.9")
        if not all(density.disjoint_balls(distance, p, q, radius) for p in rows for q in rows if p != q):
            return Finding.undecided("the balls are not known to be disjoint")
        gap = density.two_point_ratio(distance, rows, rim, ZERO)
    if gap.contains(0):
        return Finding.survived("the two densities agree at these points")
    text = f"exp(g-E) differs by {float(gap.mid()):.6f} between x = 1.9 and x = 0, both in one ball"
    if not distance.has("squared euclidean"):
        return Finding.fails(text, margin="certified")
    balls = [Interval(row[0], RIM * RIM) for row in rows]
    with precision(128):
        closed = (gap - density.rim_difference(Fraction(4), RIM)).contains(0)
        same = (density.simplex_ratio(10) - density.simplex_ratio_in_coordinates(10)).contains(0)
        factors = {d: density.simplex_ratio(d) for d in stmt["simplex"]}
    within = all(arb(FACTORS[d][0]) < f < arb(FACTORS[d][1]) for d, f in factors.items())
    if not (closed and same and within and stored_and_retrieved.stored_together(rows, balls)):
        return Finding.undecided("the numbers are not those of their closed forms, or the balls store nothing")
    shown = ", ".join(f"{float(f.mid()):.4g} for d = {d}" for d, f in factors.items())
    return Finding.fails(f"{text}, which stores its pattern; for simplices by a factor of {shown}", margin="certified")


def _slack(sep: arb, radius: arb) -> arb:
    return sep * sep


claim(
    "EQ5-FIX",
    EXACT_RATIO,
    mutants={
        "exponent s^2": Ratio(_slack, density.s**2, density.VARIATION),
        "exponent s(s-r)": Ratio(lambda a, b: a * (a - b), density.s * (density.s - density.r), density.VARIATION),
    },
)


@check(
    "EQ5-FIX",
    kind="symbolic",
    scope="any n, d and radius r <= s/2",
    in_words="that d - 1 terms are at most d - 1 times their largest",
)
def ratio_bound(stmt: Ratio, distance: Distance) -> Finding:
    """The gap of distances, s_ij (s_ij - 2r), grows with s_ij, so each other term is at most exp(-s(s-2r))."""
    if not distance.has("squared euclidean"):
        return Finding.undecided("the gap s_ij(s_ij - 2r) is that of the squared Euclidean distance")
    if density.exponent_gap_is() and density.exponent_gap(stmt.symbolic).is_nonnegative:
        return Finding.holds("1 <= exp(g-E) <= 1+eta")
    return Finding.undecided("the stated exponent exceeds the smallest gap of distances")


@check("EQ5-FIX", kind="certified", scope="two patterns, the point of a ball that faces the other, three pairs (s, r)")
def ratio_attained(stmt: Ratio, distance: Distance) -> Finding:
    """exp(g-E) against the stated 1+eta where it is attained."""
    for sep, radius in (("4", "1"), ("2.02", "1"), ("3", "1/2")):
        gap = density.facing_excess(stmt, distance, Fraction(sep), Fraction(radius))
        if gap > arb("1e-30"):
            text = f"s={sep}, r={radius}: exp(g-E) exceeds the bound by {float(gap.mid()):.6f}"
            return Finding.fails(text, margin="certified")
        if not gap.contains(0):
            return Finding.violated(f"s={sep}, r={radius}: the bound is not attained")
    return Finding.survived("the bound is attained at the facing point, to 30 digits", margin="0")


_ETA = sp.Symbol("eta", positive=True)
claim(
    "EQ5-VAR",
    {"ratio": 1 + _ETA, "variation": density.VARIATION},
    mutants={
        "a ratio of 1 + eta/2": {"ratio": 1 + _ETA / 2, "variation": density.VARIATION},
        "total variation eta/20": {"ratio": 1 + _ETA, "variation": _ETA / 20},
        "total variation eta/5": uncovered({"ratio": 1 + _ETA, "variation": _ETA / 5}),
    },
)


@check(
    "EQ5-VAR",
    kind="symbolic",
    scope="any densities with 1 <= exp(g-E) <= 1+eta",
    in_words="that a mean lies between the bounds of its values, and a convex function under its chord",
)
def densities_bound(stmt: Any) -> Finding:
    """p_E/p_g = h/m with h and m in [1, 1+eta]; the mean of |h-m| lies under its chord, largest at m = sqrt(1+eta)."""
    steps = density.deviation_residual() == 0 and density.variation_gap(stmt["variation"]) == 0
    if steps and stmt["ratio"] == 1 + _ETA:
        return Finding.holds("the ratio lies in [1/(1+eta), 1+eta]; divergences and total variation follow")
    return Finding.undecided("the stated bounds are not those of the argument")


@check("EQ5-VAR", kind="certified", scope="two patterns on the line, four pairs (s, r)")
def densities_of_two(stmt: Any) -> Finding:
    """The ratio of the densities where the balls face each other, and a set on which their masses differ."""
    for sep, radius in (("4", "1"), ("2.02", "1"), ("3", "1/2"), ("2.02", "1/2")):
        with precision(128):
            ratio, eta = density.facing_density_ratio(Fraction(sep), Fraction(radius))
            apart = density.pair_variation(Fraction(sep), Fraction(radius))
            bounds = [density.at_number(stmt[name], eta) for name in ("ratio", "variation")]
        for value, bound, name in ((ratio, bounds[0], "the ratio"), (apart, bounds[1], "the total variation")):
            if value > bound:
                shown = f"{float(value.mid()):.6f}, more than {float(bound.mid()):.6f}"
                return Finding.fails(f"s={sep}, r={radius}: {name} is at least {shown}", margin="certified")
    if not density.pair_agrees():
        return Finding.violated("ratio or masses are not those of quadrature")
    return Finding.survived("ratio and total variation stay below their bounds")


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
    enough = all(density.own_slack(radius / 4).is_nonnegative for radius in stmt["radii"])
    if enough and not density.own_slack(Fraction(51, 100)).is_nonnegative:
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
    beyond = (2 + Fraction(1, 100),)  # the middle is 2, and the ball of radius 2 ends there
    if distance.has("squared euclidean") and (
        density.in_ball(distance, PAIR, 0, beyond, Fraction(2)) or density.own_is_nearest(distance, PAIR, 0, beyond)
    ):
        return Finding.violated("2.01 lies in the ball of 0 of radius 2, or no other pattern is nearer to it")
    return Finding.survived("the own pattern is nearest at both facing points")
