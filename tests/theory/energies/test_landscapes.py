"""Certified landscapes against independent arithmetic: all critical points found, none invented, thresholds sharp."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import fsolve

from assocmem.memory import energy, mchn_energy
from assocmem.theory.energies import closeness, convexity, counting, figure_one, modes, regularization, storage
from assocmem.theory.energies.critical_points import Landscape, UndecidedError, _interval
from assocmem.theory.energies.figure_one import LINE, PLANE
from assocmem.theory.exact.certified import precision, to_arb

FAMILIES = ("E", "mchn")
TRIANGLE = counting.triangle(Fraction("2.9"))
SLOW = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.filter_too_much])
quarters = st.integers(-12, 12).map(lambda k: Fraction(k, 4))


def rows(n: int, low: int, high: int) -> st.SearchStrategy[tuple[tuple[Fraction, ...], ...]]:
    return st.lists(st.tuples(*[quarters] * n), min_size=low, max_size=high, unique=True).map(tuple)


def floats(patterns: tuple[tuple[Fraction, ...], ...]) -> np.ndarray:
    return np.array([[float(c) for c in row] for row in patterns])


def gradient(x: np.ndarray, patterns: np.ndarray, family: str, beta: float) -> np.ndarray:
    scores = -beta * ((x - patterns) ** 2).sum(1) if family == "E" else beta * patterns @ x
    weights = np.exp(scores - scores.max())
    return x - weights @ patterns / weights.sum()


def independent(patterns: np.ndarray, family: str, beta: float, starts: int = 300) -> list[np.ndarray]:
    """Critical points that scipy's root finder meets from random starts in the patterns' box."""
    rng, roots = np.random.default_rng(0), []
    for start in rng.uniform(patterns.min(0), patterns.max(0), (starts, patterns.shape[1])):
        root, info, status, _ = fsolve(gradient, start, (patterns, family, beta), full_output=True, xtol=1e-12)
        fresh = all(np.abs(root - other).max() > 1e-5 for other in roots)
        if status == 1 and np.abs(info["fvec"]).max() < 1e-10 and fresh:
            roots.append(root)
    return roots


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("patterns", [LINE, PLANE, TRIANGLE], ids=["line", "plane", "triangle"])
@pytest.mark.parametrize("beta", [1, 2])
def test_enumeration_is_what_a_root_finder_meets(family: str, patterns: tuple, beta: int) -> None:
    points = Landscape(patterns, family, Fraction(beta)).critical_points()
    certified = np.array([p.floats() for p in points])
    met = independent(floats(patterns), family, beta)
    assert len(met) <= len(certified)
    for root in met:
        assert np.abs(certified - root).max(1).min() < 1e-6
    # A stable minimum attracts many starts, so every one of them must be met.
    for point in (p for p in points if p.index == 0):
        assert min(np.abs(root - np.array(point.floats())).max() for root in met) < 1e-6


@SLOW
@given(rows(1, 1, 5), st.sampled_from(FAMILIES), st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(3)]))
def test_on_the_line_minima_exceed_maxima_by_one(patterns: tuple, family: str, beta: Fraction) -> None:
    try:
        points = Landscape(patterns, family, beta).critical_points()
    except UndecidedError:
        assume(False)
    minima = sum(p.index == 0 for p in points)
    assert minima == len(points) - minima + 1
    assert minima <= len(patterns)


@settings(SLOW, max_examples=12)
@given(rows(2, 1, 4), st.sampled_from(FAMILIES))
def test_in_the_plane_the_indices_obey_morse(patterns: tuple, family: str) -> None:
    try:
        points = Landscape(patterns, family, Fraction(1)).critical_points()
    except UndecidedError:
        assume(False)
    assert sum((-1) ** p.index for p in points) == 1


@pytest.mark.parametrize("family", FAMILIES)
def test_values_and_inertia_agree_with_torch(family: str) -> None:
    patterns, function = torch.tensor(floats(PLANE)), {"E": energy, "mchn": mchn_energy}[family]
    for point in Landscape(PLANE, family).critical_points():
        x = torch.tensor(point.floats(), dtype=torch.float64)
        assert float(point.value.mid()) == pytest.approx(float(function(x[None], patterns)), abs=1e-12)
        hessian = torch.autograd.functional.hessian(lambda v: function(v[None], patterns).sum(), x)
        assert int((torch.linalg.eigvalsh(hessian) < 0).sum()) == point.index


def test_balls_are_far_smaller_than_what_is_printed() -> None:
    assert max(float(c.rad()) for p in Landscape(PLANE).critical_points() for c in p.x) < 1e-20


@pytest.mark.parametrize("shift", [10**5, 10**10, 10**15])
def test_moving_the_patterns_moves_the_critical_points_of_e(shift: int) -> None:
    # Floats around 1e15 are 1/8 apart: only exact boxes and midpoints survive this.
    near = Landscape.of([[0], [3]]).critical_points()
    far = Landscape.of([[shift], [shift + 3]]).critical_points()
    assert len(near) == len(far) == 3
    with precision(256):
        moved = sorted(((p.x[0] - shift, p.index) for p in far), key=lambda pair: float(pair[0].mid()))
        for here, (place, index) in zip(sorted(near, key=lambda p: p.floats()), moved, strict=True):
            assert (place - here.x[0]).contains(0)
            assert here.index == index


def test_halves_of_a_box_cover_it() -> None:
    low, high = Fraction(1, 3), Fraction(10**16, 7)
    middle = (low + high) / 2
    whole = _interval(low, middle).union(_interval(middle, high))
    assert all(whole.contains(to_arb(v)) for v in (low, middle, high))


def test_a_degenerate_minimum_is_refused_not_guessed() -> None:
    with pytest.raises(UndecidedError, match="degenerate"):
        Landscape.of([[0], [1]], "E", 2).critical_points()


@pytest.mark.parametrize(
    ("patterns", "family", "beta", "word"),
    [
        ([], "E", 1, "patterns"),
        ([[0], [1, 2]], "E", 1, "coordinates"),
        ([[0]], "dot", 1, "family"),
        ([[0]], "E", 0, "beta"),
    ],
)
def test_bad_landscapes_name_the_argument(patterns: list, family: str, beta: int, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        Landscape.of(patterns, family, beta)  # type: ignore[arg-type]


@SLOW
@given(rows(2, 2, 2), st.sampled_from(FAMILIES), st.integers(1, 12).map(lambda k: Fraction(k, 4)))
def test_two_pattern_thresholds_are_the_certified_counts(patterns: tuple, family: str, beta: Fraction) -> None:
    first, second = floats(patterns)
    size = float(np.linalg.norm(first - second))
    try:
        count = len(Landscape(patterns, family, beta).minima())
    except UndecidedError:
        assume(False)
    assert modes.minima(family, float(beta), first @ first, second @ second, size) == count


@SLOW
@given(rows(3, 1, 6), st.sampled_from(FAMILIES), st.integers(0, 10**6))
def test_a_small_diameter_leaves_no_negative_curvature(patterns: tuple, family: str, seed: int) -> None:
    points = floats(patterns)
    diameter = max((float(np.linalg.norm(p - q)) for p in points for q in points), default=0.0)
    limit = float(convexity.diameter_threshold(family))
    beta = limit / max(diameter, 1e-3) ** 2
    x = torch.tensor(np.random.default_rng(seed).normal(size=3) * 4)
    function = {"E": energy, "mchn": mchn_energy}[family]
    hessian = torch.autograd.functional.hessian(lambda v: function(v[None], torch.tensor(points), beta=beta).sum(), x)
    assert float(torch.linalg.eigvalsh(hessian)[0]) >= -1e-7


@SLOW
@given(rows(2, 1, 5), st.tuples(quarters, quarters), st.sampled_from([Fraction(1, 100), Fraction(1), Fraction(8)]))
def test_the_gap_of_the_energies_is_one_sided_at_every_temperature(patterns: tuple, x: tuple, beta: Fraction) -> None:
    points, query = torch.tensor(floats(patterns)), torch.tensor([[float(c) for c in x]], dtype=torch.float64)
    norms = points.square().sum(1)
    gap = 2 * mchn_energy(query, points, beta=float(beta)) - 2 * np.log(len(points)) / float(beta)
    gap -= energy(query, points, beta=float(beta) / 2)
    slack = 1e-9 / float(beta)
    assert -slack <= float(gap) <= float(norms.amax() - norms.amin()) + slack
    exact, delta = closeness.gap(patterns, x, beta)
    assert float(exact.mid()) == pytest.approx(float(gap), abs=slack)
    assert float(delta.mid()) == pytest.approx(float(norms.amax() - norms.amin()))


@SLOW
@given(rows(2, 2, 4))
def test_separated_patterns_are_all_stored(patterns: tuple) -> None:
    assume(storage.condition_holds(patterns))
    assert storage.every_pattern_stored(patterns)


def test_the_storage_condition_is_not_vacuous() -> None:
    met = [d for d in (2, 4, 40) if storage.condition_holds(tuple((Fraction(5 * i, 2),) for i in range(d)))]
    assert met == [2, 4]


def test_a_point_of_the_far_edge_shows_both_signs() -> None:
    triangle = ((Fraction(0), Fraction(0)), (Fraction(2), Fraction(0)), (Fraction(1), Fraction(1, 2)))
    assert convexity.far_edge_curvature(triangle, "E", Fraction(49, 100)) > 0
    assert convexity.far_edge_curvature(triangle, "E", Fraction(51, 100)) < 0


def test_dependent_patterns_have_no_edge_normal() -> None:
    with pytest.raises(ValueError, match="affinely independent"):
        convexity.edge_normal(((Fraction(0),), (Fraction(1),), (Fraction(2),)))


@pytest.mark.parametrize("degrees", [[0, 0], [1, 1], [0, 2], [1, 1, 1]])
def test_the_zero_bound_of_exponential_sums_is_attained_by_interpolation(degrees: list[int]) -> None:
    # A sum with N free coefficients can be made to vanish at N - 1 chosen points, so no smaller bound is true.
    points = np.arange(sum(k + 1 for k in degrees) - 1, dtype=float)
    columns = [points**power * np.exp(rate * points / 4) for rate, k in enumerate(degrees) for power in range(k + 1)]
    matrix = np.stack(columns, 1)
    coefficients = np.linalg.svd(matrix)[2][-1]
    assert np.abs(matrix @ coefficients).max() < 1e-9
    assert counting.zero_bound(degrees) == len(points)


def test_a_cold_hull_loses_its_inner_pattern() -> None:
    inside = ((Fraction(2), Fraction(0)), (Fraction(-2), Fraction(0)), (Fraction(1, 2), Fraction(0)))
    assert [counting.cold_minimum(inside, i) for i in range(3)] == [True, True, False]
    assert counting.cold_descends(inside, 2)
    assert not counting.cold_descends(inside, 0)


def test_precision_of_the_caller_is_restored() -> None:
    from flint import ctx

    before = ctx.prec
    Landscape(LINE).critical_points()
    assert ctx.prec == before
    assert to_arb(1) == 1


@pytest.mark.parametrize("kind", ["mchn", "E", "quadratic"])
@pytest.mark.parametrize("r", [Fraction(1, 3), Fraction(2)])
def test_the_excess_in_the_middle_by_hand_is_that_of_the_energies(kind: str, r: Fraction) -> None:
    patterns, x = (
        torch.tensor([[-float(r)], [float(r)]]).double(),
        torch.tensor([[0.0], [-float(r)], [float(r)]]).double(),
    )
    of = {"mchn": mchn_energy, "E": energy, "quadratic": lambda x, _: (x**2).sum(1) / 2}[kind]
    middle, left, right = of(x, patterns).tolist()
    assert float(regularization.excess_by_hand(kind, r).mid()) == pytest.approx(middle - (left + right) / 2, abs=1e-6)


def test_minus_lse_falls_along_a_pattern_and_grows_with_the_regularizer() -> None:
    assert regularization.nlse_falls(((Fraction(0),), (Fraction(-1, 100),)))
    assert not regularization.nlse_falls(((Fraction(0),), (Fraction(0),)))
    assert [kind for kind in ("mchn", "E", "quadratic", "nlse") if regularization.grows(kind)] == [
        "mchn",
        "E",
        "quadratic",
    ]


def test_the_values_of_figure_one_are_those_of_the_energies() -> None:
    x, patterns = np.array([3.0, -2.0]), floats(PLANE)
    low, gap, high = figure_one.value_gap(PLANE, (Fraction(3), Fraction(-2)))
    at, of = torch.tensor(x)[None], torch.tensor(patterns)
    expected = 2 * mchn_energy(at, of).item() - 2 * np.log(3) - energy(at, of).item()
    norms = (patterns**2).sum(1)
    assert [float(v.mid()) for v in (low, gap, high)] == pytest.approx(
        [-np.log(3), expected, norms.max() - norms.min()]
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_curvature_by_the_variance_is_that_of_the_hessian(family: convexity.Family) -> None:
    x, u = [Fraction(1, 3), Fraction(-2, 5)], [Fraction(1), Fraction(-2)]
    for beta in (Fraction(1, 2), Fraction(3)):
        hessian = convexity.curvature(PLANE, family, beta, x, u)
        assert abs(hessian - convexity.curvature_by_variance(PLANE, family, beta, x, u)) < 1e-12


def test_the_gap_to_the_cold_limit() -> None:
    patterns, x, beta = np.array([[0.0, 0.0], [2.0, 1.0]]), np.array([1.0, 0.5]), 4
    rows, at = (("0", "0"), ("2", "1")), ("1", "1/2")
    lse = np.log(np.exp(beta * patterns @ x).sum()) / beta
    gap, spread = counting.cold_gap(rows, "mchn", beta, at)
    assert float(gap.mid()) == pytest.approx(np.log(2) / beta - lse + (patterns @ x).max(), abs=1e-12)
    assert float(spread.mid()) == pytest.approx(np.log(2) / beta)
    gap, _ = counting.cold_gap(rows, "E", beta, at)
    assert float(gap.mid()) == pytest.approx(np.log(2) / beta)  # the point is equally far from both
