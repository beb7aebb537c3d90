"""Derivatives that stream agree with autograd through all differences, and with finite differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from assocmem.memory import energy, energy_and_gradient, fixed_point, hessian_vector_product, mchn_energy, retrieve
from hard_data import activations, planned, tiled


def sample(seed: int, m: int = 9, d: int = 130, n: int = 4) -> tuple[Tensor, Tensor]:
    make = torch.Generator().manual_seed(seed)
    x = torch.randn(m, n, generator=make, dtype=torch.float64, requires_grad=True)
    return x, torch.randn(d, n, generator=make, dtype=torch.float64, requires_grad=True)


@pytest.fixture
def streamed() -> Iterator[None]:
    """No plain tensor expressions: every derivative streams."""
    with planned(dense_limit=-1):
        yield


def dense_energy(x: Tensor, patterns: Tensor, beta: float, *, own: bool = False) -> Tensor:
    costs = (x[:, None] - patterns).square().sum(-1)
    if own:
        costs = costs.masked_fill(torch.eye(len(x), dtype=torch.bool), math.inf)
    return -torch.logsumexp(-beta * costs, -1) / beta


def dense_mchn(x: Tensor, patterns: Tensor, beta: float) -> Tensor:
    lse = torch.logsumexp(beta * x @ patterns.T, -1) / beta
    return -lse + x.square().sum(-1) / 2 + math.log(len(patterns)) / beta + patterns.square().sum(-1).max() / 2


def dense_retrieval(x: Tensor, patterns: Tensor, beta: float) -> Tensor:
    return torch.softmax(-beta * (x[:, None] - patterns).square().sum(-1), -1) @ patterns


PAIRS = {"energy": (energy, dense_energy), "mchn": (mchn_energy, dense_mchn), "retrieve": (retrieve, dense_retrieval)}


@pytest.mark.usefixtures("streamed")
@pytest.mark.parametrize("beta", [0.03, 1.0, 50.0])
@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("shape", [(32, 4), (4096, 64)])
def test_first_derivatives_in_queries_and_patterns(name: str, beta: float, shape: tuple[int, int]) -> None:
    x, patterns = sample(1)
    function, dense = PAIRS[name]
    expected = dense(x, patterns, beta)
    outer = torch.randn(expected.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(9))
    true = torch.autograd.grad((expected * outer).sum(), (x, patterns))
    with tiled(*shape):
        value = function(x, patterns, beta=beta)
        result = torch.autograd.grad((value * outer).sum(), (x, patterns))
    assert torch.allclose(value, expected, rtol=1e-11, atol=1e-11)
    for got, want in zip(result, true, strict=True):
        assert torch.allclose(got, want, rtol=1e-9, atol=1e-10)


@pytest.mark.usefixtures("streamed")
def test_derivatives_with_self_excluded() -> None:
    x, _ = sample(2, m=40)
    true = torch.autograd.grad(dense_energy(x, x, 0.7, own=True).sum(), x)[0]
    with tiled(16, 8):
        result = torch.autograd.grad(energy(x, exclude_self=True, beta=0.7).sum(), x)[0]
    assert torch.allclose(result, true, atol=1e-11)


@pytest.mark.usefixtures("streamed")
def test_second_derivatives_in_the_queries() -> None:
    x, patterns = sample(3, m=2)
    patterns = patterns.detach()

    def summed(function: Callable[..., Tensor]) -> Callable[[Tensor], Tensor]:
        return lambda flat: function(flat.view(2, 4), patterns, beta=0.9).sum()

    point = x.detach().reshape(-1)
    true = torch.autograd.functional.hessian(summed(dense_energy), point)
    with tiled(32, 2):
        result = torch.autograd.functional.hessian(summed(energy), point)
    assert torch.allclose(result, true, atol=1e-11)


@pytest.mark.parametrize("function", [energy, mchn_energy])
def test_small_input_has_derivatives_of_any_order_in_both(function: Callable[..., Tensor]) -> None:
    x, patterns = sample(5, m=2, d=4, n=2)
    assert torch.autograd.gradcheck(lambda a, b: function(a, b, beta=1.3), (x, patterns))
    assert torch.autograd.gradgradcheck(lambda a, b: function(a, b, beta=1.3), (x, patterns))


def test_small_and_large_input_meet_at_the_border() -> None:
    x, patterns = sample(6)
    small = torch.autograd.grad(energy(x, patterns).sum(), (x, patterns))
    with planned(dense_limit=x.shape[0] * patterns.numel() - 1):
        large = torch.autograd.grad(energy(x, patterns).sum(), (x, patterns))
    assert all(torch.allclose(a, b, atol=1e-12) for a, b in zip(small, large, strict=True))


@pytest.mark.parametrize("shape", [(32, 4), (4096, 64)])
def test_the_closed_gradient_is_that_of_autograd(shape: tuple[int, int]) -> None:
    x, patterns = sample(7)
    true = torch.autograd.grad(dense_energy(x, patterns, 1.9).sum(), x)[0]
    with tiled(*shape):
        value, gradient = energy_and_gradient(x, patterns, beta=1.9)
    assert torch.allclose(value, dense_energy(x, patterns, 1.9), atol=1e-12)
    assert torch.allclose(gradient, true, atol=1e-12)


@pytest.mark.parametrize("shape", [(32, 4), (4096, 64)])
@pytest.mark.parametrize("own", [False, True])
def test_hessian_vector_products_are_those_of_autograd(shape: tuple[int, int], own: bool) -> None:
    x, patterns = sample(8, m=20)
    patterns = x.detach() if own else patterns.detach()
    vectors = torch.randn(20, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    (first,) = torch.autograd.grad(dense_energy(x, patterns, 0.8, own=own).sum(), x, create_graph=True)
    (true,) = torch.autograd.grad((first * vectors).sum(), x)
    with tiled(*shape):
        result = hessian_vector_product(x.detach(), vectors, None if own else patterns, beta=0.8, exclude_self=own)
    assert torch.allclose(result, true, atol=1e-11)


def test_half_precision_gradients_have_the_dtype_of_their_input() -> None:
    x, patterns = (t.detach().to(torch.bfloat16).requires_grad_() for t in sample(9))
    for dense in (True, False):
        with planned(dense_limit=1 << 20 if dense else -1):
            value = energy(x, patterns)
            grads = torch.autograd.grad(value.sum(), (x, patterns))
        assert value.dtype == torch.float32
        assert [g.dtype for g in grads] == [torch.bfloat16, torch.bfloat16]


@pytest.mark.usefixtures("streamed")
def test_float32_gradients_agree_with_float64_on_activations() -> None:
    x, patterns = activations("massive", m=24, d=900, n=32)
    with tiled(256, 16):
        single = [t.clone().requires_grad_() for t in (x, patterns)]
        result = torch.autograd.grad(energy(*single, beta=0.02).sum(), single)
    wide = [t.double().requires_grad_() for t in (x, patterns)]
    true = torch.autograd.grad(dense_energy(wide[0], wide[1], 0.02).sum(), wide)
    for got, want in zip(result, true, strict=True):
        assert float((got - want).abs().max()) < 1e-3


def test_mchn_energy_streams_like_its_formula() -> None:
    x, patterns = (t.detach() for t in sample(10, m=30, d=500))
    for beta in (0.1, 2.0, 100.0):
        with tiled(64, 8, dense_limit=-1):
            result = mchn_energy(x, patterns, beta=beta)
            array = mchn_energy(x, patterns.numpy(), beta=beta)
        assert torch.allclose(result, dense_mchn(x, patterns, beta), rtol=1e-11, atol=1e-11)
        assert torch.equal(result, array)


def test_vectors_must_match_the_queries() -> None:
    x, patterns = (t.detach() for t in sample(11))
    with pytest.raises(ValueError, match="vectors"):
        hessian_vector_product(x, x[:1], patterns)


@pytest.mark.parametrize("beta", [1e3, 1e25, 1e38])
def test_derivatives_at_large_betas_are_those_of_the_nearest_pattern(streamed: None, beta: float) -> None:
    make = torch.Generator().manual_seed(0)
    patterns = (40 * torch.randn(600, 16, generator=make) + 300).requires_grad_()
    x = (patterns[:30] + torch.randn(30, 16, generator=make)).detach().requires_grad_()
    vectors = torch.randn(30, 16, generator=make)
    with tiled(128, 16):
        assert torch.equal(hessian_vector_product(x, vectors, patterns, beta=beta), 2 * vectors)
        by_query, by_pattern = torch.autograd.grad(retrieve(x, patterns, beta=beta), (x, patterns), vectors)
        path = fixed_point(x, patterns, beta=beta, max_steps=3)
    assert not bool(by_query.any())
    assert torch.equal(by_pattern[:30], vectors)
    assert not bool(by_pattern[30:].any())
    assert float(path.residual.abs().max()) < 1e-9


@pytest.mark.parametrize(("dtype", "size"), [(torch.float64, 1e12), (torch.float32, 1e8), (torch.float32, 1e28)])
def test_an_outlier_spoils_no_derivative(streamed: None, dtype: torch.dtype, size: float) -> None:
    make = torch.Generator().manual_seed(1)
    x, patterns = (torch.randn(count, 8, generator=make).to(dtype) for count in (40, 900))
    patterns[7] = size
    vectors = torch.randn(40, 8, generator=make).to(dtype)
    tight = 1e-12 if dtype == torch.float64 else 1e-5
    wide = [v.double().requires_grad_() for v in (x, patterns)]
    for function, dense in ((energy, dense_energy), (retrieve, dense_retrieval)):
        leaves = [v.clone().requires_grad_() for v in (x, patterns)]
        with tiled(256, 16):
            result = torch.autograd.grad(function(*leaves, beta=0.1).square().sum(), leaves)
        true = torch.autograd.grad(dense(*wide, 0.1).square().sum(), wide)
        for got, want in zip(result, true, strict=True):
            assert float((got.double() - want).abs().max()) < tight * float(want.abs().max())
    (first,) = torch.autograd.grad(dense_energy(*wide, 0.1).sum(), wide[0], create_graph=True)
    (true_product,) = torch.autograd.grad(first, wide[0], vectors.double())
    with tiled(256, 16):
        product = hessian_vector_product(x, vectors, patterns, beta=0.1)
        path = fixed_point(x, patterns, beta=0.1, max_steps=3)
    assert torch.allclose(product.double(), true_product, rtol=tight, atol=10 * tight)
    assert float(path.residual.abs().max()) < 100 * tight


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("beta", [1e-4, 0.05, 20.0])
def test_the_slope_in_beta_survives_weights_that_are_nearly_equal(
    streamed: None, dtype: torch.dtype, beta: float
) -> None:
    x, patterns = (t.detach().to(dtype) for t in sample(12, m=30, d=600, n=16))
    outer = torch.linspace(-1, 2, 30, dtype=torch.float64)
    costs = (x.double()[:, None] - patterns.double()).square().sum(-1)
    true = []
    for mean in (False, True):
        wide = torch.tensor(beta, dtype=torch.float64, requires_grad=True)
        gaps = costs - costs.amin(-1, keepdim=True)
        value = (
            torch.softmax(-wide * gaps, -1) @ patterns.double() if mean else -torch.logsumexp(-wide * gaps, -1) / wide
        )
        loss = (value.sum(-1) if mean else value) @ outer
        true += torch.autograd.grad(loss, wide)
    for function, expected in zip((energy, retrieve), true, strict=True):
        number = torch.tensor(beta, dtype=torch.float64, requires_grad=True)
        with tiled(128, 8):
            value = function(x, patterns, beta=number).double()
        loss = (value if function is energy else value.sum(-1)) @ outer
        (slope,) = torch.autograd.grad(loss, number)
        assert float(slope) == pytest.approx(float(expected), rel=1e-6 if dtype == torch.float32 else 1e-2)
