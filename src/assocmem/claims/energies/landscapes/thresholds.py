"""Checks of the exact convexity thresholds of both energies for two patterns (chapter 2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import convexity, derivations, two_patterns
from assocmem.theory.energies.other_distances import bent, near_pair
from assocmem.theory.exact.distances import Distance

claim(
    "X-CONV-E",
    {"family": "E", "threshold": 2},
    mutants={
        "threshold 2.002": {"family": "E", "threshold": sp.Rational(2002, 1000)},
        "threshold of the MCHN energy": {"family": "E", "threshold": 4},
        "threshold 1.998": {"family": "E", "threshold": sp.Rational(1998, 1000)},
    },
)
claim(
    "C-MCHNCONVEX-FIX",
    {"family": "mchn", "threshold": 4},
    mutants={
        "threshold of E": {"family": "mchn", "threshold": 2},
        "threshold 4.004": {"family": "mchn", "threshold": sp.Rational(4004, 1000)},
    },
)


@check(
    "C-MCHNCONVEX-FIX",
    kind="symbolic",
    scope="two patterns, any dimension, any inverse temperature",
    in_words="the patterns turned onto an axis; several perpendicular coordinates add up",
)
def two_pattern_threshold(stmt: Any) -> Finding:
    """The curvature along the line of the patterns in closed form; perpendicular to it the energy is quadratic."""
    family = stmt["family"]
    moved = two_patterns.centering_residual(family) != 0
    if (
        moved
        or two_patterns.closed_form_residual(family) != 0
        or not two_patterns.perpendicular_split(family).is_nonnegative
        or two_patterns.perpendicular_curvature(family) != convexity.WHOLE[family]
    ):
        return Finding.undecided("the closed form was not confirmed")
    exact = two_patterns.threshold(family)
    made = derivations.two_patterns_bend(family)
    if exact == stmt["threshold"] and derivations.vanishes_at(made, stmt["threshold"]):
        text = f"least curvature {two_patterns.least_curvature(family)}, negative exactly when b s^2 > {exact}"
        return replace(Finding.derived(text, made), margin=f"0 at b s^2 = {exact}")
    between = (exact + sp.sympify(stmt["threshold"])) / 2
    value = two_patterns.least_curvature(family).subs({two_patterns.b: 1, two_patterns.s: sp.sqrt(between)})
    return Finding.fails(f"at b=1, s^2={between} the least curvature is {value}", margin=str(value))


def bent_below(distance: Distance) -> Finding:
    """Whether E certainly bends the wrong way between two patterns whose distance is below the thresholds, at b = 1."""
    rows = near_pair(distance)
    hit = bent(distance, rows, [rows]) if rows else None
    if rows is None or hit is None:
        return Finding.undecided("no midpoint violation between two near patterns; the curvature is not known")
    text = f"D={{0, {rows[1][0]}}}, b=1 has b s^2 < 2, but E at the middle exceeds its mean at the two: not convex"
    return Finding.fails(text, margin=f"{hit[2]:.4g}")


@check(
    "X-CONV-E",
    kind="symbolic",
    scope="two patterns, any dimension, any inverse temperature",
    in_words="the patterns turned onto an axis; several perpendicular coordinates add up",
)
def two_pattern_threshold_of_e(stmt: Any, distance: Distance) -> Finding:
    """The curvature along the line of the patterns in closed form; perpendicular to it the energy is quadratic."""
    return two_pattern_threshold(stmt) if distance.has("squared euclidean") else bent_below(distance)
