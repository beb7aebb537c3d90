"""Checks of convexity at a midpoint: neither energy is convex for two patterns far apart."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import regularization, sandwich
from assocmem.theory.energies.other_distances import bent
from assocmem.theory.exact.certified import sign
from assocmem.theory.exact.distances import PAPER, Distance

claim("C-MCHNCONVEX", {"kind": "mchn"}, mutants={"only the quadratic regularizer": {"kind": "quadratic"}})
claim("EQ4-CONVEX", {"kind": "E"}, mutants={"only the quadratic regularizer": {"kind": "quadratic"}})
claim(
    "EQ4-NOREG",
    {"kind": "E"},
    mutants={"minus LogSumExp": {"kind": "nlse"}, "the quadratic regularizer alone": {"kind": "quadratic"}},
)

PAIRS = (((Fraction(-2),), (Fraction(2),)), ((Fraction(0),), (Fraction(1),)))
"""Two patterns on the line, near and far: convexity is asked for between them."""


@check("C-MCHNCONVEX", kind="certified", scope="n = 1, d = 2, D = {-2, 2}, from the definition and in closed form")
def midpoint(stmt: Any) -> Finding:
    """The value at the midpoint of the two patterns against the mean of the values at the patterns."""
    excess = sandwich.midpoint_excess(Fraction(2), stmt["kind"])
    if not excess.overlaps(regularization.excess_by_hand(stmt["kind"], Fraction(2))):
        return Finding.undecided("the excess is not that of the closed form")
    if sign(lambda: sandwich.midpoint_excess(Fraction(2), stmt["kind"])) == 1:
        return Finding.fails("D={-2, 2}: f(0) exceeds (f(-2)+f(2))/2", margin=f"{float(excess.mid()):.4f}")
    return Finding.survived("no midpoint violation at D={-2, 2}")


@check("EQ4-CONVEX", kind="certified", scope="n = 1, d = 2, D = {-2, 2} and {0, 1}")
def midpoint_of_e(stmt: Any, distance: Distance) -> Finding:
    """The value of E at the midpoint of the two patterns against the mean of the values at the patterns."""
    if stmt["kind"] != "E":
        return midpoint(stmt)
    if distance is PAPER and midpoint(stmt).outcome != "fails":
        return Finding.undecided("the excess is not that of the closed form")
    for rows in PAIRS:
        hit = bent(distance, rows, [rows])
        if hit is not None:
            a, b = (str(p[0]) for p in rows)
            return Finding.fails(f"D={{{a}, {b}}}: E at the middle exceeds its mean at the two", margin=f"{hit[2]:.4f}")
    return Finding.survived("no midpoint violation between two patterns")


@check("EQ4-NOREG", kind="certified", scope="D = {-2, 2} for convexity; bounded below: all patterns, by Proposition 1")
def goals(stmt: Any) -> Finding:
    """Two goals that regularization could have: an energy that is bounded below and grows, and a convex energy."""
    kind = stmt["kind"]
    for each in ("mchn", "E", "quadratic", "nlse"):
        gap = regularization.excess_on_line(each, Fraction(2)) - regularization.excess_by_hand(each, Fraction(2))
        if not abs(gap) * 10**10 < 1:
            return Finding.undecided(f"the excess of {each} on the line is not that of the closed form")
    bounded = regularization.grows(kind) and (kind != "E" or sandwich.holds({"E": 1, "g": -1, "log_d": 1}))
    convex = not regularization.excess_by_hand(kind, Fraction(2)) > 0
    if bounded and not convex:
        return Finding.ill_defined("true if the goal is an energy that is bounded below and grows, false if convexity")
    if not bounded and not convex:
        return Finding.fails("neither bounded below nor convex", margin="certified")
    return Finding.survived("both goals are met")
