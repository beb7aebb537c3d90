"""Checks of convexity with any number of patterns (chapter 2)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.claims.energies.landscapes.thresholds import bent_below
from assocmem.theory.energies import convexity, derivations, two_patterns
from assocmem.theory.energies.other_distances import bent
from assocmem.theory.exact.certified import squared_distance
from assocmem.theory.exact.distances import Distance

TRIANGLE = ((Fraction(0), Fraction(0)), (Fraction(2), Fraction(0)), (Fraction(0), Fraction(1, 2)))
TETRAHEDRON = (
    (Fraction(0), Fraction(0), Fraction(0)),
    (Fraction(1), Fraction(1), Fraction(1)),
    (Fraction(1), Fraction(0), Fraction(0)),
    (Fraction(0), Fraction(1, 3), Fraction(0)),
)
"""Exact affinely independent patterns in the plane and in space."""

THRESHOLD_E, THRESHOLD_M = {"family": "E", "threshold": 2}, {"family": "mchn", "threshold": 4}


def _raised(stmt: dict[str, Any]) -> dict[str, Any]:
    """Diameters beyond the threshold."""
    return {
        "threshold raised by 1/1000": stmt | {"threshold": stmt["threshold"] + sp.Rational(1, 1000)},
        "threshold doubled": stmt | {"threshold": 2 * stmt["threshold"]},
    }


claim("X-CONV-DIAM-E", THRESHOLD_E, mutants=_raised(THRESHOLD_E))
claim("X-CONV-DIAM-M", THRESHOLD_M, mutants=_raised(THRESHOLD_M))


@check(
    "X-CONV-DIAM-M",
    kind="symbolic",
    scope="any number of patterns, any dimension, any inverse temperature",
    in_words="that the curvature is a constant less a multiple of the scores' variance",
)
def diameter_bound(stmt: Any) -> Finding:
    """Popoviciu's inequality bounds the curvature from below by its value for two balanced patterns."""
    if convexity.popoviciu_residual() != 0:
        return Finding.undecided("the variance identity failed")
    exact = convexity.diameter_threshold(stmt["family"])
    if exact != two_patterns.threshold(stmt["family"]):
        return Finding.undecided("the bound is not the one that two patterns reach")
    made = derivations.diameter_bound(stmt["family"])
    if stmt["threshold"] <= exact and derivations.vanishes_at(made, exact):
        text = "Var <= diam^2/4 from (hi-Y)(Y-lo) >= 0, so the curvature along any direction is nonnegative"
        return replace(Finding.derived(text, made), margin=f"0 at b diam^2 = {exact}")
    between = (exact + sp.sympify(stmt["threshold"])) / 2
    value = two_patterns.least_curvature(stmt["family"]).subs({two_patterns.b: 1, two_patterns.s: sp.sqrt(between)})
    return Finding.fails(f"two patterns, b s^2 = {between}: curvature {value} at the midpoint", margin=str(value))


@check(
    "X-CONV-DIAM-E",
    kind="symbolic",
    scope="any number of patterns, any dimension, any inverse temperature",
    in_words="that the curvature is a constant less a multiple of the scores' variance",
)
def diameter_bound_of_e(stmt: Any, distance: Distance) -> Finding:
    """Popoviciu's inequality bounds the curvature from below by its value for two balanced patterns."""
    return diameter_bound(stmt) if distance.has("squared euclidean") else bent_below(distance)


GENERIC = ((Fraction(1, 3), Fraction(-2, 5)), (Fraction(3, 5), Fraction(4, 5)))
"""A point and a direction that no symmetry of the patterns singles out."""


@check("X-CONV-DIAM-E", "X-CONV-DIAM-M", kind="certified", scope="two patterns one thousandth off; a triangle")
def at_the_threshold(stmt: Any) -> Finding:
    """The curvature from the energy's Hessian: its sign at two balanced patterns, and as a variance at a triangle."""
    family = stmt["family"]
    square, point = tuple((Fraction(c),) for c in (-1, 1)), [Fraction(0)]
    for off, wanted in ((Fraction(-1, 1000), 1), (Fraction(1, 1000), -1)):
        beta = Fraction(str(stmt["threshold"])) * (1 + off) / squared_distance(*square)
        value = convexity.curvature(square, family, beta, point, [Fraction(1)])
        if wanted * value < 0:
            return Finding.fails(f"b diam^2 = {beta * 4}: curvature {float(value.mid()):.6f}", margin="certified")
    x, u = (list(part) for part in GENERIC)
    hessian = convexity.curvature(TRIANGLE, family, Fraction(1), x, u)
    if abs(hessian - convexity.curvature_by_variance(TRIANGLE, family, Fraction(1), x, u)) * 10**12 < 1:
        return Finding.survived("positive below, negative above; the Hessian's curvature is the one by the variance")
    return Finding.violated("the curvature is not the one by the variance")


def _ordered(rows: convexity.Rows) -> tuple[convexity.Rows, Fraction]:
    """The patterns with the farthest pair first, and its squared distance."""
    pairs = [(squared_distance(p, q), i, j) for i, p in enumerate(rows) for j, q in enumerate(rows) if i < j]
    square, i, j = max(pairs)
    return (rows[i], rows[j], *[row for k, row in enumerate(rows) if k not in (i, j)]), square


def _moved(stmt: dict[str, Any]) -> dict[str, Any]:
    """Thresholds to both sides of the stated one."""
    return {
        "threshold raised by 2 percent": stmt | {"threshold": stmt["threshold"] * sp.Rational(102, 100)},
        "threshold lowered by 2 percent": stmt | {"threshold": stmt["threshold"] * sp.Rational(98, 100)},
    }


claim("X-CONV-SIMPLEX-E", THRESHOLD_E, mutants=_moved(THRESHOLD_E))
claim("X-CONV-SIMPLEX-M", THRESHOLD_M, mutants=_moved(THRESHOLD_M))


@check("X-CONV-SIMPLEX-E", "X-CONV-SIMPLEX-M", kind="argument", scope="affinely independent patterns, any dimension")
def far_along_the_normal(stmt: Any) -> Finding:
    """Below the threshold Popoviciu; above it the curvature far along the normal of the longest edge is negative.

    Affine independence gives u with u.rho equal on the farthest pair and smaller on the rest. At the balanced point
    of that edge plus tau u the other weights vanish like exp(-c tau) while the pair keeps weights 1/2 each, so the
    curvature along the edge tends to WHOLE - PART b diam^2/4.
    """
    limit = convexity.WHOLE[stmt["family"]] - convexity.PART[stmt["family"]] * sp.sympify(stmt["threshold"]) / 4
    if convexity.popoviciu_residual() == 0 and limit == 0:
        return Finding.holds("the limit curvature vanishes exactly at the threshold", margin="0 at the threshold")
    return Finding.undecided(f"the limit curvature at the stated threshold is {limit}, not 0")


@check(
    "X-CONV-SIMPLEX-E",
    "X-CONV-SIMPLEX-M",
    kind="certified",
    scope="a triangle and a tetrahedron, one percent to either side",
)
def far_points(stmt: Any) -> Finding:
    """Certified sign of the curvature at a far exact point on either side of the stated threshold."""
    for rows in (TRIANGLE, TETRAHEDRON):
        ordered, square = _ordered(rows)
        for factor, sign in ((Fraction(99, 100), 1), (Fraction(101, 100), -1)):
            beta = Fraction(str(stmt["threshold"])) * factor / square
            value = convexity.far_edge_curvature(ordered, stmt["family"], beta)
            if not (value > 0 if sign > 0 else value < 0):
                return Finding.fails(f"b diam^2 = {beta * square}: curvature {value.mid()}", margin="certified")
    return Finding.survived("positive below, negative above, for both simplices")


@check("X-CONV-SIMPLEX-E", kind="certified", scope="D = {0, 1} for a distance other than the squared one")
def two_patterns_of_another_distance(stmt: Any, distance: Distance) -> Finding:
    """Two patterns are affinely independent, so below the threshold E would be convex."""
    if distance.has("squared euclidean"):
        return Finding.undecided("the other checks decide the squared distance")
    return bent_below(distance)


CORNERS = tuple((Fraction(i), Fraction(j)) for i in (-1, 1) for j in (-1, 1))
_HALF = Fraction(1, 2)
CHORDS = tuple(
    ((Fraction(x), Fraction(y)), (Fraction(x), Fraction(y) + _HALF)) for x, y in ((-1, -1), (-2, -1), (-2, -2))
)
"""Ends of chords at which the energies of norms bend the wrong way, found by trying a grid."""
claim(
    "X-CONV-SQUARE",
    {"threshold": sp.Rational(1, 2)},
    mutants={
        "the diameter's value 1/4": {"threshold": sp.Rational(1, 4)},
        "threshold 0.51": {"threshold": sp.Rational(51, 100)},
    },
)


@check("X-CONV-SQUARE", kind="symbolic", scope="the four corners of {-1,1}^2")
def square(stmt: Any, distance: Distance) -> Finding:
    """The energy of the square is a sum of two energies of two patterns at distance 2."""
    if not distance.has("squared euclidean"):
        hit = bent(distance.scaled(Fraction(1, 4)), CORNERS, CHORDS)
        if hit is None:
            return Finding.undecided("no midpoint violation at b = 1/4 on three chords; the curvature is not known")
        a, b = (f"({', '.join(map(str, end))})" for end in hit[:2])
        return Finding.fails(f"b=1/4: E at the middle of {a} and {b} exceeds its mean there", margin=f"{hit[2]:.4g}")
    if convexity.square_separates() != 0:
        return Finding.undecided("the sum over the corners does not separate")
    exact = two_patterns.threshold("E") / 4
    if stmt["threshold"] == exact:
        return Finding.holds(f"convex iff b s^2 <= 2 with s = 2, so b <= {exact}; the diameter alone asks b <= 1/4")
    between = (exact + stmt["threshold"]) / 2
    value = two_patterns.least_curvature("E").subs({two_patterns.b: between, two_patterns.s: 2})
    return Finding.fails(f"at b = {between} the least curvature is {value}", margin=str(value))
