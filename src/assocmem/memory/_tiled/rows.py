"""Patterns as rows that can be read in blocks: a tensor, or a numpy memmap that may be larger than memory.

Also the frame in which scores are computed: distances do not change when the patterns' mean is subtracted and all is
multiplied by a power of two, but rounding errors do. Without it float32 loses neighbors at norms of some thousands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

BLOCK = 1 << 21
"""Numbers read at once when all patterns are looked at."""

STRIP = 1 << 16
"""Of these, numbers that stay in the cache of one core while more than one thing is done to them."""

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def work_dtype(dtype: torch.dtype) -> torch.dtype:
    """What scores are computed in: half precision only stores; energies and distances come back in this type too."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def exact_dtype(device: torch.device) -> torch.dtype:
    """What direct differences are summed in."""
    return torch.float32 if device.type == "mps" else torch.float64


class Rows:
    """Patterns (d, n) that can be read by blocks and by index on one device."""

    def __init__(self, data: Tensor | np.ndarray[Any, Any], device: torch.device) -> None:
        self.device = device
        self._data = data.detach() if isinstance(data, Tensor) else data
        self.count, self.n = int(data.shape[0]), int(data.shape[1])
        self.dtype = data.dtype if isinstance(data, Tensor) else getattr(torch, data.dtype.newbyteorder("=").name)

    def same_as(self, x: Tensor) -> bool:
        """Whether these rows are the very tensor x."""
        held = self._data
        return (
            isinstance(held, Tensor)
            and held.dtype == x.dtype
            and held.shape == x.shape
            and held.stride() == x.stride()
            and held.data_ptr() == x.data_ptr()
        )

    def block(self, start: int, stop: int) -> Tensor:
        """Rows start..stop (stop - start, n)."""
        part = self._data[start:stop]
        return part if isinstance(part, Tensor) else self._moved(part)

    def take(self, index: Tensor) -> Tensor:
        """Rows (len(index), n) by int64 index (k,)."""
        if isinstance(self._data, Tensor):
            return self._data.index_select(0, index)
        return self._moved(self._data[index.cpu().numpy()])

    def whole(self) -> Tensor:
        """All rows, one after the other, so that equal rows give equal sums; for few patterns only."""
        return self._data.contiguous() if isinstance(self._data, Tensor) else self.block(0, self.count)

    def _moved(self, part: np.ndarray[Any, Any]) -> Tensor:
        native = np.array(part, dtype=part.dtype.newbyteorder("="))
        return torch.from_numpy(native).to(self.device)

    def blocks(self) -> list[tuple[int, int]]:
        """Ranges of rows that are read at once."""
        step = max(1, BLOCK // max(1, self.n))
        return [(i, min(i + step, self.count)) for i in range(0, self.count, step)]


@dataclass(frozen=True)
class Extent:
    """Sum, least and largest value of each column (n,), and how many rows: what shards add up to one frame."""

    total: Tensor
    low: Tensor
    high: Tensor
    count: int

    @property
    def finite(self) -> bool:
        """Whether no row has nan or infinity."""
        return bool((torch.isfinite(self.low) & torch.isfinite(self.high)).all())


def extent(rows: Rows, before: Extent | None = None, stop: int | None = None) -> Extent:
    """One reading of all patterns. nan and infinity show in ``low`` and ``high``.

    ``before`` is what was read of whole blocks earlier, which are not read again; ``stop`` ends the reading there.
    """
    wide = exact_dtype(rows.device)
    if before is None:
        high = torch.full((rows.n,), -math.inf, dtype=wide, device=rows.device)
        before = Extent(torch.zeros_like(high), -high, high, 0)
    total, low, high = before.total.clone(), before.low, before.high
    for start, end in rows.blocks():
        if before.count <= start < (rows.count if stop is None else stop):
            for part in strips(rows.block(start, end)):
                low, high = torch.minimum(low, part.amin(0)), torch.maximum(high, part.amax(0))
                total += part.sum(0, dtype=work_dtype(part.dtype))  # Near the mean is near enough.
    return Extent(total, low, high, rows.count if stop is None else stop)


def strips(block: Tensor, numbers: int = STRIP) -> tuple[Tensor, ...]:
    """A block (r, n) in parts of so many numbers, which a core keeps in its cache; whole on a GPU."""
    lines = numbers // max(1, block.shape[1]) if block.device.type == "cpu" else len(block)
    return torch.split(block, max(1, lines))


@dataclass(frozen=True)
class Frame:
    """y -> (y - center) * scale in ``dtype``; ``scale`` is a power of two, so it rounds nothing."""

    center: Tensor
    scale: float
    dtype: torch.dtype

    def wide(self) -> Frame:
        """The same frame in float64."""
        return Frame(self.center.double(), self.scale, torch.float64)

    def apply(self, block: Tensor, out: Tensor | None = None) -> Tensor:
        """Block (r, n) of any float type into the frame."""
        shift = self.center * -self.scale
        if out is None:
            return torch.add(shift, block.to(self.dtype), alpha=self.scale)
        return torch.add(shift, block.to(self.dtype), alpha=self.scale, out=out[: len(block)])


def frame(patterns: Extent, queries: Extent | None, dtype: torch.dtype, *, center: bool = True) -> Frame:
    """Centered on the patterns' mean, with their radius near one and no query so far out that squares overflow.

    Not ``center`` leaves all where it is, which tests compare with.
    """
    middle = patterns.total / max(1, patterns.count)
    middle = torch.where(torch.isfinite(middle), middle, patterns.low / 2 + patterns.high / 2)
    if not center:
        return Frame(torch.zeros_like(middle, dtype=dtype), 1.0, dtype)
    origin = middle.to(dtype)
    return Frame(origin, _scale(patterns, queries, origin, dtype), dtype)


def _scale(patterns: Extent, queries: Extent | None, center: Tensor, dtype: torch.dtype) -> float:
    """The power of two that brings the patterns' radius near one."""
    if patterns.count == 0:
        return 1.0
    wide = dtype == torch.float64
    spread = _radius(patterns, center)
    reach = _radius(queries, center) if queries is not None and queries.count else 0.0
    power = -math.frexp(spread)[1] if spread > 0 else 0
    if reach > 0:
        power = min(power, (250 if wide else 50) - math.frexp(reach)[1])
    limit = 400 if wide else 126
    return math.ldexp(1.0, max(-limit, min(limit, power)))


def _radius(extent: Extent, center: Tensor) -> float:
    """Largest distance from the center in one coordinate."""
    if not len(center):
        return 0.0
    value = float(torch.maximum((extent.high - center).abs(), (extent.low - center).abs()).max())
    return value if math.isfinite(value) else torch.finfo(torch.float64).max
