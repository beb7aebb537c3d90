"""The torch energies against float64 references, at duplicates, far points and bad input."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from assocmem.memory import (
    energy,
    hessian_vector_product,
    layered_path,
    mchn_energy,
    nearest_sq_distance,
    squared_distances,
    toward_nearest,
)


def sample(seed: int, m: int = 5, d: int = 7, n: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    make = torch.Generator().manual_seed(seed)
    return (
        torch.randn(m, n, generator=make, dtype=torch.float64),
        torch.randn(d, n, generator=make, dtype=torch.float64),
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999), st.sampled_from([0.01, 1.0, 2.0, 1000.0]))
def test_energies_agree_with_scipy(seed: int, beta: float) -> None:
    x, p = sample(seed)
    d2 = ((x.numpy()[:, None] - p.numpy()) ** 2).sum(-1)
    assert np.allclose(energy(x, p, beta=beta), -logsumexp(-beta * d2, axis=1) / beta, rtol=1e-12, atol=1e-12)
    expected = -logsumexp(beta * (x @ p.T).numpy(), axis=1) / beta + (x**2).sum(1).numpy() / 2
    expected += math.log(len(p)) / beta + (p**2).sum(1).max().item() / 2
    assert np.allclose(mchn_energy(x, p, beta=beta), expected, rtol=1e-12, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 999))
def test_energy_lies_between_g_minus_log_d_and_g(seed: int) -> None:
    x, p = sample(seed)
    g, e = nearest_sq_distance(x, p), energy(x, p)
    assert bool((e < g).all())
    assert bool((e > g - math.log(len(p))).all())


def test_energy_is_translation_invariant_and_mchn_is_not() -> None:
    x, p = sample(1)
    assert torch.allclose(energy(x + 5, p + 5), energy(x, p), atol=1e-10)
    assert not torch.allclose(mchn_energy(x + 5, p + 5), mchn_energy(x, p), atol=1e-3)


def test_duplicates_give_distance_exactly_zero_even_far_away() -> None:
    p = torch.tensor([[3000.1, -2999.9], [3000.1, -2999.9]], dtype=torch.float32)
    assert bool((squared_distances(p, p) == 0).all())


def test_gradient_is_twice_x_minus_weighted_mean_and_finite_at_duplicates() -> None:
    x, p = sample(2)
    p[1] = p[0]
    x[0] = p[0]
    x.requires_grad_()
    (grad,) = torch.autograd.grad(energy(x, p).sum(), x)
    expected = 2 * (x - torch.softmax(-squared_distances(x, p), -1) @ p)
    assert torch.allclose(grad, expected, atol=1e-12)
    assert torch.autograd.gradcheck(lambda q: energy(q, p, beta=1.5), (x,))
    assert torch.autograd.gradgradcheck(lambda q: mchn_energy(q, p), (x,))


def test_far_points_stay_finite() -> None:
    p = torch.eye(3, dtype=torch.float64)
    far = torch.full((1, 3), 1e15, dtype=torch.float64, requires_grad=True)
    value = energy(far, p)
    (grad,) = torch.autograd.grad(value.sum(), far)
    assert bool(torch.isfinite(value).all())
    assert bool(torch.isfinite(grad).all())


def test_no_query_gives_no_energy() -> None:
    assert energy(torch.empty(0, 2), torch.ones(1, 2)).shape == (0,)


X = torch.zeros(2, 3)


@pytest.mark.parametrize(
    ("x", "p", "beta", "error", "word"),
    [
        (X, torch.zeros(0, 3), 1.0, ValueError, "patterns"),
        (X, torch.zeros(2, 4), 1.0, ValueError, "n=4"),
        (torch.zeros(3), X, 1.0, ValueError, "x must have shape"),
        (X, X.double(), 1.0, TypeError, "dtype"),
        (X.long(), X.long(), 1.0, TypeError, "floating"),
        (X + math.nan, X, 1.0, ValueError, "x must be finite"),
        (X, X + math.inf, 1.0, ValueError, "patterns must be finite"),
        (X, X.to("meta"), 1.0, ValueError, "meta"),
        (X, X, 0.0, ValueError, "beta"),
        (X, X, -1.0, ValueError, "beta"),
        (X, X, math.inf, ValueError, "beta"),
        ([[0.0]], X, 1.0, TypeError, "torch.Tensor"),
    ],
)
def test_bad_input_names_the_argument(x: object, p: torch.Tensor, beta: float, error: type, word: str) -> None:
    with pytest.raises(error, match=word):
        energy(x, p, beta=beta)  # type: ignore[arg-type]


def test_errors_name_vectors_patterns_and_beta() -> None:
    x = torch.ones(3, 2)
    with pytest.raises(TypeError, match="vectors"):
        hessian_vector_product(x, None, x)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="vectors must be finite"):
        hessian_vector_product(x, x / 0, x)
    with pytest.raises(TypeError, match="patterns"):
        squared_distances(x, x.numpy())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="patterns"):
        toward_nearest(x, x.numpy(), 1.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="x must be"):
        layered_path([x], [x], rule="nearest", steps=1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="beta"):
        energy(x, x, beta=10**400)
