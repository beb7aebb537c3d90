"""Neighbors among the points themselves: each pair of tiles is multiplied once and read both by rows and by columns.

Halves the products where they dominate (long rows, on a CPU). What it lists is refined and proved like any other list.
"""

from __future__ import annotations

import torch
from torch import Tensor

from assocmem.memory._tiled import tiles
from assocmem.memory._tiled.request import Request
from assocmem.memory._tiled.scores import Scorer
from assocmem.memory._tiled.select import best
from assocmem.memory._tiled.short_list import ShortList


def worth_mirroring(request: Request) -> bool:
    """Whether neighbors are sought among the queries themselves, on a CPU, of enough long rows."""
    long = request.rows.n >= request.plan.mirror_length and request.rows.count >= 2 * request.plan.mirror_side
    return long and request.x.device.type == "cpu" and request.heights is None and request.rows.same_as(request.x)


def mirrored_shape(request: Request) -> tuple[int, int]:
    """Square tiles, so that the diagonal, which is multiplied in full, is thin."""
    return request.plan.mirror_side, request.plan.mirror_side


def best_of_columns(tile: Tensor, k: int, group: int) -> tuple[Tensor, Tensor]:
    """The k largest entries of each column of ``tile`` (r, c) and their rows, in no order: values and int64 (c, k).

    Like `select.best` by groups of every (r / group)-th row, whose maxima need no transposed copy of the tile.
    """
    r, c = tile.shape
    groups = r // group
    if groups * group < r or groups < 2 * k:
        return best(tile.T.contiguous(), k, group)
    which = tile.view(group, groups, c).amax(0).T.contiguous().topk(k, sorted=False).indices
    steps = torch.arange(group, device=tile.device) * groups
    at = (which[:, None, :] + steps[:, None]).view(c, group * k)
    values, place = tile.gather(0, at.T).T.contiguous().topk(k, sorted=False)
    return values, at.gather(1, place)


def read_mirrored(scorer: Scorer, short_list: ShortList) -> None:
    """Read all pairs of tiles: those on the diagonal by rows, those below it by rows and by columns."""
    m = len(scorer.request.x)
    own = -(scorer.queries.level * scorer.unit).to(short_list.scores.dtype)
    for start in range(0, m, scorer.columns):
        across = slice(start, min(start + scorer.columns, m))
        patterns, bias = scorer.load(across.start, across.stop, scorer.request.precision)
        for top in range(start, m, scorer.height):
            part = slice(top, min(top + scorer.height, m))
            tile = scorer.score(part, patterns, bias, start)
            short_list.take(part, tile, start)
            if top > start:
                look_across(tile, short_list, part, across, own)


def look_across(tile: Tensor, short_list: ShortList, part: slice, across: slice, own: Tensor) -> None:
    """Read a tile, gain ``(2 x.p - |p|^2)``, by columns, where each p is a query and each x a pattern.

    Its scores need ``-|x|^2`` in place of ``-|p|^2``; the latter is the same for a column and put back on the chosen.
    """
    tile.add_(own[part, None])
    values, at = best_of_columns(tile, min(short_list.k, len(tile)), tiles.GROUP)
    short_list.merge(across, values.sub_(own[across, None]), at + part.start, first=False)
