"""Checks of Figure 1 and of stationary points near the patterns (chapter 2)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim, uncovered
from assocmem.theory.energies import (
    closeness,
    derivations,
    figure_one,
    other_distances,
    sphere_capacity,
    storage,
    taxicab,
)
from assocmem.theory.energies.critical_points import Landscape
from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.distances import NAMED, Distance
from assocmem.theory.logsumexp.induction import mean_step

Rows = tuple[tuple[Fraction, ...], ...]
E1, M1, M2 = ("E", 1), ("mchn", 1), ("mchn", 2)

claim(
    "FIG1",
    {"patterns": figure_one.PLANE, "pair": (E1, M1)},
    mutants={
        "the outer two patterns only": {"patterns": (figure_one.PLANE[0], figure_one.PLANE[2]), "pair": (E1, M1)},
        "E against itself": {"patterns": figure_one.PLANE, "pair": (E1, E1)},
    },
)


def _values_near() -> bool:
    """The steps of FIG1-VALUES."""
    completed = closeness.square_residual() == 0 and mean_step()
    return bool(completed and all(residual == 0 for residual in figure_one.temperature_steps()))


claim(
    "FIG1-VALUES",
    {"lower": 1, "upper": 1},
    mutants={
        "nine tenths of log d": {"lower": Fraction(9, 10), "upper": 1},
        "nine tenths of Delta": {"lower": 1, "upper": Fraction(9, 10)},
        "E below": {"lower": 0, "upper": 1},
    },
)


@check("FIG1-VALUES", kind="symbolic", scope="all n (by coordinate), all d (by induction)")
def values_near(stmt: Any) -> Finding:
    """The bounds at beta = 1 and b = 1/2, and one induction for the step from E_{1/2} to E."""
    if _values_near() and stmt["lower"] >= 1 and stmt["upper"] >= 1:
        return Finding.holds("[0, Delta] at matched temperatures, and E - E_{1/2} in [0, log d]: (sum u)^2/sum u^2")
    return Finding.undecided("the two steps give the bounds -log d and Delta")


EXTREME: tuple[tuple[Rows, tuple[Fraction, ...]], ...] = (
    (figure_one.PLANE, (Fraction(0), Fraction(0))),
    (figure_one.PLANE, (Fraction(3), Fraction(-2))),
    (((Fraction(-1),), (Fraction(1),)), (Fraction(0),)),
    (((Fraction(1),), (Fraction(4),)), (Fraction(-9),)),
)
"""Patterns and points; at the last two the lower and the upper bound are (nearly) reached."""


@check("FIG1-VALUES", kind="certified", scope="four exact cases, two of which reach the bounds")
def values_at_points(stmt: Any) -> Finding:
    """Certified values between the stated bounds."""
    for rows, x in EXTREME:
        with precision(256):
            low, gap, high = figure_one.value_gap(rows, x)
            outside = gap < to_arb(stmt["lower"]) * low or gap > to_arb(stmt["upper"]) * high
        if outside:
            where = ", ".join(map(str, x))
            return Finding.fails(f"D of {len(rows)} patterns, x=({where}): {float(gap.mid()):.4f}", margin="certified")
    with precision(256):
        (low, reached, _), (_, close, high) = (figure_one.value_gap(*case) for case in EXTREME[2:])
    if not (abs(reached - low) * 10**30 < 1 and (high - close) * 10**6 < 1):
        return Finding.violated("the bounds are not reached where they should be")
    return Finding.survived("within the bounds at four points, and at two of them on one (to six digits)")


@check("FIG1", kind="certified", scope="the figure's patterns and inverse temperatures")
def resembles(stmt: Any) -> Finding:
    """Two readings of 'resembles': values within a bound at the panel's beta = 1, equally many minima, enumerated."""
    counts = [len(Landscape.of(stmt["patterns"], family, beta).minima()) for family, beta in stmt["pair"]]
    names = [figure_one.label(family, beta) for family, beta in stmt["pair"]]
    text = "; ".join(f"{name}: {n} minima" for name, n in zip(names, counts, strict=True))
    values = _values_near()
    if values and counts[0] == counts[1]:
        return Finding.enumerated(f"true in both readings: {text}")
    if values:
        return Finding.ill_defined(f"as values they stay within [-log d, Delta]; as memories it is false: {text}")
    return Finding.undecided(text)


TABLE = {
    ("plane", *E1): 3,
    ("plane", *M1): 2,
    ("plane", *M2): 2,
    ("line", *E1): 2,
    ("line", *M1): 1,
    ("line", *M2): 2,
}
claim(
    "FIG1-FIX",
    TABLE,
    mutants={
        "three memories in the plane at beta = 1": {**TABLE, ("plane", *M1): 3},
        "three memories of E on the line": {**TABLE, ("line", *E1): 3},
    },
)


@check("FIG1-FIX", kind="certified", scope="both pattern sets of the figure")
def figure_counts(stmt: Any, distance: Distance) -> Finding:
    """Minima of every landscape of the figure, by complete enumeration; of another distance, as far as it is known."""
    for (name, family, beta), stated in stmt.items():
        if family == "E" and not distance.has("squared euclidean"):
            finding = _figure_count(distance, name, stated)
            if finding is not None:
                return finding
            continue
        minima = len(Landscape.of(figure_one.SETS[name], family, beta).minima())
        if minima != stated:
            return Finding.fails(f"{name}, {figure_one.label(family, beta)}: {minima} minima, stated {stated}")
    return Finding.enumerated("; ".join(f"{n}, {figure_one.label(f, b)}: {k}" for (n, f, b), k in stmt.items()))


def _figure_count(distance: Distance, name: str, stated: int) -> Finding | None:
    """None where the taxicab count is the stated one; a metric keeps at least the patterns that are not crowded."""
    rows = figure_one.SETS[name]
    if distance.has("taxicab"):
        minima = len(taxicab.minima(rows))
        return None if minima == stated else Finding.fails(f"{name}: E has {minima} strict minima, stated {stated}")
    stored = sum(other_distances.is_certain_minimum(distance, rows, i) for i in range(len(rows)))
    if stored > stated:
        return Finding.fails(f"{name}: E keeps at least {stored} patterns, stated {stated} minima", margin="certified")
    return None if stored == stated == len(rows) else Finding.undecided(f"{name}: the minima of E are not enumerated")


claim(
    "EQ4-STAT",
    {"patterns": ((0,), (2,)), "within": Fraction(1)},
    mutants={
        "patterns of equal norm": uncovered({"patterns": ((-2,), (2,)), "within": Fraction(1)}),
        "within two of each pattern": uncovered({"patterns": ((0,), (2,)), "within": Fraction(2)}),
    },
)


@check(
    "EQ4-STAT",
    kind="symbolic",
    scope="patterns of equal norm, any dimension and beta",
    in_words="the steps joined: the scores' gap bounds the other weights, and the falling summands all sums over them",
)
def stationary_if_separated(stmt: Any) -> Finding:
    """The storage lemma of the MCHN energy: N - 1 < e^(u/4)/u, u = beta s^2 >= 4, for patterns of equal norm."""
    unequal = len({sum(c * c for c in row) for row in stmt["patterns"]}) > 1
    if unequal and stmt["within"] < 2 and sphere_capacity.storage_lemma_holds():
        return Finding.holds_if(
            "patterns of equal norm with N - 1 < e^(u/4)/u, u = beta s^2 >= 4",
            "the update maps the ball of radius s/4 around each pattern into itself and contracts it",
        )
    return Finding.undecided("the stated patterns are no counterexample that would make a condition necessary")


@check("EQ4-STAT", kind="certified", scope="n = 1, D = {0, 2}, beta = 1")
def stationary_near(stmt: Any) -> Finding:
    """Every pattern needs a critical point of the MCHN energy within the given distance; all are enumerated."""
    points = Landscape.of(stmt["patterns"], "mchn", 1).critical_points()
    unequal = len({sum(c * c for c in row) for row in stmt["patterns"]}) > 1
    for row in stmt["patterns"]:
        gaps = [abs(p.x[0] - row[0]) for p in points]
        if all(gap > to_arb(stmt["within"]) for gap in gaps):
            closest = min(float(gap.mid()) for gap in gaps)
            return Finding.fails(
                f"pattern {row[0]}: the nearest of {len(points)} critical points is {closest:.4f} away",
                margin="certified",
                outside=unequal,
            )
    return Finding.survived("every pattern has a critical point near it")


claim(
    "EQ4-STAT-E",
    {"patterns": ((Fraction(-1, 2),), (Fraction(1, 2),)), "within": Fraction(1, 4)},
    mutants={"four times as far": uncovered({"patterns": ((-2,), (2,)), "within": Fraction(1, 4)})},
)


@check(
    "EQ4-STAT-E",
    kind="symbolic",
    scope="any d >= 2, any dimension",
    in_words="the proof of X-STORE-E, whose steps are checked there",
)
def retrieves_if_separated(stmt: Any, distance: Distance) -> Finding:
    """The separation condition of X-STORE-E; a set that fails it and loses a pattern makes the condition necessary."""
    if not distance.has("squared euclidean"):
        if distance.is_metric and other_distances.gain_residual() == 0:
            text = "then rho_i itself is a strict local minimum: the triangle inequality"
            return Finding.holds_if("sum_{j != i} exp(-d(rho_i, rho_j)) < 1 for every i", text)
        return Finding.undecided("the triangle inequality is not granted")
    rows = tuple(tuple(Fraction(c) for c in row) for row in stmt["patterns"])
    if storage.self_map_residual() == 0 and not storage.condition_holds(rows):
        return Finding.holds_if(
            "s^2 >= 3/2 and d - 1 < e^(s^2-1)/(2s^2)", "then each pattern has exactly one minimum within 1/(2s)"
        )
    return Finding.undecided("the stated patterns meet the separation condition")


@check("EQ4-STAT-E", kind="certified", scope="n = 1, D = {-1/2, 1/2}, beta = 1")
def retrieval_near(stmt: Any, distance: Distance) -> Finding:
    """Every pattern needs a minimum of E nearer than the quarter of the patterns' distance; all are enumerated.

    For a norm the minima on the line are among the patterns, so a crowded pattern at the end has none near it.
    """
    if not distance.has("squared euclidean"):
        return _crowded_end(distance)
    rows = tuple(tuple(Fraction(c) for c in row) for row in stmt["patterns"])
    points = Landscape.of(rows).minima()
    for row in rows:
        if all(abs(p.x[0] - to_arb(row[0])) > to_arb(stmt["within"]) for p in points):
            shown = ", ".join(f"{p.floats()[0]:.4f}" for p in points)
            text = f"pattern {row[0]}: the only minima of E are at {shown}"
            return Finding.fails(text, margin="certified", outside=not storage.condition_holds(rows))
    return Finding.survived("every pattern has a minimum near it")


def _crowded_end(distance: Distance) -> Finding:
    """D = {0, 1/10, 1/5}: E falls from 0 toward 1/10, and a norm has no minimum strictly between patterns."""
    rows = tuple((Fraction(k, 10),) for k in range(3))
    step = (Fraction(1, 40),)
    if distance.has("norm") and sign(lambda: distance.energy(rows[0], rows) - distance.energy(step, rows)) == 1:
        text = "D={0, 1/10, 1/5}: E falls from the pattern 0 on, so it is no minimum, and none lies within 1/40 of it"
        return Finding.fails(text, margin="certified", outside=True)
    return Finding.undecided("no crowded set is known for this distance")


claim(
    "X-STORE-E",
    storage.room,
    mutants={
        "thirty times as many patterns": lambda square: 30 * storage.room(square),
        "any number of patterns": lambda square: sp.Integer(1000) * square,
    },
)
SPACED = tuple(
    tuple(tuple(Fraction(c) for c in row) for row in rows)
    for rows in (
        ((0,), (2,)),
        ((0, 0), (2, 0), (0, 2)),
        (("0",), ("1.72",)),
        ((0,), ("1.45",), ("2.9",)),
        (("0",), ("1.42",)),
        ((0, 0), ("1.5", 0), (0, "1.5"), ("1.5", "1.5")),
        (("0",), ("0.8",)),
        (("0",), ("1.3",)),
        (("0",), ("1.65",), ("3.3",), ("4.95",)),
    )
)
"""Exact pattern sets on either side of the theorem's condition."""


@check(
    "X-STORE-E",
    kind="symbolic",
    scope="any d >= 2, any dimension",
    in_words=(
        "a pattern at distance D is farther by D^2 - D/s at least in squared distance, so its weight is at most "
        "e^(D/s - D^2); a covariance has norm sum_j w_j D_j^2 at most; a contraction has one fixed point"
    ),
)
def contraction(stmt: Any, distance: Distance) -> Finding:
    """Each step of the proof: the gap identity, the falling exponential, one condition for both properties.

    The contraction bound at d - 1 = the stated room must not exceed 1 for any s^2 = 3/2 + e, e >= 0.
    """
    if not distance.has("squared euclidean"):
        return Finding.undecided("the contraction is that of the squared distance")
    steps = storage.gap_residual(3) == 0 and storage.self_map_residual() == 0
    falls = all(storage.falling_from(p) <= sp.Rational(3, 2) for p in (1, 2))
    square = sp.Rational(3, 2) + sp.Symbol("e", nonnegative=True)
    bound = sp.simplify(storage.contraction_bound(stmt(square), square))
    if steps and falls and (1 - bound).is_nonnegative:
        text = (
            "the step T(x) = x - grad E(x)/2 maps the ball of radius 1/(2s) around a pattern into itself, and its "
            f"Jacobian has norm below {bound}; the Hessian of E is 2(I - JT)"
        )
        return Finding.derived(text, derivations.step_stays_in_the_ball(), derivations.step_contracts())
    return Finding.undecided(f"the contraction bound is {bound}, not at most 1")


@check("X-STORE-E", kind="certified", scope="nine exact pattern sets on either side of the condition")
def stored_sets(stmt: Any, distance: Distance) -> Finding:
    """Wherever the stated condition is certified: one critical point in each ball, a minimum, within the reach."""
    if not distance.has("squared euclidean"):
        return _crowded_but_separated(distance)
    met = [rows for rows in SPACED if storage.condition_holds(rows, stmt)]
    if stmt is storage.room and met != [rows for rows in SPACED if storage.condition_by_balls(rows)]:
        return Finding.violated("the condition by numbers and by balls differ")
    for rows in met:
        radius, reach = storage.ball(rows)
        others, square = len(rows) - 1, storage.smallest_square_distance(rows)
        bound = storage.contraction_bound(sp.Integer(others), sp.Rational(square.numerator, square.denominator))
        slip = abs(reach - radius * arb(str(sp.N(bound, 40))) ** 2) + abs(4 * radius * to_arb(square) - 1)
        if not slip * 10**10 < 1:
            return Finding.violated("the ball is not that of the proof")
        if not storage.every_pattern_stored(rows):
            shown = ", ".join("(" + ", ".join(map(str, row)) + ")" for row in rows)
            return Finding.fails(f"D={{{shown}}} meets the condition but loses a pattern", margin="certified")
    return Finding.survived(f"{len(met)} of {len(SPACED)} sets meet the condition; all their patterns are stored")


def _witnesses() -> tuple[tuple[Rows, tuple[Fraction, ...], str], ...]:
    """Equidistant sets, each with a point toward which all distances from its other patterns fall."""
    near, far = other_distances.simplex(40, Fraction(3, 2)), other_distances.simplex(120, Fraction(9, 4))
    return (
        (near, (Fraction(0),) * 40, "3/2 times the 40 unit vectors"),
        (other_distances.cube(7, Fraction(3)), (Fraction(3, 2),) * 7, "the corners of {0, 3}^7"),
        (far, (Fraction(0),) * 120, "9/4 times the 120 unit vectors"),
    )


def _crowded_but_separated(distance: Distance) -> Finding:
    """A set that meets the condition although E falls in one direction all over the ball around its first pattern."""
    if not distance.has("norm"):
        return Finding.undecided("the slope of E within a ball is bounded for norms only")
    for rows, toward, label in _witnesses():
        s = distance(rows[0], rows[1])
        roomy = bool((s * s - 1).exp() / (2 * s * s) > len(rows) - 1) and bool(s * s > 2)
        if not roomy or not other_distances.slides_off(distance, rows, toward, 1 / (2 * s)):
            continue
        # The named norms ignore the order of coordinates, and the sets look alike from each of their patterns.
        centers = range(1) if distance in NAMED.values() else range(len(rows))
        if all(not distance(rows[i], q) < s for i in centers for j, q in enumerate(rows) if j != i):
            text = f"{label} meet the condition, but E falls in one direction all over the ball around the first"
            return Finding.fails(text, margin="certified")
    return Finding.undecided("no crowded set is known for this norm")
