"""Stopped least squares against the density of Marchenko and Pastur by scipy, and against drawn designs."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate, optimize

from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.size_grid import stopped_flow
from assocmem.theory.size_grid.derivations import densities_cross_once


def gap_by_scipy(signal: float, ratio: float) -> float:
    """The gap at the minimum that scipy finds, with the density as it is usually written."""
    g = 1 / ratio
    ends = (1 - np.sqrt(g)) ** 2, (1 + np.sqrt(g)) ** 2

    def mean(function):  # type: ignore[no-untyped-def]
        def weighted(x: float) -> float:
            return float(function(x) / (2 * np.pi * g * x))

        return integrate.quad(weighted, *ends, weight="alg", wvar=(0.5, 0.5))[0]

    def test(t: float) -> float:
        return 1 + mean(lambda x: signal * np.exp(-2 * t * x) + g * (1 - np.exp(-t * x)) ** 2 / x)

    best = optimize.minimize_scalar(test, bounds=(1e-3, 60), method="bounded", options={"xatol": 1e-6}).x
    train = 1 - g + mean(lambda x: (g + signal * x) * np.exp(-2 * best * x))
    return (test(best) - train) / 2


@pytest.mark.parametrize(
    ("signal", "ratio"), [("1/4", "1.5"), ("1", "4.48"), ("4", "5.35"), ("100", "5.546"), ("1", "1.1")]
)
def test_gap_by_scipy(signal: str, ratio: str) -> None:
    low, high = (float(end.mid()) for end in stopped_flow.gap_bounds(Fraction(signal), Fraction(ratio)))
    assert low - 1e-5 < gap_by_scipy(float(Fraction(signal)), float(ratio)) < high + 1e-5
    assert high - low < 5e-4


def test_gap_of_drawn_designs() -> None:
    """150 weights, 600 pairs, one vector of weights, 120 draws: flow in closed form, stopped at the least mean."""
    rng, weights, pairs = np.random.default_rng(5), 150, 600
    true = np.zeros(weights)
    true[0] = 1.0
    times = np.linspace(1.5, 2.5, 21)
    test, train = np.zeros((2, len(times), 120))
    for draw in range(120):
        x = rng.normal(size=(pairs, weights))
        y = x @ true + rng.normal(size=pairs)
        values, vectors = np.linalg.eigh(x.T @ x / pairs)
        onto = vectors.T @ (x.T @ y / pairs)
        for k, t in enumerate(times):
            fitted = vectors @ (onto * -np.expm1(-t * values) / values)
            test[k, draw] = 1 + ((fitted - true) ** 2).sum()
            train[k, draw] = ((y - x @ fitted) ** 2).mean()
    best = test.mean(axis=1).argmin()
    assert 0 < best < len(times) - 1
    gaps = (test[best] - train[best]) / 2
    limit = float(stopped_flow.gap_bounds(Fraction(1), Fraction(4))[0].mid())
    assert abs(gaps.mean() - limit) < 4 * gaps.std() / np.sqrt(120) + 1 / weights
    assert 4 * gaps.std() / np.sqrt(120) + 1 / weights < limit / 10


def test_the_mean_eigenvalue_is_one() -> None:
    with precision(64):
        g = to_arb(Fraction(1, 3))
        for power, moment in ((0, 1.0), (1, 1.0), (2, 1 + 1 / 3), (-1, 1 / (1 - 1 / 3))):
            mean = stopped_flow.spectral_mean(lambda value, p=power: value**p, g)  # type: ignore[misc]
            assert float(mean.mid()) == pytest.approx(moment, abs=1e-6)


def test_signals_and_quotients_that_are_refused() -> None:
    for signal, ratio in ((0, 2), (1, 1)):
        with pytest.raises(ValueError, match="takes signal > 0"):
            stopped_flow.gap_bounds(Fraction(signal), Fraction(ratio))


def test_one_sign_change_at_points() -> None:
    """The density whose Laplace transform half the slope is, at points: first positive, then negative."""
    assert densities_cross_once()
    for ratio in (1.1, 2.0, 8.0):
        for signal in (0.1, 1.0, 30.0):
            g = 1 / ratio
            a, b = (1 - np.sqrt(g)) ** 2, (1 + np.sqrt(g)) ** 2
            y = np.linspace(a, 2 * b, 4001)[1:-1]

            def f(x: np.ndarray) -> np.ndarray:
                return np.sqrt(np.clip((b - x) * (x - a), 0, None)) / (2 * np.pi * g * x)  # noqa: B023

            signs = np.sign(g * f(y) - (g + signal * y / 2) * f(y / 2) / 2)
            signs = signs[signs != 0]
            assert signs[0] > 0 > signs[-1]
            assert np.count_nonzero(np.diff(signs)) == 1
