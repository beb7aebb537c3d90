"""The balance of least squares against other routes: drawn designs, exact projections, sizes tried one by one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.size_grid import least_squares
from assocmem.theory.size_grid.derivations import stated_gap
from assocmem.theory.size_grid.least_squares import GAP, n, p, u


@pytest.mark.parametrize(("pairs", "weights"), [(30, 5), (20, 12)])
def test_gap_of_drawn_designs(pairs: int, weights: int) -> None:
    """Correlated inputs, noise that is not normal; the mean over 3000 draws within four of its standard errors."""
    rng = np.random.default_rng(7)
    mixing = rng.normal(size=(weights, weights)) + 2 * np.eye(weights)
    true = 3 * rng.normal(size=weights)
    gaps = []
    for _ in range(3000):
        x = rng.normal(size=(pairs, weights)) @ mixing
        y = x @ true + rng.choice([-2.0, 2.0], size=pairs)
        fitted = np.linalg.lstsq(x, y, rcond=None)[0]
        test = ((mixing @ (fitted - true)) ** 2).sum() + 4
        gaps.append(test - ((y - x @ fitted) ** 2).mean())
    stated = float(GAP.subs({n: pairs, p: weights, u: 4}))
    assert abs(np.mean(gaps) - stated) < 4 * np.std(gaps) / np.sqrt(len(gaps))
    assert np.std(gaps) / np.sqrt(len(gaps)) < stated / 20


def test_a_diagonal_entry_of_the_inverse_is_a_squared_distance() -> None:
    """In exact fractions: 1/(X^T X)^-1_jj is the squared distance of column j from the span of the others."""
    x = sp.Matrix([[1, 2, 0], [3, -1, 1], [0, 2, 5], [1, 1, 1], [-2, 0, 3]])
    for j in range(3):
        others = x[:, [k for k in range(3) if k != j]]
        rest = x[:, j] - others * (others.T * others).inv() * others.T * x[:, j]
        assert (x.T * x).inv()[j, j] == 1 / rest.dot(rest)
    hat = x * (x.T * x).inv() * x.T
    assert (sp.eye(5) - hat).trace() == 5 - 3


@pytest.mark.parametrize("pairs", [4, 6, 20])
def test_one_weight_in_closed_form(pairs: int) -> None:
    with precision(256):
        exact = to_arb(Fraction(1, pairs - 2) + Fraction(1, pairs))
        made = least_squares.mean_gap_of_one(pairs)
        assert exact in made
        assert made.rad() < 1e-15


@pytest.mark.parametrize("pairs", [2, 3, 5])
def test_pairs_for_which_there_is_no_quadrature(pairs: int) -> None:
    with pytest.raises(ValueError, match=f"pairs={pairs}"):
        least_squares.mean_gap_of_one(pairs)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 80), st.fractions(Fraction(1, 20), Fraction(5)))
def test_least_pairs_one_by_one(weights: int, threshold: Fraction) -> None:
    pairs = weights + 2
    while Fraction(weights, pairs - weights - 1) + Fraction(weights, pairs) >= 2 * threshold:
        pairs += 1
    assert least_squares.least_pairs(weights, threshold) == pairs


def test_the_quotient_comes_down_to_the_ratio() -> None:
    sizes = [least_squares.least_pairs(weights, Fraction(1, 5)) for weights in (4, 8, 16, 32, 64, 128, 512)]
    assert sizes == [23, 46, 90, 179, 356, 711, 2842]


def test_a_predictor_with_products_has_the_same_losses() -> None:
    """x -> v W x with a square W predicts what x -> w x does, and nothing else, with p^2 + p numbers."""
    rng = np.random.default_rng(1)
    w, x = rng.normal(size=5), rng.normal(size=(7, 5))
    v, inner = np.eye(5)[0], np.vstack([w, rng.normal(size=(4, 5))])
    assert np.allclose((x @ inner.T) @ v, x @ w)


@pytest.mark.parametrize("stated", [u * 2 * p / n, u * (p / (n - p) + p / n), GAP / 2])
def test_another_gap_is_not_derived(stated: sp.Expr) -> None:
    with pytest.raises(ValueError, match="X-BAL-OLS"):
        stated_gap(stated)
