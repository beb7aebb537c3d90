"""Values and gradients where float32 or products once lost digits without a word, against float64 differences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from assocmem.memory import (
    Index,
    energy,
    energy_and_gradient,
    hessian_vector_product,
    knn,
    mixture_step,
    retrieve,
    stream,
)

LARGE = 1 << 20
"""Above so many products sums go by tiles."""


def costs(x: Tensor, patterns: Tensor) -> Tensor:
    return (x.double()[:, None] - patterns.double()[None]).square().sum(-1)


def plain_energy(x: Tensor, patterns: Tensor, beta: Any = 1.0) -> Tensor:
    table = costs(x, patterns)
    least = table.detach().amin(-1, keepdim=True)
    return least[:, 0] - torch.logsumexp(-beta * (table - least), -1) / beta


def plain_mean(x: Tensor, patterns: Tensor, beta: Any = 1.0) -> Tensor:
    """By differences from the nearest, whose digits a pattern far away does not take."""
    table = costs(x, patterns)
    base = patterns.double()[table.argmin(-1)]
    weights = torch.softmax(-beta * (table - table.detach().amin(-1, keepdim=True)), -1)
    return base + (weights[..., None] * (patterns.double()[None] - base[:, None])).sum(1)


def off(found: Tensor, right: Tensor) -> float:
    return float(((found.double() - right).abs().max() / right.abs().max()).detach())


@pytest.mark.parametrize("count", [7, 1300])
@pytest.mark.parametrize("metric", ["sqeuclidean", "l1", "euclidean"])
def test_beta_has_a_gradient_where_each_query_leaves_itself_out(count: int, metric: str) -> None:
    make = torch.Generator().manual_seed(0)
    x = torch.randn(count, 3, generator=make, dtype=torch.float64) / 3
    beta = torch.tensor(1.3, dtype=torch.float64, requires_grad=True)
    gaps = x[:, None] - x[None]
    table = {"sqeuclidean": gaps.square().sum(-1), "l1": gaps.abs().sum(-1), "euclidean": gaps.norm(dim=-1)}[metric]
    others = table[~torch.eye(count, dtype=torch.bool)].view(count, count - 1)
    right = torch.autograd.grad((-torch.logsumexp(-beta * others, -1) / beta).sum(), beta)[0]
    (found,) = torch.autograd.grad(energy(x, beta=beta, exclude_self=True, metric=metric).sum(), beta)
    assert float(found) == pytest.approx(float(right), rel=1e-9)
    if metric != "sqeuclidean":
        return
    (by_index,) = torch.autograd.grad(Index(x).energy(None, beta=beta).sum(), beta)
    assert float(by_index) == pytest.approx(float(right), rel=1e-9)
    step = 1e-5
    for function in (
        lambda b: retrieve(x, beta=b, exclude_self=True)[:, 0].sum(),
        lambda b: hessian_vector_product(x, x, beta=b, exclude_self=True)[:, 0].sum(),
    ):
        slope = torch.autograd.grad(function(beta), beta)[0]
        about = (function(1.3 + step) - function(1.3 - step)) / (2 * step)
        assert float(slope) == pytest.approx(float(about), rel=1e-5)
    transformed = torch.func.grad(lambda b: energy(x, beta=b, exclude_self=True).sum())(beta.detach())
    assert float(transformed) == pytest.approx(float(right), rel=1e-9)
    first = torch.autograd.grad(energy(x, beta=beta, exclude_self=True).sum(), beta, create_graph=True)[0]
    (second,) = torch.autograd.grad(first, beta)
    assert torch.isfinite(second)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("scale", [1e-19, 1e-21, 1e-25, 1e-30])
def test_patterns_of_tiny_scale_have_their_gradients(scale: float, dtype: torch.dtype) -> None:
    make = torch.Generator().manual_seed(0)
    patterns = (torch.randn(4096, 16, generator=make) * scale).to(dtype).requires_grad_()
    x = (torch.randn(17, 16, generator=make) * scale).to(dtype).requires_grad_()
    assert x.numel() * len(patterns) > LARGE
    (found,) = torch.autograd.grad(retrieve(x, patterns).sum(), patterns)
    assert torch.allclose(found.double(), torch.full_like(found, 17 / 4096).double(), rtol=1e-2)
    slopes = torch.autograd.grad(energy(x, patterns).sum(), (x, patterns))
    gaps = x.detach().double()[:, None] - patterns.detach().double()[None]
    rights = 2 * gaps.mean(1), -2 * gaps.sum(0) / 4096
    for slope, right in zip(slopes, rights, strict=True):
        assert off(slope, right) < (1e-5 if dtype == torch.float32 else 2e-2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("far", [1e5, 1e6, 1e7])
@pytest.mark.parametrize("beta", [1.0, 30.0, 1000.0])
def test_repeated_patterns_beside_far_ones(far: float, beta: float, dtype: torch.dtype) -> None:
    """The list holds one pattern many times, and says nothing of how wrong the scores of others are."""
    make = torch.Generator().manual_seed(0)
    patterns = torch.randn(128, 4, generator=make, dtype=torch.float64).repeat(32, 1)
    patterns[2048:] += far
    patterns = patterns.to(dtype)
    x = torch.randn(65, 4, generator=make, dtype=torch.float64).to(dtype)
    assert x.numel() * len(patterns) > LARGE
    allowed = 1e-10 if dtype == torch.float64 else 1e-5
    right = plain_energy(x, patterns, beta)
    assert float((energy(x, patterns, beta=beta) - right).abs().max()) < allowed * max(1.0, float(right.abs().max()))
    mean = plain_mean(x, patterns, beta)
    assert float((retrieve(x, patterns, beta=beta).double() - mean).abs().max()) < (1e-9 if allowed < 1e-9 else 1e-3)


@pytest.mark.parametrize("metric", ["sqeuclidean", "l1", "euclidean", "linf"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equal_rows_stored_by_columns_are_ordered_by_index(metric: str, dtype: torch.dtype) -> None:
    for seed in range(24):
        make = torch.Generator().manual_seed(seed)
        n, d = [3, 8, 17, 33, 100, 257][seed % 6], [9, 21, 63, 150][seed % 4]
        row = torch.randn(n, generator=make, dtype=dtype)
        patterns = row.repeat(d, 1).T.contiguous().T
        x = torch.randn(40, n, generator=make, dtype=dtype).T.contiguous().T
        assert knn(x, patterns, 3, metric=metric)[1].tolist() == [[0, 1, 2]] * 40
    assert stream(x, patterns, k=3, want=("nearest",)).indices.tolist() == [[0, 1, 2]] * 40


@pytest.mark.parametrize("distance", [1e-1, 1e-3, 1e-5])
def test_patterns_that_queries_lie_on_have_their_gradient_in_float32(distance: float) -> None:
    make = torch.Generator().manual_seed(0)
    patterns = torch.randn(64, 256, generator=make)
    x = patterns.repeat(2, 1)[:65] + distance * torch.randn(65, 256, generator=make)
    assert x.numel() * len(patterns) > LARGE
    leaf, wide = patterns.clone().requires_grad_(), patterns.double().requires_grad_()
    (found,) = torch.autograd.grad(energy(x, leaf).sum(), leaf)
    (right,) = torch.autograd.grad(plain_energy(x, wide).sum(), wide)
    assert off(found, right) < 2e-5


@pytest.mark.parametrize(
    ("dtype", "far"), [(torch.float64, 1e4), (torch.float64, 1e6), (torch.float32, 1e3), (torch.float32, 1e4)]
)
def test_two_clusters_far_apart_keep_their_digits(dtype: torch.dtype, far: float) -> None:
    make = torch.Generator().manual_seed(0)
    patterns = torch.randn(2100, 8, generator=make, dtype=torch.float64)
    patterns += far * torch.tensor([1.0, -1.0]).repeat(1050)[:, None]
    patterns = patterns.to(dtype)
    x = (torch.randn(64, 8, generator=make, dtype=torch.float64) + far).to(dtype)
    assert x.numel() * len(patterns) > LARGE
    allowed = 1e-9 if dtype == torch.float64 else 2e-5
    leaf, wide = x.clone().requires_grad_(), x.double().requires_grad_()
    right = plain_energy(wide, patterns, 0.1)
    (slope,) = torch.autograd.grad(right.sum(), wide)
    found = energy(leaf, patterns, beta=0.1)
    assert off(found, right) < allowed
    assert off(torch.autograd.grad(found.sum(), leaf)[0], slope) < allowed
    assert off(energy_and_gradient(x, patterns, beta=0.1)[1], slope) < allowed


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("far", [1e9, 1e12, 1e16])
def test_a_far_pattern_that_weighs_nothing_takes_no_digits(dtype: torch.dtype, far: float) -> None:
    """Whether a gradient is recorded or not, and by whichever function."""
    make = torch.Generator().manual_seed(0)
    patterns = torch.randn(100, 8, generator=make, dtype=dtype)
    patterns[7] = far
    x = torch.randn(5, 8, generator=make, dtype=dtype)
    right, allowed = plain_mean(x, patterns), 1e-6 if dtype == torch.float32 else 1e-14
    found = {
        "numbers": retrieve(x, patterns),
        "recorded": retrieve(x.clone().requires_grad_(), patterns).detach(),
        "stream": stream(x, patterns, want=("retrieval",)).retrieval,
        "index": Index(patterns).retrieve(x),
        "mixture": mixture_step(x, [patterns[:50], patterns[50:]]),
    }
    for name, mean in found.items():
        assert mean is not None
        assert off(mean, right) < allowed, name
    assert off(energy_and_gradient(x, patterns)[1], 2 * (x.double() - right)) < allowed


@pytest.mark.parametrize("mean", [1e2, 1e4, 1e6])
def test_a_gradient_away_from_the_origin_is_that_of_differences(mean: float) -> None:
    make = torch.Generator().manual_seed(0)
    patterns, x = torch.randn(100, 8, generator=make) + mean, torch.randn(5, 8, generator=make) + mean
    right = 2 * (x.double() - plain_mean(x, patterns))
    assert off(energy_and_gradient(x, patterns)[1], right) < 1e-6


@pytest.mark.parametrize("name", ["patterns", "total", "low", "high"])
def test_a_bit_that_was_turned_in_the_file_of_an_index_is_named(name: str, tmp_path: Path) -> None:
    from safetensors import safe_open
    from safetensors.torch import save_file

    Index(torch.randn(50, 4, generator=torch.Generator().manual_seed(0))).save(tmp_path / "index")
    with safe_open(tmp_path / "index", "pt") as file:
        tensors, header = {key: file.get_tensor(key) for key in file.keys()}, file.metadata()  # noqa: SIM118
    tensors[name] = tensors[name].clone()
    tensors[name].view(torch.uint8)[..., 0] ^= 1
    save_file(tensors, tmp_path / "index", metadata=header)
    with pytest.raises(ValueError, match=f"index is damaged: its {name} is not what was written"):
        Index.load(tmp_path / "index")
    if name != "patterns":  # Which a mapped index does not read when it is opened.
        with pytest.raises(ValueError, match="is damaged"):
            Index.load(tmp_path / "index", mapped=True)
