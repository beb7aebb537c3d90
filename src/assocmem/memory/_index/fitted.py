"""Patterns that are asked again and again: read once, and where they are in memory held as products take them.

A search of few queries spends most of its time on reading the patterns for their extent and on centering them; both
depend on the patterns alone, so what is held gives the same bits as a plain call.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from assocmem.memory._tiled.rows import Extent, Frame, Rows, extent, frame, work_dtype


class Fitted(Rows):
    """Rows with their extent, and in memory with room for what a tile is loaded with.

    Attributes
    ----------
    extent : Extent
        Of all rows.
    settled : Extent
        Of the blocks that later rows cannot change.
    ready : tuple of Tensor, optional
        All rows in ``base``, as a tile of all patterns is loaded, and their bias; made by the first pass by tiles.
    base : Frame, optional
        The frame where no query is far out; None where nothing is held.
    """

    def __init__(
        self, data: Tensor | np.ndarray[Any, Any], device: torch.device, *, hold: bool, before: Extent | None = None
    ) -> None:
        super().__init__(data, device)
        last = self.blocks()[-1][0] if self.count else 0
        self.settled = extent(self, before, last)
        self.extent = extent(self, self.settled)
        self.version = self._version()
        self.base = frame(self.extent, None, work_dtype(self.dtype)) if hold else None
        self.ready: tuple[Tensor, Tensor] | None = None

    @classmethod
    def known(cls, data: Tensor, device: torch.device, known: Extent) -> Fitted:
        """Rows that were read by somebody else, and are not read here."""
        rows = cls.__new__(cls)
        Rows.__init__(rows, data, device)
        rows.extent, rows.settled, rows.version = known, known, rows._version()
        rows.base, rows.ready = None, None
        return rows

    def fits(self, around: Frame) -> bool:
        """Whether a frame is the one in which rows are held."""
        base = self.base
        if base is None or (base.scale, base.dtype) != (around.scale, around.dtype):
            return False
        return torch.equal(base.center, around.center)

    @property
    def changed(self) -> bool:
        """Whether a tensor was written to since it was read; what is on disk is not watched."""
        return self.version != self._version()

    def _version(self) -> int | None:
        data = self._data
        return data._version if isinstance(data, Tensor) and not data.is_inference() else None
