"""Akaike's gap against the losses themselves, drawn, and against a quadrature of scipy."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy import integrate, stats

from assocmem.theory.size_grid import exponential_families as families
from assocmem.theory.size_grid.exponential_families import RATES, D, N


@pytest.mark.parametrize("size", [2, 5, 40])
def test_rates_by_quadrature(size: int) -> None:
    """Test loss log(1/rate) + rate x and training loss at the likeliest rate 1/mean, over the law of the mean."""
    law = stats.gamma(size, scale=1 / size)

    def gap(mean: float) -> float:
        rate = 1 / mean
        return float((-np.log(rate) + rate) - (-np.log(rate) + rate * mean)) * law.pdf(mean)

    value = integrate.quad(gap, 0, 1)[0] + integrate.quad(gap, 1, np.inf)[0]
    assert value == pytest.approx(float(RATES.subs({N: 1, D: size})), rel=1e-6)
    assert families.gap_of_rate().subs(D, size) == sp.Rational(1, size - 1)


def test_losses_of_drawn_data() -> None:
    """Three normal means and three rates, 20000 draws of 12 data, within four standard errors."""
    rng, size = np.random.default_rng(3), 12
    normal = rng.normal(size=(20000, 3, size))
    means = normal.mean(axis=2)
    gaps = ((1 + means**2) - ((normal - means[..., None]) ** 2).mean(axis=2)).sum(axis=1) / 2
    expected = rng.exponential(size=(20000, 3, size)).mean(axis=2)
    rates = (1 / expected - 1).sum(axis=1)
    for drawn, stated in ((gaps, 3 / size), (rates, 3 / (size - 1))):
        assert abs(drawn.mean() - stated) < 4 * drawn.std() / np.sqrt(len(drawn))


def test_limits() -> None:
    assert families.limit_of_gap(RATES) == N
    assert families.limit_of_gap(families.gap_of_mean() * N) == N


def test_tosses() -> None:
    assert [families.agreeing_tosses(k) for k in (1, 2, 5)] == [2, 2, 2]
