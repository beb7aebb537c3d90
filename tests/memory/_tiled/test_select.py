"""The best of a tile, and exact distances for chosen pairs: the same bits however they are chosen."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from assocmem.memory._tiled import rows as _rows
from assocmem.memory._tiled import select


@pytest.mark.parametrize("n", [1, 2, 3, 7, 64, 1000])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_distance_does_not_depend_on_which_others_are_computed(n: int, dtype: torch.dtype) -> None:
    make = torch.Generator().manual_seed(n)
    x, patterns = torch.randn(9, n, generator=make, dtype=dtype), torch.randn(11, n, generator=make, dtype=dtype)
    rows = _rows.Rows(patterns, x.device)
    table = select.all_distances(x, rows)
    queries, index = torch.meshgrid(torch.arange(9), torch.arange(11), indexing="ij")
    assert torch.equal(select.pair_distances(x, rows, queries.reshape(-1), index.reshape(-1)).view(9, 11), table)
    single = [select.pair_distances(x, rows, torch.tensor([i]), torch.tensor([i])) for i in range(9)]
    assert torch.equal(torch.cat(single), table.diagonal())
    need = torch.ones(9, 11, dtype=torch.bool)
    assert torch.equal(select.listed_distances(x, rows, index, need, 4), table)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30), st.sampled_from([(64, 4), (256, 16), (250, 16), (251, 4), (32, 16)]))
def test_the_best_of_a_tile_are_those_of_topk(seed: int, k: int, shape: tuple[int, int]) -> None:
    width, group = shape
    tile = torch.randint(-40, 40, (6, width), generator=torch.Generator().manual_seed(seed)).float()
    tile[0] = -math.inf
    values, index = select.best(tile, k, group)
    assert torch.equal(values.sort(-1).values, tile.topk(k).values.sort(-1).values)
    assert torch.equal(tile.gather(1, index), values)
    assert all(len(set(row)) == k for row in index.tolist())
