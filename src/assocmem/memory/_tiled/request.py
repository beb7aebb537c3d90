"""What a pass is asked and what it returns."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from assocmem.memory._tiled.checks import Checked
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.rows import Frame, Rows, frame, work_dtype


@dataclass(frozen=True)
class Streamed:
    """What a pass found; None where it was not asked for.

    energy: (m,) in float64, inf where no pattern was left. retrieval: (m, n) in the working type (float32 or float64).
    sq_distances: (m, k) in float64, ascending, with ``indices`` (m, k) in int64; ties by lowest index, then (inf, -1).
    candidates, costs: (m, K) the short list behind them. rescued: how many queries needed a second look for neighbors;
    redone: how many needed float64 products, or at last direct differences, for E or T, because patterns outside the
    list matter and scores are poor; those for which IEEE products after TF32 sufficed are not counted.
    """

    energy: Tensor | None
    sq_distances: Tensor | None
    indices: Tensor | None
    retrieval: Tensor | None
    candidates: Tensor
    costs: Tensor
    rescued: int
    redone: int


@dataclass(frozen=True)
class Job:
    """One pass, checked: what is asked of which rows in which frame.

    own: (m,) the pattern that each query leaves out, out of range for none. heights: (d,) added to squared distances.
    """

    x: Tensor
    rows: Rows
    frame: Frame
    want: frozenset[str]
    beta: float
    k: int
    own: Tensor | None
    precision: Precision
    heights: Tensor | None = None

    @property
    def listed(self) -> int:
        """K: how many candidates a query keeps."""
        spare = 16 if self.precision == "tf32" else 6
        return max(8, self.k + spare)

    @property
    def soft(self) -> bool:
        return bool(self.want & {"energy", "retrieval"})


def job(
    found: Checked,
    want: frozenset[str],
    beta: float = 1.0,
    k: int = 1,
    precision: Precision = "ieee",
    heights: Tensor | None = None,
) -> Job:
    """The job for checked input."""
    center = frame(found.seen, found.queries, work_dtype(found.x.dtype))
    own = None if found.self_offset is None else torch.arange(len(found.x), device=found.x.device) + found.self_offset
    return Job(found.x.detach(), found.rows, center, want, beta, k, own, precision, heights)


def matched(todo: Job, seen: Streamed) -> Job:
    """The job in float64 products where the pass itself had to go there, or float32 cannot hold the exponents."""
    steep = todo.beta / todo.frame.scale**2 > 1e30 and todo.x.device.type != "mps"
    return replace(todo, frame=todo.frame.wide()) if seen.redone or steep else todo
