"""Exact nearest neighbors: distances and indices that no tile size, shard or device can change."""

from __future__ import annotations

from jaxtyping import Float, Int64
from torch import Tensor

from assocmem.memory._blocked.distances import Metric, check_metric
from assocmem.memory._derivatives.neighbors import nearest_of
from assocmem.memory._entrance import batched
from assocmem.memory._tiled.checks import Patterns, check, check_count, check_precision
from assocmem.memory._tiled.precision import Precision

__all__ = ["knn", "nearest"]


@batched
def knn(
    x: Float[Tensor, "m n"],
    patterns: Patterns | None = None,
    k: int = 1,
    *,
    metric: Metric = "sqeuclidean",
    exclude_self: bool = False,
    precision: Precision = "ieee",
) -> tuple[Float[Tensor, "m k"], Int64[Tensor, "m k"]]:
    """Distances, ascending, and indices of the k nearest patterns of each query; distances have gradients.

    Equal distances are ordered by index; for the squared distance of float32 and half input "equal" means to 44 bits.
    Where fewer than k patterns are left the rest is (inf, -1).

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries in float16, bfloat16, float32 or float64.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"], optional
        Stored patterns of the same type, or a numpy memmap of them; None stands for ``x``.
    k : int
        How many neighbors.
    metric : str or callable
        The distance, as in :func:`assocmem.memory.energy`. Values are its own, but lengths for "sqeuclidean": its
        roots, the Euclidean distances. (The squares are in :func:`assocmem.memory.stream`, and are what
        :func:`assocmem.memory.metrics.knn`, another function of this name, returns.)
    exclude_self : bool
        Whether each query is masked by its index, so that its duplicates are at distance exactly 0.
    precision : {"ieee", "tf32"}
        "tf32" scores in TF32 on CUDA for "sqeuclidean" and "euclidean"; distances are exact all the same, indices but
        for a measured margin.

    Returns
    -------
    distances : Float[Tensor, "m k"]
        In float32, or float64 for float64.
    indices : Int64[Tensor, "m k"]
        Of the patterns.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it.

    Examples
    --------
    >>> import torch
    >>> from assocmem.memory import knn
    >>> patterns = torch.tensor([[0.0, 0.0], [3.0, 4.0], [3.0, 4.0]])
    >>> distances, indices = knn(torch.tensor([[3.0, 0.0]]), patterns, k=2)
    >>> distances.tolist(), indices.tolist()
    ([[3.0, 4.0]], [[0, 1]])
    >>> knn(patterns, k=1, exclude_self=True)[1].tolist()
    [[1], [2], [1]]
    """
    check_metric(metric)
    checked = check(x, patterns, exclude_self=exclude_self)
    check_precision(precision)
    return nearest_of(checked, "euclidean" if metric == "sqeuclidean" else metric, check_count("k", k), precision)


@batched
def nearest(
    x: Float[Tensor, "m n"],
    patterns: Patterns | None = None,
    *,
    metric: Metric = "sqeuclidean",
    exclude_self: bool = False,
    precision: Precision = "ieee",
) -> tuple[Float[Tensor, " m"], Int64[Tensor, " m"]]:
    """Distance to the nearest pattern, by default the root of g (paper, equation 3), and its index, as :func:`knn`.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"], optional
        Stored patterns; None stands for ``x``.
    metric : str or callable
        The distance, as in :func:`knn`.
    exclude_self : bool
        Whether each query is masked by its index.
    precision : {"ieee", "tf32"}
        As in :func:`knn`.

    Returns
    -------
    distances : Float[Tensor, "m"]
        In float32, or float64 for float64.
    indices : Int64[Tensor, "m"]
        Of the patterns.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it.

    Examples
    --------
    >>> import torch
    >>> from assocmem.memory import nearest
    >>> distances, indices = nearest(torch.tensor([[3.0, 0.0]]), torch.tensor([[0.0, 0.0], [3.0, 4.0]]))
    >>> distances.tolist(), indices.tolist()
    ([3.0], [0])
    """
    distances, indices = knn(x, patterns, 1, metric=metric, exclude_self=exclude_self, precision=precision)
    return distances.squeeze(-1), indices.squeeze(-1)
