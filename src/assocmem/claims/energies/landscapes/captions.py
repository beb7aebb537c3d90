"""Checks of the captions of Figure 1, and of search by descent."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import figure_one, regularization, sandwich
from assocmem.theory.energies.critical_points import Landscape
from assocmem.theory.exact.certified import sign, squared_distance, to_arb
from assocmem.theory.exact.distances import PAPER, Distance

q = sp.Symbol("q", nonnegative=True)


_ORIGIN = (Fraction(0),)


CASES = (("mchn", ("0", "2"), "1/2"), ("E", ("0", "4", "4.05"), "1.98"))
"""Energy (beta = 2 and b = 1), patterns on the line, query."""
EASY = {
    "queries next to a pattern": (("mchn", ("0", "2"), "19/10"), ("E", ("0", "4", "4.05"), "1/10")),
    "patterns of equal norm": (("mchn", ("-2", "2"), "1/2"), ("E", ("-2", "2"), "1/2")),
}
claim("X-DESC-NEAREST", CASES, mutants=EASY)
claim("APPROX-NN", CASES, mutants=EASY)


@check("APPROX-NN", kind="certified", scope="values: all patterns and points; searches: the stated ones on the line")
def value_and_search(stmt: Any) -> Finding:
    """Two readings: the energies' values against that of the search, and where a descent on them ends."""
    values = [
        {"E": 1, "g": -1, "log_d": 1},
        {"g": 1, "E": -1},
        {"M": 1, "g": -1},
        {"g": 1, "log_d": 1, "delta": 1, "M": -1},
    ]
    near = sandwich.facts_hold() and all(sandwich.holds(one) for one in values)
    searched = search_finds_nearest(stmt, PAPER)
    if near and searched.outcome == "fails":
        return Finding.ill_defined(f"as values both stay near the search; as searches both fail: {searched.text}")
    return Finding.undecided("no search that fails, or no bound on the values")


@check("X-DESC-NEAREST", kind="certified", scope="the stated patterns and queries on the line")
def search_finds_nearest(stmt: Any, distance: Distance) -> Finding:
    """Descending from a query must not end nearer to another pattern than to the nearest one.

    On the line a descent ends at the first critical point in the direction in which the energy falls.
    """
    shown = []
    for family, patterns, start in stmt:
        if family == "E" and not distance.has("squared euclidean"):
            text = _wrong_way(distance, tuple((Fraction(p),) for p in patterns), (Fraction(start),))
            shown += [text] if text else []
            continue
        land = Landscape.of([[p] for p in patterns], family, 2 if family == "mchn" else 1)
        query, rows = Fraction(start), land.patterns
        nearest = min(rows, key=lambda row: squared_distance(row, (query,)))
        slope = land.residual([to_arb(query)])[0]
        ahead = [p for p in land.critical_points() if (p.x[0] - to_arb(query)) * slope < 0]
        end = min(ahead, key=lambda p: abs(float(p.x[0].mid()) - float(query)))
        gaps = {row: abs(end.x[0] - to_arb(row[0])) for row in rows}
        if any(gaps[row] < gaps[nearest] for row in rows if row != nearest):
            shown.append(f"{family}: from {start}, nearest to {nearest[0]}, the descent ends at {end.floats()[0]:.4f}")
    if len(shown) == len(stmt):
        return Finding.fails("; ".join(shown), margin="certified")
    return Finding.survived("at least one of the descents ends next to its nearest pattern")


def _wrong_way(distance: Distance, rows: tuple[tuple[Fraction, ...], ...], query: tuple[Fraction, ...]) -> str | None:
    """For a norm: E falls from the query away from its nearest pattern, 0, and goes on up to the next one.

    A norm makes E concave between neighboring patterns, so once it falls it falls until the next pattern.
    """
    step = (query[0] + Fraction(1, 100),)
    nearest = all(distance(query, rows[0]) < distance(query, row) for row in rows[1:])
    falls = sign(lambda: distance.energy(query, rows) - distance.energy(step, rows)) == 1
    if distance.has("norm") and rows[0] == _ORIGIN and nearest and falls and step[0] < min(r[0] for r in rows[1:]):
        return f"E: from {query[0]}, nearest to 0, the descent runs on to the pattern {rows[1][0]} or beyond"
    return None


_SAME = figure_one.PLANE[:1] * 3
claim("FIG1-NLSE", figure_one.PLANE, mutants={"the first pattern three times": _SAME})


@check("FIG1-NLSE", kind="certified", scope="the figure's three patterns, beta = 1, from one pattern to another")
def bent_in_the_figure(stmt: Any) -> Finding:
    """-LSE in the middle of the first and the last pattern against the mean of its values at the two."""
    ends = (stmt[0], figure_one.PLANE[-1])
    middle = tuple((a + b) / 2 for a, b in zip(*ends, strict=True))
    inner, left, right = (regularization.nlse(stmt, x) for x in (middle, *ends))
    if inner > (left + right) / 2:
        return Finding.enumerated("it lies above its chord between two of the patterns", margin="certified")
    if len(set(stmt)) == 1 and inner.overlaps((left + right) / 2):
        return Finding.fails("all patterns are equal: -LSE is affine, hence convex", margin="exact")
    return Finding.undecided("no violation of convexity on this chord")


PROPOSITIONS = (
    sandwich.LinearSandwich({"g": 1, "log_d": -1}, {"E": 1}, {"g": 1}),
    sandwich.LinearSandwich({"delta": -1}, {"M": 1, "log_d": -1, "E": -1}, {"delta": 1}),
)
HALVED = sandwich.LinearSandwich({"g": 1, "log_d": Fraction(-1, 2)}, {"E": 1}, {"g": 1})
STATED = tuple((Fraction(c),) for c in (-2, 0, 1))
claim(
    "FIG1-1D",
    {"patterns": STATED, "bounds": PROPOSITIONS},
    mutants={"half of log d": {"patterns": STATED, "bounds": (HALVED, PROPOSITIONS[1])}},
)


@check("FIG1-1D", kind="symbolic", scope="both propositions, hence these patterns")
def curves_obey(stmt: Any, distance: Distance) -> Finding:
    """Both sandwiches as nonnegative combinations of the proved facts."""
    known = all(sandwich.certificate(s, distance) is not None for one in stmt["bounds"] for s in one.slacks())
    if sandwich.facts_hold(distance) and known:
        return Finding.holds("E, g and the MCHN curve at beta = 2 obey both; neither speaks of beta = 1")
    return Finding.undecided("not a combination of the facts")


@check("FIG1-1D", kind="certified", scope="D = {-2, 0, 1}, x from -3 to 3 in steps of 1/8")
def curves_obey_points(stmt: Any, distance: Distance) -> Finding:
    """Certified signs of all four slacks along the figure, whose curves are drawn from the stated patterns."""
    if stmt["patterns"] != figure_one.LINE:
        return Finding.violated("the figure's curves are drawn from other patterns")
    for k in range(-24, 25):
        x = (Fraction(k, 8),)
        for one in stmt["bounds"]:
            if any(sandwich.certified_sign(slack, x, stmt["patterns"], distance) == -1 for slack in one.slacks()):
                return Finding.fails(f"violated at x={x[0]}", margin="certified")
    return Finding.survived("no certain violation at 49 points")
