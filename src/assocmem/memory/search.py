"""Exact nearest neighbors: Euclidean distances and indices that no tile size, shard or device can change."""

from __future__ import annotations

from torch import Tensor

from assocmem.memory._tiled.checks import Patterns, check, check_count, check_precision
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.request import job
from assocmem.memory._tiled.rows import work_dtype
from assocmem.memory._tiled.stream import run

__all__ = ["knn", "nearest"]


def knn(
    x: Tensor,
    patterns: Patterns | None = None,
    k: int = 1,
    *,
    exclude_self: bool = False,
    precision: Precision = "ieee",
) -> tuple[Tensor, Tensor]:
    """Euclidean distances (m, k), ascending, and indices (m, k) in int64 of the k nearest patterns of each query.

    Queries (m, n) and patterns (d, n) in float16, bfloat16, float32 or float64, or patterns in a numpy memmap;
    distances come in float32, or float64 for float64. ``patterns=None`` stands for x; ``exclude_self`` then masks each
    query by its index, so that its duplicates are found at distance exactly 0. Equal distances are ordered by index;
    for float32 and half input "equal" means to 44 bits. Where fewer than k patterns are left the rest is (inf, -1).

    ``precision="tf32"`` scores in TF32 on CUDA; distances are exact all the same, indices but for a measured margin.

    Raises TypeError or ValueError naming the argument for bad input.
    """
    found = check(x, patterns, exclude_self=exclude_self)
    check_precision(precision)
    seen = run(job(found, frozenset({"nearest"}), k=check_count("k", k), precision=precision))
    assert seen.sq_distances is not None
    assert seen.indices is not None
    return seen.sq_distances.sqrt().to(work_dtype(x.dtype)), seen.indices


def nearest(
    x: Tensor, patterns: Patterns | None = None, *, exclude_self: bool = False, precision: Precision = "ieee"
) -> tuple[Tensor, Tensor]:
    """Distance (m,) to the nearest pattern, sqrt of g (paper, equation 3), and its index (m,). Raises like `knn`."""
    distances, indices = knn(x, patterns, 1, exclude_self=exclude_self, precision=precision)
    return distances.squeeze(-1), indices.squeeze(-1)
