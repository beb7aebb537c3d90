"""Checks of the claim that attention searches for the nearest pattern (chapter 3), and of what holds instead.

Queries and keys can be rescaled and shifted without a change of any weight, so the sentence needs coordinates, and a
tolerance, and an object: the heaviest key of a head, or its output. What holds then are claims of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.distances import Distance
from assocmem.theory.retrieval import nearest_key
from assocmem.theory.retrieval.nearest_key import Gauge, Nearness, Vector, inner, minus_inner, minus_square

HIT = (Fraction(1),)
LONGER = (Fraction(2),)
PAIR = (Fraction(1), Fraction(2))

claim(
    "NN",
    {"scales": (Fraction(1), Fraction(100))},
    mutants={"coordinates fixed": {"scales": (Fraction(1),)}, "other fixed ones": {"scales": (Fraction(100),)}},
)


@check("NN", kind="certified", scope="keys 1 and 2 and the query 1, in coordinates that attention cannot tell apart")
def nearest_by_coordinates(stmt: Any) -> Finding:
    """Whether the heaviest key is the nearest one, in each of the stated coordinates; the weights are the same."""
    answers = set()
    for scale in stmt["scales"]:
        query, keys = Gauge().moved(Fraction(1), PAIR, scale)
        if query * (keys[1] - keys[0]) != 1:
            return Finding.undecided("the weights are not the same in all coordinates")
        heaviest, nearest = nearest_key.heaviest_and_nearest(query, keys)
        answers.add(heaviest == nearest)
    if len(answers) > 1:
        return Finding.ill_defined(
            "keys 1, 2 and query 1: the heaviest key is 2 and the nearest 1; the same weights belong to the query 100 "
            "and the keys 1/100, 1/50, of which the heaviest is the nearest. Coordinates, tolerance and object are "
            "missing"
        )
    return Finding.survived("one answer")


@dataclass(frozen=True)
class Addend:
    """d(q,k_j) <= min_i d(q,k_i) + tolerance (max_i d(0,k_i) - min_i d(0,k_i)) for the key j of the highest score."""

    tolerance: Fraction = Fraction(1)
    score: Callable[..., Any] = inner


claim(
    "NN-TOL",
    Addend(),
    mutants={
        "no tolerance": Addend(tolerance=Fraction(0)),
        "half the tolerance": Addend(tolerance=Fraction(1, 2)),
        "nine tenths of the tolerance": Addend(tolerance=Fraction(9, 10)),
        "sign of the scores": Addend(score=minus_inner),
    },
)


@check("NN-TOL", kind="symbolic", scope="all n (by coordinate), all patterns, queries and scales")
def within_the_tolerance(stmt: Addend, distance: Distance) -> Finding:
    """The square completed for the heaviest key and any other; their scores differ by 0 or more."""
    if not distance.has("squared euclidean"):
        return Finding.undecided("the proof completes a square, which this distance is not known to be")
    if stmt.tolerance >= 1 and nearest_key.pair_residual(stmt.score) == 0:
        text = "|q-k_j|^2 - |q-k_i|^2 = |k_j|^2 - |k_i|^2 - 2q.(k_j-k_i), at most max|rho|^2 - min|rho|^2"
        return Finding.holds(text)
    return Finding.undecided("the proof is of a tolerance of max|rho|^2 - min|rho|^2 or more")


@check("NN-TOL", kind="certified", scope="exact queries and pairs of keys in one and two dimensions; any distance")
def within_the_tolerance_points(stmt: Addend, distance: Distance) -> Finding:
    """The inequality at exact points; the tolerance is taken from distances to the origin."""
    for q, j, i in nearest_key.cases():
        if stmt.score(q, j) <= stmt.score(q, i):
            continue

        def excess(q: Vector = q, j: Vector = j, i: Vector = i) -> arb:
            origin = tuple(Fraction(0) for _ in q)
            gap = abs(distance(origin, j) - distance(origin, i))
            return distance(q, j) - distance(q, i) - to_arb(stmt.tolerance) * gap

        if sign(excess) == 1:
            text = f"keys {_show(j)}, {_show(i)} and query {_show(q)}: the heavier {_show(j)} is farther than allowed"
            return Finding.fails(text, margin=f"by {float(excess().mid()):.3g}")
    return Finding.survived("no exact point exceeds the tolerance")


claim("NN-FACTOR", {"score": inner}, mutants={"weights by distance": {"score": minus_square}})


@check("NN-FACTOR", kind="certified", scope="one dimension, two keys; every factor c")
def misses_an_exact_hit(stmt: Any, distance: Distance) -> Finding:
    """Stored keys 1 and 2, and the query 1, which is a stored key: the heavier weight must not go to the key 2."""

    def heavier() -> arb:
        return to_arb(Fraction(stmt["score"](HIT, LONGER)) - Fraction(stmt["score"](HIT, HIT)))

    def farther() -> arb:
        return distance(HIT, LONGER)

    if sign(heavier) == 1 and sign(farther) == 1 and distance(HIT, HIT).is_zero():
        text = "keys 1, 2 and query 1: key 2 is the heavier, though the query is at distance 0 from key 1, and c*0 = 0"
        return Finding.fails(text, margin=f"distance {float(farther().mid()):.3g} against 0")
    return Finding.undecided("this score or distance does not miss the query that is itself a stored key")


claim(
    "NN-OUT",
    Nearness(),
    mutants={
        "whatever the number of patterns": Nearness(count=0),
        "twice the gap": Nearness(rate=Fraction(2)),
        "half the distance": Nearness(reach=Fraction(1, 2)),
        "the nearest pattern itself": Nearness(reach=Fraction(0)),
    },
)


@check(
    "NN-OUT",
    kind="symbolic",
    scope="any n, d, patterns, x, beta > 0 and gap",
    in_words="the triangle inequality for the weighted sum of the differences from the nearest pattern",
)
def near_with_a_gap(stmt: Nearness) -> Finding:
    """Each other weight is at most e^(-beta gamma), by its ratio to that of the nearest; one more pattern adds as much.

    The sum of the weights of k other patterns is at most k e^(-beta gamma): 0 for none, and a step from k to k + 1.
    """
    steps = nearest_key.weight_below_ratio() and nearest_key.one_more_pattern()
    if steps and stmt.count >= 1 and stmt.rate <= 1 and stmt.reach >= 1:
        return Finding.holds("|T(x)-rho_nn| <= sum_j w_j |rho_j-rho_nn|, w_j <= w_j/w_nn <= exp(-beta gamma)")
    return Finding.undecided("the stated bound is below that of the argument")


@check("NN-OUT", kind="certified", scope="six exact points with two to four patterns, one of them without a gap")
def near_with_a_gap_points(stmt: Nearness) -> Finding:
    """The distance of T(x) from the nearest pattern against the bound; and T(1) = tanh(2 beta) < 1 for 1 and -1."""
    hit = nearest_key.broken_nearness(stmt)
    if hit is not None:
        return Finding.fails(hit, margin="certified")
    with precision(128):
        weighted, closed = nearest_key.output_on_two()
        agree = (weighted - closed).contains(0) and closed < 1 and nearest_key.first_of_gaps_agrees()
    if not agree:
        return Finding.violated("T(1) for the patterns 1, -1 is not tanh(2), or a bound not that of its closed form")
    return Finding.survived(f"no point exceeds the bound; for 1, -1 and the query 1 the output is {float(closed):.6f}")


@dataclass(frozen=True)
class Search:
    """``|q-k_j|^2 <= |q-k_i|^2 + gap (|k_j|^2 - |k_i|^2)`` for the heaviest j."""

    gap: Fraction = Fraction(1)


claim(
    "NN-FIX",
    Search(),
    mutants={
        "the heaviest key is always the nearest": Search(gap=Fraction(0)),
        "half the gap": Search(gap=Fraction(1, 2)),
        "sign of the gap": Search(gap=Fraction(-1)),
    },
)


@check("NN-FIX", kind="symbolic", scope="all n (by coordinate), all sets of keys, all queries and scales")
def search_and_norms(stmt: Search, distance: Distance) -> Finding:
    """The square completed for two keys; with equal norms the difference of the squared norms is 0."""
    if not distance.has("squared euclidean"):
        return _heaviest_not_nearest(distance)
    if stmt.gap == 1 and nearest_key.pair_residual() == 0:
        return Finding.holds("squared distances differ by |k_j|^2 - |k_i|^2 less 2q.(k_j-k_i) >= 0")
    return Finding.undecided("the proof is of the gap |k_j|^2-|k_i|^2")


@check("NN-FIX", kind="certified", scope="exact queries and pairs of keys on a grid in one and two dimensions")
def search_and_norms_points(stmt: Search) -> Finding:
    """The inequality at exact points, ties included; keys of equal norm are also compared by their distances alone."""
    hit = nearest_key.exceeds(stmt.gap)
    if hit is not None:
        q, j, i, excess = hit
        return Finding.fails(f"q={_show(q)}, k_j={_show(j)}, k_i={_show(i)}: |q-k_j|^2 exceeds by {excess}")
    if nearest_key.disagrees(nearest_key.same_norm) is not None:
        return Finding.fails("two keys of equal norm are ordered otherwise by weight than by distance")
    return Finding.survived("no exact point breaks the inequality; at q = 0 it is an equality")


def _positive(j: Vector, i: Vector) -> bool:
    return bool(inner(j, i) > 0)


claim(
    "NN-CONV",
    {"only": nearest_key.same_norm},
    mutants={"only keys of positive inner product": {"only": _positive}},
)


@check(
    "NN-CONV",
    kind="symbolic",
    scope="all n and all sets of distinct keys",
    in_words="the choice of a longest and a shorter key, and that scaling a query keeps the heaviest key",
)
def only_equal_norms(stmt: Any) -> Finding:
    """A query on the ray of a longest key: there a shorter key is nearer, by (A+B)(A-B)/2 at least."""
    if stmt["only"] is nearest_key.same_norm and nearest_key.ray_residual() == 0:
        return Finding.holds("a short multiple of a longest key is nearer to a shorter one, and as heavy as before")
    return Finding.undecided("the argument is of equal norms")


@check("NN-CONV", kind="certified", scope="pairs of keys on a grid in one and two dimensions")
def only_equal_norms_points(stmt: Any) -> Finding:
    """Pairs for which heaviest and nearest agree at all queries tried must be of the stated kind."""
    for j, i in ((a, b) for a in _keys() for b in _keys() if a < b and len(a) == len(b)):
        if nearest_key.always_agree(j, i) and not stmt["only"](j, i):
            return Finding.fails(f"k_j={_show(j)}, k_i={_show(i)}: weight and distance agree at every query")
    return Finding.survived("all pairs of keys that agree have one norm")


def _keys() -> list[Vector]:
    return [tuple(map(Fraction, v)) for v in nearest_key.PLANE] + [(Fraction(v),) for v in range(-2, 3)]


def _show(x: Vector) -> str:
    return str(x[0]) if len(x) == 1 else f"({', '.join(map(str, x))})"


def _heaviest_not_nearest(distance: Distance) -> Finding:
    """A query for which equally long keys are ordered otherwise by this distance than by inner products."""
    keys = [tuple(map(Fraction, v)) for v in ((5, 0), (3, 4), (4, 3), (0, 5))]
    grid = [Fraction(v, 4) for v in range(-8, 25)]
    for q, j, i in product(product(grid, grid), keys, keys):
        if inner(q, j) > inner(q, i):

            def farther(q: Any = q, j: Vector = j, i: Vector = i) -> arb:
                return distance(q, j) - distance(q, i)

            if sign(farther) == 1:
                text = f"|k_j| = |k_i| = 5, q={_show(q)}: k_j={_show(j)} is heavier and farther than k_i={_show(i)}"
                return Finding.fails(text)
    return Finding.undecided("the proof completes a square, which this distance is not known to be")


@dataclass(frozen=True)
class Lift:
    """Keys with one more coordinate r_j, r_j^2 = M^2 + norm |k_j|^2, and queries with one more coordinate ``query``."""

    norm: int = -1
    query: int = 0


claim(
    "X-LIFT",
    Lift(),
    mutants={
        "coordinate from M^2 + |k|^2": Lift(norm=1),
        "one coordinate for all keys": Lift(norm=0),
        "queries lifted too": Lift(query=1),
    },
)


@check("X-LIFT", kind="symbolic", scope="all n (by coordinate), all sets of keys, all queries and scales")
def lifted_keys(stmt: Lift) -> Finding:
    """The part of the lifted squared distance that depends on the key must be -2q.k."""
    q, k, r = sp.symbols("q k r", real=True)
    coordinate = sp.expand((q - k) ** 2 + stmt.norm * k**2 + 2 * q * k)
    last = sp.expand((stmt.query - r) ** 2 - r**2)
    if sp.diff(coordinate, k) == 0 and sp.diff(last, r) == 0:
        return Finding.holds("|q'-k'|^2 = |q|^2 + M^2 - 2q.k, so equal weights, and heaviest is nearest")
    return Finding.undecided("the lifted squared distance depends on the key by more than -2q.k")


@check("X-LIFT", kind="certified", scope="keys 1 and 2, exact queries")
def lifted_keys_points(stmt: Lift) -> Finding:
    """The difference of the lifted squared distances of two keys against that of the scores, exactly."""
    first, second = sp.Integer(1), sp.Integer(2)
    for query in (sp.Integer(1), sp.Rational(1, 3), sp.Integer(-2)):
        far = [(query - k) ** 2 + (stmt.query - sp.sqrt(4 + stmt.norm * k**2)) ** 2 for k in (first, second)]
        wrong = sp.simplify(far[1] - far[0] + 2 * query * (second - first))
        if wrong != 0:
            return Finding.fails(f"keys 1, 2 and query {query}: squared distances and scores differ by {wrong}")
    return Finding.survived("equal at all queries tried")


claim(
    "X-GAUGE",
    Gauge(),
    mutants={"keys scaled up with the queries": Gauge(key=1), "keys left as they are": Gauge(key=0)},
)


@check("X-GAUGE", kind="symbolic", scope="all n (by coordinate), all queries, keys, shifts and scales")
def rescaled(stmt: Gauge) -> Finding:
    """Scores change by a constant of the query only, so the differences that softmax sees stay."""
    if nearest_key.gauge_residuals(stmt)[0] == 0:
        return Finding.holds("q.(k_j-k_i) stays as it is")
    return Finding.undecided("weights change")


@check("X-GAUGE", kind="certified", scope="keys 1 and 2, query 1, scales 1/100 and 100")
def rescaled_points(stmt: Gauge) -> Finding:
    """Scores at two scales, exactly, and that the nearest key is not the same at both."""
    nearest = set()
    for scale in (Fraction(1, 100), Fraction(100)):
        query, keys = stmt.moved(Fraction(1), PAIR, scale)
        scores = query * (keys[1] - keys[0])
        if scores != 1:
            return Finding.fails(f"keys 1, 2 and query 1: scores differ by 1, and by {scores} when scaled")
        nearest.add(nearest_key.heaviest_and_nearest(query, keys)[1])
    if len(nearest) == 1:
        return Finding.fails("the nearest key is the same at both scales")
    return Finding.survived("the scores are the same, and the nearest key is not")


claim("X-GAUGE-LIMIT", {"scales": "large"}, mutants={"small scales": {"scales": "small"}})


@check("X-GAUGE-LIMIT", kind="symbolic", scope="all n (by coordinate), finitely many queries and keys, all shifts")
def nearest_in_the_limit(stmt: Any) -> Finding:
    """Squared distances differ by -2q.(k_j-k_i), less than 0 for the heaviest, and a part that scales away."""
    t = sp.Symbol("t", positive=True)
    end = sp.oo if stmt["scales"] == "large" else 0
    if nearest_key.gauge_residuals(Gauge())[1] == 0 and sp.limit(1 / t**2, t, end) == 0:
        return Finding.holds("squared distances differ by -2q.(k_j-k_i) plus a term that falls as 1/scale^2")
    return Finding.undecided("the norms of the keys do not scale away")


@check("X-GAUGE-LIMIT", kind="certified", scope="keys 1 and 2, query 1, scale 1/100 or 100")
def nearest_far_out(stmt: Any) -> Finding:
    """Whether the heaviest key is the nearest at a scale far out, exactly."""
    scale = Fraction(100) if stmt["scales"] == "large" else Fraction(1, 100)
    heaviest, nearest = nearest_key.heaviest_and_nearest(*Gauge().moved(Fraction(1), PAIR, scale))
    if heaviest != nearest:
        return Finding.fails(f"keys 1, 2 and query 1 at scale {scale}: the heavier key 2 is not the nearer")
    return Finding.survived("the heavier key is the nearer one")
