"""The one pass over the patterns that energies, neighbors and retrieval share: tiles of patterns x queries.

Every tile goes through one buffer: its best patterns leave it for the short lists, the rest for the far sums. Lists
then get exact distances; neighbors are proved complete, and sums in doubt are computed again by a better pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import torch
from torch import Tensor

from assocmem.memory._tiled.precision import matmul_precision
from assocmem.memory._tiled.request import Candidates, Energies, Neighbors, Request, Retrievals
from assocmem.memory._tiled.scores import Scorer
from assocmem.memory._tiled.search import NeighborSearch
from assocmem.memory._tiled.select import direct_sums
from assocmem.memory._tiled.self_pairs import mirrored_shape, read_mirrored, worth_mirroring
from assocmem.memory._tiled.short_list import ShortList, refined
from assocmem.memory._tiled.sums import EnergySums, RetrievalSums

Result = TypeVar("Result", bound=Energies)


def tiled_neighbors(request: Request) -> Neighbors:
    """The k nearest by tiles, each pair of tiles read twice where that pays."""
    if not worth_mirroring(request):
        search = NeighborSearch(Scorer(request, soft=False))
        return search.result(sweep(search.scorer, search, None))
    search = NeighborSearch(Scorer(request, soft=False, shape=mirrored_shape(request)))
    short_list = ShortList(search.scorer)
    read_mirrored(search.scorer, short_list)
    return search.result(collect(search.scorer, short_list, search, None))


def tiled_energies(request: Request) -> Energies:
    """Energies by tiles."""
    sums = EnergySums(Scorer(request, soft=True))
    return completed_energies(sums, sweep(sums.scorer, None, sums))


def tiled_retrievals(request: Request) -> Retrievals:
    """Energies and retrievals by tiles."""
    sums = RetrievalSums(Scorer(request, soft=True))
    return completed_retrievals(sums, sweep(sums.scorer, None, sums))


def sweep(scorer: Scorer, search: NeighborSearch | None, sums: EnergySums | None) -> Candidates:
    """Read all tiles, patterns in the outer loop, and hand the lists to those who collect from them."""
    m, d, short_list = len(scorer.request.x), scorer.request.rows.count, ShortList(scorer)
    for start in range(0, d, scorer.columns):
        patterns, bias = scorer.load(start, min(start + scorer.columns, d), scorer.request.precision)
        for top in range(0, m, scorer.height):
            part = slice(top, min(top + scorer.height, m))
            read_tile(scorer.score(part, patterns, bias, start), short_list, sums, part, start, patterns)
    return collect(scorer, short_list, search, sums)


def read_tile(
    tile: Tensor, short_list: ShortList, sums: EnergySums | None, part: slice, start: int, patterns: Tensor
) -> None:
    """Put the best of a tile on the lists, and add the rest to the far sums if it matters."""
    taken = short_list.take(part, tile, start)
    if sums is None:
        return
    worst = short_list.scores[part].amin(-1)
    if sums.negligible(part, short_list.scores[part].amax(-1), worst):
        return
    short_list.blank(part, tile, start, taken)
    sums.far.add(part, tile, worst, patterns)
    if taken.dropped is not None:
        sums.far.restore(part, *taken.dropped)


def collect(
    scorer: Scorer, short_list: ShortList, search: NeighborSearch | None, sums: EnergySums | None
) -> Candidates:
    """Exact distances for the lists, query block by query block, for those who collect from them."""
    parts = [collect_part(scorer, short_list, search, sums, part) for part in scorer.parts()]
    return Candidates(torch.cat([part.index for part in parts]), torch.cat([part.costs for part in parts]))


def collect_part(
    scorer: Scorer, short_list: ShortList, search: NeighborSearch | None, sums: EnergySums | None, part: slice
) -> Candidates:
    """The lists of some queries, once others have collected from them."""
    lists = refined(scorer, short_list, part, near=search is not None, soft=sums is not None)
    if search is not None:
        search.add(lists)
    if sums is not None:
        sums.add(lists)
    return Candidates(lists.index, lists.costs + scorer.patterns.offset)


def completed_energies(sums: EnergySums, candidates: Candidates) -> Energies:
    """The energies, those in doubt computed again."""
    energy, rows = sums.energy(), sums.doubtful()
    if len(rows) == 0:
        return Energies(energy, candidates, 0)
    second, redone = better(sums.scorer.request, rows, tiled_energies)
    energy[rows] = second.energy
    return Energies(energy, candidates, redone)


def completed_retrievals(sums: RetrievalSums, candidates: Candidates) -> Retrievals:
    """The energies and retrievals, those in doubt computed again."""
    energy, retrieval, rows = sums.energy(), sums.retrieval(), sums.doubtful()
    if len(rows) == 0:
        return Retrievals(energy, candidates, 0, retrieval)
    second, redone = better(sums.scorer.request, rows, tiled_retrievals)
    energy[rows], retrieval[rows] = second.energy, second.retrieval.to(retrieval.dtype)
    return Retrievals(energy, candidates, redone, retrieval)


def better(request: Request, rows: Tensor, again: Callable[[Request], Result]) -> tuple[Result | Retrievals, int]:
    """Some queries' sums: IEEE products after TF32, float64 after float32, then direct differences. Also how many."""
    x, own = request.x[rows], None if request.own is None else request.own[rows]
    if request.frame.dtype == torch.float64:  # There is no better product.
        energy, mean = direct_sums(x, request.rows, own, request.heights, request.beta)
        none = Candidates(rows.new_empty(len(rows), 0), energy.new_empty(len(rows), 0))
        return Retrievals(energy, none, len(rows), mean), len(rows)
    exact = request.precision == "ieee"
    sharper = replace(
        request,
        x=x,
        own=own,
        precision="ieee",
        k=max(1, request.listed - 6),  # No shorter a list than this pass had.
        frame=request.frame.wide() if exact else request.frame,
    )
    with matmul_precision(x.device, "ieee"):
        second = again(sharper)
    return second, len(rows) if exact else second.redone
