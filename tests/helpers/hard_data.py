"""Data like GPT-2's activations for the tests of the torch module, float64 references, and what makes the data hard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor

from assocmem.memory._tiled import stream, tiles

KINDS = ("offset", "massive", "clusters", "outliers")


def activations(kind: str, m: int = 192, d: int = 4096, n: int = 128, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Queries and patterns in float32, nearest distance about 12 and the tenth about 23.

    offset: a common vector of norm 300. massive: three coordinates in the thousands. clusters: 50 centers of norm 300.
    outliers: one pattern in 64 at norm 3000, as GPT-2's first positions.
    """
    make = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=make, dtype=torch.float64)

    spread = normal(d, n) * 18.0 / n**0.5
    owner = torch.randint(0, d, (m,), generator=make)
    if kind == "offset":
        patterns = spread + 300.0 / n**0.5 * torch.sign(normal(n))
    elif kind == "massive":
        shift = torch.zeros(n, dtype=torch.float64)
        shift[torch.randperm(n, generator=make)[:3]] = torch.tensor([2800.0, -1100.0, 600.0], dtype=torch.float64)
        patterns = spread + shift
    else:
        centers = normal(50, n)
        centers *= 300.0 / centers.norm(dim=-1, keepdim=True)
        patterns = spread + centers[torch.randint(0, 50, (d,), generator=make)]
        if kind == "outliers":
            patterns[::64] += 3000.0 / n**0.5
    x = patterns[owner] + normal(m, n) * 12.0 / n**0.5
    return x.float(), patterns.float()


def distances(x: Tensor, patterns: Tensor) -> Tensor:
    """Euclidean distances (m, d) in float64 by torch.cdist without products."""
    return torch.cdist(x.double(), patterns.double(), compute_mode="donot_use_mm_for_euclid_dist")


@contextmanager
def tiled(cols: int = 512, rows: int = 64) -> Iterator[None]:
    """Small tiles and no direct path, so that small data go through every branch."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "SMALL", -1)
        patch.setattr(tiles, "tile_shape", lambda m, d, n, device: (cols, min(rows, max(1, m))))
        yield
