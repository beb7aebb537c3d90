"""Exact neighbors: against scipy, scikit-learn and float64, at ties, duplicates, self-exclusion and padding."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from assocmem.memory import knn, nearest, squared_distances
from hard_data import KINDS, activations, distances, tiled


def brute(x: np.ndarray, patterns: np.ndarray, k: int, *, own: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """By scipy, ordered by (distance, index)."""
    table = cdist(x.astype(np.float64), patterns.astype(np.float64))
    if own:
        np.fill_diagonal(table, math.inf)
    order = np.argsort(table, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(table, order, 1), order


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("shape", [(128, 16), (4096, 64)])
def test_neighbors_agree_with_scipy(own: bool, shape: tuple[int, int]) -> None:
    x = activations("clusters", m=1, d=700, n=16)[1]
    with tiled(*shape):
        result = knn(x, k=7, exclude_self=own)
    true = brute(x.numpy(), x.numpy(), 7, own=own)
    assert np.array_equal(result[1].numpy(), true[1])
    assert np.allclose(result[0], true[0], rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_neighbors_of_activations_agree_with_scikit_learn(kind: str) -> None:
    neighbors = pytest.importorskip("sklearn.neighbors")
    x, patterns = activations(kind)
    true = neighbors.NearestNeighbors(n_neighbors=5, algorithm="brute").fit(patterns.double()).kneighbors(x.double())
    result = knn(x, patterns, 5)
    assert np.array_equal(result[1].numpy(), true[1])
    assert np.allclose(result[0], true[0], rtol=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 9), st.booleans())
def test_ties_go_to_the_lowest_index(seed: int, n: int, k: int, own: bool) -> None:
    x = torch.randint(0, 3, (60, n), generator=torch.Generator().manual_seed(seed)).float()
    with tiled(32, 16):
        result = knn(x, k=k, exclude_self=own)
    true = brute(x.numpy(), x.numpy(), k, own=own)
    assert np.array_equal(result[1].numpy(), true[1])
    assert np.array_equal(result[0].numpy(), true[0].astype(np.float32))


@pytest.mark.parametrize("precision", ["ieee", "tf32"])
def test_ties_beyond_the_list_are_looked_up(precision: str) -> None:
    make = torch.Generator().manual_seed(1)
    few = torch.randn(5, 9, generator=make) + 1000
    patterns = few[torch.randint(0, 5, (2000,), generator=make)]
    with tiled(256, 4):
        result = knn(few, patterns, 20, precision=precision)  # type: ignore[arg-type]
    assert np.array_equal(result[1].numpy(), brute(few.numpy(), patterns.numpy(), 20)[1])
    assert bool((result[0] == 0).all())


@pytest.mark.parametrize("shape", [(64, 16), (4096, 64)])
def test_a_point_excluded_from_its_own_search_finds_its_duplicate_at_zero(shape: tuple[int, int]) -> None:
    x = activations("massive", m=1, d=300, n=32)[1]
    x[17] = x[203]
    for patterns in (None, x):
        with tiled(*shape):
            distance, index = nearest(x, patterns, exclude_self=True)
        assert bool((index != torch.arange(300)).all())
        assert (index[17], index[203]) == (203, 17)
        assert distance[17] == distance[203] == 0
        assert int((distance == 0).sum()) == 2


def test_a_point_in_its_own_search_is_at_distance_exactly_zero() -> None:
    x = activations("massive", m=1, d=300, n=32)[1]
    with tiled(64, 16):
        distance, index = nearest(x)
    assert torch.equal(index, torch.arange(300))
    assert bool((distance == 0).all())


@pytest.mark.parametrize("shape", [(16, 2), (4096, 64)])
def test_missing_neighbors_are_inf_and_minus_one(shape: tuple[int, int]) -> None:
    x = torch.tensor([[0.0], [1.0], [3.0]])
    with tiled(*shape):
        result = knn(x, k=4, exclude_self=True)
        alone = knn(x[:1], k=2, exclude_self=True)
    assert result[1].tolist() == [[1, 2, -1, -1], [0, 2, -1, -1], [1, 0, -1, -1]]
    assert result[0].tolist() == [[1, 3, math.inf, math.inf], [1, 2, math.inf, math.inf], [2, 3, math.inf, math.inf]]
    assert alone[1].tolist() == [[-1, -1]]
    assert alone[0].tolist() == [[math.inf, math.inf]]


@pytest.mark.parametrize("k", [1, 40, 200, 500])
def test_many_neighbors_agree_with_float64(k: int) -> None:
    x, patterns = activations("offset", m=12, d=500, n=8)
    with tiled(128, 8):
        result = knn(x, patterns, k)
    true = distances(x, patterns).sort(dim=-1, stable=True)
    assert torch.equal(result[1], true.indices[:, :k])
    assert torch.allclose(result[0].double(), true.values[:, :k], rtol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_distances_come_in_float32_or_float64(dtype: torch.dtype) -> None:
    x = (activations("offset", m=1, d=64, n=8)[1]).to(dtype)
    result = knn(x, k=3, exclude_self=True)
    true = brute(x.double().numpy(), x.double().numpy(), 3, own=True)
    assert result[0].dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    assert result[1].dtype == torch.int64
    assert np.array_equal(result[1].numpy(), true[1])
    assert np.allclose(result[0], true[0], rtol=1e-6)


def test_squared_distances_are_those_of_scipy() -> None:
    x, patterns = activations("clusters", m=5, d=20, n=8)
    assert np.allclose(squared_distances(x, patterns), cdist(x.double(), patterns.double()) ** 2, rtol=1e-5)


def test_only_patterns_that_are_the_queries_can_exclude_self() -> None:
    x = torch.zeros(3, 2)
    with pytest.raises(ValueError, match="exclude_self"):
        knn(x, torch.zeros(3, 2), exclude_self=True)
    with pytest.raises(ValueError, match="k must be at least 1"):
        knn(x, k=0)
