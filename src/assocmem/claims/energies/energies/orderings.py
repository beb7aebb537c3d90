"""Checks of the distance of equation (3) and of what the order of the energy says of nearness."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import sandwich
from assocmem.theory.exact.certified import sign
from assocmem.theory.exact.distances import METRIC, Distance
from assocmem.theory.exact.metric_axioms import (
    DistanceFunction,
    squared_euclidean,
    triangle_excess,
    vanishes_exactly_on_equals,
)
from assocmem.theory.exact.properties import attack

_SET = ((Fraction(0),), (Fraction(5),), (Fraction(51, 10),))
_NEAR, _FAR = (Fraction(1, 2),), (Fraction(113, 20),)

claim("EQ4-MONO", {"log_d_margin": 0}, mutants={"nearer by more than log d": {"log_d_margin": 1}})
claim("EQ4-MONO-FIX", {"log_d_margin": 1}, mutants={"nearer by any amount": {"log_d_margin": 0}})


@check("EQ4-MONO", "EQ4-MONO-FIX", kind="certified", scope="n = 1, D = {0, 5, 51/10}, x = 1/2, y = 113/20")
def order(stmt: Any, distance: Distance) -> Finding:
    """A lone pattern against a pair: the point nearer to a pattern has the larger energy."""
    margin = stmt["log_d_margin"]

    def premise() -> arb:
        a, b = sandwich.quantities(_NEAR, _SET, distance), sandwich.quantities(_FAR, _SET, distance)
        return b["g"] - a["g"] - margin * a["log_d"]

    def reversed_order() -> arb:
        return distance.energy(_NEAR, _SET) - distance.energy(_FAR, _SET)

    if sign(premise) == 1 and sign(reversed_order) == 1:
        text = "D={0, 5, 51/10}: x=1/2 is nearer to a pattern than y=113/20, but E(x) > E(y)"
        return Finding.fails(text, margin=f"{float(reversed_order().mid()):.4f}")
    return Finding.survived("the premise does not hold at this pair")


@check("EQ4-MONO", "EQ4-MONO-FIX", kind="symbolic", scope="all patterns and points, by Proposition 1 at both")
def chain(stmt: Any, distance: Distance) -> Finding:
    """E(x) <= g(x) < g(y) - m log d, and g(y) - log d <= E(y), which closes the chain for m = 1.

    Proposition 1 holds for any real-valued distance.
    """
    lower, upper = sandwich.LinearSandwich({"g": 1, "log_d": -stmt["log_d_margin"]}, {"E": 1}, {"g": 1}).slacks()
    closed = all(sandwich.certificate(slack, distance) is not None for slack in (lower, upper))
    if sandwich.facts_hold(distance) and closed:
        return Finding.holds("E(x) <= g(x) < g(y) - log d <= E(y)")
    return Finding.undecided("Proposition 1 does not close the chain with this margin")


claim(
    "EQ3",
    lambda a, b: (a - b) ** 2,
    mutants={
        "a minus sign": lambda a, b: -((a - b) ** 2),
        "coordinates left out": lambda a, b: sp.Integer(0),
        "plus for minus": lambda a, b: (a + b) ** 2,
    },
)
claim(
    "EQ3-METRIC", squared_euclidean, mutants={"the unsquared distance": lambda x, y: sp.sqrt(squared_euclidean(x, y))}
)


def _missing(distance: Distance, names: tuple[str, ...]) -> Finding:
    """A counterexample to one of the properties, or undecided where none is met and some are not granted."""
    for name in names:
        hit = attack(distance, name)
        if hit is not None:
            return Finding.fails(f"{name}: {hit.text}", margin="certified")
    return Finding.undecided(f"not granted and not refuted: {', '.join(n for n in names if not distance.has(n))}")


@check("EQ3", kind="symbolic", scope="every n: the distance is the sum over coordinates of the stated term")
def nearest_vanishes(stmt: Any, distance: Distance) -> Finding:
    """One coordinate's term is a positive semidefinite form with kernel a = b, by exact linear algebra.

    A sum of such terms vanishes iff each does, and a minimum of nonnegative numbers iff one of them does.
    Of another distance, being nonnegative and separating must be granted.
    """
    if not distance.has("squared euclidean"):
        if distance.has("nonnegative", "separates"):
            return Finding.holds(f"{distance.name} is never negative and vanishes at equal points only")
        return _missing(distance, ("nonnegative", "separates"))
    nonnegative, exact = vanishes_exactly_on_equals(lambda x, y: stmt(x[0], y[0]), 1)
    if not nonnegative or not exact:
        return Finding.fails(f"one coordinate: nonnegative {nonnegative}, zero iff equal {exact}", margin="exact")
    return Finding.holds("g is a minimum of d nonnegative numbers, and the i-th vanishes exactly at rho_i")


@check("EQ3-METRIC", kind="symbolic", scope="three points on the line; for another distance, its granted properties")
def triangle_inequality(stmt: DistanceFunction, distance: Distance) -> Finding:
    """A metric needs d(0, 2) <= d(0, 1) + d(1, 2)."""
    if not distance.has("squared euclidean"):
        if distance.is_metric:
            return Finding.holds(f"the metric axioms hold for {distance.name}: {', '.join(METRIC)}")
        return _missing(distance, METRIC)
    excess = triangle_excess(stmt)
    if excess > 0:
        return Finding.fails(f"d(0, 2) exceeds d(0, 1) + d(1, 2) by {excess}", margin=str(excess))
    return Finding.survived("the triangle inequality holds at 0, 1, 2")
