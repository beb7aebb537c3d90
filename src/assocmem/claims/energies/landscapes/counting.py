"""Checks of how many memories each landscape holds (chapter 2)."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from assocmem.claims import Finding, check, claim
from assocmem.theory.energies import convexity, counting, storage, taxicab
from assocmem.theory.exact.certified import to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.logsumexp.induction import sum_step

d = sp.Symbol("d", integer=True, positive=True)
claim(
    "X-COUNT-1D",
    {"critical": 2 * d - 1, "minima": d},
    mutants={
        "two critical points fewer": {"critical": 2 * d - 3, "minima": d},
        "one minimum fewer": {"critical": 2 * d - 1, "minima": d - 1},
    },
)
claim(
    "X-COUNT-1D-SHARP",
    {"critical": 2 * d - 1, "minima": d},
    mutants={
        "two critical points fewer": {"critical": 2 * d - 3, "minima": d},
        "one minimum fewer": {"critical": 2 * d - 1, "minima": d - 1},
        "one minimum more": {"critical": 2 * d + 1, "minima": d + 1},
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


@check(
    "X-COUNT-1D",
    kind="symbolic",
    scope="n = 1, any number of patterns, both energies, any inverse temperature",
    in_words="Rolle's theorem and the induction over the terms; the form of the slope for more than three patterns",
)
def zeros_of_exponential_sums(stmt: Any, distance: Distance) -> Finding:
    """The slope is an exponential polynomial; each differentiation loses at most one zero (Rolle)."""
    if not distance.has("squared euclidean"):
        return _affine_between(stmt, distance)
    formed = all(counting.stationarity_residual(f, k) == 0 for f in ("E", "mchn") for k in (1, 2, 3))
    exact = all(residual == 0 for residual in counting.bound_step(stmt["critical"], d))
    exact &= sp.expand(2 * stmt["minima"] - stmt["critical"] - 1) == 0 and counting.minima_bound_1d(2) == 2
    if formed and exact:
        return Finding.holds("d polynomials of degree 1: at most 2d - 1 zeros; minima and maxima alternate")
    return Finding.undecided("the zero count gives 2d - 1 critical points and d minima")


@check("X-COUNT-1D-SHARP", kind="argument", scope="E, every d")
def attained_for_every_d(stmt: Any) -> Finding:
    """Patterns far enough apart meet the condition of X-STORE-E: d minima, hence d - 1 maxima between them."""
    gap = sp.Symbol("gap", positive=True)
    roomy = sp.limit(storage.room(gap**2), gap, sp.oo) == sp.oo
    most = all(residual == 0 for residual in counting.bound_step(stmt["critical"], d))
    if roomy and most and sp.expand(stmt["minima"] - d) == 0:
        return Finding.holds("the room for d - 1 grows without bound in the distance, so d minima are attained")
    return Finding.undecided("d minima and 2d - 1 critical points are attained, and no more")


@check("X-COUNT-1D", kind="certified", scope="the MCHN energy, d = 1..4 patterns three apart, beta = 1")
def within_for_mchn(stmt: Any) -> Finding:
    """Certified enumeration for the MCHN energy, which stays within the bounds."""
    for k in range(1, 5):
        critical, minima = counting.count(counting.spaced(k), "mchn")
        if critical > stmt["critical"].subs(d, k) or minima > stmt["minima"].subs(d, k):
            return Finding.fails(f"d = {k}: {critical} critical points, {minima} minima", margin="certified")
    return Finding.survived("within both bounds for d = 1..4")


@check("X-COUNT-1D", "X-COUNT-1D-SHARP", kind="certified", scope="E, d = 1..4 patterns three apart")
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


@check("X-COUNT-2D", kind="certified", scope="equilateral triangles of side squared 2.9 and 3.1, right to nine digits")
def centroid(stmt: Any) -> Finding:
    """The curvature of E at the centroid, in two directions, against 2 - 2 s^2/3: the middle minimum and its end."""
    for square in (Fraction("2.9"), Fraction("3.1")):
        corners = counting.triangle(square)
        middle = [sum(column, Fraction(0)) / 3 for column in zip(*corners, strict=True)]
        stated = counting.centroid_curvature().subs(counting.SIDE, sp.sqrt(sp.Rational(square)))
        for u in ([Fraction(1), Fraction(0)], [Fraction(1), Fraction(2)]):
            value = convexity.curvature(corners, "E", Fraction(1), middle, u)
            if not abs(value - to_arb(Fraction(str(stated)))) * 10**8 < 1:
                return Finding.violated(f"at side squared {float(square)} the curvature is {float(value.mid()):.6f}")
    return Finding.survived("the same to eight digits, positive at 2.9 and negative at 3.1")


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


@check(
    "X-COLD",
    kind="symbolic",
    scope="distinct patterns, any number and dimension",
    in_words="the identities of one coordinate add up; a pattern that alone attains the maximum does so nearby",
)
def slope_toward_rival(stmt: Any) -> Finding:
    """At pattern i the slope toward a rival j with rho_j.rho_i >= |rho_i|^2 is at most -|rho_j - rho_i|^2.

    If i alone attains the maximum, the energy near it is |x - rho_i|^2/2 - |rho_i|^2/2, with its minimum there. Else
    let j attain the maximum: along u = rho_j - rho_i the slope is at most rho_i.u - rho_j.u = -|u|^2 < 0.
    """
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


BOUNDS = {"lower": 0, "upper": 1}
claim(
    "X-COLD-LIMIT",
    BOUNDS,
    mutants={
        "half of log d": {"lower": 0, "upper": Fraction(1, 2)},
        "half of log d below": {"lower": Fraction(1, 2), "upper": 1},
    },
)
claim(
    "X-COLD-E",
    BOUNDS,
    mutants={
        "half of log d": {"lower": 0, "upper": Fraction(1, 2)},
        "half of log d below": {"lower": Fraction(1, 2), "upper": 1},
    },
)


def _within_log_d(stmt: Any) -> bool:
    """Whether the stated multiples of log(d)/beta bound a sum of d terms in (0, 1] of which one is 1."""
    return bool(sum_step() and stmt["lower"] <= 0 and stmt["upper"] >= 1)


@check("X-COLD-LIMIT", kind="symbolic", scope="any number of patterns, dimension and point, every beta")
def cold_limit(stmt: Any) -> Finding:
    """LSE exceeds the maximum by the logarithm of a sum in [1, d], over beta; the energy adds log(d)/beta."""
    b, count = sp.symbols("beta d", positive=True)
    if _within_log_d(stmt) and sp.limit(sp.log(count) / b, b, sp.oo) == 0:
        return Finding.holds("between the limit and log(d)/beta above it", margin="log(d)/beta")
    return Finding.undecided("the sum lies in [1, d], which gives the bounds 0 and log(d)/beta")


@check("X-COLD-E", kind="symbolic", scope="any number of patterns, dimension and point, every b")
def cold_limit_of_e(stmt: Any, distance: Distance) -> Finding:
    """g exceeds E_b by the logarithm of a sum in [1, d], over b; g is 0 at the patterns and positive elsewhere."""
    if not distance.has("nonnegative", "separates"):
        return Finding.undecided("g keeps every pattern if d is nonnegative and separates points, which is not granted")
    if _within_log_d(stmt):
        return Finding.holds("0 <= g - E_b <= log(d)/b, and g vanishes at the patterns only", margin="log(d)/b")
    return Finding.undecided("the sum lies in [1, d], which gives the bounds 0 and log(d)/b")


COLD = ((("-1", "0"), ("1", "0")), (("0", "0"), ("2", "1"), ("1", "3")))
"""Two patterns, whose middle reaches the one bound, and three."""


@check("X-COLD-LIMIT", "X-COLD-E", kind="certified", scope="two and three patterns, b = 1 and 64, three points")
def cold_points(stmt: Any, claim_id: str) -> Finding:
    """Certified values of the energies between the stated bounds."""
    family: counting.Family = "mchn" if claim_id == "X-COLD-LIMIT" else "E"
    for rows, beta, at in product(COLD, (1, 64), (("0", "0"), ("1", "0"), ("1/3", "2"))):
        above, spread = counting.cold_gap(rows, family, beta, at)
        for name, wrong in (("lower", -1), ("upper", 1)):
            if wrong * (above - to_arb(Fraction(stmt[name])) * spread) > 0:
                text = f"d={len(rows)}, b={beta}, x=({', '.join(at)}): {float(above.mid()):.4f}"
                return Finding.fails(text, margin="certified")
    return Finding.survived("within the bounds at twelve points")
