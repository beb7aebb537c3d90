"""Chapter 3's theorems against independent computations: finite differences, quadrature, iteration, other formulas."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
import torch
from flint import arb

from assocmem import claims
from assocmem.memory import fixed_point, retrieve
from assocmem.theory.energies import sandwich, storage
from assocmem.theory.energies.critical_points import Landscape
from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.distances import METRIC, NAMED, PAPER, Distance, as_distance, sqeuclidean
from assocmem.theory.retrieval import (
    attention,
    convergence,
    density,
    descent,
    layer_formulas,
    nearest_key,
    storage_radius,
    stored_and_retrieved,
)
from assocmem.theory.retrieval.stored_and_retrieved import Interval, Reading

F = Fraction
RNG = np.random.default_rng(3)


def floats(rows: object) -> torch.Tensor:
    return torch.tensor([[float(c) for c in row] for row in rows], dtype=torch.float64)  # type: ignore[attr-defined]


@pytest.mark.parametrize("case", range(len(descent.EXACT)))
def test_step_is_the_one_of_the_torch_module(case: int) -> None:
    x, rows, beta = descent.EXACT[case]
    with precision(128):
        here = [float(c.mid()) for c in descent.step([arb(float(c)) for c in x], rows, beta)]
    there = retrieve(floats([x]), floats(rows), beta=float(beta))[0]
    assert np.allclose(here, there, atol=1e-12)


def test_identity_leaves_a_remainder_for_every_other_coefficient() -> None:
    assert descent.identity_residual(descent.Descent()) == 0
    for moved, divergence in ((2, 1), (1, 2), (0, 1), (1, 0), (-1, 1), (F(99, 100), 1)):
        stmt = descent.Descent(F(moved), F(divergence))
        assert descent.identity_residual(stmt) != 0
        assert descent.nonzero_case(stmt) is not None
    assert descent.nonzero_case(descent.Descent()) is None


def test_step_residual_needs_the_weighted_mean() -> None:
    y = sp.Symbol("y", real=True)
    assert descent.step_residual() == 0
    assert descent.step_residual(y + 1) != 0
    with pytest.raises(ValueError, match="degree 2"):
        descent.mean(y**2, y, (1, 0))


@pytest.mark.parametrize("name", sorted(NAMED))
def test_pair_identity_holds_in_every_memory(name: str) -> None:
    rows = ((F(0), F(1)), (F(2), F(-1)), (F(1, 3), F(0)))
    with precision(192):
        gap = descent.pair_gap(descent.Descent(), as_distance(name), (F(5), F(2)), (F(-1), F(1, 7)), rows, F(3, 2))
    assert gap.contains(0)
    assert float(gap.rad()) < 1e-40


def test_squares_of_balls_around_zero_are_numbers() -> None:
    assert descent.square(arb(0, 1e-20)).is_finite()


def test_budget_is_attained_by_one_pattern_and_kept_by_trajectories() -> None:
    with precision(128):
        total, rate = convergence.budget_slacks(convergence.Budget(), (F(3),), ((F(0),),), 1)
    assert total.contains(0)
    assert rate.contains(0)
    assert convergence.broken_budget(convergence.Budget()) is None
    assert convergence.broken_budget(convergence.Budget(rate=F(399, 100))) is not None
    assert convergence.floor_needed() == 1


def test_slope_of_the_step_by_finite_differences() -> None:
    rows, x, h = RNG.normal(size=(4, 2)), RNG.normal(size=2), 1e-5

    def step(p: np.ndarray) -> np.ndarray:
        w = np.exp(-((p - rows) ** 2).sum(1))
        return np.asarray(w @ rows / w.sum())

    w = np.exp(-((x - rows) ** 2).sum(1))
    w /= w.sum()
    covariance = np.cov(rows.T, aweights=w, ddof=0)
    slope = np.stack([(step(x + h * e) - step(x - h * e)) / (2 * h) for e in np.eye(2)], 1)
    assert np.allclose(slope, 2 * covariance, atol=1e-8)
    assert all(r == 0 for r in convergence.step_slope_residuals())
    assert any(r != 0 for r in convergence.step_slope_residuals(1))


def test_linear_rate_is_twice_the_largest_variance() -> None:
    patterns = torch.tensor([[0.0], [2.0]], dtype=torch.float64)
    limit = fixed_point(torch.tensor([[0.3]], dtype=torch.float64), patterns, tol=1e-15, max_steps=200)
    w = torch.softmax(-((limit.points - patterns.T) ** 2), 1)
    variance = (w @ patterns.square() - (w @ patterns) ** 2).item()
    ratio = math.sqrt(float(limit.moved[9, 0] / limit.moved[8, 0]))
    assert ratio == pytest.approx(2 * variance, rel=1e-3)


def test_middle_of_two_patterns_stays_and_is_a_maximum() -> None:
    rows = ((F(-1),), (F(1),))
    assert convergence.stays_at((F(0),), rows)
    assert not convergence.stays_at((F(1, 2),), rows)
    assert not convergence.stays_at((F(0),), ((F(-2),), (F(1),), (F(1),)))
    assert {p.kind for p in Landscape(rows).critical_points() if abs(p.floats()[0]) < 1e-9} == {"maximum"}


def test_scores_differ_by_a_shared_term_only_with_the_bias() -> None:
    assert attention.shared_residual(attention.Scores()) == 0
    for dot, bias in ((2, 0), (1, -1), (2, -2), (2, 1), (-2, -1)):
        assert attention.shared_residual(attention.Scores(F(dot), F(bias))) != 0


def test_slab_is_exact_on_the_grid_and_no_other_is() -> None:
    assert attention.order_residual() == 0
    assert attention.order_residual(2) != 0
    assert attention.slab_errors(attention.Slab(), PAPER) == []
    for low, high in ((F(-1), F(1)), (F(2, 3), F(1)), (F(0), F(9, 10)), (F(0), F(11, 10))):
        assert attention.slab_errors(attention.Slab(low, high), PAPER)


def test_values_that_are_no_image_of_the_keys_are_recognized() -> None:
    assert attention.value_map(((1, 0), (0, 1)), ((2,), (5,)))
    assert not attention.value_map(((1,), (-1,)), ((1,), (1,)))


def test_definition_is_decided_once_the_map_is_named() -> None:
    assert stored_and_retrieved.storage_answers(Reading("E")) == {"E": True}
    assert stored_and_retrieved.storage_answers(Reading()) == {"E": True, "mchn": False}


def test_a_wide_ball_stores_at_the_midpoint_and_not_both_patterns() -> None:
    rows = stored_and_retrieved.NEAR
    balls = (Interval(F(-1, 2), F(9, 25)), Interval(F(1, 2), F(1, 100)))
    ends = torch.tensor([[-1.1], [0.1], [0.4], [0.6]], dtype=torch.float64)
    assert fixed_point(ends, floats(rows), tol=1e-13, max_steps=20000).points.abs().max() < 1e-6
    assert [stored_and_retrieved.stored_alone(rows, balls, i) for i in (0, 1)] == [True, False]
    assert not stored_and_retrieved.stored_together(rows, balls)
    assert stored_and_retrieved.fixed_points_in(rows, balls) == 1
    touching = (balls[0], Interval(F(1, 2), F(16, 100)))
    assert not stored_and_retrieved.stored_alone(rows, touching, 0)
    off = (Interval(F(1, 2), F(9, 25)), Interval(F(5), F(1, 100)))
    assert not stored_and_retrieved.stored_alone(rows, off, 0)


def test_stored_on_the_line_agrees_with_iteration() -> None:
    rows = stored_and_retrieved.CROWD
    for center, size in (("-1/4", "3/10"), ("0", "19/50"), ("-1/5", "1/10"), ("3/2", "1/4")):
        where = Interval(F(center), F(size) ** 2)
        ends = torch.tensor([[float(F(center) - F(size))], [float(F(center) + F(size))]], dtype=torch.float64)
        points = fixed_point(ends, floats(rows), tol=1e-13, max_steps=20000).points[:, 0]
        both = bool((points - float(F(center))).abs().max() <= float(F(size)) and (points[0] - points[1]).abs() < 1e-6)
        assert stored_and_retrieved.stored(rows, where) == both, center


def test_no_ball_around_the_pattern_stores_it() -> None:
    assert stored_and_retrieved.stored(stored_and_retrieved.CROWD, Interval(F(-1, 4), F(9, 100)))
    for k in range(1, 40):
        assert not stored_and_retrieved.stored(stored_and_retrieved.CROWD, Interval(F(0), F(k, 31) ** 2))


def test_intervals_compare_exactly() -> None:
    assert Interval(F(0), F(1)).meets(Interval(F(2), F(1)))
    assert not Interval(F(0), F(1)).meets(Interval(F(201, 100), F(1)))
    for gap, one, other, meet in ((3, 1, 4, True), (3, 1, F(399, 100), False), (0, 1, 9, True), (1, 0, 1, True)):
        assert Interval(F(0), F(one)).meets(Interval(F(gap), F(other))) == meet


@pytest.mark.parametrize("d", [2, 3, 6])
def test_bound_on_the_ratio_of_densities(d: int) -> None:
    rows = 3 * np.eye(d)[:, : max(d - 1, 1)] if d > 2 else np.array([[0.0], [3.0]])
    s = min(np.linalg.norm(p - q) for i, p in enumerate(rows) for q in rows[:i])
    for r in (0.1 * s, 0.3 * s, 0.5 * s):
        eta = (d - 1) * math.exp(-s * (s - 2 * r))
        for _ in range(200):
            u = RNG.normal(size=rows.shape[1])
            x = rows[RNG.integers(d)] + r * RNG.random() * u / np.linalg.norm(u)
            dist = ((x - rows) ** 2).sum(1)
            assert 1 <= math.exp(dist.min()) * np.exp(-dist).sum() <= 1 + eta + 1e-12


def test_variation_bound_against_two_valued_ratios() -> None:
    assert density.deviation_residual() == 0
    assert density.deviation_residual(1) != 0
    for eta in (0.01, 0.5, 4.0):
        m = np.linspace(1, 1 + eta, 2001)
        assert ((m - 1) * (1 + eta - m) / (eta * m)).max() == pytest.approx(density.variation(eta), rel=1e-5)
        assert density.variation(eta) <= eta / 4


def test_mass_on_the_line_by_quadrature() -> None:
    x = np.linspace(-1.0, 2.0, 200001)
    values = np.exp(-(x**2)) + np.exp(-((x - 4) ** 2))
    with precision(128):
        mass = float(density.one_dimensional_mass(F(-1), F(2), [F(0), F(4)]).mid())
    assert np.trapezoid(values, x) == pytest.approx(mass, rel=1e-9)
    assert density.one_dimensional_mass(F(1), F(1), [F(0)]) == 0


def test_own_pattern_is_nearest_exactly_within_half_the_distance() -> None:
    pair = ((F(0),), (F(4),))
    assert density.own_is_nearest(PAPER, pair, 0, (F(2),))
    assert density.own_is_nearest(PAPER, pair, 0, (F(201, 100),)) is False


SPACED = (
    ((F(0), F(0)), (F(5, 2), F(0)), (F(0), F(5, 2)), (F(5, 2), F(5, 2))),
    ((F(0),), (F("2.3"),), (F("4.6"),), (F("6.9"),)),
)


@pytest.mark.parametrize("rows", SPACED)
def test_step_keeps_and_contracts_balls_that_meet_the_condition(rows: storage.Rows) -> None:
    s = math.sqrt(float(storage.smallest_square_distance(rows)))
    points, n = np.array([[float(c) for c in row] for row in rows]), len(rows[0])
    sizes = [q * s for q in (0.05, 0.1, 0.2, 0.25, 0.3, 0.4)]
    met = [r for r in sizes if len(rows) - 1 < math.exp(s * (s - 2 * r)) * min(r / s, 1 / (2 * s * s))]
    assert met
    for r in met:
        for _ in range(100):
            u = RNG.normal(size=n)
            own = points[RNG.integers(len(points))]
            x = own + r * u / np.linalg.norm(u)
            w = np.exp(-((x - points) ** 2).sum(1))
            w /= w.sum()
            assert np.linalg.norm(w @ points - own) < r
            spread = (points - w @ points).T @ ((points - w @ points) * w[:, None])
            factor = 2 * (len(points) - 1) * s * s * math.exp(-s * (s - 2 * r))
            assert 2 * np.linalg.eigvalsh(spread).max() <= factor < 1


def test_room_at_half_the_inverse_distance_is_that_of_chapter_2() -> None:
    s = sp.Symbol("s", positive=True)
    r = 1 / (2 * s)
    for entry in (r / s, 1 / (2 * s**2)):
        assert sp.simplify(sp.exp(s * (s - 2 * r)) * entry - storage.room(s**2)) == 0


def test_wrong_rooms_lose_a_pair() -> None:
    assert storage_radius.loses(storage_radius.Room()) is None
    for wrong in (
        storage_radius.Room(keep=False),
        storage_radius.Room(contract=None),
        storage_radius.Room(inner=F(1)),
        storage_radius.Room(inner=F(0)),
    ):
        assert storage_radius.loses(wrong) is not None


@pytest.mark.parametrize("d", [3, 10])
def test_spinodal_by_iterating_on_the_simplex(d: int) -> None:
    low, high = storage_radius.spinodal(d)
    assert high - low < F(1, 10**6)
    for square, alive in ((float(low) - 0.01, False), (float(high) + 0.01, True)):
        m = 1.0
        for _ in range(20000):
            w = 1 / (1 + (d - 1) * math.exp(-m * square))
            m = (d * w - 1) / (d - 1)
        assert (m > 0.1) == alive
    assert float(low) > math.log(d)


def test_center_of_the_simplex_by_certified_count() -> None:
    corner = ((F(0), F(0), F(0)), (F(1), F(1), F(0)), (F(1), F(0), F(1)), (F(0), F(1), F(1)))
    for scale, kind in ((F(13, 10), "minimum"), (F(3, 2), "maximum")):
        rows = tuple(tuple(scale * c for c in row) for row in corner)  # s^2 = 2 scale^2: 3.38 and 4.5, d = 4
        land = Landscape(rows)
        with precision(128):
            x = [arb(float(scale)) / 2] * 3
            assert land._index(x) == (0 if kind == "minimum" else 3)


def test_attention_formulas() -> None:
    assert layer_formulas.product_shape((5, 4), (3, 5)) is None
    assert layer_formulas.product_shape((3, 5), (5, 4)) == (3, 4)
    w, v = layer_formulas.example()
    assert v * w != w * v
    assert layer_formulas.biased_residual() == sp.zeros(1, 2)
    assert layer_formulas.prefix_information(("ab", "ac"), 1) == 0
    assert layer_formulas.prefix_information(("ab", "ac"), 2) == sp.log(2)


def test_gibbs_gap_averages_to_the_divergence() -> None:
    t = sp.Symbol("t", positive=True)
    for _ in range(5):
        w, v = RNG.dirichlet([1, 1, 1]), RNG.dirichlet([1, 1, 1])
        gap = sum(a * float(descent.gibbs_gap().subs(t, b / a)) for a, b in zip(w, v, strict=True))
        assert gap == pytest.approx(float((w * np.log(w / v)).sum()))
    assert descent.gibbs_holds()


def test_rate_bound_falls_with_the_number_of_steps() -> None:
    x, rows = convergence.STARTS[3]
    points = np.array([[float(c) for c in row] for row in rows])
    path = [np.array([float(c) for c in x])]
    for _ in range(5):
        w = np.exp(-((path[-1] - points) ** 2).sum(1))
        path.append(w @ points / w.sum())
    squares = (np.diff(path, axis=0) ** 2).sum(1)
    fall = -math.log(np.exp(-((path[0] - points) ** 2).sum(1)).sum()) + math.log(len(points))
    with precision(128):
        total, rate = convergence.budget_slacks(convergence.Budget(), x, rows, 5)
    assert float(total.mid()) == pytest.approx(fall - squares.sum())
    assert float(rate.mid()) == pytest.approx(4 * fall / 5 - 4 * squares.min())


def test_floor_is_the_least_multiple_that_the_facts_grant() -> None:
    for multiple, granted in ((F(3, 4), False), (convergence.floor_needed(), True)):
        assert sandwich.holds({"E": F(1), "g": F(-1), "log_d": multiple}) == granted


def test_derivatives_of_step_and_energy_have_one_factor() -> None:
    assert convergence.sum_rules() == attention.mchn_rules() == [0, 0]
    for slopes, right in ((convergence.step_slope_residuals, 2), (attention.mchn_slope_residuals, 1)):
        assert slopes() == slopes(right) == [0, 0]
        wrong = slopes(3)
        assert len(wrong) == 2
        assert all(r != 0 for r in wrong)
    assert convergence.gradient_residual() == attention.mchn_step_residual() == 0
    assert convergence.gradient_residual(1) != 0
    assert attention.mchn_descent_residual() == 0
    assert attention.mchn_descent_residual(1) != 0


def test_rules_for_sums_by_finite_differences() -> None:
    rows, x, h = RNG.normal(size=(4, 2)), RNG.normal(size=2), 1e-6

    def sums(p: np.ndarray) -> np.ndarray:
        t = np.exp(-((p - rows) ** 2).sum(1))
        return np.array([t.sum(), t @ rows[:, 0]])

    t = np.exp(-((x - rows) ** 2).sum(1))
    slopes = (sums(x + h * np.array([0, 1])) - sums(x - h * np.array([0, 1]))) / (2 * h)
    stated = -2 * (x[1] * sums(x) - np.array([t @ rows[:, 1], t @ (rows[:, 0] * rows[:, 1])]))
    assert np.allclose(slopes, stated, atol=1e-8)


def test_ratio_near_a_limit_is_at_most_twice_the_largest_variance() -> None:
    (line, cross) = convergence.NEAR_LIMITS
    with precision(128):
        values = [[float(v.mid()) for v in convergence.shrinking(*case)] for case in (line, cross)]
    assert values[0] == pytest.approx([0.5, 0.25], rel=1e-4)
    large, small = math.exp(-0.36), math.exp(-0.09)
    assert values[1][1] == pytest.approx(0.36 * large / (large + small))
    assert values[1][0] == pytest.approx(2 * 0.09 * small / (large + small), rel=1e-4)
    assert [convergence.below_one(F(k)) for k in (1, 2, 3)] == [True, True, False]
    assert convergence.broken_factor(convergence.Rate()) is None


def test_curvature_on_the_line_by_differentiation() -> None:
    x = sp.Symbol("x")
    energy = -sp.log(sum(sp.exp(-((x - r) ** 2)) for r in (0, 2, sp.Rational(1, 3))))
    with precision(128):
        curvature = convergence.curvature_on_line(F(4, 5), ((F(0),), (F(2),), (F(1, 3),)))
    assert float(curvature.mid()) == pytest.approx(float(sp.diff(energy, x, 2).subs(x, sp.Rational(4, 5))))


def test_exponentials_are_independent_by_their_determinant() -> None:
    assert attention.independence_step()
    assert not attention.independence_step(2)
    rates = (1, 2, 5)
    determinant = sp.Matrix(3, 3, lambda k, i: rates[i] ** k).det()
    assert determinant == sp.prod([rates[j] - rates[i] for j in range(3) for i in range(j)]) == 12


def test_limit_is_that_of_the_iterates() -> None:
    for start in (F(1, 2), F(3, 2)):
        end = fixed_point(
            torch.tensor([[float(start)]], dtype=torch.float64), floats(stored_and_retrieved.TWO), tol=1e-13
        )
        assert stored_and_retrieved.limit_near(F(1, 100), start) == (end.points.item() < 0.5)
    with pytest.raises(ArithmeticError, match="start=1"):
        stored_and_retrieved.limit_near(F(1, 100), F(1))


def test_temperatures_of_the_two_maps_make_them_equal_for_equal_norms() -> None:
    rows = ((F(-1),), (F(1),))
    for size in (F(1, 5), F(1, 2)):
        where = Interval(F(1), size * size)
        answers = {
            stored_and_retrieved.stored(rows, where, family, beta) for family, beta in stored_and_retrieved.BETA.items()
        }
        assert len(answers) == 1
    assert stored_and_retrieved.BETA["mchn"] == 2 * stored_and_retrieved.BETA["E"]


def test_centered_gap_against_iteration() -> None:
    where = Interval(F(-1, 4), F(9, 100))
    gaps = stored_and_retrieved.centered_gap(stored_and_retrieved.CROWD, 1, where)
    assert gaps is not None
    ends = torch.tensor([[-0.25], [0.3]], dtype=torch.float64)
    home = fixed_point(ends, floats(stored_and_retrieved.CROWD), tol=1e-13, max_steps=20000).points[0, 0]
    rows = np.array([float(row[0]) for row in stored_and_retrieved.CROWD])
    low, high = -0.2, 0.7  # the next zero of x - T(x), where it falls
    for _ in range(60):
        x = (low + high) / 2
        w = np.exp(-((x - rows) ** 2))
        low, high = (x, high) if x > w @ rows / w.sum() else (low, x)
    assert float(gaps[0].mid()) == pytest.approx(abs(float(home)), rel=1e-6)
    assert float(gaps[1].mid()) == pytest.approx(abs(low), rel=1e-6)


def test_exponent_gap_reaches_half_the_separation() -> None:
    u, v = sp.Symbol("u", nonnegative=True), sp.Symbol("v", nonnegative=True)
    gap = density.exponent_gap(density.EXACT_RATIO.symbolic)
    assert sp.expand(gap.subs(v, 0) - u * (density.s + u)) == 0
    assert sp.expand(gap.subs({u: 1, density.s: 3, v: 1}) - (4 * (4 - 1) - 3 * (3 - 1))) == 0


def test_whole_mass_in_the_plane_by_quadrature() -> None:
    axis = np.linspace(-7, 7, 701)
    grid = np.exp(-(axis[:, None] ** 2) - axis[None, :] ** 2)
    inner = np.trapezoid(grid, axis)
    assert np.trapezoid(inner, axis) == pytest.approx(float(density.total_mass(2)))


def test_largest_cosine_of_a_simplex_attains_the_bound() -> None:
    for dims in (2, 3, 7):
        corners = np.eye(dims + 1) - 1 / (dims + 1)
        cosine = corners[0] @ corners[1] / (corners[0] @ corners[0])
        assert abs(cosine) == pytest.approx(float(density.largest_cosine_bound(dims + 1, dims)))
    assert density.bound_is_attained()
    assert density.squared_cosine((1, 1), (3, 0)) == F(1, 2)


def test_balls_share_points_only_beyond_half_the_distance() -> None:
    def skewed(x: Sequence[F], y: Sequence[F]) -> F:
        return abs(x[0] - y[0]) + F(9, 10) * (abs(x[0]) - abs(y[0]))

    for name in NAMED:
        assert density.common_point(as_distance(name), F(49, 100)) is None
        assert density.common_point(as_distance(name), F(51, 100)) == 0
    assert density.common_point(PAPER.scaled(2), F(49, 100)) is None
    assert density.common_point(as_distance(skewed), F(49, 100)) == 0
    granted = Distance("skewed", skewed, frozenset({"triangle"}))
    assert claims["X-DISJOINT"].check(distance=granted).verdict == "refuted"
    assert claims["EQ5-OWN"].check(distance=granted).verdict == "undecided"


def test_balls_are_disjoint_up_to_half_the_distance() -> None:
    ends = ((F(0),), (F(4),))
    with precision(128):
        for distance, most in ((PAPER, 4), (as_distance("l1"), 2), (as_distance("euclidean"), 2)):
            assert density.disjoint_balls(distance, *ends, arb(most) - arb("0.01"))
            assert not density.disjoint_balls(distance, *ends, arb(most))
        assert not density.disjoint_balls(PAPER.scaled(2), *ends, arb("0.01"))


@pytest.mark.parametrize(
    "name", ["EQ5-OWN", "X-DISJOINT", "X-LIMIT", "X-LIMIT-RATE", "X-STORE-R", "S3-PAD", "X-SPURIOUS"]
)
def test_altered_statements_are_refuted_and_not_proved_as_well(name: str) -> None:
    covered = [m for m in claims[name].mutations if not m.uncovered]
    assert {claims[name].check(m.formal).verdict for m in covered} == {"refuted"}


def test_steps_of_the_storage_proof_reject_wrong_forms() -> None:
    t = sp.Symbol("t", positive=True)
    assert [storage_radius.falling_residual(p) for p in (1, 2)] == [0, 0]
    assert storage_radius.falling_residual(1, 1 - 2 * t * t + t * storage_radius.r) != 0
    for s, r, p in ((2.0, 0.5, 1), (3.0, 1.0, 2)):
        values = [x**p * math.exp(-x * (x - 2 * r)) for x in np.linspace(s, s + 3, 50)]
        assert all(a > b for a, b in itertools.pairwise(values))
    assert storage_radius.growth().is_nonnegative
    assert storage_radius.separation_follows()
    assert not storage_radius.separation_follows(2)
    assert storage_radius.floor_slope_sign()
    assert not storage_radius.floor_slope_sign(2)


def test_squares_in_the_separation_step() -> None:
    for q in np.linspace(0.01, 0.49, 20):
        assert math.log(1 / q) >= 1 - q
        assert (1 - q) ** 2 >= 1 - 2 * q


def test_conclusions_of_the_storage_theorem_are_compared() -> None:
    assert storage_radius.conclusions_follow(storage_radius.Room())
    assert storage_radius.conclusions_follow(storage_radius.Room(inner=F(3), contract=F(4), factor=F(3), reach=F(2)))
    for wrong in (storage_radius.Room(factor=F(19, 10)), storage_radius.Room(reach=F(9, 10))):
        assert not storage_radius.conclusions_follow(wrong)
        assert storage_radius.loses(wrong) is not None
    assert float(storage_radius.away(F(2)).mid()) == pytest.approx(0.0424958, rel=1e-5)


def test_axis_of_the_simplex_in_coordinates() -> None:
    assert storage_radius.axis_residual() == 0
    d, m = 5, 0.3
    corners = np.eye(d) * math.sqrt(2)  # s = 2
    center = corners.mean(0)
    x = center + m * (corners[0] - center)
    dist = ((x - corners) ** 2).sum(1)
    assert dist[1] - dist[0] == pytest.approx(4 * m)


@pytest.mark.parametrize("d", [3, 10])
def test_tightness_brackets_the_ratio(d: int) -> None:
    def ratio(m: float) -> float:
        return math.log((1 + (d - 1) * m) / (1 - m)) / m

    needed = min(ratio(m) for m in np.linspace(0.3, 0.9999, 200001))
    low, high = 1.0, 64.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if math.exp(middle - 1) / (2 * middle) > d - 1 else (middle, high)
    ends = storage_radius.tightness(d)
    assert ends[0] < ends[1]
    assert float(ends[0]) == pytest.approx(high / needed, rel=1e-8)
    need, enough = storage_radius.spinodal(d), storage_radius.sufficient(d)
    assert ends[0] * need[1] == enough[0]
    assert ends[1] * need[0] == enough[1]


def test_gain_of_a_split_is_the_difference_of_entropies() -> None:
    p, q = sp.symbols("p q", positive=True)
    right = p * sp.log(1 + q / p) + q * sp.log(1 + p / q)
    assert layer_formulas.refinement_gain()
    assert not layer_formulas.refinement_gain(2 * right)
    assert not layer_formulas.refinement_gain(p * sp.log(1 + q / p))


def test_densities_of_a_pair_by_quadrature() -> None:
    sep, radius = 2.02, 0.5
    x = np.linspace(-radius, radius, 200001)
    of_g, of_e = np.exp(-(x**2)), np.exp(-(x**2)) + np.exp(-((x - sep) ** 2))
    p_g, p_e = of_g / np.trapezoid(of_g, x), of_e / np.trapezoid(of_e, x)
    with precision(128):
        ratio, eta = density.facing_density_ratio(F(202, 100), F(1, 2))
        apart = float(density.pair_variation(F(202, 100), F(1, 2)))
        bound = float(density.at_number(density.VARIATION, eta))
    assert float(ratio) == pytest.approx(p_e[-1] / p_g[-1], rel=1e-6)
    whole = np.trapezoid(np.abs(p_e - p_g), x) / 2
    assert 0.99 * whole < apart < whole * (1 + 1e-6) < bound
    assert bound == pytest.approx(density.variation(float(eta)))


@pytest.mark.parametrize("d", [2, 3, 10])
def test_simplex_in_coordinates(d: int) -> None:
    with precision(128):
        assert (density.simplex_ratio(d) - density.simplex_ratio_in_coordinates(d)).contains(0)
    if d > 2:
        corners = np.eye(d) * math.sqrt(math.log(d) / 2)
        values = []
        for t in (0.5, 0.0):
            dist = ((corners[0] + t * (corners[1] - corners[0]) - corners) ** 2).sum(1)
            values.append(np.exp(dist.min() - dist).sum())
        assert float(density.simplex_ratio(d)) == pytest.approx(values[0] / values[1], rel=1e-5)


def test_draws_and_splits() -> None:
    assert density.two_draws((F(1), F(1), F(1), F(1))) == [F(1, 2)] * 4
    assert density.two_draws((F(2), F(1), F(1))) == [F(5, 6), F(7, 12), F(7, 12)]
    assert density.split_share() == sp.Symbol("k", positive=True, integer=True) / sp.Symbol(
        "N", positive=True, integer=True
    )


def test_output_is_near_the_nearest_pattern_with_a_gap() -> None:
    assert nearest_key.weight_below_ratio()
    assert nearest_key.one_more_pattern()
    for _ in range(200):
        rows, x, beta = RNG.normal(size=(5, 3)) * 2, RNG.normal(size=3), RNG.uniform(0.2, 3)
        dist = ((x - rows) ** 2).sum(1)
        own = dist.argmin()
        w = np.exp(-beta * (dist - dist[own]))
        off = np.linalg.norm(w @ rows / w.sum() - rows[own])
        gap = np.sort(dist)[1] - dist[own]
        reach = np.linalg.norm(rows - rows[own], axis=1).max()
        assert off <= 4 * math.exp(-beta * gap) * reach + 1e-12
    with precision(128):
        bound, length = nearest_key.nearness_slack(nearest_key.Nearness(), *nearest_key.GAPS[0])
    assert float(bound) == pytest.approx(math.exp(-3))
    assert float(length) == pytest.approx(1 / (1 + math.exp(3)))


def test_a_step_of_the_mchn_by_differences() -> None:
    rows = ((F(0),), (F(2),), (F(-1, 3),))
    with precision(256):
        step = float(attention.mchn_step_by_differences(F(1, 2), rows, F(3, 2)))
    points = np.array([0, 2, -1 / 3])
    w = np.exp(1.5 * 0.5 * points)
    assert step == pytest.approx(w @ points / w.sum())


def test_columns_of_weights_do_not_add_up_to_one() -> None:
    summed, values = layer_formulas.column_order()
    assert summed.tolist() == [[sp.Rational(3, 4), sp.Rational(5, 4)]]
    assert values == sp.ones(1, 2)


def test_distances_without_the_hypotheses_are_not_refuted() -> None:
    def discrete(x: Sequence[F], y: Sequence[F]) -> int:
        return int(tuple(x) != tuple(y))

    def no_number(x: Sequence[F], y: Sequence[F]) -> arb:
        return arb("nan")

    metric = Distance("discrete", discrete, frozenset(METRIC))
    for distance in (metric, as_distance(discrete), as_distance(lambda x, y: -sqeuclidean(x, y)), PAPER.scaled(2)):
        assert claims["EQ5"].check(distance=distance).verdict == "undecided"
    for name in ("X-BIAS", "X-DESC"):
        assert claims[name].check(distance=PAPER.scaled(2)).verdict == "undecided"
        assert claims[name].check(distance=NAMED["l1"].scaled(3)).verdict == "refuted"
    assert claims["X-DESC-ANY"].check(distance=no_number).verdict == "undecided"
    assert claims["EQ5"].check(distance="l1").verdict == "refuted"
    assert claims["ASM2-CONS"].check(distance="euclidean").verdict == "heuristic"


def test_claims_of_the_chapter_that_survive_other_metrics() -> None:
    verdicts = {
        name: claims[name].check(distance="l1").verdict for name in ("X-DESC-ANY", "EQ5-OWN", "X-DESC", "X-BIAS")
    }
    assert verdicts == {"X-DESC-ANY": "proved", "EQ5-OWN": "proved", "X-DESC": "refuted", "X-BIAS": "refuted"}
    assert claims["S3-METRIC"].check(distance="l1").verdict == "proved"
    assert claims["DEF1-BALL"].check(distance="euclidean").verdict == "proved"
