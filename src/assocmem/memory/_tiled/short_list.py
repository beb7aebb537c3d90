"""The K best patterns of each query so far by score, and the same lists with exact distances once all tiles are read.

The K best of a tile leave it for the list. After the pass their distances are formed by direct differences in float64,
so that the result is exact where it matters, even when the scores are TF32.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from assocmem.memory._tiled import tiles
from assocmem.memory._tiled.scores import Scorer
from assocmem.memory._tiled.select import best, listed_distances


@dataclass(frozen=True)
class Taken:
    """What the lists took from a tile: its columns (r, K), and scores and patterns of the lists before, -inf for those
    that stayed; None where there was none."""

    columns: Tensor
    dropped: tuple[Tensor, Tensor] | None


class ShortList:
    """Scores (m, K) and patterns (m, K) of the best of all tiles so far, in no order."""

    def __init__(self, scorer: Scorer) -> None:
        m, device = len(scorer.request.x), scorer.request.x.device
        self.k = scorer.request.listed
        self.scores = torch.full((m, self.k), -math.inf, dtype=scorer.request.frame.dtype, device=device)
        self.index = torch.full((m, self.k), -1, dtype=torch.int64, device=device)

    def take(self, part: slice, tile: Tensor, start: int) -> Taken:
        """Put the best of a tile, whose patterns begin at ``start``, on the lists of its queries."""
        values, at = best(tile, self.k, tiles.group(tile.shape[1], self.k, tile.device))
        return Taken(at, self.merge(part, values, at + start, start == 0))

    def blank(self, part: slice, tile: Tensor, start: int, taken: Taken) -> None:
        """-inf in a tile for what is on the lists."""
        if taken.dropped is None:
            tile.scatter_(1, taken.columns, -math.inf)
            return
        row, column = (self.index[part] >= start).nonzero(as_tuple=True)
        tile[row, self.index[part][row, column] - start] = -math.inf

    def merge(self, part: slice, values: Tensor, index: Tensor, first: bool) -> tuple[Tensor, Tensor] | None:
        """The best K of the list and the tile; returns the list as it was, with -inf for the scores that stay."""
        if first and self.k == values.shape[1]:
            self.scores[part], self.index[part] = values, index
            return None
        both, where = torch.cat([self.scores[part], values], 1), torch.cat([self.index[part], index], 1)
        self.scores[part], at = both.topk(self.k, sorted=False)
        self.index[part] = where.gather(1, at)
        both.scatter_(1, at, -math.inf)
        return both[:, : self.k], where[:, : self.k]


@dataclass(frozen=True)
class Refined:
    """The lists of some queries by descending score, with exact costs where ``exact``, inf where there is no pattern.

    Costs are less the offset of the scorer. ``wrong`` (r,) is the largest error of a score on the list, ``margin`` (r,)
    how wrong scores elsewhere may be.
    """

    part: slice
    index: Tensor
    scores: Tensor
    exact: Tensor
    costs: Tensor
    level: Tensor
    wrong: Tensor
    margin: Tensor


def refined(scorer: Scorer, short_list: ShortList, part: slice, *, near: bool, soft: bool) -> Refined:
    """Exact distances for what may matter to neighbors (``near``) or to sums (``soft``) of some queries."""
    request = scorer.request
    x, size, level = request.x[part], scorer.queries.size[part], scorer.queries.level[part]
    raw, order = short_list.scores[part].sort(-1, descending=True)
    index = torch.where(torch.isinf(raw), -1, short_list.index[part].gather(1, order))
    scores = raw.to(size.dtype) / scorer.unit
    sure = min(request.k, short_list.k) if near else 1
    kth = scores[:, sure - 1]
    margin = scorer.margin(size, (level - kth).clamp(min=0).sqrt())
    need = index >= 0
    if request.precision == "ieee" and request.heights is None:
        close = scores >= (kth - 2 * margin)[:, None]
        if soft:
            close |= scores >= (scores[:, 0] - margin - 25.0 / request.beta)[:, None]
        need &= close
    costs = level[:, None] - scores
    wrong = torch.zeros_like(size)
    if request.plan.refine:
        exact = listed_distances(x, request.rows, index, need, sure)
        if request.heights is not None:
            exact += torch.where(need, request.heights[index.clamp(min=0)] - scorer.patterns.offset, 0.0)
        wrong = torch.where(need, (exact - costs).abs(), 0.0).amax(-1)
        margin = torch.maximum(margin, 4 * wrong)
        costs = torch.where(need, exact, costs)
    costs = torch.where(index < 0, math.inf, costs)
    return Refined(part, index, scores, need, costs, level, wrong, margin)
