"""What a pass over the patterns is asked for, how it goes about it, and what it returns for each kind of question."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from assocmem.memory._tiled import tiles
from assocmem.memory._tiled.checks import Checked
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.rows import Frame, Rows, frame, work_dtype


@dataclass(frozen=True)
class Plan:
    """How a request is carried out. It changes speed and memory; the three switches, off in tests only, accuracy.

    Attributes
    ----------
    center : bool
        Whether scores are computed around the patterns' mean.
    refine : bool
        Whether the patterns on the short lists get exact distances.
    second_look : bool
        Whether queries whose list or sum is in doubt are computed again.
    direct_limit : int
        Up to ``m * d * n`` of this size all differences are formed directly.
    dense_limit : int
        Up to ``m * d * n`` of this size derivatives are those of plain tensor expressions.
    framed_limit : int
        Numbers of queries that stay in the frame for all tiles; more are framed again for each tile of patterns.
    mirror_side : int
        Rows and columns of a tile where each pair of tiles is read by rows and by columns.
    mirror_length : int
        Length of a row from which that pays.
    block_limit : int
        Numbers held at once where distances other than the squared one are formed.
    tile : tuple of int, optional
        Columns and rows of a tile; None chooses them by shape and device.
    """

    center: bool = True
    refine: bool = True
    second_look: bool = True
    direct_limit: int = 1 << 20
    dense_limit: int = 1 << 20
    framed_limit: int = 1 << 22
    mirror_side: int = 2048
    mirror_length: int = 512
    block_limit: int = 1 << 22
    tile: tuple[int, int] | None = None


PLAN = Plan()
"""The plan of every request that brings none of its own."""


def default_plan() -> Plan:
    """The plan in force."""
    return PLAN


@dataclass(frozen=True)
class Request:
    """One pass, checked: queries and rows in a frame, and what the answers depend on.

    Attributes
    ----------
    x : Tensor
        Queries (m, n), without a gradient.
    rows : Rows
        Patterns (d, n).
    frame : Frame
        Where scores are computed.
    beta : float
        Inverse temperature of sums.
    k : int
        How many neighbors.
    own : Tensor or None
        The pattern (m,) that each query leaves out, out of range for none.
    precision : str
        Of the products.
    heights : Tensor or None
        Added (d,) to squared distances.
    plan : Plan
        How it is carried out.
    differences : bool
        Whether weights come from direct differences, where not even float64 products resolve the gaps.
    wide_mean : bool
        Whether means come in float64, from which queries can be taken off without a loss of digits.
    """

    x: Tensor
    rows: Rows
    frame: Frame
    beta: float
    k: int
    own: Tensor | None
    precision: Precision
    heights: Tensor | None = None
    plan: Plan = field(default_factory=default_plan)
    differences: bool = False
    wide_mean: bool = False

    @property
    def listed(self) -> int:
        """K: how many candidates a query has at most."""
        spare = 16 if self.precision == "tf32" else 6
        return min(max(8, self.k + spare), self.rows.count)

    @property
    def size(self) -> int:
        """``m * d * n``, the multiplications of the pass."""
        return len(self.x) * self.rows.count * max(1, self.rows.n)

    @property
    def direct(self) -> bool:
        """Whether all differences are formed at once."""
        none = len(self.x) == 0 or self.rows.count == 0
        limit = self.plan.direct_limit
        return none or (self.size <= limit and self.rows.count * self.rows.n <= limit)

    def tile_shape(self) -> tuple[int, int]:
        """Columns and rows of a tile."""
        if self.plan.tile is not None:
            cols, height = self.plan.tile
            return cols, min(height, max(1, len(self.x)))
        return tiles.tile_shape(len(self.x), self.rows.count, self.rows.n, self.x.device)


def request_for(
    checked: Checked,
    *,
    beta: float = 1.0,
    k: int = 1,
    precision: Precision = "ieee",
    heights: Tensor | None = None,
    plan: Plan | None = None,
) -> Request:
    """The request for checked input."""
    plan = default_plan() if plan is None else plan
    x = checked.x.detach()
    around = frame(checked.extent, checked.queries, work_dtype(x.dtype), center=plan.center)
    own = None if checked.self_offset is None else torch.arange(len(x), device=x.device) + checked.self_offset
    return Request(x, checked.rows, around, beta, k, own, precision, heights, plan)


@dataclass(frozen=True)
class Candidates:
    """The short lists of all queries: patterns (m, K), -1 for none, and their costs (m, K) in float64."""

    index: Tensor
    costs: Tensor

    def at(self, rows: Tensor) -> Candidates:
        """The lists of some queries."""
        return Candidates(self.index[rows], self.costs[rows])


@dataclass(frozen=True)
class Neighbors:
    """The k nearest patterns.

    Attributes
    ----------
    sq_distances : Tensor
        (m, k) in float64, ascending; inf where fewer than k patterns are left.
    indices : Tensor
        (m, k) in int64, the lowest first among equals; -1 where fewer than k patterns are left.
    candidates : Candidates
        The short lists.
    rescued : int
        How many queries needed a second look.
    """

    sq_distances: Tensor
    indices: Tensor
    candidates: Candidates
    rescued: int


@dataclass(frozen=True)
class Energies:
    """The soft minimum of the costs.

    Attributes
    ----------
    energy : Tensor
        (m,) in float64, inf where no pattern is left.
    candidates : Candidates
        The short lists, whose costs are exact.
    redone : int
        How many queries needed float64 products, or direct differences, because patterns outside the list matter and
        scores are poor; those for which IEEE products after TF32 sufficed are not counted.
    """

    energy: Tensor
    candidates: Candidates
    redone: int


@dataclass(frozen=True)
class Retrievals(Energies):
    """The soft minimum and the weighted mean ``retrieval`` (m, n) of the patterns, in the working type."""

    retrieval: Tensor

    def at(self, rows: Tensor) -> Retrievals:
        """The result for some queries."""
        return Retrievals(self.energy[rows], self.candidates.at(rows), self.redone, self.retrieval[rows])


UNRESOLVED = {torch.float64: 1e-8}
"""How wrong the logarithm of a weight may be, at worst, before products give way to differences; else ``COARSE``."""
COARSE = 1e-5
TINY = 2.0**50
"""Scale from which on, for data smaller than 1e-15, energies in the units of the frame leave float32."""


def resolved(request: Request, result: Energies) -> Request:
    """The request in float64 products where the pass itself had to go there, or float32 cannot hold the exponents.

    Beside an outlier so far out that those do not resolve the gaps between other patterns, by differences.
    """
    steep = request.beta / request.frame.scale**2 > 1e30 or request.frame.scale > TINY
    double = request.rows.dtype == torch.float64
    if not (result.redone or double or (steep and request.x.device.type != "mps")):
        return request
    wide = replace(request, frame=request.frame.wide())
    if request.heights is not None or products_resolve(wide.x, wide.rows, wide.frame.center, request.beta):
        return wide
    plain = Frame(torch.zeros_like(wide.frame.center), 1.0, torch.float64)
    return replace(wide, frame=plain, differences=True)


def products_resolve(x: Tensor, rows: Rows, center: Tensor, beta: float) -> bool:
    """Whether products of points around a center, in its type, leave the logarithms of weights right."""
    blocks = [rows.block(i, j) for i, j in rows.blocks()]
    norms = [torch.linalg.vector_norm(b.to(center.dtype) - center, dim=-1) for b in [*blocks, *torch.split(x, 4096)]]
    reach = sum(float(torch.cat(part).max()) for part in (norms[: len(blocks)], norms[len(blocks) :]) if part)
    rounds = min(4 * math.sqrt(rows.n), rows.n) + 8
    allowed = UNRESOLVED.get(rows.dtype, COARSE)
    return beta * 2 * rounds * torch.finfo(center.dtype).eps * reach * reach < allowed
