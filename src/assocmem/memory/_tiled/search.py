"""Neighbors from refined lists: each list is proved complete, or its query is looked up again.

No pattern outside a list can be as near as the k-th exact distance unless a score is wrong by more than the margin: the
larger of the probabilistic rounding bound of a product, 4 sqrt(n) + 8 units (Higham and Mary 2019; the worst case, n
units, does not occur for roundings that are not all alike), and four times the error seen on the list itself. Queries
without that proof, such as those among many duplicates, are looked up again.
"""

from __future__ import annotations

import torch
from torch import Tensor

from assocmem.memory._tiled import tiles
from assocmem.memory._tiled.precision import matmul_precision
from assocmem.memory._tiled.request import Candidates, Neighbors
from assocmem.memory._tiled.scores import Scorer
from assocmem.memory._tiled.select import first_of_each, ordered, pair_distances, unique
from assocmem.memory._tiled.short_list import Refined


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
    """All patterns that may be as near as the k-th distance of these queries, by direct differences, IEEE scores."""
    request = scorer.request
    x, size = request.x[queries], scorer.queries.size[queries]
    own = None if request.own is None else request.own[queries]
    steps = min(scorer.height, max(1, (1 << 20) // scorer.columns) if x.device.type == "cpu" else 512)
    room = tiles.rows(min(steps, len(x)), request.rows.n, scorer.joined, request.frame.dtype, x.device)
    room[:, request.rows.n :] = 1.0
    with matmul_precision(x.device, "ieee"):
        for start in range(0, request.rows.count, scorer.columns):
            patterns, bias = scorer.load(start, min(start + scorer.columns, request.rows.count), "ieee")
            for top in range(0, len(x), steps):
                part = slice(top, top + steps)
                request.frame.apply(x[part], room[:, : request.rows.n])
                tile = scorer.product(room[: len(x[part])], patterns, bias)
                tiles.mask_self(tile, own, part, start)
                kth = distances[part, -1]
                bar = (size[part].square() - kth - scorer.margin(size[part], kth.sqrt())) * scorer.unit
                who, at = (tile >= bar.to(tile.dtype).clamp_(min=torch.finfo(tile.dtype).min)[:, None]).nonzero(
                    as_tuple=True
                )
                pairs = who, pair_distances(x[part], request.rows, who, at + start), at + start
                distances[part], index[part] = _with_pairs(distances[part], index[part], pairs)
    return distances, index


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
