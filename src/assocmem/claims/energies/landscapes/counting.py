"""Checks of how many memories each landscape holds (chapter 2)."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import counting, storage, taxicab
from assocmem.theory.exact.distances import Distance

d = sp.Symbol("d", integer=True, positive=True)
claim(
    "X-COUNT-1D",
    {"critical": 2 * d - 1, "minima": d},
    mutants={
        "two critical points fewer": {"critical": 2 * d - 3, "minima": d},
        "one minimum fewer": {"critical": 2 * d - 1, "minima": d - 1},
        "a bound that is not attained": {"critical": 2 * d + 1, "minima": d + 1},
    },
)


def _affine_between(stmt: Any, distance: Distance) -> Finding:
    """A norm on the line is c|x - y|: between neighboring patterns every distance is affine, so E is strictly concave.

    Each gap holds at most one critical point, a maximum, and beyond the patterns the slope is c or -c: with the kinks
    at the patterns at most d + (d - 1) critical points and d minima. Patterns 2/c apart are all kept, because
    2 (e^-2 + e^-4 + ...) = 2/(e^2 - 1) < 1, with a maximum in each gap.
    """
    if not distance.has("norm"):
        return Finding.undecided("neither a square nor a norm: the shape between the patterns is not known")
    attained = bool(2 / (sp.exp(2) - 1) < 1)
    if attained and stmt["critical"] == 2 * d - 1 and stmt["minima"] == d:
        return Finding.holds("E is strictly concave between neighbors: minima and other kinks only at the patterns")
    return Finding.undecided("a norm on the line has up to 2d - 1 critical points and d minima")


@check("X-COUNT-1D", kind="symbolic", scope="n = 1, any number of patterns, both energies, any inverse temperature")
def zeros_of_exponential_sums(stmt: Any, distance: Distance) -> Finding:
    """The slope is an exponential polynomial; each differentiation loses at most one zero (Rolle)."""
    if not distance.has("squared euclidean"):
        return _affine_between(stmt, distance)
    formed = all(counting.stationarity_residual(f, k) == 0 for f in ("E", "mchn") for k in (1, 2, 3))
    sizes = range(1, 9)
    exact = all(counting.critical_bound_1d(k) == stmt["critical"].subs(d, k) for k in sizes)
    exact &= all(counting.minima_bound_1d(k) == stmt["minima"].subs(d, k) for k in sizes)
    if formed and exact:
        return Finding.holds("d polynomials of degree 1: at most 2d - 1 zeros; minima and maxima alternate")
    return Finding.undecided("the zero count gives 2d - 1 critical points and d minima")


@check("X-COUNT-1D", kind="argument", scope="E, every d")
def attained_for_every_d(stmt: Any) -> Finding:
    """Patterns far enough apart meet the condition of X-STORE-E: d minima, and d - 1 maxima between them."""
    gap = sp.Symbol("gap", positive=True)
    roomy = sp.limit(storage.room(gap**2), gap, sp.oo) == sp.oo
    tight = all(stmt["minima"].subs(d, k) <= k and stmt["critical"].subs(d, k) <= 2 * k - 1 for k in range(1, 9))
    if roomy and tight:  # one half of the statement; the bounds themselves are the symbolic check's
        return Finding.survived("the room for d - 1 grows without bound in the distance, so d minima are attained")
    return Finding.undecided("larger numbers than d and 2d - 1 are never attained")


@check("X-COUNT-1D", kind="certified", scope="the MCHN energy, d = 1..4 patterns three apart, beta = 1")
def within_for_mchn(stmt: Any) -> Finding:
    """Certified enumeration for the MCHN energy, which stays within the bounds."""
    for k in range(1, 5):
        critical, minima = counting.count(counting.spaced(k), "mchn")
        if critical > stmt["critical"].subs(d, k) or minima > stmt["minima"].subs(d, k):
            return Finding.fails(f"d = {k}: {critical} critical points, {minima} minima", margin="certified")
    return Finding.survived("within both bounds for d = 1..4")


@check("X-COUNT-1D", kind="certified", scope="E, d = 1..4 patterns three apart")
def attained(stmt: Any) -> Finding:
    """Certified enumeration for patterns far apart, where both bounds are reached."""
    for k in range(1, 5):
        critical, minima = counting.count(counting.spaced(k))
        if critical != stmt["critical"].subs(d, k) or minima != stmt["minima"].subs(d, k):
            return Finding.fails(f"d = {k}: {critical} critical points, {minima} minima", margin="certified")
    return Finding.survived("both bounds are attained for d = 1..4", margin="0")


def _isosceles(base: str, height: str) -> counting.Rows:
    """Exact corners (0, 0), (base, 0), (base/2, height)."""
    width, up = Fraction(base), Fraction(height)
    return ((Fraction(0), Fraction(0)), (width, Fraction(0)), (width / 2, up))


claim(
    "X-COUNT-2D",
    {"patterns": _isosceles("1.7", "1.475"), "minima": 4},
    mutants={
        "a larger triangle": {"patterns": _isosceles("1.8", "1.56"), "minima": 4},
        "a smaller triangle": {"patterns": _isosceles("1.6", "1.39"), "minima": 4},
    },
)


@check("X-COUNT-2D", kind="certified", scope="the triangle (0, 0), (1.7, 0), (0.85, 1.475)")
def more_minima_than_patterns(stmt: Any, distance: Distance) -> Finding:
    """All critical points enumerated and classified in Arb balls; of the taxicab distance all strict minima."""
    if distance.has("taxicab"):
        grid_minima = taxicab.minima(stmt["patterns"])
        spurious = [tuple(map(str, x)) for x in grid_minima if x not in stmt["patterns"]]
        shown = "; ".join(f"({', '.join(x)})" for x in spurious)
        text = f"{len(grid_minima)} strict minima from 3 patterns; no patterns are: {shown or 'none'}"
        if len(grid_minima) == stmt["minima"]:
            return Finding.enumerated(text)
        return Finding.fails(text, margin="exact")
    if not distance.has("squared euclidean"):
        return Finding.undecided("the minima are enumerated for the squared and the taxicab distance only")
    critical, minima = counting.count(stmt["patterns"])
    text = f"{critical} critical points, {minima} of them minima, from 3 patterns"
    return Finding.enumerated(text) if minima == stmt["minima"] else Finding.fails(text, margin="certified")


def _grid() -> list[counting.Rows]:
    """Pairs and triples of distinct integer patterns in one and two dimensions."""
    line = [((Fraction(a),), (Fraction(b),), (Fraction(c),)) for a, b, c in product(range(-2, 3), repeat=3)]
    first, last = (Fraction(2), Fraction(1)), (Fraction(-1), Fraction(0))
    plane = [(first, (Fraction(a), Fraction(b)), last) for a, b in product(range(-2, 4), repeat=2)]
    return [rows for rows in (*line, *plane) if len(set(rows)) == len(rows)]


claim(
    "X-COLD",
    lambda own, other: own > other,
    mutants={"ties let in": lambda own, other: own >= other, "inequality reversed": lambda own, other: own < other},
)


def _predicted(rows: counting.Rows, i: int, stmt: Any) -> bool:
    own = sum(c * c for c in rows[i])
    rivals = [sum(a * b for a, b in zip(rows[i], row, strict=True)) for j, row in enumerate(rows) if j != i]
    return all(stmt(own, rival) for rival in rivals)


@check("X-COLD", kind="symbolic", scope="distinct patterns, any number and dimension")
def slope_toward_rival(stmt: Any, distance: Distance) -> Finding:
    """At pattern i the slope toward a rival j with rho_j.rho_i >= |rho_i|^2 is at most -|rho_j - rho_i|^2.

    If i alone attains the maximum, the energy near it is |x - rho_i|^2/2 - |rho_i|^2/2, with its minimum there. Else
    let j attain the maximum: along u = rho_j - rho_i the slope is at most rho_i.u - rho_j.u = -|u|^2 < 0.
    That is the MCHN energy. The limit of E_b is g, which keeps every pattern if d is 0 there and positive elsewhere.
    """
    if not distance.has("nonnegative", "separates"):
        return Finding.undecided("g keeps every pattern if d is nonnegative and separates points, which is not granted")
    p, q, x = sp.symbols("p q x", real=True)
    toward = sp.expand((p * (q - p) - q * (q - p)) + (q - p) ** 2)
    alone = sp.expand(x**2 / 2 - p * x - ((x - p) ** 2 / 2 - p**2 / 2))
    strict = [stmt(own, 0) for own in (-1, 0, 1)] == [False, False, True]
    if toward == 0 and alone == 0 and strict:
        return Finding.holds("both coordinatewise identities vanish; they add up over any number of coordinates")
    return Finding.undecided("the argument proves the strict inequality only")


@check("X-COLD", kind="certified", scope="exact rational patterns in one and two dimensions")
def cold_grid(stmt: Any) -> Finding:
    """The criterion against an exact search for a descending direction around each pattern."""
    cases = [(rows, i) for rows in _grid() for i in range(len(rows))]
    for rows, i in cases:
        if _predicted(rows, i, stmt) == counting.cold_descends(rows, i):
            shown = ", ".join("(" + ", ".join(map(str, row)) + ")" for row in rows)
            return Finding.fails(f"D={{{shown}}}, pattern {i + 1}: criterion and descent disagree", margin="exact")
    return Finding.survived(f"criterion and exact descent agree on {len(cases)} patterns")
