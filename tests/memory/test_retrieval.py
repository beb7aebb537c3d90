"""Retrieval: against float64 softmax and the published updates, and descent that is certified step by step."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from assocmem.memory import energy, fixed_point, global_energy, layer_energies, retrieve, squared_distances, stream
from assocmem.memory._tiled import weights
from assocmem.memory._tiled.answers import retrievals
from assocmem.memory._tiled.checks import check
from assocmem.memory._tiled.request import request_for
from hard_data import activations, tiled


def sample(seed: int, m: int = 12, d: int = 150, n: int = 5) -> tuple[Tensor, Tensor]:
    make = torch.Generator().manual_seed(seed)
    return (
        torch.randn(m, n, generator=make, dtype=torch.float64),
        torch.randn(d, n, generator=make, dtype=torch.float64),
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.01, 1.0, 300.0]), st.booleans())
def test_retrieval_is_the_softmax_weighted_mean(seed: int, beta: float, own: bool) -> None:
    x, patterns = sample(seed)
    patterns = patterns if not own else x
    costs = squared_distances(x, patterns)
    if own:
        costs.fill_diagonal_(math.inf)
    expected = torch.softmax(-beta * costs, -1) @ patterns
    for shape in ((32, 4), (4096, 64)):
        with tiled(*shape):
            assert torch.allclose(retrieve(x, patterns, beta=beta, exclude_self=own), expected, rtol=1e-11, atol=1e-11)
    assert torch.allclose(retrieve(x, patterns, beta=beta, exclude_self=own), expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("shape", [(64, 16), (4096, 64)])
def test_with_equal_norms_it_is_the_published_update(shape: tuple[int, int]) -> None:
    x, patterns = sample(1)
    patterns = patterns / patterns.norm(dim=-1, keepdim=True)
    beta = 1.7
    published = torch.softmax(2 * beta * x @ patterns.T, -1) @ patterns  # Ramsauer et al., eq. 3, at 2 beta
    with tiled(*shape):
        assert torch.allclose(retrieve(x, patterns, beta=beta), published, atol=1e-12)


@pytest.mark.parametrize("shape", [(64, 16), (4096, 64)])
def test_an_isolated_pattern_is_retrieved_to_the_last_bit(shape: tuple[int, int]) -> None:
    x, patterns = activations("massive", m=20, d=300, n=64)
    with tiled(*shape):
        result = retrieve(x, patterns)
    index = stream(x, patterns, want=("nearest",)).indices
    assert index is not None
    assert torch.equal(result, patterns[index[:, 0]])


@pytest.mark.parametrize("beta", [0.05, 1.0, 4.0, 200.0])
@pytest.mark.parametrize("shape", [(32, 8), (4096, 64), None])
def test_each_step_obeys_the_exact_descent_identity(beta: float, shape: tuple[int, int] | None) -> None:
    x, patterns = sample(2)
    with tiled(*(shape or (64, 64))):
        result = fixed_point(x, patterns, beta=beta, tol=1e-9, max_steps=60)
    assert len(result.descent) >= 2
    assert float(result.moved.max()) > 1e-3
    assert bool((result.divergence > -1e-13).all())
    assert torch.allclose(result.residual, torch.zeros_like(result.residual), atol=1e-10 / min(1.0, beta))
    assert torch.allclose(result.energy, energy(result.points, patterns, beta=beta), atol=1e-11)
    start = energy(x, patterns, beta=beta)
    assert torch.allclose(start - result.descent.sum(0), result.energy, atol=1e-10 / min(1.0, beta))


def test_the_divergence_is_that_of_the_two_weight_vectors() -> None:
    x, patterns = sample(3)
    beta = 0.8
    first = torch.softmax(-beta * squared_distances(x, patterns), -1)
    moved = first @ patterns
    second = torch.softmax(-beta * squared_distances(moved, patterns), -1)
    expected = (first * (first.log() - second.log())).sum(-1)
    for shape in ((32, 4), (4096, 64)):
        with tiled(*shape):
            request = request_for(check(x, patterns), beta=beta)
            result = weights.divergence(request, retrievals(request), moved)
        assert torch.allclose(result, expected, atol=1e-13)
        assert float(expected.min()) > 1e-4


def test_the_certificate_exposes_a_step_that_is_not_the_mean() -> None:
    x, patterns = sample(3)
    request = request_for(check(x, patterns), beta=0.8)
    sums = retrievals(request)
    wrong = sums.retrieval * 1.1
    residual = sums.energy - energy(wrong, patterns, beta=0.8) - (wrong - x).square().sum(-1)
    residual -= weights.divergence(request, sums, wrong) / 0.8
    assert float(residual.abs().max()) > 1e-3


def test_float32_certificates_agree_to_rounding_on_activations() -> None:
    x, patterns = activations("clusters", m=32, d=1500, n=32)
    with tiled(512, 32):
        result = fixed_point(x, patterns, beta=0.01, max_steps=8, tol=1e-4)
    assert float(result.moved.max()) > 10
    assert float(result.residual.abs().max()) < 0.02


def test_points_that_arrived_are_fixed_and_stop() -> None:
    x, patterns = sample(4)
    result = fixed_point(x, patterns, beta=3.0, tol=1e-8, max_steps=500)
    assert bool(result.converged.all())
    assert int(result.steps.min()) < int(result.steps.max()) == len(result.descent)
    again = retrieve(result.points, patterns, beta=3.0)
    assert float((again - result.points).norm(dim=-1).max()) < 1e-7
    for query, count in enumerate(result.steps.tolist()):
        assert bool((result.moved[count:, query] == 0).all())


def test_a_limit_on_steps_leaves_queries_unconverged() -> None:
    x, patterns = sample(5)
    result = fixed_point(x, patterns, beta=0.7, tol=0.0, max_steps=2, certify=False)
    assert not bool(result.converged.any())
    assert result.steps.tolist() == [2] * len(x)
    assert bool(torch.isnan(result.divergence).all())


def test_no_query_has_no_steps() -> None:
    result = fixed_point(torch.empty(0, 3), torch.ones(2, 3))
    assert result.points.shape == (0, 3)
    assert result.descent.shape == (0, 0)


def test_disjoint_layers_add_up_to_one_energy() -> None:
    x, patterns = sample(6)
    layers = [patterns[:20], patterns[20:21], patterns[21:]]
    for beta in (0.5, 1.0, 40.0):
        each = layer_energies(x, layers, beta=beta)
        assert each.shape == (len(x), 3)
        assert torch.allclose(each[:, 0], energy(x, layers[0], beta=beta))
        whole = global_energy(x, layers, beta=beta)
        assert torch.allclose(whole, energy(x, patterns, beta=beta), atol=1e-11)
    assert torch.allclose(global_energy(x, layers), -torch.logsumexp(-layer_energies(x, layers), -1), atol=1e-12)


def test_bad_input_names_the_argument() -> None:
    x, patterns = sample(7)
    with pytest.raises(ValueError, match="layers"):
        layer_energies(x, [])
    with pytest.raises(ValueError, match="tol"):
        fixed_point(x, patterns, tol=-1.0)
    with pytest.raises(ValueError, match="max_steps"):
        fixed_point(x, patterns, max_steps=0)
    with pytest.raises(ValueError, match="two rows"):
        retrieve(x[:1], exclude_self=True)
    with pytest.raises(ValueError, match="beta"):
        retrieve(x, patterns, beta=-1.0)
