"""The former address of the room's functions: the same functions, and `knn` with the defaults that it has there."""

from __future__ import annotations

import inspect
import math

import pytest
import torch

from assocmem import memory
from assocmem.memory import metrics
from hard_data import points

METERED = [name for name in memory.__all__ if "metric" in inspect.signature(getattr(memory, name)).parameters]


def test_every_function_of_a_distance_has_the_same_default() -> None:
    assert {"energy", "knn", "nearest", "retrieve", "fixed_point", "layered_path", "global_energy"} < set(METERED)
    for name in METERED:
        metric = inspect.signature(getattr(memory, name)).parameters["metric"]
        assert (metric.default, metric.kind) == ("sqeuclidean", metric.KEYWORD_ONLY), name


def test_the_default_is_the_squared_distance_in_what_comes_back() -> None:
    x, patterns = torch.tensor([[0.0]]), torch.tensor([[2.0], [-3.0]])
    assert float(memory.energy(x, patterns)) == pytest.approx(4 - math.log(1 + math.exp(-5)))
    assert float(memory.nearest_distance(x, patterns)) == 4
    assert float(memory.retrieve(x, patterns)) == pytest.approx((2 - 3 * math.exp(-5)) / (1 + math.exp(-5)))
    assert memory.knn(x, patterns, 2)[0].tolist() == [[2, 3]]  # lengths


def test_the_same_functions_are_here() -> None:
    for name in ("energy", "global_energy", "layer_energies", "nearest_distance", "retrieve"):
        assert getattr(metrics, name) is getattr(memory, name)
    assert set(metrics.__all__) == {"METRICS", "Metric", "knn", *(name for name in METERED if hasattr(metrics, name))}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_neighbors_have_their_former_defaults_here(dtype: torch.dtype) -> None:
    x, patterns = (part.to(dtype) for part in points())
    lengths, indices = memory.knn(x, patterns, 3)
    for distances, same in (metrics.knn(x, patterns, 3), memory.knn(x, patterns, 3, metric="euclidean")):
        assert torch.equal(distances, lengths)
        assert torch.equal(same, indices)
    squares, same = metrics.knn(x, patterns, 3, metric="sqeuclidean")
    assert squares.dtype == dtype
    assert torch.equal(same, indices)
    torch.testing.assert_close(squares, lengths.square())
    taxicab = metrics.knn(x, patterns, 3, metric="l1", exclude_self=False)
    assert all(torch.equal(a, b) for a, b in zip(taxicab, memory.knn(x, patterns, 3, metric="l1"), strict=True))
    with pytest.raises(ValueError, match="metric"):
        metrics.knn(x, metric="cosine")
    with pytest.raises(ValueError, match="k must"):
        metrics.knn(x, k=0)


def test_the_squared_distance_to_the_nearest_has_two_names() -> None:
    x, patterns = points()
    assert torch.equal(memory.nearest_distance(x, patterns), memory.nearest_sq_distance(x, patterns))
