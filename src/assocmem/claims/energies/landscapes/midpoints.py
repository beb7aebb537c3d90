"""Checks of convexity at a midpoint: neither energy is convex for two patterns far apart."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import sandwich
from assocmem.theory.energies.other_distances import bent
from assocmem.theory.exact.certified import sign
from assocmem.theory.exact.distances import Distance

claim("C-MCHNCONVEX", {"kind": "mchn"}, mutants={"only the quadratic regularizer": {"kind": "quadratic"}})
claim("EQ4-NOREG", {"kind": "E"}, mutants={"only the quadratic regularizer": {"kind": "quadratic"}})

PAIRS = (((Fraction(-2),), (Fraction(2),)), ((Fraction(0),), (Fraction(1),)))
"""Two patterns on the line, near and far: convexity is asked for between them."""


@check("C-MCHNCONVEX", kind="certified", scope="n = 1, d = 2, D = {-2, 2}")
def midpoint(stmt: Any) -> Finding:
    """The value at the midpoint of the two patterns against the mean of the values at the patterns."""
    if sign(lambda: sandwich.midpoint_excess(Fraction(2), stmt["kind"])) == 1:
        excess = float(sandwich.midpoint_excess(Fraction(2), stmt["kind"]).mid())
        return Finding.fails("D={-2, 2}: f(0) exceeds (f(-2)+f(2))/2", margin=f"{excess:.4f}")
    return Finding.survived("no midpoint violation at D={-2, 2}")


@check("EQ4-NOREG", kind="certified", scope="n = 1, d = 2, D = {-2, 2} and {0, 1}")
def midpoint_of_e(stmt: Any, distance: Distance) -> Finding:
    """The value of E at the midpoint of the two patterns against the mean of the values at the patterns."""
    if stmt["kind"] != "E":
        return midpoint(stmt)
    for rows in PAIRS:
        hit = bent(distance, rows, [rows])
        if hit is not None:
            a, b = (str(p[0]) for p in rows)
            return Finding.fails(f"D={{{a}, {b}}}: E at the middle exceeds its mean at the two", margin=f"{hit[2]:.4f}")
    return Finding.survived("no midpoint violation between two patterns")
