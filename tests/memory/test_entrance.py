"""What surrounds a call: autocast, torch.compile, torch.export, beta as a tensor, batches, tensors of other kinds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from assocmem import memory
from assocmem.memory import energy, knn, mixture_step, retrieve
from hard_data import planned


def points(m: int = 4, d: int = 7, n: int = 3) -> tuple[Tensor, Tensor]:
    make = torch.Generator().manual_seed(0)
    return torch.randn(m, n, generator=make), torch.randn(d, n, generator=make)


def test_autocast_brings_queries_of_a_layer_and_patterns_together() -> None:
    x, patterns = points()
    layer = torch.nn.Linear(3, 3)
    patterns.requires_grad_()
    for limit in (1 << 20, -1):
        with planned(dense_limit=limit), torch.autocast("cpu", dtype=torch.bfloat16):
            states = layer(x)
            assert states.dtype == torch.bfloat16
            value = energy(states, patterns, beta=0.5)
            moved = retrieve(states, patterns, beta=0.5)
            mixed = mixture_step(states, [patterns[:2], patterns[2:]], beta=0.5)
            _, index = knn(states, patterns)
        assert {value.dtype, moved.dtype, mixed.dtype} == {torch.float32}
        assert torch.equal(value, energy(states.float(), patterns, beta=0.5))
        assert torch.equal(index, knn(states.float(), patterns)[1])
        layer.weight.grad = None
        value.sum().backward()
        assert layer.weight.grad is not None
        assert bool(layer.weight.grad.any())


def test_autocast_changes_nothing_where_types_agree_and_leaves_float64() -> None:
    x, patterns = points()
    true = energy(x, patterns)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(energy(x, patterns), true)
        assert energy(x, exclude_self=True).dtype == torch.float32
        with pytest.raises(TypeError, match="must agree"):
            energy(x.bfloat16(), patterns.double())


@pytest.mark.filterwarnings("ignore::UserWarning")  # Its own tracing reads the gradient of what is no leaf.
def test_torch_compile_breaks_its_graph_once_for_a_call() -> None:
    x, patterns = points()

    def around(v: Tensor) -> Tensor:
        result: Tensor = retrieve(v + 1, patterns) * 2
        return result

    def searched(v: Tensor) -> Tensor:
        return knn(v + 1, patterns)[0] * 2

    import torch._dynamo

    for function in (around, searched):
        torch._dynamo.reset()
        found = torch._dynamo.explain(function)(x)
        assert (found.graph_break_count, found.graph_count) == (1, 2)
        one, other = x.clone().requires_grad_(), x.clone().requires_grad_()
        value = torch.compile(function, backend="eager")(one)
        value.sum().backward()
        function(other).sum().backward()
        assert torch.equal(value, function(x))
        assert one.grad is not None
        assert other.grad is not None
        assert torch.equal(one.grad, other.grad)


def test_the_meta_device_is_refused_by_name() -> None:
    x = points()[0].to("meta")
    with pytest.raises(ValueError, match="x must hold numbers, got a tensor on the meta device"):
        energy(x, x)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_torch_export_and_torch_jit_trace_are_refused_by_name() -> None:
    class Scores(torch.nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return energy(x, x)

    with pytest.raises(NotImplementedError, match=r"energy .*torch\.export"):
        torch.export.export(Scores(), (points()[0],), strict=False)
    with pytest.raises(NotImplementedError, match=r"energy .*torch\.jit\.trace"):
        torch.jit.trace(Scores(), points()[0])


@pytest.mark.parametrize("beta", [np.float32(0.5), np.float64(0.5), np.int64(2), torch.tensor(0.5), torch.tensor(2), 2])
def test_one_number_of_any_kind_is_a_beta(beta: Any) -> None:
    x, patterns = points()
    assert torch.equal(energy(x, patterns, beta=beta), energy(x, patterns, beta=float(beta)))
    assert torch.equal(
        memory.stream(x, patterns, beta=beta).energy, memory.stream(x, patterns, beta=float(beta)).energy
    )


@pytest.mark.parametrize(
    ("beta", "error", "words"),
    [
        ("1", TypeError, "beta must be a float or a tensor of shape.*str"),
        (True, TypeError, "bool"),
        (torch.tensor(True), TypeError, "bool"),
        (torch.tensor([1.0]), ValueError, r"tensor of shape \(\), got shape \(1,\)"),
        (torch.tensor(-1.0), ValueError, "finite positive"),
        (torch.tensor(float("nan")), ValueError, "finite positive"),
        (np.float32(0), ValueError, "finite positive"),
    ],
)
def test_what_is_no_beta_is_named(beta: Any, error: type[Exception], words: str) -> None:
    x, patterns = points()
    with pytest.raises(error, match=words):
        energy(x, patterns, beta=beta)


@pytest.mark.parametrize("limit", [1 << 20, -1])
def test_a_learned_temperature_finds_the_one_that_fits(limit: int) -> None:
    x, patterns = points(20, 30)
    target = energy(x, patterns, beta=0.3)
    log_beta = torch.tensor(0.0, requires_grad=True)
    optimizer = torch.optim.Adam([log_beta], lr=0.2)
    with planned(dense_limit=limit):
        for _ in range(60):
            optimizer.zero_grad()
            (energy(x, patterns, beta=log_beta.exp()) - target).square().mean().backward()
            optimizer.step()
    assert float(log_beta.detach().exp()) == pytest.approx(0.3, abs=0.01)


def test_leading_axes_broadcast_or_are_named() -> None:
    x, patterns = points()
    many = torch.stack([patterns, patterns + 1])
    assert torch.equal(energy(x, many)[1], energy(x, patterns + 1))
    assert knn(x[None].expand(3, 1, 4, 3), many, 2)[1].shape == (3, 2, 4, 2)
    assert torch.equal(energy(x.expand(2, 4, 3), exclude_self=True)[0], energy(x, exclude_self=True))
    assert torch.equal(retrieve(x.expand(2, 4, 3), many.numpy())[1], retrieve(x, patterns + 1))
    with pytest.raises(ValueError, match="leading axes must broadcast"):
        energy(x.expand(3, 4, 3), many)
    with pytest.raises(ValueError, match=r"x must have shape \(\.\.\., rows, n\)"):
        energy(x[0], many)
    with pytest.raises(ValueError, match="patterns must be finite"):
        energy(x, many / 0)


def test_sparse_and_nested_tensors_are_named() -> None:
    x, patterns = points()
    with pytest.raises(TypeError, match=r"patterns must be a dense tensor, got torch.sparse_coo; use \.to_dense"):
        energy(x, patterns.to_sparse())
    with pytest.raises(TypeError, match="x must be a dense tensor, got a nested tensor"):
        energy(torch.nested.nested_tensor([x, x[:2]], layout=torch.jagged), patterns)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_squares_of_half_precision_neither_overflow_nor_lose_digits(dtype: torch.dtype) -> None:
    x, patterns = (300 * v.to(dtype) for v in points())
    true = (x.double()[:, None] - patterns.double()).square().sum(-1)
    result = memory.squared_distances(x, patterns)
    assert result.dtype == torch.float32
    assert torch.allclose(result.double(), true, rtol=1e-6)
    far = torch.full((1, 3), 4e4, dtype=dtype)
    assert torch.allclose(memory.toward_nearest(far, -far, 3e8).float(), torch.full((1, 3), 3e4), rtol=0.01)
    moved = memory.toward_nearest(x, patterns, 1e4)
    target = patterns.double()[true.argmin(-1)]
    away = target - x.double()
    step = away * (100 / away.norm(dim=-1, keepdim=True)).clamp(max=1)
    assert torch.allclose(moved.double(), x.double() + step, rtol=0.01, atol=2)


def test_medians_have_the_gradient_of_the_patterns_that_they_are_made_of() -> None:
    x, patterns = points()
    patterns.requires_grad_()
    value = retrieve(x, patterns, metric="l1")
    (slope,) = torch.autograd.grad(value.sum(), patterns)
    assert float(slope.sum()) == x.numel()
    assert set(slope.unique().tolist()) <= set(range(len(x) + 1))
    assert torch.allclose(
        (value.detach()[:, None] == patterns.detach()).sum(0).clamp(max=9).float().mul(slope != 0), slope
    )
