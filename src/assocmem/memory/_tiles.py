"""Tiles of scores: their shape, what goes into the product, and who is left out."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from assocmem.memory._precision import Precision

GROUP = 16
"""Columns per group when the best of a tile are sought."""


def operand(block: Tensor, precision: Precision) -> Tensor:
    """A factor of the product, in place: for TF32 rounded to its 10 bits here, not by the hardware.

    The products are then exact, and the scores are those of points moved by 2^-11 of their size. That costs a distance
    r an error of some 2^-11 |x| r; rounding inside the hardware, unseen by the bias |p|^2, costs 2^-10 |x||p|.
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


def tile_shape(m: int, d: int, n: int, device: torch.device) -> tuple[int, int]:
    """Columns and rows of a tile: in cache on a CPU, a few hundred megabytes of scores on a GPU."""
    if device.type == "cpu":
        cols = max(256, min(4096, (1 << 22) // max(1, n)))
        rows = (1 << 21) // cols
    else:
        cols = rows = 8192 if n <= 8192 else 2048
    cols = max(GROUP, min(cols, -(-d // GROUP) * GROUP))
    return cols, max(1, min(rows, m))
