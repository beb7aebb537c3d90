"""What a metric may be: a name or a function of two points that broadcasts, also one that counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch

from assocmem.memory import (
    energy,
    energy_and_gradient,
    fixed_point,
    global_energy,
    knn,
    layered_path,
    mixture_step,
    nearest,
    nearest_distance,
    retrieve,
    toward_nearest,
)
from hard_data import fourth, points


def differing(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """Hamming's distance: integers."""
    return sum(a != b for a, b in zip(x, y, strict=True))


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_distance_that_counts_comes_back_as_floating_point(dtype: torch.dtype) -> None:
    x = torch.tensor([[0, 1, 2], [0, 1, 3], [5, 5, 5]], dtype=dtype)
    far = (x[:, None] != x).sum(-1).to(dtype)
    result = energy(x, metric=differing)
    assert result.dtype == dtype
    assert torch.allclose(result, -torch.logsumexp(-far, -1))
    values, index = knn(x, k=2, metric=differing, exclude_self=True)
    assert (values.dtype, values.tolist()) == (dtype, [[1, 3], [1, 3], [3, 3]])
    assert index.tolist() == [[1, 2], [0, 2], [0, 1]]
    nearest = nearest_distance(x, x[1:], metric=differing)
    assert (nearest.dtype, nearest.tolist()) == (dtype, [1, 0, 0])
    alone = energy(x, metric=differing, exclude_self=True)
    assert torch.isfinite(alone).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_results_come_in_float32(dtype: torch.dtype) -> None:
    x = points()[0].to(dtype)
    assert energy(x, metric="l1").dtype == torch.float32
    assert knn(x, metric="linf")[0].dtype == torch.float32
    assert retrieve(x, metric="l1").dtype == dtype


@pytest.mark.parametrize("metric", ["l1", fourth])
def test_no_queries_give_no_results(metric: Any) -> None:
    x, patterns = torch.zeros(0, 2), torch.zeros(3, 2)
    assert energy(x, patterns, metric=metric).shape == (0,)
    assert knn(x, patterns, 2, metric=metric)[0].shape == (0, 2)
    assert nearest_distance(x, patterns, metric=metric).shape == (0,)


@pytest.mark.parametrize(
    ("call", "error", "word"),
    [
        (lambda x: energy(x, metric="l3"), ValueError, "metric"),
        (lambda x: energy(x, metric=2), TypeError, "metric"),
        (lambda x: energy(x, metric=lambda a, b: 1.0), ValueError, "broadcast"),
        (lambda x: energy(x, metric=lambda a, b: a[0]), ValueError, "broadcast"),
        (lambda x: energy(x, metric=lambda a, b: (a[0] - b[0]) * 1j), ValueError, "real"),
        (lambda x: nearest_distance(x, x, metric=lambda a, b: (a[0] - b[0]) * 1j), ValueError, "real"),
        (lambda x: energy(x, metric="l1", beta=0.0), ValueError, "beta"),
        (lambda x: energy(x[:1], metric="l1", exclude_self=True), ValueError, "two rows"),
        (lambda x: energy(x, x.clone(), metric="l1", exclude_self=True), ValueError, "exclude_self"),
        (lambda x: energy(x, x[:, :1], metric="l1"), ValueError, "columns"),
        (lambda x: energy(x / 0, metric="l1"), ValueError, "finite"),
        (lambda x: knn(x, k=0, metric="l1"), ValueError, "k must"),
        (lambda x: knn(x, metric="cosine"), ValueError, "metric"),
        (lambda x: retrieve(x, metric="linf"), ValueError, "sqeuclidean"),
        (lambda x: retrieve(x, metric=fourth), ValueError, "l1"),
        (lambda x: global_energy(x, [], metric="l1"), ValueError, "layers"),
        (lambda x: global_energy(x, [x], metric="l3"), ValueError, "metric"),
        (lambda x: energy_and_gradient(x, metric="l3"), ValueError, "metric"),
        (lambda x: nearest(x, metric="l3"), ValueError, "metric"),
        (lambda x: nearest_distance(x, x, metric="l3"), ValueError, "metric"),
        (lambda x: toward_nearest(x, x, 1.0, metric="l3"), ValueError, "metric"),
        (lambda x: fixed_point(x, x, metric="linf"), ValueError, "median"),
        (lambda x: mixture_step(x, [x], metric="euclidean"), ValueError, "median"),
        (lambda x: layered_path(x, [x], rule="in turn", steps=1, metric="linf"), ValueError, "median"),
        (lambda x: layered_path(x, [x], rule="nearest", steps=1, metric="l3"), ValueError, "metric"),
        (lambda x: energy(x, metric="l1", precision="bf16"), ValueError, "precision"),
    ],
)
def test_bad_input_names_the_argument(call: Any, error: type[Exception], word: str) -> None:
    with pytest.raises(error, match=word):
        call(torch.ones(3, 2))


def test_a_distance_that_counts_has_no_slope() -> None:
    x = torch.tensor([[0.0, 1.0], [0.0, 2.0]])
    assert torch.equal(energy_and_gradient(x, metric=differing)[1], torch.zeros(2, 2))
