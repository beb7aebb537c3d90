"""Checks of the claim that attention searches for the nearest pattern (chapter 3), and of what holds instead.

The paper's own results on closeness are additive, with the tolerance Delta = max|rho|^2 - min|rho|^2 of the patterns,
so "approximate" is read as they are: the squared distance of the heaviest key exceeds the least one by Delta at most.
Read by a factor, as in a c-approximate search, the claim fails for every c.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp
from flint import arb

from assocmem.claims import Finding, check, claim
from assocmem.theory.exact.certified import sign, to_arb
from assocmem.theory.exact.distances import Distance

Vector = tuple[Fraction, ...]
HIT = (Fraction(1),)
LONGER = (Fraction(2),)
OPPOSITE = (Fraction(-1),)
TOLERANCE = (
    "for the key with the largest weight in one head, squared Euclidean distances in one space of queries and "
    "patterns, and an additive tolerance of max|rho|^2 - min|rho|^2"
)


def inner(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """x.y, the score of attention up to a positive factor."""
    return sum(a * b for a, b in zip(x, y, strict=True))


def minus_inner(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """-x.y, for a head that looks away from what is like the query."""
    return -inner(x, y)


def minus_square(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """-|x-y|^2, the score of a search by distance."""
    return -sum((a - b) * (a - b) for a, b in zip(x, y, strict=True))


@dataclass(frozen=True)
class Approximate:
    """How far the heaviest key j may be from the query q, compared with the nearest key.

    reading "addend": d(q,k_j) <= min_i d(q,k_i) + tolerance (max_i d(0,k_i) - min_i d(0,k_i));
    reading "factor": d(q,k_j) <= c min_i d(q,k_i) for some c >= 1. ``score`` ranks the keys.
    """

    reading: str = "addend"
    tolerance: Fraction = Fraction(1)
    score: Callable[..., Any] = inner


claim(
    "NN",
    Approximate(),
    mutants={
        "a factor in place of an addend": Approximate(reading="factor"),
        "no tolerance": Approximate(tolerance=Fraction(0)),
        "half the tolerance": Approximate(tolerance=Fraction(1, 2)),
        "nine tenths of the tolerance": Approximate(tolerance=Fraction(9, 10)),
        "sign of the scores": Approximate(score=minus_inner),
    },
)


@check("NN", kind="symbolic", scope="all n (by coordinate), all patterns, queries and scales", condition=TOLERANCE)
def within_the_tolerance(stmt: Approximate, distance: Distance) -> Finding:
    """The square completed for the heaviest key and any other; their scores differ by 0 or more."""
    if not distance.has("squared euclidean"):
        return Finding.undecided("the proof completes a square, which this distance is not known to be")
    if _bounded(stmt, distance):
        text = "|q-k_j|^2 - |q-k_i|^2 = |k_j|^2 - |k_i|^2 - 2q.(k_j-k_i), at most max|rho|^2 - min|rho|^2"
        return Finding.holds_if(TOLERANCE, text)
    return Finding.undecided("the proof is of an additive tolerance of max|rho|^2 - min|rho|^2 or more")


@check("NN", kind="certified", scope="exact queries and pairs of keys in one and two dimensions; any distance")
def within_the_tolerance_points(stmt: Approximate, distance: Distance) -> Finding:
    """The inequality at exact points; the tolerance is taken from distances to the origin."""
    if stmt.reading != "addend":
        return Finding.undecided("only an additive tolerance is tried at these points")
    for q, j, i in _cases():
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


@check("NN", kind="certified", scope="one dimension, two keys; every factor c")
def misses_an_exact_hit(stmt: Approximate, distance: Distance) -> Finding:
    """Stored keys 1 and 2, and the query 1, which is a stored key: the heavier weight must not go to the key 2."""
    bounded = _bounded(stmt, distance)
    if stmt.reading == "addend" and not bounded:
        return Finding.undecided("a factor is judged only beside the proof with an addend")

    def heavier() -> arb:
        return to_arb(Fraction(stmt.score(HIT, LONGER)) - Fraction(stmt.score(HIT, HIT)))

    def farther() -> arb:
        return distance(HIT, LONGER)

    if sign(heavier) == 1 and sign(farther) == 1 and distance(HIT, HIT).is_zero():
        text = "keys 1, 2 and query 1: key 2 is the heavier, though the query is at distance 0 from key 1, and c*0 = 0"
        return Finding.fails(text, margin=f"distance {float(farther().mid()):.3g} against 0", outside=bounded)
    return Finding.undecided("this score or distance does not miss the query that is itself a stored key")


@check("NN", kind="certified", scope="one dimension, two keys, scale 1; the output in place of the heaviest key")
def output_misses_an_exact_hit(stmt: Approximate, distance: Distance) -> Finding:
    """Stored keys 1 and -1 of equal norms, and the query 1: no tolerance is left, and the weighted mean is not 1."""
    bounded = _bounded(stmt, distance)
    if stmt.reading == "addend" and not bounded:
        return Finding.undecided("the output is judged only beside the proof with an addend")

    def short() -> arb:
        scores = [to_arb(Fraction(stmt.score(HIT, key))).exp() for key in (HIT, OPPOSITE)]
        return 1 - (scores[0] - scores[1]) / (scores[0] + scores[1])

    if sign(short) == 1:
        text = "keys 1, -1 of equal norms and query 1: the output is less than 1, though the query is a key"
        return Finding.fails(text, margin=f"output {1 - float(short().mid()):.3g}", outside=bounded)
    return Finding.undecided("this output is not certified to miss the query")


def _bounded(stmt: Approximate, distance: Distance) -> bool:
    """Whether the proof reaches the statement; if so, counterexamples to its other readings lie outside the condition.

    Otherwise they are not raised against an additive statement, which they do not refute.
    """
    additive = stmt.reading == "addend" and stmt.tolerance >= 1
    return additive and distance.has("squared euclidean") and pair_residual(stmt.score) == 0


@dataclass(frozen=True)
class Search:
    """|q-k_j|^2 <= |q-k_i|^2 + gap (|k_j|^2 - |k_i|^2) for the heaviest j; and which keys agree for every query."""

    gap: Fraction = Fraction(1)
    ordered: str = "equal norms"


claim(
    "NN-FIX",
    Search(),
    mutants={
        "the heaviest key is always the nearest": Search(gap=Fraction(0)),
        "half the gap": Search(gap=Fraction(1, 2)),
        "sign of the gap": Search(gap=Fraction(-1)),
        "positive inner products in place of equal norms": Search(ordered="positive inner products"),
    },
)


@check("NN-FIX", kind="symbolic", scope="all n (by coordinate), all sets of keys, all queries and scales")
def search_and_norms(stmt: Search, distance: Distance) -> Finding:
    """The square completed for two keys, and a query on the ray of a longest key for the converse."""
    if not distance.has("squared euclidean"):
        return _heaviest_not_nearest(distance)
    if stmt.ordered == "equal norms" and stmt.gap == 1 and pair_residual() == 0 and ray_residual() == 0:
        text = "squared distances differ by |k_j|^2 - |k_i|^2 less 2q.(k_j-k_i) >= 0"
        return Finding.holds(f"{text}; a short multiple of a longer key is nearer to a shorter one")
    return Finding.undecided("the proof is of the gap |k_j|^2-|k_i|^2 and of equal norms")


@check("NN-FIX", kind="certified", scope="exact queries and pairs of keys on a grid in one and two dimensions")
def search_and_norms_points(stmt: Search) -> Finding:
    """The inequality at exact points, ties included."""
    for q, j, i in _cases():
        if inner(q, j) < inner(q, i):
            continue
        excess = minus_square(q, i) - minus_square(q, j)
        if excess > stmt.gap * (inner(j, j) - inner(i, i)):
            return Finding.fails(f"q={_show(q)}, k_j={_show(j)}, k_i={_show(i)}: |q-k_j|^2 exceeds by {excess}")
        if stmt.ordered != "equal norms" and inner(j, i) > 0 and excess > 0:
            text = f"k_j={_show(j)}, k_i={_show(i)} have a positive inner product"
            return Finding.fails(f"{text}, and q={_show(q)} disagrees")
    return Finding.survived("no exact point breaks the inequality; at q = 0 it is an equality")


def pair_residual(score: Callable[..., Any] = inner) -> sp.Expr:
    """(q-a)^2 - (q-b)^2 - (a^2 - b^2) + 2(s(q,a) - s(q,b)) in one coordinate; 0 for the scores s(q,k) = qk.

    Summed over the coordinates: squared distances differ by squared norms less twice the difference of the scores.
    """
    q, a, b = sp.symbols("q a b", real=True)
    scores = score([q], [a]) - score([q], [b])
    return sp.expand((q - a) ** 2 - (q - b) ** 2 - (a**2 - b**2) + 2 * scores)


def ray_residual() -> sp.Expr:
    """What a query on the ray of a longest key a shows, b a shortest: |a| = A > B = |b|, a.b = p >= -AB.

    At q = ta, t = (A-B)/(4A), the key a is farther than b by A^2 (1-2t) + 2tp - B^2, which is at least
    (A+B)(A-B)/2 > 0; but a search that is right at q = a, where a is the nearest, gives a the largest a.k, and then
    the largest ta.k too. The residual of that bound at p = -AB; 0.
    """
    long, short = sp.symbols("A B", positive=True)
    t = (long - short) / (4 * long)
    least = long**2 * (1 - 2 * t) + 2 * t * (-long * short) - short**2
    return sp.simplify(least - (long + short) * (long - short) / 2)


PLANE = ((0, 0), (1, 0), (3, 4), (5, 0), (4, 3), (-1, 2), (2, 2), (4, 0), (3, 2))


def _cases() -> Iterator[tuple[Vector, Vector, Vector]]:
    line = [(Fraction(1, 8),), *((Fraction(v, 2),) for v in range(-4, 5))]
    plane = [tuple(map(Fraction, v)) for v in PLANE]
    for points in (line, plane):
        yield from product(points, repeat=3)


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


@dataclass(frozen=True)
class Gauge:
    """Queries times scale**query and keys less a constant times scale**key; right for scales "large" or "small"."""

    query: int = 1
    key: int = -1
    scales: str = "large"


claim(
    "X-GAUGE",
    Gauge(),
    mutants={
        "keys scaled up with the queries": Gauge(key=1),
        "small scales in place of large ones": Gauge(scales="small"),
        "keys left as they are": Gauge(key=0),
    },
)


@check("X-GAUGE", kind="symbolic", scope="all n (by coordinate), finitely many queries and keys, all shifts and scales")
def rescaled(stmt: Gauge) -> Finding:
    """Scores change by a constant of the query, and distances by a part that scales away."""
    q, a, b, c = sp.symbols("q a b c", real=True)
    t = sp.Symbol("t", positive=True)

    def moved(key: sp.Symbol) -> sp.Expr:
        return t**stmt.key * (key - c)

    scores = sp.expand(t**stmt.query * q * (moved(a) - moved(b)) - q * (a - b))
    gap = sp.expand((t**stmt.query * q - moved(a)) ** 2 - (t**stmt.query * q - moved(b)) ** 2 + 2 * q * (a - b))
    end = sp.oo if stmt.scales == "large" else 0
    if scores == 0 and sp.expand(gap * t**2 - ((a - c) ** 2 - (b - c) ** 2)) == 0 and sp.limit(gap, t, end) == 0:
        return Finding.holds("squared distances differ by -2q.(k_j-k_i) plus a term that falls as 1/scale^2")
    return Finding.undecided("weights change, or the norms of the keys do not scale away")


@check("X-GAUGE", kind="certified", scope="keys 1 and 2, query 1, scales 1/100 and 100")
def rescaled_points(stmt: Gauge) -> Finding:
    """Weights and order at a scale far out, exactly."""
    scale = Fraction(100) if stmt.scales == "large" else Fraction(1, 100)
    query, keys = scale**stmt.query, [scale**stmt.key * k for k in (1, 2)]
    if query * (keys[1] - keys[0]) != 1:
        scores = query * (keys[1] - keys[0])
        return Finding.fails(f"keys 1, 2 and query 1: scores differ by 1, and by {scores} when scaled")
    if (query - keys[1]) ** 2 >= (query - keys[0]) ** 2:
        return Finding.fails(f"keys 1, 2 and query 1 at scale {scale}: the heavier key 2 is not the nearer")
    return Finding.survived("the heavier key is the nearer one, and the scores are the same")
