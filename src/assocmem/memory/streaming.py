"""Several answers from one pass over the patterns: energies, neighbors and retrieval, with the lists behind them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from assocmem.memory._entrance import public
from assocmem.memory._tiled.answers import energies, neighbors, retrievals
from assocmem.memory._tiled.checks import Patterns, check, check_beta, check_count, check_precision
from assocmem.memory._tiled.direct import AllPairs
from assocmem.memory._tiled.precision import Precision, matmul_precision
from assocmem.memory._tiled.request import Energies, Neighbors, Request, Retrievals, request_for
from assocmem.memory._tiled.scores import Scorer
from assocmem.memory._tiled.search import NeighborSearch
from assocmem.memory._tiled.sums import EnergySums, RetrievalSums
from assocmem.memory._tiled.tile_pass import completed_energies, completed_retrievals, sweep

__all__ = ["WANTS", "Streamed", "stream"]

WANTS = ("energy", "nearest", "retrieval")
"""What one pass can return."""


@dataclass(frozen=True)
class Streamed:
    """The answers of one pass; None where the answer was not wanted.

    Attributes
    ----------
    energy : Float[Tensor, "m"] or None
        In float64, inf where no pattern is left. It is there where a retrieval is wanted, too.
    sq_distances : Float[Tensor, "m k"] or None
        In float64, ascending; inf where fewer than k patterns are left.
    indices : Int64[Tensor, "m k"] or None
        Of the patterns, the lowest first among equals; -1 where fewer than k patterns are left.
    retrieval : Float[Tensor, "m n"] or None
        In the working type, float32 or float64.
    candidates : Int64[Tensor, "m K"]
        The short lists behind them, -1 for none.
    costs : Float[Tensor, "m K"]
        Squared distances of the candidates.
    rescued : int
        How many queries needed a second look for neighbors.
    redone : int
        How many queries needed float64 products, or at last direct differences, for the energy or the retrieval,
        because patterns outside the list matter and scores are poor; those for which IEEE products after TF32 sufficed
        are not counted.
    """

    energy: Float[Tensor, " m"] | None
    sq_distances: Float[Tensor, "m k"] | None
    indices: Int64[Tensor, "m k"] | None
    retrieval: Float[Tensor, "m n"] | None
    candidates: Int64[Tensor, "m K"]
    costs: Float[Tensor, "m K"]
    rescued: int
    redone: int


@public
def stream(
    x: Float[Tensor, "m n"],
    patterns: Patterns | None = None,
    *,
    want: Collection[str] = ("energy", "nearest"),
    beta: float = 1.0,
    k: int = 1,
    exclude_self: bool = False,
    precision: Precision = "ieee",
) -> Streamed:
    """Energies, k nearest patterns and one retrieval step for the squared distance, in one pass; as numbers.

    No gradient is recorded: :func:`assocmem.memory.energy`, :func:`assocmem.memory.knn` and
    :func:`assocmem.memory.retrieve` have one. Half precision is computed in float32. Extra memory grows with m + d.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries in float16, bfloat16, float32 or float64.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"], optional
        Stored patterns of the same type; a numpy memmap may be larger than memory. None stands for ``x``.
    want : collection of str
        Some of "energy", "nearest" and "retrieval".
    beta : float
        Inverse temperature.
    k : int
        How many neighbors.
    exclude_self : bool
        Whether each query is left out of its own answer, by its index.
    precision : {"ieee", "tf32"}
        Of the products on CUDA.

    Returns
    -------
    Streamed
        What is wanted.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it.

    Examples
    --------
    >>> import torch
    >>> from assocmem.memory import stream
    >>> found = stream(torch.tensor([[3.0, 0.0]]), torch.tensor([[0.0, 0.0], [3.0, 4.0]]), want=("energy", "nearest"))
    >>> found.sq_distances.tolist(), found.indices.tolist()
    ([[9.0]], [[0]])
    >>> print(f"{found.energy.item():.3f}")
    8.999
    """
    unknown = set(want) - set(WANTS)
    if unknown or not want:
        raise ValueError(f"want must name some of {', '.join(WANTS)}, got {sorted(want)}")
    check_precision(precision)
    checked = check(x, patterns, exclude_self=exclude_self)
    return run(request_for(checked, beta=check_beta(beta), k=check_count("k", k), precision=precision), set(want))


def run(request: Request, want: Collection[str]) -> Streamed:
    """Answer a request for some of ``WANTS``."""
    if set(want) == {"nearest"}:
        near = neighbors(request)
        lists = near.candidates
        return Streamed(None, near.sq_distances, near.indices, None, lists.index, lists.costs, near.rescued, 0)
    mean = "retrieval" in want
    if "nearest" in want:
        near, sums = _together(request, mean)
        return replace(_sums(sums), sq_distances=near.sq_distances, indices=near.indices, rescued=near.rescued)
    return _sums(retrievals(request) if mean else energies(request))


def _sums(sums: Energies) -> Streamed:
    """Energies, with the retrievals that may come with them."""
    mean = sums.retrieval if isinstance(sums, Retrievals) else None
    return Streamed(sums.energy, None, None, mean, sums.candidates.index, sums.candidates.costs, 0, sums.redone)


@torch.no_grad()
def _together(request: Request, mean: bool) -> tuple[Neighbors, Energies]:
    """Neighbors and sums from the same tiles."""
    with matmul_precision(request.x.device, request.precision):
        if request.direct:
            pairs = AllPairs(request)
            return pairs.neighbors(), pairs.retrievals() if mean else pairs.energies()
        scorer = Scorer(request, soft=True)
        search = NeighborSearch(scorer)
        if mean:
            means = RetrievalSums(scorer)
            candidates = sweep(scorer, search, means)
            return search.result(candidates), completed_retrievals(means, candidates)
        sums = EnergySums(scorer)
        candidates = sweep(scorer, search, sums)
        return search.result(candidates), completed_energies(sums, candidates)
