"""Checks of what Proposition 1 says of any distance at all."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import sandwich
from assocmem.theory.energies.sandwich import LinearSandwich
from assocmem.theory.exact.distances import NAMED, Distance


def _crooked(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """Negative at places, not symmetric, not zero at equal points."""
    return sum(a - 2 * b + a * b for a, b in zip(x, y, strict=True))


ANY = Distance("crooked", _crooked)

claim(
    "X-P1-ANY",
    LinearSandwich({"g": 1, "log_d": -1}, {"E": 1}, {"g": 1}),
    mutants={
        "log d dropped": LinearSandwich({"g": 1}, {"E": 1}, {"g": 1}),
        "0.99 log d": LinearSandwich({"g": 1, "log_d": Fraction(-99, 100)}, {"E": 1}, {"g": 1}),
    },
)


@check("X-P1-ANY", kind="symbolic", scope="any real numbers d(x, rho_i), any number of patterns")
def without_any_property(stmt: LinearSandwich) -> Finding:
    """Proposition 1 from the facts that are granted to a distance without any property."""
    if sandwich.facts_hold(ANY) and all(sandwich.certificate(slack, ANY) is not None for slack in stmt.slacks()):
        return Finding.holds("exp(g - E) is a sum of d terms in (0, 1], one of which is 1")
    return Finding.undecided("counting terms gives the factor d")


@check("X-P1-ANY", kind="certified", scope="a crooked distance and the named ones, exact adversarial points")
def any_distance_points(stmt: LinearSandwich) -> Finding:
    """Certified signs of both slacks."""
    for distance in (ANY, *NAMED.values()):
        hit = sandwich.counterexample(stmt, distance)
        if hit is not None:
            return Finding.fails(f"{distance.name}: the {hit[0]} bound fails at x={hit[1]}", margin="certified")
    return Finding.survived("no certain violation for five distances")
