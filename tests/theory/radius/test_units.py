"""Units of distances and Gaussian clouds by other routes: vectors in floats, scipy's laws, simulation."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import cdist

from assocmem.theory.exact.derivation import Refused
from assocmem.theory.radius import gaussian_cloud, units


@pytest.mark.parametrize(
    ("make", "wrong"),
    [
        (units.scaled_distance, 1),
        (units.scaled_distance, 3),
        (units.same_output, 1),
        (units.same_output, -2),
        (units.cosine_of_prediction, Fraction(1, 2)),
        (units.cosine_of_prediction, Fraction(2)),
        (gaussian_cloud.chernoff, Fraction(1)),
        (gaussian_cloud.chernoff, Fraction(-1, 2)),
    ],
)
def test_altered_steps_are_refused(make: Callable[..., object], wrong: Fraction) -> None:
    make()
    with pytest.raises(Refused):
        make(wrong)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 2000), st.integers(0, 99))
def test_two_vectors_of_this_cosine_are_at_the_predicted_distance(n: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    basis = np.linalg.qr(draw.standard_normal((n, 2)))[0].T
    u = float(units.cosine())
    first, second = math.sqrt(n) * basis[0], math.sqrt(n) * (u * basis[0] + math.sqrt(1 - u * u) * basis[1])
    assert np.linalg.norm(first - second) == pytest.approx(2 * math.sqrt(n / (2 * math.pi * math.e)))
    assert float(units.squared_distance(n, units.cosine())) == pytest.approx(np.sum((first - second) ** 2))


def test_a_normalization_and_a_head_in_floats() -> None:
    draw = np.random.default_rng(0)
    h, gain, shift, head = draw.standard_normal(8), draw.random(8), draw.random(8), draw.standard_normal((3, 8))
    for c in (0.1, 7.0):
        np.testing.assert_allclose(head / c @ (c * gain * h + c * shift), head @ (gain * h + shift))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3000), st.floats(0.01, 0.99))
def test_the_bound_is_above_the_law(n: int, t: float) -> None:
    share = Fraction(t).limit_denominator(1000)
    least = stats.chi2.logcdf(float(share) ** 2 * n, n)
    assert least <= float(gaussian_cloud.log_chance_of_near_pair(n, 2, share)) + 1e-9


def test_eight_points_in_the_plane_by_simulation() -> None:
    draw = np.random.default_rng(0)
    near = 0
    for _ in range(4000):
        points = draw.standard_normal((8, 2))
        near += bool((np.linalg.norm(points[::2] - points[1::2], axis=1) <= 0.1 * 2).any())
    exact = float(gaussian_cloud.chance_of_disjoint_pairs(4, Fraction(1, 100)))
    assert near / 4000 == pytest.approx(exact, abs=0.01)


@pytest.mark.parametrize(("k", "count"), [(1, 40), (3, 200), (40, 300)])
def test_the_ratio_by_simulation(k: int, count: int) -> None:
    draw, found = np.random.default_rng(0), []
    for _ in range(20):
        whole = cdist(*(2 * [draw.standard_normal((count, k))]))
        pairs = whole.sum() / (count * (count - 1))
        found.append((whole + np.diag([np.inf] * count)).min(1).mean() / pairs)
    assert gaussian_cloud.ratio(k, count) == pytest.approx(np.mean(found), rel=0.06)


def test_the_ratio_goes_to_one_with_the_dimension() -> None:
    ratios = [gaussian_cloud.ratio(k, 1000) for k in (2, 10, 100, 10_000)]
    assert ratios == sorted(ratios)
    assert ratios[-1] > 0.95


def test_what_is_no_share_or_no_cloud_is_refused() -> None:
    with pytest.raises(ValueError, match="share"):
        gaussian_cloud.log_chance_of_near_pair(3, 3, Fraction(1))
    with pytest.raises(ValueError, match="at least 2"):
        gaussian_cloud.ratio(3, 1)
