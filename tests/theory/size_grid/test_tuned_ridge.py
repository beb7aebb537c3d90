"""Tuned ridge regression: the equivalents against drawn regressions, and the stationary penalty against a search."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from scipy import optimize

from assocmem.theory.exact.certified import precision
from assocmem.theory.size_grid import tuned_ridge

TENTH = Fraction(1, 10)


def errors(size: int, data: float, penalty: float) -> tuple[float, float]:
    """Test and training error of squared losses by the equivalents, k solved for numerically."""
    v = np.arange(1, size + 1) ** -1.5

    def equation(k: float) -> float:
        return float(data - (v / (v + k)).sum() - data * penalty / k)

    k = optimize.brentq(equation, penalty, penalty + 10 + v.sum())
    test = (0.5 + k**2 * (v / (v + k) ** 2).sum()) / (1 - ((v / (v + k)) ** 2).sum() / data)
    return test, (penalty / k) ** 2 * test


@pytest.mark.parametrize("size", [8, 64])
def test_the_penalty_is_the_best_one(size: int) -> None:
    """At the D of the ball the best penalty by search has the gap 1/10."""
    data = float(tuned_ridge.data_at(tuned_ridge.Ridge(size), TENTH).mid())
    best = optimize.minimize_scalar(
        lambda log: errors(size, data, float(np.exp(log)))[0], bounds=(-9, 3), method="bounded", options={"xatol": 1e-9}
    )
    test, train = errors(size, data, float(np.exp(best.x)))
    assert (test - train) / 2 == pytest.approx(0.1, abs=1e-5)


def test_drawn_regressions() -> None:
    """64 features and 250 data, 150 draws at one penalty: both errors within four standard errors and a hundredth."""
    rng, size, data, penalty = np.random.default_rng(11), 64, 250, 0.01
    v = np.arange(1, size + 1) ** -1.5
    found = []
    for _ in range(150):
        x = rng.normal(size=(data, size)) * np.sqrt(v)
        y = x.sum(axis=1) + rng.normal(size=data) * np.sqrt(0.5)
        weights = np.linalg.solve(x.T @ x / data + penalty * np.eye(size), x.T @ y / data)
        found.append((0.5 + (v * (weights - 1) ** 2).sum(), ((y - x @ weights) ** 2).mean()))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(150)
    assert (np.abs(mean - errors(size, data, penalty)) < 4 * error + 0.01 * mean).all()


def test_balls_hold_the_floats() -> None:
    for k in (0.01, 0.3):
        with precision(96):
            made = tuned_ridge.equivalents(tuned_ridge.Ridge(16), arb(k))
        assert float(made.gap.mid()) == pytest.approx(tuned_ridge._gap_near(tuned_ridge.Ridge(16), k), rel=1e-9)
        data = float(made.data.mid())
        test, train = errors(16, data, k * float(made.share.mid()))
        assert (test - train) / 2 == pytest.approx(float(made.gap.mid()), rel=1e-6)


def test_a_threshold_that_no_penalty_meets() -> None:
    with pytest.raises(ArithmeticError, match="size=2"):
        tuned_ridge.data_at(tuned_ridge.Ridge(2), Fraction(50))
