"""Tiles of scores: their shape, what goes into the product, and who is left out."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from assocmem.memory._tiled.precision import Precision

GROUP = 16
"""Columns per group when the best of a tile are sought."""


STRIP = 1 << 17
"""Scores that stay in the cache of one core while they are turned into weights."""

BLOCK = 1 << 21
"""Numbers of one block of queries outside the products."""


def operand(block: Tensor, precision: Precision) -> Tensor:
    """A factor of the product, in place: for TF32 rounded to its 10 bits here, not by the hardware.

    The products are then exact, and the scores are those of points moved by 2^-11 of their size. That costs a distance
    r an error of some ``2^-11 |x| r``; rounding inside the hardware, unseen by the bias ``|p|^2``, costs
    ``2^-10 |x||p|``.
    """
    if precision == "tf32" and block.dtype == torch.float32:
        bits = block.view(torch.int32)
        bits.add_(0x1000).bitwise_and_(-0x2000)
    return block


def mask_self(tile: Tensor, own: Tensor | None, part: slice, start: int) -> None:
    """-inf where a query of ``part`` meets the pattern that it leaves out."""
    if own is None or not tile.numel():
        return
    at = (own[part] - start)[:, None]
    inside = (at >= 0) & (at < tile.shape[1])
    at = at.clamp(0, tile.shape[1] - 1)
    tile.scatter_(1, at, torch.where(inside, -math.inf, tile.gather(1, at)))


def rows(count: int, n: int, joined: bool, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Room for a factor (count, n), or (count, n + 1) with rows that start at multiples of 64 bytes."""
    if not joined:
        return torch.empty(count, n, dtype=dtype, device=device)
    step = 64 // dtype.itemsize
    return torch.empty(count, -(-(n + 1) // step) * step, dtype=dtype, device=device)[:, : n + 1]


def group(width: int, k: int, device: torch.device) -> int:
    """Columns per group among ``width`` of which the k best are sought: 16, or 8 where that spares a full selection.

    On a CPU torch selects k of 64 k or more numbers by a partial sort, which takes less than fewer numbers do.
    """
    return GROUP // 2 if device.type == "cpu" and 512 * k <= width < 1024 * k else GROUP


def tile_shape(m: int, d: int, n: int, device: torch.device) -> tuple[int, int]:
    """Columns and rows of a tile: 16 megabytes of scores on a CPU, 32 where rows are long; a few hundred on a GPU.

    On a CPU a tile is wide, as the best are sought once a tile, and as high as the rows are long: the product reorders
    the patterns of a tile for each block of queries.
    """
    narrow = 8192 if n <= 8192 else 2048
    cols = max(256, min(16384, (1 << 23) // max(1, n))) if device.type == "cpu" else narrow
    cols = max(GROUP, min(cols, -(-d // GROUP) * GROUP))
    rows = min(1 << 23, max(1 << 22, cols * n)) // cols if device.type == "cpu" else cols
    return cols, max(1, min(rows, m))
