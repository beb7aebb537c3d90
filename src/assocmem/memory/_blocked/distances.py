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

from assocmem.memory._tiled.rows import exact_dtype, work_dtype
from assocmem.memory._tiled.wrapped import apply, wrapped

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
    x, patterns = x.to(dtype).contiguous(), patterns.to(dtype).contiguous()  # Equal rows then give equal sums.
    if isinstance(metric, str):
        x, patterns = _once(x, metric), _once(patterns, metric)
        value = torch.cdist(x, patterns, NORMS[metric], compute_mode="donot_use_mm_for_euclid_dist")
    else:
        columns = [c[:, None] for c in x.unbind(-1)], [c[None, :] for c in patterns.unbind(-1)]
        value = _called(metric, *columns, (len(x), len(patterns)), x.dtype)
    return value if own is None else value.masked_fill(own, math.inf)


def paired_distances(x: Tensor, y: Tensor, metric: Metric) -> Tensor:
    """d(x_i, y_i) of two sets of the same size, shape (m,), in float32 or float64."""
    dtype = work_dtype(x.dtype)
    if metric in ("sqeuclidean", "euclidean"):
        gaps = x.to(exact_dtype(x.device)) - y.to(exact_dtype(y.device))
        value = gaps.square().sum(-1) if metric == "sqeuclidean" else torch.linalg.vector_norm(gaps, dim=-1)
        return value.to(dtype)
    x, y = x.to(dtype), y.to(dtype)
    if isinstance(metric, str):
        length: Tensor = torch.linalg.vector_norm(x - y, NORMS[metric], dim=-1)
        return length
    return _called(metric, x.unbind(-1), y.unbind(-1), (len(x),), x.dtype)


def _once(points: Tensor, metric: str) -> Tensor:
    """Points whose gradient by ``torch.cdist`` has an error in place of a gradient of its own."""
    if wrapped(points) or not (points.requires_grad and torch.is_grad_enabled()):
        return points
    value: Tensor = apply(_Once, points, metric)
    return value


class _Once(torch.autograd.Function):
    """The same numbers, of whose gradient autograd records `_Refused`."""

    @staticmethod
    def forward(ctx: Any, points: Tensor, metric: str) -> Tensor:
        """The same."""
        ctx.metric = metric
        return points.view_as(points)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, None]:
        """The same, once."""
        return apply(_Refused, outer[0], ctx.metric), None


class _Refused(torch.autograd.Function):
    """The same numbers, whose gradient is an error."""

    @staticmethod
    def forward(ctx: Any, points: Tensor, metric: str) -> Tensor:
        """The same."""
        ctx.metric = metric
        return points.view_as(points)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[None, ...]:
        """An error that says what to do."""
        raise NotImplementedError(
            f"a second derivative of metric {ctx.metric!r} is not implemented; pass the distance as a function of two "
            "points, such as assocmem.theory.exact.distances.l1, which can be differentiated as often as wanted"
        )


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
