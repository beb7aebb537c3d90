"""The one pass over the patterns that energies, neighbors and retrieval share; scores (m, d) never exist at once.

Tiles of patterns x queries go through one buffer. In the frame of `_rows` a tile's scores are s = 2 x.p - |p|^2, whose
order is that of nearness. The K best of a tile leave it for a short list with exact distances (direct differences,
float64); what remains is far, and only its sum exp(beta (s - shift)) is kept, with the K-th best score as the shift.
So the result is exact where it matters, even when the scores are TF32, and extra memory grows with m + d.

A list is proved complete per query: no pattern outside it can be as near as the k-th exact distance unless a score is
wrong by more than the margin: the larger of the probabilistic rounding bound of a product, 4 sqrt(n) + 8 units (Higham
and Mary 2019; the worst case, n units, does not occur for roundings that are not all alike), and four times the error
seen on the list itself.
Queries without that proof, such as those among many duplicates, are looked up again.
"""

from __future__ import annotations

import math
from collections.abc import Collection

import torch
from torch import Tensor

from assocmem.memory._tiled.checks import Patterns, check, check_beta, check_count, check_precision
from assocmem.memory._tiled.precision import Precision, matmul_precision
from assocmem.memory._tiled.request import Job, Streamed, job
from assocmem.memory._tiled.rows import exact_dtype
from assocmem.memory._tiled.select import all_distances, ordered
from assocmem.memory._tiled.self_pairs import MirroredPass, worth_mirroring
from assocmem.memory._tiled.tile_pass import Pass, log_sum

__all__ = ["WANTS", "Streamed", "stream"]

WANTS = ("energy", "nearest", "retrieval")
"""What one pass can return."""

SMALL = 1 << 20
"""Up to m * d * n of this size all differences are formed directly."""


def stream(
    x: Tensor,
    patterns: Patterns | None = None,
    *,
    want: Collection[str] = ("energy", "nearest"),
    beta: float = 1.0,
    k: int = 1,
    exclude_self: bool = False,
    precision: Precision = "ieee",
) -> Streamed:
    """Energies, k nearest patterns and one retrieval step of queries x (m, n), in one pass over patterns (d, n).

    Both may be float16, bfloat16, float32 or float64; half precision is computed in float32. ``patterns`` may be a
    numpy memmap larger than memory; None stands for x, and ``exclude_self`` then masks each query by its index.
    Extra memory grows with m + d. See `Streamed` for shapes. No gradient is recorded.

    Raises TypeError or ValueError naming the argument for bad input.
    """
    unknown = set(want) - set(WANTS)
    if unknown or not want:
        raise ValueError(f"want must name some of {', '.join(WANTS)}, got {sorted(want)}")
    check_precision(precision)
    found = check(x, patterns, exclude_self=exclude_self)
    return run(job(found, frozenset(want), check_beta(beta), check_count("k", k), precision))


@torch.no_grad()
def run(todo: Job) -> Streamed:
    """Do the job: directly where that is small, else by tiles."""
    m, d = len(todo.x), todo.rows.count
    with matmul_precision(todo.x.device, todo.precision):
        if m == 0 or d == 0 or (m * d * max(1, todo.rows.n) <= SMALL and todo.rows.count * todo.rows.n <= SMALL):
            return _direct(todo)
        return (MirroredPass if worth_mirroring(todo) else Pass)(todo).run()


def _direct(todo: Job) -> Streamed:
    """All differences at once: every pattern is a candidate."""
    m, d = len(todo.x), todo.rows.count
    costs = (
        all_distances(todo.x, todo.rows)
        if m and d
        else torch.empty(m, d, dtype=exact_dtype(todo.x.device), device=todo.x.device)
    )
    index = torch.arange(d, device=todo.x.device).expand(m, d)
    if todo.own is not None:
        itself = todo.own[:, None] == index
        index = torch.where(itself, -1, index)
        costs = torch.where(itself, math.inf, costs)
    distances, indices = ordered(costs, index, todo.k) if "nearest" in todo.want else (None, None)
    if todo.heights is not None:
        costs = costs + todo.heights
    energy = log_sum(costs, costs.amin(-1, keepdim=True), todo.beta) if todo.soft and d else None
    if d == 0 and todo.soft:
        energy = torch.full((m,), math.inf, dtype=costs.dtype, device=costs.device)
    retrieval = None
    if "retrieval" in todo.want:
        retrieval = torch.zeros(m, todo.rows.n, dtype=todo.frame.dtype, device=todo.x.device)
        if d and m:
            weights = torch.softmax(-todo.beta * (costs - costs.amin(-1, keepdim=True)), -1)
            patterns = todo.rows.whole().to(weights.dtype)
            base = patterns[costs.argmin(-1)]
            shifted = weights @ (patterns - todo.frame.center) - (base - todo.frame.center)
            most = weights.amax(-1, keepdim=True)  # nan where no pattern is left
            shifted = torch.where((most == 1) | most.isnan(), 0.0, shifted)
            retrieval = (base + shifted).to(todo.frame.dtype)
    return Streamed(energy, distances, indices, retrieval, index, costs, 0, 0)
