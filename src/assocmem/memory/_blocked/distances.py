"""What a metric may be, and the distances of one block of points by it.

A function of two points takes two sequences of n coordinates, as in the paper's formulas, such as

    ``def taxi(x, y): return sum(abs(a - b) for a, b in zip(x, y))``

Here its coordinates are tensors of shapes (m, 1) and (1, d), so arithmetic and ``abs`` give distances (m, d) by
broadcasting; functions of `assocmem.theory.exact.distances` are of this kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from assocmem.memory._tiled.rows import work_dtype

Metric = str | Callable[[Sequence[Any], Sequence[Any]], Any]
"""A name in `METRICS`, or a function of two points that broadcasts its coordinates."""
METRICS = ("sqeuclidean", "l1", "euclidean", "linf")
NORMS = {"l1": 1.0, "euclidean": 2.0, "linf": math.inf}


def check_metric(metric: Metric) -> Metric:
    """A name in METRICS or a callable; else ValueError or TypeError."""
    if isinstance(metric, str):
        if metric not in METRICS:
            raise ValueError(f"metric must be one of {', '.join(METRICS)} or a callable of two points, got {metric!r}")
    elif not callable(metric):
        raise TypeError(f"metric must be a name or a callable of two points, got {type(metric).__name__}")
    return metric


def distance_table(x: Tensor, patterns: Tensor, metric: Metric, own: Tensor | None = None) -> Tensor:
    """Distances (m, d) of one block from direct differences, infinite where a query leaves itself out."""
    dtype = torch.promote_types(work_dtype(x.dtype), patterns.dtype)
    x, patterns = x.to(dtype), patterns.to(dtype)
    if isinstance(metric, str):
        value = torch.cdist(x, patterns, NORMS[metric], compute_mode="donot_use_mm_for_euclid_dist")
    else:
        columns = [c[:, None] for c in x.unbind(-1)], [c[None, :] for c in patterns.unbind(-1)]
        value = _called(metric, *columns, (len(x), len(patterns)), x.dtype)
    return value if own is None else value.masked_fill(own, math.inf)


def paired_distances(x: Tensor, y: Tensor, metric: Metric) -> Tensor:
    """d(x_i, y_i) of two sets of the same size, shape (m,)."""
    x, y = x.to(work_dtype(x.dtype)), y.to(work_dtype(y.dtype))
    if metric == "sqeuclidean":
        return (x - y).square().sum(-1)
    if isinstance(metric, str):
        length: Tensor = torch.linalg.vector_norm(x - y, NORMS[metric], dim=-1)
        return length
    return _called(metric, x.unbind(-1), y.unbind(-1), (len(x),), x.dtype)


def _called(
    metric: Callable[..., Any], x: Sequence[Tensor], y: Sequence[Tensor], shape: tuple[int, ...], dtype: torch.dtype
) -> Tensor:
    """A function's distances in ``dtype``, as one that counts returns integers. ValueError for what is not real."""
    value: Any = metric(x, y)
    if not isinstance(value, Tensor) or value.shape != shape:
        got = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise ValueError(f"metric must broadcast its coordinates to a tensor of shape {shape}, got {got}")
    if value.is_complex():
        raise ValueError(f"metric must return real numbers, got {value.dtype}")
    return value.to(dtype)
