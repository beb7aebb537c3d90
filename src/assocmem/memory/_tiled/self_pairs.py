"""Neighbors among the points themselves: each pair of tiles is multiplied once and read both by rows and by columns.

Halves the products where they dominate (long rows, on a CPU). What it finds is refined and proved like any other list.
"""

from __future__ import annotations

import torch
from torch import Tensor

from assocmem.memory._tiled import tiles
from assocmem.memory._tiled.request import Job, Streamed
from assocmem.memory._tiled.select import best
from assocmem.memory._tiled.tile_pass import Pass

SIDE = 2048
"""Rows and columns of a tile."""

LEAST = 512
"""Dimension from which halving the products pays for reading tiles twice."""


def worth_mirroring(todo: Job) -> bool:
    """Whether a job asks for neighbors only, among the queries themselves, on a CPU, of enough long rows."""
    long = todo.rows.n >= LEAST and todo.rows.count >= 2 * SIDE
    alone = todo.want == {"nearest"} and todo.heights is None
    return long and alone and todo.x.device.type == "cpu" and todo.rows.are(todo.x)


def best_of_columns(tile: Tensor, k: int, group: int) -> tuple[Tensor, Tensor]:
    """The k largest entries of each column of ``tile`` (r, c) and their rows, in no order: values and int64 (c, k).

    Like `_select.best` by groups of every (r / group)-th row, whose maxima need no transposed copy of the tile.
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


class MirroredPass(Pass):
    """A pass over pairs of tiles on and below the diagonal."""

    def shape(self) -> tuple[int, int]:
        """Square tiles, so that the diagonal, which is multiplied in full, is thin."""
        return SIDE, SIDE

    def run(self) -> Streamed:
        """Tiles on the diagonal are read by rows, tiles below it by rows and by columns."""
        m = len(self.todo.x)
        own = -(self.level * self.unit).to(self.scores.dtype)
        for start in range(0, m, self.cols):
            across = slice(start, min(start + self.cols, m))
            patterns, bias = self.load(across.start, across.stop, self.todo.precision)
            for top in range(start, m, self.height):
                part = slice(top, min(top + self.height, m))
                self.visit(part, patterns, bias, start)
                if top > start:
                    self.look_across(part, across, own)
        return self.finish()

    def look_across(self, part: slice, across: slice, own: Tensor) -> None:
        """Read the tile in the buffer, gain (2 x.p - |p|^2), by columns, where each p is a query and each x a pattern.

        Its scores need -|x|^2 in place of -|p|^2; the latter is the same for a column and is put back on the chosen.
        """
        r, c = part.stop - part.start, across.stop - across.start
        tile = self.buffer[: r * c].view(r, c).add_(own[part, None])
        values, at = best_of_columns(tile, min(self.k, r), tiles.GROUP)
        self.merge(across, values.sub_(own[across, None]), at + part.start, first=False)
