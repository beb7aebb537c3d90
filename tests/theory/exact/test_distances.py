"""Distances: what is granted is proved and survives an attack, what is not granted is refuted, wrong grants show."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
import sympy as sp
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import distance as oracle

from assocmem.theory.energies import other_distances, taxicab
from assocmem.theory.exact import norms
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.distances import (
    METRIC,
    NAMED,
    PAPER,
    PROPERTIES,
    Distance,
    DistanceError,
    as_distance,
    euclidean,
    l1,
    linf,
    sqeuclidean,
)
from assocmem.theory.exact.metric_axioms import squared_euclidean, triangle_excess, vanishes_exactly_on_equals
from assocmem.theory.exact.properties import _TESTS, attack

SCIPY = {
    "sqeuclidean": oracle.sqeuclidean,
    "l1": oracle.cityblock,
    "euclidean": oracle.euclidean,
    "linf": oracle.chebyshev,
}
ATTACKED = [p for p in PROPERTIES if p != "continuous"]
fractions = st.fractions(-5, 5, max_denominator=12)
pairs = st.integers(1, 4).flatmap(lambda n: st.tuples(*[st.tuples(*[fractions] * n)] * 2))
SLOW = settings(max_examples=40, deadline=None, derandomize=True)


def cubic(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return sum(abs(a - b) ** 3 for a, b in zip(x, y, strict=True))


def first_coordinate(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return abs(x[0] - y[0])


def uphill(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return sum(max(a - b, 2 * (b - a)) for a, b in zip(x, y, strict=True))


def signed(x: Sequence[Any], y: Sequence[Any]) -> Any:
    return sum(a - b for a, b in zip(x, y, strict=True))


def railway(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """A metric that is no norm: all ways lead through the origin."""
    return 0 if tuple(x) == tuple(y) else l1(x, [0] * len(x)) + l1(y, [0] * len(y))


@pytest.mark.parametrize("name", NAMED)
def test_what_is_granted_is_what_is_proved(name: str) -> None:
    assert norms.proved(NAMED[name]) == NAMED[name].properties


@pytest.mark.parametrize(("name", "held"), [(m, p) for m in NAMED for p in ATTACKED])
def test_a_property_is_granted_exactly_if_the_attack_meets_no_counterexample(name: str, held: str) -> None:
    assert (attack(NAMED[name], held) is None) == NAMED[name].has(held)


@pytest.mark.parametrize(
    ("name", "distance"),
    [
        ("l1", linf),
        ("l1", sqeuclidean),
        ("linf", euclidean),
        ("euclidean", l1),
        ("sqeuclidean", l1),
        ("l1", cubic),
        ("linf", first_coordinate),
        ("sqeuclidean", euclidean),
    ],
)
def test_a_wrong_distance_under_a_known_name_is_not_proved(name: str, distance: Any) -> None:
    wrong = replace(NAMED[name], function=distance)
    assert norms.proved(wrong) == frozenset()
    refuted = [p for p in ATTACKED if wrong.has(p) and attack(wrong, p) is not None]
    # Another norm under the name of a norm has what is granted, but not by the proof that belongs to the name.
    assert bool(refuted) == ((name, distance) not in [("linf", euclidean), ("euclidean", l1)])


@pytest.mark.parametrize("name", ["l1", "sqeuclidean"])
@pytest.mark.parametrize("size", range(1, norms.LARGEST_JOINED + 1))
@pytest.mark.parametrize("beyond", [False, True])
def test_a_distance_that_is_another_in_one_dimension_is_not_proved(name: str, size: int, beyond: bool) -> None:
    """In one of the dimensions that are compared, or from there on; doubled in all of them it is another norm."""

    def doubled(x: Sequence[Any], y: Sequence[Any]) -> Any:
        wrong = len(x) >= size if beyond else len(x) == size
        return NAMED[name].function(x, y) * (2 if wrong else 1)

    assert norms.proved(replace(NAMED[name], function=doubled)) == frozenset()


def test_a_sum_that_weighs_the_line_otherwise_than_the_plane_is_not_proved() -> None:
    def heavy(x: Sequence[Any], y: Sequence[Any]) -> Any:
        return l1(x, y) + (abs(x[0] - y[0]) if len(x) > 1 else 0)

    assert norms.proved(replace(NAMED["l1"], function=heavy)) == frozenset()


def test_a_grant_without_a_proof_shows() -> None:
    wrong = replace(PAPER, properties=PAPER.properties | {"triangle"})
    assert norms.proved(wrong) != wrong.properties
    hit = attack(wrong, "triangle")
    assert hit is not None
    x, y, z = hit.points
    assert sqeuclidean(x, z) > sqeuclidean(x, y) + sqeuclidean(y, z)


@pytest.mark.parametrize(
    ("distance", "fails", "holds"),
    [
        (cubic, {"triangle", "norm", "squared euclidean", "taxicab"}, {"nonnegative", "separates", "symmetric"}),
        (first_coordinate, {"separates", "norm"}, {"nonnegative", "symmetric", "triangle"}),
        (uphill, {"symmetric", "norm"}, {"nonnegative", "separates", "triangle"}),
        (signed, {"nonnegative", "separates", "symmetric"}, {"triangle"}),
        (railway, {"norm"}, set(METRIC)),
    ],
)
def test_the_attack_finds_what_a_users_distance_lacks(distance: Any, fails: set[str], holds: set[str]) -> None:
    own = as_distance(distance)
    assert own.properties == frozenset()
    for name in fails:
        hit = attack(own, name)
        assert hit is not None, name
        assert hit.property == name
    for name in holds:
        assert attack(own, name) is None, name


@pytest.mark.parametrize("side", [-1, 1])
def test_a_distance_of_equal_points_that_is_not_zero_does_not_separate(side: int) -> None:
    hit = attack(as_distance(lambda x, y: side * (l1(x, y) + 1)), "separates")
    assert hit is not None
    assert hit.points[0] == hit.points[1]


def test_an_equality_is_refuted_by_either_sign_at_as_many_points_as_its_text_names() -> None:
    refuting = {"nonnegative": {-1}, "separates": set(), "triangle": {-1}}
    for name, quantities in _TESTS.items():
        for label, count, _, signs in quantities:
            assert set(signs) == refuting.get(name, {-1, 1}), name
            assert count == len({letter for letter in label if letter in "xyz"}), name


def test_what_refutes_a_norm_is_the_value_that_the_text_names() -> None:
    def bent(x: Sequence[Any], y: Sequence[Any]) -> Any:
        """A metric on each coordinate, which counts twice where it is negative."""
        return sum(abs(a + min(a, 0) - b - min(b, 0)) for a, b in zip(x, y, strict=True))

    hit = attack(as_distance(bent), "norm")
    assert hit is not None
    assert hit.text == "d(-3x, -3y) - 3 d(x, y) = 3 at x=(0), y=(1)"
    hit = attack(as_distance(railway), "norm")
    assert hit is not None
    moved = railway(*[tuple(c + 1 for c in p) for p in hit.points]) - railway(*hit.points)
    assert hit.text.startswith(f"d(x+1, y+1) - d(x, y) = {moved} at")


def test_the_descent_finds_what_the_lattice_misses() -> None:
    def pit(x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
        return (x[0] - Fraction(9, 2)) ** 2 + (y[0] + Fraction(7, 2)) ** 2 - Fraction(1, 100)

    hit = attack(as_distance(pit), "nonnegative")
    assert hit is not None
    assert pit(*hit.points) < 0


@pytest.mark.parametrize("name", ["continuous", "metric", "l1"])
def test_only_a_property_that_points_can_refute_is_attacked(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        attack(PAPER, name)


def lesser(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    return sp.Min(first, second)


def squares(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    return first**2 + second**2


def first_only(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    return first


def half_norm(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    return (sp.sqrt(first) + sp.sqrt(second)) ** 2


@pytest.mark.parametrize("combiner", [lesser, squares, first_only, half_norm, *norms.COMBINERS.values()])
def test_each_proof_of_support_accepts_its_own_combiner_only(combiner: norms.Combiner) -> None:
    for name, own in norms.COMBINERS.items():
        assert norms.SUPPORTED[name](combiner) == (combiner is own)


def test_definite_sees_a_combiner_that_vanishes_too_early() -> None:
    assert all(norms.definite(c) for c in norms.COMBINERS.values())
    assert not norms.definite(lesser)
    assert not norms.definite(first_only)


@pytest.mark.parametrize("name", NAMED)
@SLOW
@given(pairs)
def test_values_are_those_of_scipy(name: str, both: Any) -> None:
    x, y = both
    far = NAMED[name](x, y)
    assert float(far.mid()) == pytest.approx(SCIPY[name]([float(c) for c in x], [float(c) for c in y]), abs=1e-12)
    assert float(far.rad()) < 1e-12


@pytest.mark.parametrize("name", NAMED)
def test_formulas_agree_with_exact_values(name: str) -> None:
    x, y = sp.symbols("x1:4", real=True), sp.symbols("y1:4", real=True)
    at = dict(zip((*x, *y), (1, -2, sp.Rational(1, 2), 3, 0, sp.Rational(5, 2)), strict=True))
    formula = NAMED[name].function(x, y).subs(at)
    exact = NAMED[name](*[[Fraction(1), Fraction(-2), Fraction(1, 2)], [Fraction(3), Fraction(0), Fraction(5, 2)]])
    assert float(sp.N(formula - sp.Float(str(float(exact.mid()))))) == pytest.approx(0, abs=1e-12)


def test_rational_roots_are_exact_however_large() -> None:
    huge = 10**400
    assert euclidean((Fraction(3 * huge),), (Fraction(0),)) == 3 * huge
    assert euclidean((Fraction(3), Fraction(4)), (Fraction(0), Fraction(0))) == 5
    with precision(256):
        assert isinstance(euclidean((Fraction(1), Fraction(1)), (Fraction(0), Fraction(0))), arb)


def test_energy_is_the_formula() -> None:
    rows = ((Fraction(0),), (Fraction(3),))
    ball = NAMED["l1"].energy((Fraction(1),), rows)
    assert float(ball.mid()) == pytest.approx(float(-sp.log(sp.exp(-1) + sp.exp(-2))), abs=1e-14)
    assert NAMED["l1"].nearest((Fraction(1),), rows) == 1


def test_scaling_keeps_the_metric_and_forgets_the_formula() -> None:
    colder = NAMED["l1"].scaled(Fraction(3, 2))
    assert colder((Fraction(0),), (Fraction(2),)) == 3
    assert colder.has("norm")
    assert not colder.has("taxicab")
    assert not PAPER.scaled(2).has("squared euclidean")
    assert PAPER.scaled(1) is PAPER
    with pytest.raises(ValueError, match="beta"):
        PAPER.scaled(0)


@pytest.mark.parametrize("name", NAMED)
def test_scaling_keeps_exact_numbers_exact_and_formulas_formulas(name: str) -> None:
    third = NAMED[name].scaled(Fraction(1, 3)).scaled(Fraction(2))
    exact = third.function((Fraction(3), Fraction(0)), (Fraction(0), Fraction(4)))
    assert isinstance(exact, Fraction)
    assert exact == Fraction(2, 3) * {"sqeuclidean": 25, "l1": 7, "euclidean": 5, "linf": 4}[name]
    x = sp.symbols("x1:3", real=True)
    formula = third.function(x, (sp.Integer(0), sp.Integer(4)))
    assert sp.simplify(formula - sp.Rational(2, 3) * NAMED[name].function(x, (sp.Integer(0), sp.Integer(4)))) == 0
    tensor = third.function([np.array([3.0])], [np.array([0.0])])
    assert tensor == pytest.approx([6.0 if name == "sqeuclidean" else 2.0])
    with precision(64):
        ball = NAMED["euclidean"].scaled(Fraction(1, 3)).function((Fraction(1), Fraction(1)), (Fraction(0),) * 2)
    assert isinstance(ball, arb)


def test_an_error_of_a_distance_carries_its_name_and_dimension() -> None:
    def plane(x: Sequence[Any], y: Sequence[Any]) -> Any:
        return abs(x[1] - y[1])

    for own in (as_distance(plane), Distance("plane", plane, frozenset(METRIC)).scaled(2)):
        assert own((Fraction(0), Fraction(1)), (Fraction(0), Fraction(4))) >= 3
        for call in (own, own.function):
            with pytest.raises(DistanceError, match=r"plane.*every n.*n = 1 it raised IndexError") as caught:
                call((Fraction(0),), (Fraction(1),))
            assert isinstance(caught.value.__cause__, IndexError)
    assert Distance("mine", l1) == Distance("mine", l1)
    assert replace(NAMED["l1"]) == NAMED["l1"]


def test_bad_memories_name_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="l3"):
        as_distance("l3")
    with pytest.raises(TypeError, match="int"):
        as_distance(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cosine"):
        Distance("x", l1, frozenset({"cosine"}))
    with pytest.raises(ValueError, match="cosine"):
        PAPER.has("cosine")
    with pytest.raises(TypeError, match="half"):
        Distance("half", lambda x, y: 0.5)((Fraction(0),), (Fraction(0),))
    assert as_distance("sqeuclidean") is PAPER


def test_the_larger_of_two_balls_or_of_two_tensors() -> None:
    """What ``linf`` takes where ``max`` does not compare: the larger one in either order, of either sign."""
    high, low = np.array([3.0, -1.0]), np.array([1.0, 7.0])
    for x, y in (((high, low), (0 * high, 0 * low)), ((low, high), (0 * low, 0 * high))):
        assert linf(x, y) == pytest.approx([3.0, 7.0])
    with precision(64):
        assert linf((arb(5), arb(2)), (arb(1), arb(0))) == 4
        assert linf((arb(2), arb(5)), (arb(0), arb(1))) == 4


def test_the_kernel_of_a_form_in_the_plane_must_be_the_diagonal() -> None:
    def mirrored(x: Sequence[Any], y: Sequence[Any]) -> Any:
        return (x[0] - y[0]) ** 2 + (x[1] + y[1]) ** 2

    assert vanishes_exactly_on_equals(squared_euclidean, 2) == (True, True)
    assert vanishes_exactly_on_equals(mirrored, 2) == (True, False)


def test_the_way_through_a_point_between() -> None:
    assert triangle_excess(lambda x, y: (x[0] - y[0]) ** 2) == 2
    assert triangle_excess(lambda x, y: x[0] + 3 * y[0] ** 2) == -4


def test_the_two_writings_of_the_squared_distance_agree() -> None:
    x, y = sp.symbols("x1:4", real=True), sp.symbols("y1:4", real=True)
    assert sp.expand(sqeuclidean(x, y) - squared_euclidean(x, y)) == 0


@SLOW
@given(st.lists(st.tuples(fractions, fractions), min_size=1, max_size=5, unique=True))
def test_taxicab_minima_are_where_small_steps_only_rise(rows: list[tuple[Fraction, Fraction]]) -> None:
    patterns, step = tuple(rows), Fraction(1, 10**4)
    for x in taxicab.grid(patterns):
        around = [tuple(c + step * k for c, k in zip(x, turn, strict=True)) for turn in product((-1, 0, 1), repeat=2)]
        with precision(256):
            here = NAMED["l1"].energy(x, patterns)
            rises = all(NAMED["l1"].energy(y, patterns) > here for y in around if y != x)
        assert taxicab.is_minimum(patterns, x) == rises


@SLOW
@given(st.lists(st.tuples(fractions, fractions), min_size=2, max_size=5, unique=True), st.sampled_from(sorted(NAMED)))
def test_a_kept_pattern_is_lower_than_its_ball(rows: list[tuple[Fraction, Fraction]], name: str) -> None:
    patterns, own = tuple(rows), NAMED[name]
    if not other_distances.is_certain_minimum(own, patterns, 0):
        return
    with precision(256):
        radius = -other_distances.crowding(own, patterns, 0).log()
        here = own.energy(patterns[0], patterns)
        for u in product((-1, 0, 1), (-2, 0, 1)):
            x = tuple(c + Fraction(k, 7) for c, k in zip(patterns[0], u, strict=True))
            if 0 < own(x, patterns[0]) < radius:
                assert own.energy(x, patterns) > here


def test_the_squared_distance_keeps_nothing_by_the_metric_theorem() -> None:
    assert not other_distances.is_certain_minimum(PAPER, ((Fraction(0),), (Fraction(9),)), 0)
    assert other_distances.is_certain_minimum(NAMED["l1"], ((Fraction(0),), (Fraction(1, 10),)), 0)


def test_a_metric_that_is_not_continuous_has_balls_that_are_no_neighborhoods() -> None:
    places = {Fraction(0): Fraction(0), Fraction(1, 1000): Fraction(5), Fraction(5): Fraction(1, 1000)}

    def swapped(x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
        """|f(x) - f(y)| for a one-to-one f that exchanges 1/1000 and 5: a metric."""
        return abs(places.get(x[0], x[0]) - places.get(y[0], y[0]))

    rows = tuple((Fraction(c),) for c in (0, *[5 + Fraction(k, 100) for k in range(1, 30)]))
    own = Distance("swapped", swapped, frozenset(METRIC))
    assert own.energy((Fraction(1, 1000),), rows) < own.energy(rows[0], rows)
    assert not other_distances.is_certain_minimum(own, rows, 0)
    assert other_distances.is_certain_minimum(replace(own, properties=own.properties | {"continuous"}), rows, 0)


def test_equal_sums_of_exponentials_are_a_tie_and_not_undecided() -> None:
    corner = (Fraction(0), Fraction(1))
    assert taxicab.slope_signs(((Fraction(0), Fraction(0)), (Fraction(1), Fraction(1))), corner, 0) == (1, 0)
    assert not taxicab.is_minimum(((Fraction(0), Fraction(0)), (Fraction(1), Fraction(1))), corner)


def test_more_patterns_than_minima_and_more_minima_than_patterns() -> None:
    line = tuple((Fraction(k, 10),) for k in range(3))
    assert taxicab.minima(line) == [(Fraction(1, 10),)]
    assert len(taxicab.minima(taxicab.cross(Fraction(7)))) == 5
    three = tuple(tuple(Fraction(c) for c in row) for row in ((0, 8), (8, 0), (-4, -4)))
    assert taxicab.is_minimum(three, (Fraction(0), Fraction(0)))
    assert len(taxicab.minima(three)) == 4


@pytest.mark.parametrize("b", [Fraction(1, 3), Fraction(4)])
def test_temperature_is_a_scaled_distance(b: Fraction) -> None:
    rows = taxicab.cross(Fraction(1))
    scaled = tuple(tuple(b * c for c in row) for row in rows)
    assert [tuple(b * c for c in x) for x in taxicab.minima(rows, b)] == taxicab.minima(scaled)


def test_sliding_off_needs_a_crowd_and_a_norm() -> None:
    middle, radius = (Fraction(0),) * 40, to_arb(Fraction(1, 6))
    crowd = other_distances.simplex(40, Fraction(3, 2))
    assert other_distances.slides_off(NAMED["l1"], crowd, middle, radius)
    assert not other_distances.slides_off(NAMED["l1"], crowd[:20], middle, radius)
    assert not other_distances.slides_off(PAPER, crowd, middle, radius)
    assert not other_distances.slides_off(NAMED["linf"], crowd, middle, radius)


def test_sliding_off_asks_for_twice_the_radius() -> None:
    """With once the radius, k = 1 - 20/39 > 0 would certify a fall, though E rises from (1, 0) in the ball."""
    zero, aside, reach = (Fraction(0), Fraction(0)), (Fraction(1), Fraction(0)), Fraction(39, 20)
    rows = (zero, *[(reach / 2, reach / 2 + Fraction(k, 1000)) for k in range(40)])
    toward = (reach / 2, reach / 2)
    taxi = NAMED["l1"]
    assert sum(float((-taxi(zero, row)).exp().mid()) for row in rows[1:]) > 39 / 19
    step = tuple(a + Fraction(1, 100) * b for a, b in zip(aside, toward, strict=True))
    assert taxi.energy(step, rows) > taxi.energy(aside, rows)
    assert not other_distances.slides_off(taxi, rows, toward, to_arb(1))


def test_the_weight_of_a_distant_pattern_is_taken_at_the_first_pattern_itself() -> None:
    """23 patterns near 3 pull 0 over; 20 do not, so 0 is kept, and a weight larger by exp(radius) would deny it."""
    taxi, radius, toward = NAMED["l1"], to_arb(Fraction(1, 10)), (Fraction(3),)
    crowd = ((Fraction(0),), *[(3 + Fraction(k, 10**4),) for k in range(23)])
    assert other_distances.slides_off(taxi, crowd, toward, radius)
    for x in (Fraction(-1, 10), Fraction(0), Fraction(1, 10)):
        assert taxi.energy((x + Fraction(1, 1000),), crowd) < taxi.energy((x,), crowd)
    assert other_distances.is_certain_minimum(taxi, crowd[:21], 0)
    assert not other_distances.slides_off(taxi, crowd[:21], toward, radius)


def test_a_distance_prints_the_same_in_every_process() -> None:
    """Else pages that show one as a default would differ from build to build, as sets do with the seed of hashes."""
    code = "from assocmem.theory.exact.distances import PAPER; print(PAPER)"
    printed = set()
    for seed in ("1", "2", "77"):
        inherited = os.environ | {"PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], env=inherited, capture_output=True, text=True, check=True)
        printed.add(done.stdout)
    assert printed == {f"{PAPER}\n"}
    assert sorted(PAPER.properties, key=str(PAPER).index) == sorted(PAPER.properties)
