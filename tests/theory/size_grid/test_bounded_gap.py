"""The gap that is bounded for all sizes of a model, against flows that are computed and signs that are enumerated."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy as sp
from scipy import optimize

from assocmem.theory.size_grid import bounded_gap
from assocmem.theory.size_grid.exponential_families import D
from assocmem.theory.size_grid.least_squares import n


def flow(features: np.ndarray, labels: np.ndarray, end: float, steps: int) -> np.ndarray:
    """Weights of the logistic loss along its flow from 0, by the midpoint rule."""
    weights, path, step = np.zeros(features.shape[1]), [np.zeros(features.shape[1])], end / steps

    def push(w: np.ndarray) -> np.ndarray:
        return features.T @ (labels / (1 + np.exp(labels * (features @ w)))) / len(labels)

    for _ in range(steps):
        weights = weights + step * push(weights + step / 2 * push(weights))
        path.append(weights)
    return np.array(path)


def loss(weights: np.ndarray, features: np.ndarray, labels: np.ndarray) -> float:
    """Mean logistic loss."""
    return float(np.log1p(np.exp(-labels * (features @ weights))).mean())


@pytest.mark.parametrize("size", [3, 400])
def test_norms_and_gaps_along_a_flow(size: int) -> None:
    """No norm beyond sqrt(t (L(0) - L(t))), and a mean largest gap below G(D), with labels that mean nothing."""
    rng, pairs, end, largest = np.random.default_rng(2), 50, 9.0, []
    for _ in range(20):
        features = rng.normal(size=(pairs, size))
        features /= np.linalg.norm(features, axis=1, keepdims=True)
        labels = rng.choice([-1.0, 1.0], size=pairs)
        path = flow(features, labels, end, 60)
        train = np.array([loss(w, features, labels) for w in path])
        times = np.linspace(0, end, 61)
        assert (np.linalg.norm(path, axis=1) <= np.sqrt(times * (np.log(2) - train)) + 1e-9).all()
        new = rng.normal(size=(500, size))
        new /= np.linalg.norm(new, axis=1, keepdims=True)
        coin = rng.choice([-1.0, 1.0], size=500)
        largest.append(max(abs(loss(w, new, coin) - t) for w, t in zip(path[::6], train[::6], strict=True)))
    bound = float(
        bounded_gap.BOUND.subs({bounded_gap.R: 1, bounded_gap.ell: 1, bounded_gap.tau: end, D: pairs}).subs(
            bounded_gap.L0, sp.log(2)
        )
    )
    assert 0.02 < np.mean(largest) < bound


def test_contraction_by_all_signs() -> None:
    """Over all signs of six examples the mean largest sum of losses is at most that of scores; norms obey R sqrt D."""
    rng = np.random.default_rng(4)
    features, labels, radius = rng.normal(size=(6, 2)), rng.choice([-1.0, 1.0], size=6), 1.5
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    grid = np.array([r * np.array([np.cos(a), np.sin(a)]) for r in np.linspace(0, radius, 8) for a in angles])
    losses = np.log1p(np.exp(-labels * (grid @ features.T)))
    signs = np.array(list(product((-1, 1), repeat=6)))
    norms = np.linalg.norm(signs @ features, axis=1)
    assert (losses @ signs.T).max(axis=0).mean() <= radius * norms.mean()
    assert norms.mean() <= np.sqrt(6)


@pytest.mark.parametrize("passes", [1, 2, 5])
def test_an_example_alone_with_its_feature(passes: int) -> None:
    pairs = 4
    path = flow(np.eye(pairs), np.array([1.0, -1, 1, -1]), float(passes * pairs), 400)
    weight = optimize.brentq(lambda w: np.exp(w) + w - 1 - passes, 0, 5)
    assert np.abs(path[-1]) == pytest.approx(np.full(pairs, weight), rel=1e-4)
    gap = bounded_gap.gap_with_own_features(Fraction(passes))
    assert float(gap.mid()) == pytest.approx(np.log(2) - np.log1p(np.exp(-weight)), abs=1e-5)


@pytest.mark.parametrize("threshold", ["1/5", "1/10", "1/3"])
def test_data_of_the_bound(threshold: str) -> None:
    least = bounded_gap.data_of_bound(Fraction(threshold))
    values = [4 * np.sqrt(np.log(2) / size) for size in (least - 1, least)]
    assert values[0] >= float(Fraction(threshold)) > values[1]


def test_limits() -> None:
    assert bounded_gap.limit_of_bound(sp.sqrt(D)) == 0
    assert bounded_gap.limit_of_bound(2 * D) != 0
    assert bounded_gap.gap_of_two_fewer().subs(n, 5) == 3 + sp.Rational(3, 5)
