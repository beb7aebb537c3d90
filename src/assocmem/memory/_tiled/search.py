"""Neighbors from refined lists: each list is proved complete, or its query is looked up again.

No pattern outside a list can be as near as the k-th exact distance unless a score is wrong by more than the margin: the
larger of the probabilistic rounding bound of a product, 4 sqrt(n) + 8 units (Higham and Mary 2019; the worst case, n
units, does not occur for roundings that are not all alike), and four times the error seen on the list itself. Queries
without that proof, such as those among many duplicates, are looked up again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

import torch
from torch import Tensor

from assocmem.memory._tiled import tiles
from assocmem.memory._tiled.precision import matmul_precision
from assocmem.memory._tiled.request import Candidates, Neighbors
from assocmem.memory._tiled.rows import exact_dtype
from assocmem.memory._tiled.scores import Scorer
from assocmem.memory._tiled.select import best, first_of_each, ordered, pair_distances, unique
from assocmem.memory._tiled.short_list import Refined

FEW = 32
"""A difference in float64 takes so many times as long as its part of a product, about."""

TIES = 2.0**-42
"""By how much distances that tie, as they are rounded to 44 bits, may differ, and a little more."""


class NeighborSearch:
    """Collects the neighbors of one block of queries after the other."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
        self.blocks: list[tuple[Tensor, Tensor]] = []
        self.rescued = 0

    def add(self, lists: Refined) -> None:
        """The k nearest on the lists of some queries, completed by a second look where they are not proved."""
        request = self.scorer.request
        listed = torch.where(lists.exact, lists.index, -1) if request.plan.refine else lists.index
        distances, indices = ordered(lists.costs, listed, request.k)
        if request.plan.refine and request.plan.second_look:
            unproved = (~self._proved(lists, distances[:, -1])).nonzero().squeeze(-1)
            self.rescued += len(unproved)
            if len(unproved):
                again = unproved + lists.part.start
                distances[unproved], indices[unproved] = second_look(
                    self.scorer, again, distances[unproved], indices[unproved]
                )
        self.blocks.append((distances, indices))

    def _proved(self, lists: Refined, kth: Tensor) -> Tensor:
        """Whether nothing without an exact distance can be as near as the k-th neighbor (r,)."""
        rival = torch.where(lists.exact | (lists.index < 0), -torch.inf, lists.scores).amax(-1)
        if lists.index.shape[1] < self.scorer.request.rows.count:
            rival = torch.maximum(rival, lists.scores[:, -1])
        return (rival < lists.level - kth - lists.margin) | torch.isinf(rival)

    def result(self, candidates: Candidates) -> Neighbors:
        """The neighbors of all queries."""
        distances, indices = (torch.cat(column) for column in zip(*self.blocks, strict=True))
        return Neighbors(distances, indices, candidates, self.rescued)


def second_look(scorer: Scorer, queries: Tensor, distances: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
    """All patterns that may be as near as the k-th distance of these queries, by direct differences, IEEE scores.

    Where scores leave so many that products in float64 cost less than their differences, as between two modes far
    apart, between which no center helps, those products choose first.
    """
    request = scorer.request
    own = None if request.own is None else request.own[queries]
    asked = replace(request, x=request.x[queries], own=own, precision="ieee")
    steps = min(scorer.height, max(1, (1 << 20) // scorer.columns) if request.x.device.type == "cpu" else 512)
    shape = scorer.columns, min(steps, len(asked.x))
    looks = [partial(Scorer, asked, soft=False, shape=shape)]
    if request.frame.dtype != exact_dtype(request.x.device):
        looks.append(partial(Scorer, replace(asked, frame=request.frame.wide()), soft=False, shape=shape))
    scorers = [cache(look) for look in looks]  # Made when they are first needed.
    with matmul_precision(request.x.device, "ieee"):
        for start in range(0, request.rows.count, scorer.columns):
            stop = min(start + scorer.columns, request.rows.count)
            tiles_of = [Loaded(made, start, stop) for made in scorers]
            for top in range(0, len(asked.x), steps):
                part = slice(top, top + steps)
                who, at = _possible(tiles_of, part, distances[part, -1])
                pairs = who, pair_distances(asked.x[part], request.rows, who, at + start), at + start
                distances[part], index[part] = _with_pairs(distances[part], index[part], pairs)
    return distances, index


class Loaded:
    """A tile's patterns as one scorer takes them, loaded when they are first needed."""

    def __init__(self, made: Callable[[], Scorer], start: int, stop: int) -> None:
        self._made, self.start, self.stop = made, start, stop
        self._patterns: tuple[Tensor, Tensor] | None = None

    @property
    def scorer(self) -> Scorer:
        """What scores it."""
        return self._made()

    def scores(self, part: slice) -> Tensor:
        """The tile of some queries."""
        if self._patterns is None:
            self._patterns = self.scorer.load(self.start, self.stop, "ieee")
        return self.scorer.score(part, *self._patterns, self.start)

    def nearer(self, part: slice, tile: Tensor, kth: Tensor) -> Tensor:
        """The k-th distance at most, for it may be far too large where the list was chosen by poor scores (r,)."""
        scorer, k = self.scorer, self.scorer.request.k
        if tile.shape[1] < k:
            return kth
        best_of, _ = best(tile, k, tiles.group(tile.shape[1], k, tile.device))
        reach = (scorer.queries.level[part] - best_of.amin(-1).to(kth.dtype) / scorer.unit).clamp(min=0)
        return torch.minimum(kth, reach + scorer.margin(scorer.queries.size[part], reach.sqrt()))

    def within(self, part: slice, tile: Tensor, kth: Tensor) -> Tensor:
        """Which patterns may be as near as a distance for each of some queries, shape (r, t)."""
        scorer = self.scorer
        size, level = scorer.queries.size[part], scorer.queries.level[part]
        bar = (level - kth * (1 + TIES) - scorer.margin(size, kth.sqrt())) * scorer.unit
        return tile >= bar.to(tile.dtype).clamp_(min=torch.finfo(tile.dtype).min)[:, None]


def _possible(looks: list[Loaded], part: slice, kth: Tensor) -> tuple[Tensor, Tensor]:
    """Queries and patterns of a tile whose distance has to be formed: by the first scores that leave few."""
    for sharper, look in enumerate(looks):
        tile = look.scores(part)
        may = look.within(part, tile, look.nearer(part, tile, kth) if sharper else kth)
        if int(may.sum()) * FEW <= may.numel():
            break
    who, at = may.nonzero(as_tuple=True)
    return who, at


def _with_pairs(distances: Tensor, index: Tensor, pairs: tuple[Tensor, Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Lists (r, k) completed by pairs of query, distance and pattern (p,) each, which may be on a list already."""
    count, k = distances.shape
    who, exact, at = pairs
    near = exact <= distances[who, -1]
    listed = index >= 0
    queries = torch.cat([listed.nonzero(as_tuple=True)[0], who[near]])
    values = torch.cat([distances[listed], exact[near]])
    places = torch.cat([index[listed], at[near]])
    return first_of_each(*unique(queries, values, places), count, k)
