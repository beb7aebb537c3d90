"""Neighbors among the points themselves, each pair of tiles multiplied once: the same answer as from float64."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from assocmem.memory import Streamed, knn, stream
from assocmem.memory._tiled import self_pairs
from assocmem.memory._tiled.checks import check
from assocmem.memory._tiled.request import request_for
from assocmem.memory._tiled.self_pairs import best_of_columns, worth_mirroring
from assocmem.memory._tiled.short_list import ShortList
from assocmem.memory.streaming import WANTS
from hard_data import planned


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Tiles of 64, for any length of row; a list that counts the tiles read by columns."""
    tops: list[int] = []
    read = self_pairs.look_across

    def counted(tile: Tensor, short_list: ShortList, part: slice, across: slice, own: Tensor) -> None:
        tops.append(part.start)
        read(tile, short_list, part, across, own)

    monkeypatch.setattr(self_pairs, "look_across", counted)
    with planned(mirror_side=64, mirror_length=1, direct_limit=0):
        yield tops


def reference(points: Tensor, k: int, exclude_self: bool) -> tuple[Tensor, Tensor]:
    """All distances in float64, ordered by (distance, index)."""
    wide = points.double()
    gaps = (wide[:, None, :] - wide).square().sum(-1)
    if exclude_self:
        gaps.fill_diagonal_(torch.inf)
    values, indices = gaps.sort(dim=-1, stable=True)
    return values[:, :k].sqrt(), indices[:, :k]


@pytest.mark.parametrize("count", [128, 129, 191, 200, 320, 333])
@pytest.mark.parametrize("exclude_self", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_mirrored_neighbors_are_those_of_float64(
    small_tiles: list[int], count: int, exclude_self: bool, dtype: torch.dtype
) -> None:
    make = torch.Generator().manual_seed(count)
    points = torch.randn(count, 7, generator=make, dtype=dtype) * 3 + 50
    distances, indices = knn(points, k=5, exclude_self=exclude_self)
    expected, where = reference(points, 5, exclude_self)
    assert small_tiles
    assert torch.equal(indices, where)
    torch.testing.assert_close(distances.double(), expected, rtol=1e-6, atol=1e-7)


def test_mirrored_duplicates_are_at_distance_zero_and_ties_go_to_the_lowest_index(small_tiles: list[int]) -> None:
    points = torch.randn(50, 9, generator=torch.Generator().manual_seed(1)).repeat(4, 1) * 100
    distances, indices = knn(points, k=6, exclude_self=True)
    expected, where = reference(points, 6, exclude_self=True)
    assert small_tiles
    assert torch.equal(indices, where)
    assert bool((distances[:, :3] == 0).all())
    torch.testing.assert_close(distances.double(), expected, rtol=1e-6, atol=1e-6)


def test_mirrored_neighbors_at_large_norms_where_scores_alone_are_wrong(small_tiles: list[int]) -> None:
    make = torch.Generator().manual_seed(3)
    centers = torch.randn(8, 64, generator=make) * 50
    points = centers[torch.randint(8, (300,), generator=make)] + torch.randn(300, 64, generator=make) * 0.5
    assert torch.equal(knn(points, k=4, exclude_self=True)[1], reference(points, 4, exclude_self=True)[1])
    assert small_tiles


def test_more_neighbors_than_a_tile_has_rows(small_tiles: list[int]) -> None:
    points = torch.randn(130, 3, generator=torch.Generator().manual_seed(2))
    assert torch.equal(knn(points, k=100, exclude_self=True)[1], reference(points, 100, exclude_self=True)[1])
    assert small_tiles


def test_other_queries_are_not_mirrored(small_tiles: list[int]) -> None:
    points = torch.randn(200, 3)
    knn(points.clone(), points, 3)
    assert not small_tiles


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 90), st.integers(1, 20), st.integers(1, 8), st.integers(0, 10**6))
def test_best_of_columns_is_topk(rows: int, columns: int, k: int, seed: int) -> None:
    tile = torch.randint(-50, 50, (rows, columns), generator=torch.Generator().manual_seed(seed)).float()
    k = min(k, rows)
    values, at = best_of_columns(tile, k, 4)
    assert torch.equal(values.sort(-1).values, tile.topk(k, dim=0).values.T.sort(-1).values)
    assert torch.equal(tile.gather(0, at.T).T, values)
    assert all(len(set(row.tolist())) == k for row in at)


def test_neighbors_with_energies_are_not_mirrored(small_tiles: list[int]) -> None:
    points = torch.randn(200, 3)
    stream(points, want=("energy", "nearest"), exclude_self=True)
    assert not small_tiles
    stream(points, want=("nearest",), exclude_self=True)
    assert small_tiles


def test_only_many_long_rows_on_a_cpu_are_worth_mirroring() -> None:
    points = torch.randn(4096, 512)
    request_of_points = request_for(check(points, None))
    assert worth_mirroring(request_of_points)
    assert not worth_mirroring(request_for(check(points[:-1], None)))
    assert not worth_mirroring(request_for(check(points[:, :-1], None)))
    assert not worth_mirroring(request_for(check(points.clone(), points)))
    assert not worth_mirroring(replace(request_of_points, heights=torch.zeros(4096)))


@pytest.mark.parametrize("mirrored", [True, False])
def test_queries_framed_again_for_each_tile_give_the_same_as_framed_ones(
    small_tiles: list[int], mirrored: bool
) -> None:
    points = torch.randn(200, 7, generator=torch.Generator().manual_seed(5)) * 3 + 50
    patterns = points if mirrored else points.clone()

    def answers() -> tuple[Streamed, Streamed]:
        plain = stream(points, patterns, want=("nearest",), k=4)
        return plain, stream(points, patterns, want=WANTS, k=4, precision="tf32")

    with planned(tile=(64, 32)):
        framed, soft = answers()
    with planned(tile=(64, 32), framed_limit=0):
        again, soft_again = answers()
    assert bool(small_tiles) == mirrored
    assert framed.indices is not None
    assert again.indices is not None
    assert torch.equal(framed.indices, again.indices)
    assert torch.equal(framed.indices, reference(points, 4, exclude_self=False)[1])
    for name in ("energy", "indices", "retrieval"):
        assert torch.equal(getattr(soft, name), getattr(soft_again, name)), name
