"""Checks of Figure 1 and of stationary points near the patterns (chapter 2)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims.model import Finding, check, formal, mutation
from assocmem.theory import figure_one as figure
from assocmem.theory import storage
from assocmem.theory.certified import sign, to_arb
from assocmem.theory.critical_points import Landscape

E1, M1, M2 = ("E", 1), ("mchn", 1), ("mchn", 2)

formal("FIG1", {"patterns": figure.PLANE, "pair": (E1, M1)})
mutation("FIG1", "the outer two patterns only", {"patterns": (figure.PLANE[0], figure.PLANE[2]), "pair": (E1, M1)})
mutation("FIG1", "E against itself", {"patterns": figure.PLANE, "pair": (E1, E1)})


@check("FIG1", kind="certified", scope="the figure's patterns and inverse temperatures")
def same_memories(stmt: Any) -> Finding:
    """Landscapes that resemble each other hold equally many minima; all critical points are enumerated."""
    counts = [len(Landscape.of(stmt["patterns"], family, beta).minima()) for family, beta in stmt["pair"]]
    names = [figure.label(family, beta) for family, beta in stmt["pair"]]
    text = "; ".join(f"{name}: {n} minima" for name, n in zip(names, counts, strict=True))
    return Finding.enumerated(text) if counts[0] == counts[1] else Finding.fails(text, margin="certified")


TABLE = {
    ("plane", *E1): 3, ("plane", *M1): 2, ("plane", *M2): 2,
    ("line", *E1): 2, ("line", *M1): 1, ("line", *M2): 2,
}  # fmt: skip
formal("FIG1-FIX", TABLE)
mutation("FIG1-FIX", "three memories in the plane at beta = 1", {**TABLE, ("plane", *M1): 3})
mutation("FIG1-FIX", "three memories of E on the line", {**TABLE, ("line", *E1): 3})


@check("FIG1-FIX", kind="certified", scope="both pattern sets of the figure")
def figure_counts(stmt: Any) -> Finding:
    """Minima of every landscape of the figure, by complete enumeration."""
    for (name, family, beta), stated in stmt.items():
        found = len(Landscape.of(figure.SETS[name], family, beta).minima())
        if found != stated:
            return Finding.fails(f"{name}, {figure.label(family, beta)}: {found} minima, stated {stated}")
    return Finding.enumerated("; ".join(f"{n}, {figure.label(f, b)}: {k}" for (n, f, b), k in stmt.items()))


formal("EQ4-STAT", {"patterns": ((0,), (2,)), "within": Fraction(1)})
mutation("EQ4-STAT", "patterns of equal norm", {"patterns": ((-2,), (2,)), "within": Fraction(1)})
mutation("EQ4-STAT", "within two of each pattern", {"patterns": ((0,), (2,)), "within": Fraction(2)})


@check("EQ4-STAT", kind="certified", scope="n = 1, D = {0, 2}, beta = 1")
def stationary_near(stmt: Any) -> Finding:
    """Every pattern needs a critical point of the MCHN energy within the given distance; all are enumerated."""
    points = Landscape.of(stmt["patterns"], "mchn", 1).critical_points()
    for row in stmt["patterns"]:
        gaps = [abs(p.x[0] - row[0]) for p in points]
        if all(gap > to_arb(stmt["within"]) for gap in gaps):
            closest = min(float(gap.mid()) for gap in gaps)
            return Finding.fails(
                f"pattern {row[0]}: the nearest of {len(points)} critical points is {closest:.4f} away",
                margin="certified",
            )
    return Finding.survived("every pattern has a critical point near it")


formal("EQ4-STAT-E", {"patterns": ((Fraction(-1, 2),), (Fraction(1, 2),)), "within": Fraction(1, 4)})
mutation("EQ4-STAT-E", "patterns four times as far", {"patterns": ((-2,), (2,)), "within": Fraction(1, 4)})


@check("EQ4-STAT-E", kind="certified", scope="n = 1, D = {-1/2, 1/2}, beta = 1")
def retrieval_near(stmt: Any) -> Finding:
    """Every pattern needs a minimum of E nearer than the quarter of the patterns' distance; all are enumerated."""
    points = Landscape.of(stmt["patterns"]).minima()
    for row in stmt["patterns"]:
        if all(abs(p.x[0] - to_arb(row[0])) > to_arb(stmt["within"]) for p in points):
            shown = ", ".join(f"{p.floats()[0]:.4f}" for p in points)
            return Finding.fails(f"pattern {row[0]}: the only minima of E are at {shown}", margin="certified")
    return Finding.survived("every pattern has a minimum near it")


formal("X-STORE-E", {"power": 2, "margin": Fraction(1)})
mutation("X-STORE-E", "thirty times as many patterns", {"power": 2, "margin": Fraction(30)})
mutation("X-STORE-E", "first power of the distance", {"power": 1, "margin": Fraction(1)})
SPACED = tuple(tuple(tuple(Fraction(c) for c in row) for row in rows) for rows in (
    ((0,), (2,)), ((0, 0), (2, 0), (0, 2)), (("0",), ("1.72",)), ((0,), ("1.45",), ("2.9",)), (("0",), ("1.42",)),
    ((0, 0), ("1.5", 0), (0, "1.5"), ("1.5", "1.5")), (("0",), ("0.8",)),
))  # fmt: skip
"""Exact pattern sets on either side of the theorem's condition."""


@check("X-STORE-E", kind="symbolic", scope="any number of patterns, any dimension")
def contraction(stmt: Any) -> Finding:
    """Each step of the proof: the gap identity, the falling exponential, one condition for both properties."""
    steps = storage.gap_residual(3) == 0 and storage.self_map_residual() == 0
    falls = all(storage.falling_from(p) <= sp.Rational(3, 2) for p in (1, 2))
    if steps and falls and stmt["power"] == 2 and stmt["margin"] <= 1:
        return Finding.holds("T maps the ball of radius 1/(2s) into itself with |JT| < 1; the Hessian is 2(I - JT)")
    return Finding.undecided("the contraction needs 2(d-1)s^2 exp(1-s^2) < 1")


@check("X-STORE-E", kind="certified", scope="seven exact pattern sets on either side of the condition")
def stored_sets(stmt: Any) -> Finding:
    """Wherever the condition is certified, each pattern has exactly one minimum within the stated reach."""

    def condition(rows: storage.Rows) -> bool:
        square = storage.smallest_square_distance(rows)

        def slack() -> arb:
            scale = to_arb(square) if stmt["power"] == 2 else to_arb(square).sqrt()
            return to_arb(stmt["margin"]) * to_arb(square - 1).exp() / (2 * scale) - (len(rows) - 1)

        return square >= Fraction(3, 2) and sign(slack) == 1

    met = [rows for rows in SPACED if condition(rows)]
    for rows in met:
        if not storage.every_pattern_stored(rows):
            shown = ", ".join("(" + ", ".join(map(str, row)) + ")" for row in rows)
            return Finding.fails(f"D={{{shown}}} meets the condition but loses a pattern", margin="certified")
    return Finding.survived(f"{len(met)} of {len(SPACED)} sets meet the condition; all their patterns are stored")
