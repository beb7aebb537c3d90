"""Two modes far apart, between which no center helps: products in float64 choose, and few differences are formed."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from assocmem.memory import knn
from assocmem.memory._tiled import search
from assocmem.memory._tiled.rows import Rows
from hard_data import tiled


def two_modes(far: float, m: int, d: int, n: int) -> tuple[Tensor, Tensor]:
    """Queries and patterns around two opposite points."""
    make = torch.Generator().manual_seed(4)
    mode = far * torch.sign(torch.randn(n, generator=make)) / n**0.5
    patterns = torch.randn(d, n, generator=make) + mode * torch.tensor([1.0, -1.0]).repeat(d // 2)[:, None]
    return patterns[:m] + torch.randn(m, n, generator=make) / 3, patterns


@pytest.mark.parametrize("tile", [(2048, 64), (64, 64), (5, 64)])
@pytest.mark.parametrize("far", [3e3, 3e5])
def test_few_differences_are_formed(far: float, tile: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    x, patterns = two_modes(far, 60, 1200, 64)
    formed: list[int] = []
    form = search.pair_distances

    def counted(x: Tensor, rows: Rows, who: Tensor, at: Tensor) -> Tensor:
        formed.append(len(who))
        return form(x, rows, who, at)

    monkeypatch.setattr(search, "pair_distances", counted)
    with tiled(*tile):
        distances, indices = knn(x, patterns, k=7)
    exact, order = torch.cdist(x.double(), patterns.double(), compute_mode="donot_use_mm_for_euclid_dist").sort(-1)
    assert torch.allclose(distances.double(), exact[:, :7], rtol=1e-6, atol=0)
    assert torch.equal(indices, order[:, :7])
    assert formed, "scores were good enough: the data are too tame"
    tiles = -(-len(patterns) // tile[0])
    assert sum(formed) <= len(x) * 8 * min(tiles, 20)


def test_all_equal_patterns_are_all_formed() -> None:
    """Where nothing is farther than the k-th there is nothing to spare; the lowest indices win."""
    x, patterns = two_modes(3e3, 40, 1200, 64)
    distances, indices = knn(x, patterns[:1].expand(1200, 64), k=3)
    assert indices.tolist() == [[0, 1, 2]] * 40
    exact = (x.double() - patterns[0].double()).norm(dim=-1)
    assert torch.allclose(distances.double(), exact[:, None].expand(-1, 3), rtol=1e-6)
