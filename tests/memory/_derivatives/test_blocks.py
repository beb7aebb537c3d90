"""Higher derivatives at any size: right where products do not resolve gaps, and nothing of size m x d is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from assocmem.memory import energy, mchn_energy, retrieve
from assocmem.memory._derivatives import blocks, passes
from assocmem.memory._tiled.request import default_plan
from hard_data import activations, planned, tiled


def dense_costs(x: Tensor, patterns: Tensor) -> Tensor:
    return (x[:, None] - patterns).square().sum(-1)


def dense_energy(x: Tensor, patterns: Tensor, beta: float) -> Tensor:
    return -torch.logsumexp(-beta * dense_costs(x, patterns), -1) / beta


def dense_mean(x: Tensor, patterns: Tensor, beta: float) -> Tensor:
    return torch.softmax(-beta * dense_costs(x, patterns), -1) @ patterns


def penalty(function: Callable[..., Tensor], x: Tensor, patterns: Tensor, beta: float) -> tuple[Tensor, ...]:
    """Gradients of ``|d f / dx|^2`` in queries and patterns."""
    value = function(x, patterns, beta=beta)
    outer = torch.linspace(-1, 1, value.numel(), dtype=torch.float64).cos().view(value.shape).to(value.dtype)
    (slope,) = torch.autograd.grad((value * outer).sum(), x, create_graph=True)
    return torch.autograd.grad(slope.square().sum(), (x, patterns))


def relative(result: Tensor, true: Tensor) -> float:
    return float((result.double() - true).abs().max() / true.abs().max())


@pytest.mark.parametrize(("function", "dense"), [(energy, dense_energy), (retrieve, dense_mean)])
def test_a_gradient_penalty_on_large_input_is_that_of_the_formula(
    function: Callable[..., Tensor], dense: Callable[..., Tensor]
) -> None:
    make = torch.Generator().manual_seed(0)
    x, patterns = torch.randn(120, 48, generator=make), torch.randn(250, 48, generator=make)
    assert x.shape[0] * patterns.numel() > default_plan().dense_limit
    result = penalty(function, x.requires_grad_(), torch.nn.Parameter(patterns), 0.05)
    wide = [v.detach().double().requires_grad_() for v in (x, patterns)]
    true = penalty(dense, *wide, 0.05)
    assert max(relative(r, t) for r, t in zip(result, true, strict=True)) < 1e-5


@pytest.mark.parametrize("kind", ["massive", "clusters", "outliers"])
def test_second_derivatives_are_right_on_activations_far_from_the_origin(kind: str) -> None:
    x, patterns = activations(kind, m=12, d=300, n=32)
    with tiled(64, 8, dense_limit=-1):
        result = penalty(retrieve, x.requires_grad_(), patterns.requires_grad_(), 0.01)
    wide = [v.detach().double().requires_grad_() for v in (x, patterns)]
    true = penalty(dense_mean, *wide, 0.01)
    assert max(relative(r, t) for r, t in zip(result, true, strict=True)) < 1e-4


def test_an_outlier_that_products_do_not_survive_leaves_second_derivatives_alone() -> None:
    make = torch.Generator().manual_seed(1)
    x, patterns = (torch.randn(count, 3, generator=make, dtype=torch.float64) for count in (6, 40))
    patterns[7] = 1e12
    wide = [v.clone().requires_grad_() for v in (x, patterns)]
    true = penalty(dense_mean, *wide, 0.7)
    with tiled(16, 4, dense_limit=-1):
        result = penalty(retrieve, x.requires_grad_(), patterns.requires_grad_(), 0.7)
    assert max(relative(r, t) for r, t in zip(result, true, strict=True)) < 1e-9


@pytest.mark.parametrize("beta", [1e4, 1e12, 1e30])
def test_at_large_beta_the_nearest_pattern_has_all_the_derivative(beta: float) -> None:
    make = torch.Generator().manual_seed(2)
    x, patterns = (torch.randn(count, 4, generator=make, dtype=torch.float64) for count in (5, 30))
    with tiled(8, 4, dense_limit=-1):
        result = penalty(energy, x.requires_grad_(), patterns.requires_grad_(), beta)
    near = patterns.detach()[dense_costs(x, patterns).argmin(-1)].requires_grad_()
    outer = torch.linspace(-1, 1, 5, dtype=torch.float64).cos()
    loss = (2 * outer[:, None] * (x - near)).square().sum()
    true = torch.autograd.grad(loss, x)[0]
    assert torch.allclose(result[0], true, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("function", [energy, retrieve, mchn_energy])
def test_no_order_keeps_anything_of_size_m_times_d(
    function: Callable[..., Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    make = torch.Generator().manual_seed(3)
    x, patterns = (torch.randn(300, 4, generator=make).requires_grad_() for _ in range(2))
    beta = torch.tensor(0.3, requires_grad=True)
    sizes: list[int] = []
    inside: list[bool] = []
    plain = blocks.summed

    def summed(*arguments: Any) -> tuple[Tensor, ...]:
        inside.append(True)  # What a block keeps is gone with it.
        result = plain(*arguments)
        inside.pop()
        return result

    def watched(value: Tensor) -> Tensor:
        if not inside:
            sizes.append(value.numel())
        return value

    for module in (blocks, passes):
        monkeypatch.setattr(module, "summed", summed)

    with tiled(64, 64, dense_limit=-1), torch.autograd.graph.saved_tensors_hooks(watched, lambda v: v):
        first = torch.autograd.grad(function(x, patterns, beta=beta).sum(), (x, patterns, beta), create_graph=True)
        second = torch.autograd.grad(sum(f.square().sum() for f in first), (x, patterns, beta), create_graph=True)
        sum(s.square().sum() for s in second).backward()
    assert len(sizes) > 30
    assert max(sizes) <= 300 * 16  # Short lists of a dozen; a table of costs would be 90000.


def test_blocks_of_any_size_add_up_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    make = torch.Generator().manual_seed(4)
    x, patterns = (torch.randn(count, 3, generator=make, dtype=torch.float64) for count in (13, 29))
    every = []
    for size in (1 << 18, 40, 1):
        monkeypatch.setattr(blocks, "SIZE", size)
        with planned(dense_limit=-1):
            every.append(penalty(retrieve, x.clone().requires_grad_(), patterns.clone().requires_grad_(), 0.7))
    for other in every[1:]:
        assert all(torch.allclose(a, b, rtol=1e-12, atol=1e-13) for a, b in zip(every[0], other, strict=True))


def test_batched_outer_gradients_are_an_error_that_names_torch_func() -> None:
    x, patterns = torch.randn(3, 2), torch.randn(4, 2)
    with planned(dense_limit=-1):
        for function in (energy, retrieve):
            with pytest.raises(NotImplementedError, match=r"torch\.func"):
                torch.autograd.functional.jacobian(lambda v, f=function: f(v, patterns), x, vectorize=True)
            with pytest.raises(NotImplementedError, match=r"torch\.func"):
                torch.autograd.functional.hessian(lambda v, f=function: f(v, patterns).sum(), x, vectorize=True)


def test_forward_mode_outside_torch_func_is_that_of_the_formula() -> None:
    x, patterns = torch.randn(3, 2, dtype=torch.float64), torch.randn(4, 2, dtype=torch.float64)
    from torch.autograd import forward_ad

    for limit in (1 << 20, -1):
        with planned(dense_limit=limit), forward_ad.dual_level():
            dual = forward_ad.make_dual(x, torch.ones_like(x))
            result = forward_ad.unpack_dual(energy(dual, patterns, beta=0.6)).tangent
            true = forward_ad.unpack_dual(dense_energy(dual, patterns, 0.6)).tangent
        assert torch.allclose(result, true, rtol=1e-12)
