"""Functions of the package ``assocmem.memory`` under their former address, with the defaults that they have here.

``assocmem.memory`` has them all with ``metric="sqeuclidean"``; here ``knn`` has "euclidean" and returns a metric's own
values.

.. warning::
    Two functions are called ``knn``. With ``metric="sqeuclidean"``, :func:`assocmem.memory.knn` returns lengths (the
    roots), and the one of this module squares.
"""

from __future__ import annotations

from jaxtyping import Float, Int64
from torch import Tensor

from assocmem.memory._blocked.distances import METRICS, Metric, check_metric
from assocmem.memory._derivatives.neighbors import nearest_of
from assocmem.memory._entrance import batched
from assocmem.memory._tiled.checks import Patterns, check, check_count
from assocmem.memory.distances import nearest_distance
from assocmem.memory.energy import energy
from assocmem.memory.layer_energies import global_energy, layer_energies
from assocmem.memory.retrieval import retrieve

__all__ = ["METRICS", "Metric", "energy", "global_energy", "knn", "layer_energies", "nearest_distance", "retrieve"]


@batched
def knn(
    x: Float[Tensor, "m n"],
    patterns: Patterns | None = None,
    k: int = 1,
    *,
    metric: Metric = "euclidean",
    exclude_self: bool = False,
) -> tuple[Float[Tensor, "m k"], Int64[Tensor, "m k"]]:
    """Distances in the metric's own values, and indices: as :func:`assocmem.memory.knn` but for its defaults.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"], optional
        Stored patterns; None stands for ``x``.
    k : int
        How many neighbors.
    metric : str or callable
        The distance, as in :func:`assocmem.memory.energy`.
    exclude_self : bool
        Whether each query is masked by its index.

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
    """
    check_metric(metric)
    return nearest_of(check(x, patterns, exclude_self=exclude_self), metric, check_count("k", k))
