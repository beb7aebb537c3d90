"""Checks of the distance of equation (3) and of what the order of the energy says of nearness."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import sandwich, search
from assocmem.theory.exact.certified import sign
from assocmem.theory.exact.distances import Distance, Point, Rows
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.exact.metric_axioms import vanishes_exactly_on_equals
from assocmem.theory.exact.properties import attack
from assocmem.theory.logsumexp import any_number

_SET = ((Fraction(0),), (Fraction(5),), (Fraction(51, 10),))
_NEAR, _FAR = (Fraction(1, 2),), (Fraction(113, 20),)

_LONE = ((Fraction(0),),)
_PLANE = ((Fraction(0), Fraction(0)), (Fraction(2), Fraction(1)), (Fraction(-1), Fraction(3)))
PAIRS: tuple[tuple[Point, Point, Rows], ...] = (
    (_NEAR, _FAR, _SET),
    ((Fraction(5),), (Fraction(20),), _SET),
    ((Fraction(0),), (Fraction(3),), _LONE),
    ((Fraction(1, 3), Fraction(1)), (Fraction(-9), Fraction(9)), _PLANE),
)
"""Pairs of points: nearer to one pattern, nearer to every pattern, one pattern alone, and in the plane."""


@dataclass(frozen=True)
class Order:
    """What is said of the order of the energies: for which pairs of points, and which of the two has the smaller.

    ``nearer``: "unsaid"; "nearest" for g(x) < g(y); "by log d" for g(x) < g(y) - log d; "each" for every pattern; "one"
    for some pattern. ``sign`` is that of E(y) - E(x).
    """

    nearer: str
    sign: int = 1

    def applies(self, x: Point, y: Point, rows: Rows, distance: Distance) -> bool:
        """Whether the pair is certainly one of those that the statement speaks of, in its strictest reading."""
        gaps = [sign(lambda row=row: distance(y, row) - distance(x, row)) == 1 for row in rows]  # type: ignore[misc]
        if self.nearer in ("each", "one"):
            return all(gaps) if self.nearer == "each" else any(gaps)
        margin = 1 if self.nearer == "by log d" else 0

        def premise() -> arb:
            return distance.nearest(y, rows) - distance.nearest(x, rows) - margin * sandwich.log_count(rows)

        return sign(premise) == 1


claim(
    "EQ4-MONO",
    Order("unsaid"),
    mutants={"larger values": Order("unsaid", -1), "in the order of the nearest distance": Order("nearest")},
)
claim("EQ4-MONO-STRICT", Order("nearest"), mutants={"nearer by more than log d": Order("by log d")})
claim(
    "EQ4-MONO-FIX",
    Order("by log d"),
    mutants={"nearer by any amount": Order("nearest"), "larger values": Order("by log d", -1)},
)
claim(
    "EQ4-MONO-EACH",
    Order("each"),
    mutants={"nearer to some pattern": Order("one"), "larger values": Order("each", -1)},
)
_ORDERED = ("EQ4-MONO", "EQ4-MONO-STRICT", "EQ4-MONO-FIX", "EQ4-MONO-EACH")


@check(
    *_ORDERED, kind="certified", scope="four pairs of exact points, among them D = {0, 5, 51/10}, x = 1/2, y = 113/20"
)
def order(stmt: Order, distance: Distance) -> Finding:
    """Points of which the first is nearer in the stated sense, and certainly has not the stated energy."""
    for x, y, rows in PAIRS:
        gap = partial(_energy_gap, x, y, rows, distance)
        if stmt.applies(x, y, rows, distance) and sign(gap) == -stmt.sign:
            usual = any(Order(name).applies(x, y, rows, distance) for name in ("by log d", "each"))
            shown = f"D={{{', '.join(_shown(row) for row in rows)}}}: x={_shown(x)} is nearer than y={_shown(y)}"
            text = f"{shown}, but E(x) {'>' if stmt.sign == 1 else '<'} E(y)"
            outside = stmt.nearer == "unsaid" and not usual
            return Finding.fails(text, margin=f"{abs(float(gap().mid())):.4f}", outside=outside)
    return Finding.survived("no pair of points reverses the order")


def _energy_gap(x: Point, y: Point, rows: Rows, distance: Distance) -> arb:
    return distance.energy(y, rows) - distance.energy(x, rows)


def _shown(point: Point) -> str:
    return str(point[0]) if len(point) == 1 else f"({', '.join(map(str, point))})"


@check(*_ORDERED, kind="symbolic", scope="all patterns and points, by Proposition 1 at both, or by each distance")
def chain(stmt: Order, distance: Distance) -> Finding:
    """E(x) <= g(x) < g(y) - log d <= E(y) by Proposition 1; and E rises with each distance.

    Both hold for any real-valued distance.
    """
    slacks = sandwich.LinearSandwich({"g": 1, "log_d": -1}, {"E": 1}, {"g": 1}).slacks()
    by_log = sandwich.facts_hold(distance) and all(sandwich.certificate(v, distance) is not None for v in slacks)
    by_each = any_number.rises_with_each_entry()
    if stmt.sign == 1 and stmt.nearer == "unsaid" and by_log and by_each:
        return Finding.holds_if(
            "nearer by more than log d in the nearest distance, or nearer to every pattern",
            "E(x) <= g(x) < g(y) - log d <= E(y), and E rises with each distance",
        )
    if stmt.sign == 1 and ((stmt.nearer == "by log d" and by_log) or (stmt.nearer == "each" and by_each)):
        proofs = {"by log d": "E(x) <= g(x) < g(y) - log d <= E(y)", "each": "-LSE(-d_1, ...) rises with each d_i"}
        return Finding.holds(proofs[stmt.nearer])
    return Finding.undecided("neither Proposition 1 nor the distances one by one order these points")


claim(
    "EQ3",
    lambda a, b: (a - b) ** 2,
    mutants={
        "a minus sign": lambda a, b: -((a - b) ** 2),
        "coordinates left out": lambda a, b: sp.Integer(0),
        "plus for minus": lambda a, b: (a + b) ** 2,
    },
)
claim("EQ3-NN", sp.Min, mutants={"the largest distance": sp.Max, "the mean distance": lambda a, b: (a + b) / 2})


@check("EQ3-NN", kind="symbolic", scope="any number of patterns, whose distances are any real numbers")
def value_of_the_search(stmt: search.Choice, distance: Distance) -> Finding:
    """Comparing two distances at a time and keeping the smaller leaves that of a pattern nearest to x."""
    if search.takes_the_nearer(stmt):
        whose = "" if distance.has("squared euclidean") else f", of d = {distance.name} too"
        return Finding.holds(f"g is the value of the search, its argmin the nearest patterns{whose}")
    return Finding.undecided("the comparison does not keep the smaller of two distances")


@check("EQ3-NN", kind="certified", scope="exact adversarial points")
def search_points(stmt: search.Choice, distance: Distance) -> Finding:
    """What the comparison leaves, the distance of the patterns that no other is nearer than, and g of the theory."""
    for x, patterns in sandwich.CASES:
        values = [distance.function(x, row) for row in patterns]
        if not all(isinstance(v, (int, Fraction)) for v in values):
            continue
        left = search.searched(stmt, values)
        nearest = {sp.Rational(values[i]) for i in search.neighbors(values)}
        off = sign(lambda x=x, p=patterns, v=left: distance.nearest(x, p) - enclose(v, {}))  # type: ignore[misc]
        if nearest != {left} or off in (-1, 1):
            text = f"at x={_shown(x)} the comparison leaves {left}, the nearest of {len(patterns)} patterns has"
            return Finding.fails(f"{text} {', '.join(map(str, nearest))}", margin="exact")
    return Finding.survived(f"the three agree at {len(sandwich.CASES)} exact points")


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
