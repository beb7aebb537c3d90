"""What follows the product of a tile, in one kernel: step by step, a tile in a GPU's memory is read several times.

Off unless asked for, as the kernel is made by torch.compile, which takes seconds at its first use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

import torch
from torch import Tensor

_wanted: ContextVar[bool] = ContextVar("compiled", default=False)

Sums = Callable[[Tensor, Tensor, Tensor, float], Tensor]


@contextmanager
def compiled() -> Iterator[None]:
    """Within it, energies of large problems sum the weights of a tile in one kernel made by torch.compile.

    The first use takes some seconds, and needs a C++ compiler on a CPU, Triton on a GPU; without them torch raises an
    error there. Results agree with those outside it up to rounding: only the sum over far patterns is taken in another
    order. Meant for many energies on a GPU, where it is unmeasured; on a CPU, with tiles in cache, it gains little.
    """
    before = _wanted.set(True)
    try:
        yield
    finally:
        _wanted.reset(before)


def row_sums(tile: Tensor, shift: Tensor, left: Tensor, floor: float) -> Tensor:
    """Sum over t of exp(left (tile[r, t] - shift[r])), shape (r,), each exponent at least ``floor``."""
    return tile.sub(shift[:, None]).mul(left).clamp(min=floor).exp().sum(-1)


@cache
def _fused() -> Sums:
    return torch.compile(row_sums, dynamic=True, fullgraph=True)


def fused() -> Sums | None:
    """The kernel, within `compiled`; else None."""
    return _fused() if _wanted.get() else None
