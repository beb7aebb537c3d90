"""Distances in torch: all squared ones of queries and patterns, and those to the nearest pattern (paper, equation 3).

Queries ``x`` (m, n), patterns (d, n); half precision is computed and returned in float32. All can be differentiated.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from assocmem.memory._blocked.distances import Metric, check_metric
from assocmem.memory._derivatives.neighbors import nearest_of
from assocmem.memory._entrance import batched
from assocmem.memory._tiled.checks import Patterns, check, check_floating
from assocmem.memory._tiled.rows import work_dtype

__all__ = ["nearest_distance", "nearest_sq_distance", "squared_distances"]

CHUNK = 1 << 22
"""Numbers held at once while ``squared_distances`` forms differences."""


@batched
def squared_distances(x: Float[Tensor, "m n"], patterns: Float[Tensor, "d n"]) -> Float[Tensor, "m d"]:
    """Squared Euclidean distances from direct differences, exactly 0 at duplicates; differentiable to any order.

    The one function here whose result is m x d; where a gradient is recorded, it holds the m d n differences as well.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"]
        Stored patterns.

    Returns
    -------
    Float[Tensor, "m d"]
        Squared distances in float32 or float64.

    Raises
    ------
    TypeError
        If an argument is no floating tensor, or they differ in type.
    ValueError
        If an argument has another shape, is empty or not finite, or they are on different devices.
    """
    check(x, patterns)
    check_floating("patterns", patterns)
    dtype = work_dtype(x.dtype)
    x, patterns = x.to(dtype), patterns.to(dtype)
    rows = max(1, CHUNK // max(1, patterns.numel()))
    blocks = [(part[:, None, :] - patterns).square().sum(-1) for part in torch.split(x, rows)]
    return torch.cat(blocks)


@batched
def nearest_distance(
    x: Float[Tensor, "m n"], patterns: Patterns, *, metric: Metric = "sqeuclidean"
) -> Float[Tensor, " m"]:
    """``g(x) = min_i d(x, rho_i)`` (paper, equation 3), differentiable through the nearest pattern to any order.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"]
        Stored patterns.
    metric : str or callable
        The distance, as in :func:`assocmem.memory.energy`; its own values come back, squared ones by default.

    Returns
    -------
    Float[Tensor, "m"]
        Distance to the nearest pattern, in float32 or float64.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it.
    """
    check_metric(metric)
    return nearest_of(check(x, patterns), metric, 1)[0].squeeze(-1)


@batched
def nearest_sq_distance(x: Float[Tensor, "m n"], patterns: Patterns) -> Float[Tensor, " m"]:
    """``g(x) = min_i |x - rho_i|^2`` (paper, equation 3): ``nearest_distance`` of the squared distance.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"]
        Stored patterns.

    Returns
    -------
    Float[Tensor, "m"]
        Squared distance to the nearest pattern, in float32 or float64.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it.
    """
    return nearest_distance(x, patterns)
