"""Checks of the storage theorem for every radius, of its tightness, and of fixed points that are no patterns."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim, uncovered
from assocmem.theory.energies import counting
from assocmem.theory.energies.critical_points import Landscape
from assocmem.theory.energies.storage import gap_residual
from assocmem.theory.exact.certified import to_arb
from assocmem.theory.retrieval import storage_radius
from assocmem.theory.retrieval.storage_radius import Room

claim(
    "X-STORE-R",
    Room(),
    mutants={
        "contraction alone": Room(keep=False),
        "invariance alone": Room(contract=None),
        "exponent s(s-r)": Room(inner=Fraction(1)),
        "contraction with 1/s^2": uncovered(Room(contract=Fraction(1))),
        "a factor of (d-1) s^2 e^(-s(s-2r))": Room(factor=Fraction(1)),
        "nine tenths of the distance to the fixed point": Room(reach=Fraction(9, 10)),
    },
)


@check(
    "X-STORE-R",
    kind="symbolic",
    scope="any n, d >= 2 and r < s/2",
    in_words="that d - 1 terms are at most d - 1 times their largest, and Banach's theorem for a contraction of a ball",
)
def stored_in_balls(stmt: Room) -> Finding:
    """The gap of distances, the two falling functions, and s(s-r) >= 1 from the condition itself."""
    falls = all(storage_radius.falling_residual(p) == 0 for p in (1, 2)) and bool(
        storage_radius.growth().is_nonnegative
    )
    steps = gap_residual(3) == 0 and falls and storage_radius.growth_is() and storage_radius.separation_follows()
    if steps and storage_radius.conclusions_follow(stmt):
        return Finding.holds("|T(x)-rho_i| <= (d-1) s e^(-s(s-2r)) < r and |JT| <= 2(d-1) s^2 e^(-s(s-2r)) < 1")
    return Finding.undecided("the stated condition is not the one of the argument")


@check("X-STORE-R", kind="certified", scope="ten pairs (s, r) with two patterns, at the facing point")
def stored_in_intervals(stmt: Room) -> Finding:
    """Where the stated condition is met, T at the facing point, its slope and the fixed point obey their bounds."""
    hit = storage_radius.loses(stmt)
    if hit is None and not storage_radius.two_patterns_agree():
        return Finding.violated("the step, its slope or the fixed point is another by a second route")
    return Finding.survived("T keeps and contracts") if hit is None else Finding.fails(hit, margin="certified")


claim(
    "X-STORE-NEED",
    {"spinodals": Fraction(1), "logarithms": Fraction(1)},
    mutants={
        "eleven tenths of the spinodal": {"spinodals": Fraction(11, 10), "logarithms": Fraction(1)},
        "a spinodal above 1.3 log d": {"spinodals": Fraction(1), "logarithms": Fraction(13, 10)},
    },
)


@check(
    "X-STORE-NEED",
    kind="symbolic",
    scope="the regular simplex with any number d >= 3 of vertices",
    in_words="that a ball around a vertex is symmetric, so that its only fixed point lies on the axis, and that two "
    "balls with radii above s/2 meet",
)
def no_fixed_point_on_the_side(stmt: Any) -> Finding:
    """T(x) = x on the axis, solved for s^2; R > s/2 for d >= 3; log(1+(d-1)m)/m falls, so spinodal > log d."""
    equations = storage_radius.axis_residual() == 0 and storage_radius.fixed_equation_residual() == 0
    outside = storage_radius.reach_of_center().is_positive and storage_radius.reach_in_triangle()
    reach = outside and storage_radius.floor_slope_sign()
    if equations and reach and stmt["spinodals"] <= 1 and stmt["logarithms"] <= 1:
        return Finding.holds("below the spinodal no fixed point lies on the vertex's side of the center")
    return Finding.undecided("the stated bounds are not those of the argument")


@check("X-STORE-NEED", kind="certified", scope="3, 10, 1000 and a million vertices")
def spinodal_points(stmt: Any) -> Finding:
    """The spinodal, enclosed, against log d, and against the squared distance at which everything is stored."""
    for d in (3, 10, 1000, 10**6):
        low, high = storage_radius.spinodal(d)
        floor = to_arb(stmt["logarithms"]) * storage_radius.log_range(d)
        if to_arb(high) < floor:
            return Finding.fails(f"d={d}: the spinodal {float(high):.4f} is below {float(floor.mid()):.4f}")
        enough = storage_radius.sufficient(d)[1]
        if enough < stmt["spinodals"] * low:
            return Finding.fails(f"d={d}: all patterns are stored at s^2 = {float(enough):.4f}", margin="certified")
    return Finding.survived("all four spinodals exceed log d")


claim(
    "X-STORE-TIGHT",
    {3: "1.345", 10: "1.232", 1000: "1.088", 10**6: "1.046"},
    mutants={
        "within four percent of a million": {3: "1.345", 10: "1.232", 1000: "1.088", 10**6: "1.04"},
        "within a fifth for ten": {3: "1.345", 10: "1.2", 1000: "1.088", 10**6: "1.046"},
    },
)


@check("X-STORE-TIGHT", kind="certified", scope="the regular simplex with 3, 10, 1000 and a million vertices")
def near_spinodal(stmt: Any) -> Finding:
    """The root of the theorem's condition over the spinodal, both enclosed by certified signs."""
    for d, bound in stmt.items():
        low, high = storage_radius.tightness(d)
        if low > Fraction(bound):
            return Finding.fails(f"d={d}: the ratio exceeds {float(low):.4f}", margin="certified")
        if high > Fraction(bound):
            return Finding.undecided(f"d={d}: the ratio is too near its bound")
        if high < Fraction(bound) - Fraction(1, 1000):
            return Finding.undecided(f"d={d}: the ratio is not the stated one")
    shown = ", ".join(f"{d}: {float(storage_radius.tightness(d)[1]):.4f}" for d in stmt)
    return Finding.enumerated(f"ratios {shown}")


claim(
    "X-SPURIOUS",
    sp.Symbol("d", positive=True),
    mutants={"up to 3d/2": 3 * sp.Symbol("d", positive=True) / 2, "up to d/2": sp.Symbol("d", positive=True) / 2},
)


@check(
    "X-SPURIOUS",
    kind="symbolic",
    scope="the regular simplex with any number d of vertices",
    in_words="that the covariance is a multiple of the identity on the hyperplane, by symmetry",
)
def center_is_minimum(stmt: sp.Expr) -> Finding:
    """All weights are equal at the center, so the curvature is 2 - 2 s^2/d in the hyperplane and 2 across it."""
    sep, square = sp.symbols("s q", positive=True)
    (root,) = sp.solve(storage_radius.center_curvature().subs(sep, sp.sqrt(square)), square)
    if sp.simplify(root - stmt) == 0:
        return Finding.holds("a minimum for s^2 < d; for s^2 > d a saddle, or a maximum if d - 1 = n")
    return Finding.fails(f"the curvature 2 - 2 s^2/d vanishes at s^2 = {root}, not at {stmt}", margin=str(root))


@check("X-SPURIOUS", kind="certified", scope="equilateral triangles (to nine digits) of squared side 2.9 and 3.1")
def center_of_triangle(stmt: sp.Expr) -> Finding:
    """Certified enumeration: three minima near the corners, and a fourth exactly if s^2 is below the stated bound."""
    bound, minima = stmt.subs(sp.Symbol("d", positive=True), 3), {}
    for square in ("2.9", "3.1"):
        minima[square] = counting.count(counting.triangle(Fraction(square)))[1]
        if minima[square] != (4 if sp.Rational(square) < bound else 3):
            return Finding.fails(
                f"d=3, s^2={square}: {minima[square]} minima, stated bound {bound}", margin="certified"
            )
    return Finding.survived(f"minima of E by s^2: {minima}")


claim(
    "X-SHARED",
    {"patterns": (0, 1, 4), "minima": 2},
    mutants={
        "a minimum for each pattern": {"patterns": (0, 1, 4), "minima": 3},
        "the near pair farther apart": {"patterns": (0, 2, 5), "minima": 2},
    },
)


@check("X-SHARED", kind="certified", scope="the stated patterns on the line")
def shared_fixed_point(stmt: Any) -> Finding:
    """All critical points are enumerated; the border between the two basins must leave 0 and 1 on one side."""
    points = sorted(Landscape.of([[p] for p in stmt["patterns"]]).critical_points(), key=lambda p: float(p.x[0].mid()))
    minima = [p for p in points if p.index == 0]
    if len(minima) != stmt["minima"]:
        return Finding.fails(f"E has {len(minima)} minima, stated {stmt['minima']}", margin="certified")
    borders = [p for p in points if p.index > 0]
    if len(borders) == 1 and borders[0].x[0] > to_arb(stmt["patterns"][1]):
        return Finding.enumerated(f"0 and 1 converge to {minima[0].floats()[0]:.4f}, 4 to {minima[1].floats()[0]:.4f}")
    return Finding.undecided("the border is not where it is stated")
