"""Data like GPT-2's activations for the tests of the torch module, references in float64 and by scipy, small tiles."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from torch import Tensor

from assocmem.memory import Streamed
from assocmem.memory._tiled import request

KINDS = ("offset", "massive", "clusters", "outliers")
PRECISIONS = ("ieee", "tf32")


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


def reference(x: Tensor, patterns: Tensor, beta: float) -> tuple[Tensor, Tensor]:
    """E (m,) and T (m, n) in float64, all distances at once."""
    costs = distances(x, patterns).square()
    return -torch.logsumexp(-beta * costs, -1) / beta, torch.softmax(-beta * costs, -1) @ patterns.double()


def errors(result: Streamed, x: Tensor, patterns: Tensor, beta: float, k: int) -> dict[str, float]:
    """Relative error of distances, wrong indices, absolute error of E and of T against float64."""
    true, index = distances(x, patterns).topk(k, largest=False)
    value, mean = reference(x, patterns, beta)
    assert result.sq_distances is not None
    assert result.indices is not None
    assert result.energy is not None
    assert result.retrieval is not None
    return {
        "distance": float(((result.sq_distances.sqrt() - true).abs() / true).max()),
        "index": float((result.indices != index).sum()),
        "energy": float((result.energy - value).abs().max()),
        "retrieval": float((result.retrieval - mean).abs().max()),
    }


def points(m: int = 7, d: int = 11, n: int = 3, seed: int = 0) -> tuple[Tensor, Tensor]:
    """A few queries and patterns near the origin, in float64."""
    make = torch.Generator().manual_seed(seed)
    x, patterns = (torch.randn(count, n, generator=make, dtype=torch.float64) for count in (m, d))
    return x, patterns


def fourth(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """A distance of the kind that a user writes: smooth, no metric."""
    return sum((a - b) ** 4 for a, b in zip(x, y, strict=True))


SCIPY = {"sqeuclidean": "sqeuclidean", "l1": "cityblock", "euclidean": "euclidean", "linf": "chebyshev"}
"""Names of distances there."""


def distance_table(x: Tensor, patterns: Tensor, metric: Any, *, own: bool = False) -> np.ndarray:
    """Distances (m, d) by scipy, or `fourth`; infinite on the diagonal where self is left out."""
    if callable(metric):
        table = ((x[:, None] - patterns).numpy() ** 4).sum(-1)
    else:
        table = cdist(x.numpy(), patterns.numpy(), SCIPY[metric])
    if own:
        np.fill_diagonal(table, math.inf)
    return table


@contextmanager
def planned(**fields: Any) -> Iterator[None]:
    """Requests that are made within have these fields in their plan."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(request, "PLAN", replace(request.PLAN, **fields))
        yield


def tiled(cols: int = 512, rows: int = 64, **fields: Any) -> AbstractContextManager[None]:
    """Small tiles and no direct path, so that small data go through every branch."""
    return planned(direct_limit=-1, tile=(cols, rows), **fields)
