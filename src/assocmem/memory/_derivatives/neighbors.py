"""The nearest patterns with distances that have a gradient: through the neighbors that were found, as topk has it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from assocmem.memory._blocked.distances import Metric, paired_distances
from assocmem.memory._blocked.nearest import blocked_neighbors
from assocmem.memory._derivatives.blocks import looped
from assocmem.memory._derivatives.case import Case
from assocmem.memory._tiled.answers import neighbors
from assocmem.memory._tiled.checks import Checked
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.request import request_for
from assocmem.memory._tiled.rows import work_dtype
from assocmem.memory._tiled.wrapped import apply


def nearest_of(
    checked: Checked, metric: Metric, k: int, precision: Precision = "ieee", own: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Distances (m, k) in the metric's own values, and indices (m, k), of checked input.

    For Euclidean distances ``own`` (m,) may say which pattern each query leaves out.
    """
    distances, index = found(checked, metric, k, precision, own)
    learned = callable(metric) and torch.is_grad_enabled()  # It may hold parameters of its own.
    if not (checked.has_gradient() or learned):
        return distances, index
    near = checked.take(index.clamp(min=0).flatten())
    x = checked.x[:, None].expand(-1, k, -1).reshape(near.shape)
    again = paired_distances(x, near, metric).reshape(index.shape)
    return torch.where(index < 0, torch.inf, again), index


def nearest_indices(checked: Checked, metric: Metric) -> Tensor:
    """The nearest pattern (m,) of checked input."""
    return found(checked, metric, 1)[1].squeeze(-1)


def found(
    checked: Checked, metric: Metric, k: int, precision: Precision = "ieee", own: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The same without a gradient."""
    if own is not None:
        checked.outside()
    if checked.limits is not None:
        return _searched(checked, metric, k, precision, own)
    tensor = isinstance(checked.stored, Tensor)
    distances, index = apply(
        _Search, Case.of(checked, precision), metric, k, checked.x, checked.stored if tensor else None
    )
    return distances, index


@torch.no_grad()
def _searched(
    checked: Checked, metric: Metric, k: int, precision: Precision, own: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    if metric not in ("sqeuclidean", "euclidean"):
        return blocked_neighbors(checked, metric, k)
    request = request_for(checked, k=k, precision=precision)
    if own is not None:  # A tile that is read by columns, too, would leave out the wrong ones.
        request = replace(request, own=own, plan=replace(request.plan, mirror_length=request.rows.n + 1))
    near = neighbors(request)
    distances = near.sq_distances.sqrt() if metric == "euclidean" else near.sq_distances
    return distances.to(work_dtype(checked.x.dtype)), near.indices


class _Search(torch.autograd.Function):
    """A search inside a transform of torch.func, where only a function of autograd sees numbers."""

    @staticmethod
    def forward(case: Case, metric: Metric, k: int, x: Tensor, patterns: Tensor | None) -> tuple[Tensor, Tensor]:
        """Search."""
        return _searched(case.checked(x, patterns), metric, k, case.precision)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        """No gradient: it goes through the distances to what was found."""
        ctx.mark_non_differentiable(*output)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[None, ...]:
        """None."""
        return None, None, None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> tuple[None, None]:
        """None."""
        return None, None

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *arguments: Any) -> tuple[Any, Any]:
        """One after the other."""
        return looped(_Search, info, in_dims, arguments)
