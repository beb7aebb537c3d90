"""Rows in blocks and strips: none is left out, whatever the size of a strip."""

from __future__ import annotations

import math

import pytest
import torch

from assocmem.memory import stream
from assocmem.memory._tiled import rows as _rows
from assocmem.memory.streaming import WANTS
from hard_data import activations, errors


def test_more_rows_than_one_strip_of_the_cache() -> None:
    x, patterns = activations("offset", m=2 * _rows.STRIP // 64 + 5, d=300, n=64)
    wrong = errors(stream(x, patterns, want=WANTS, beta=0.02, k=3), x, patterns, 0.02, 3)
    assert wrong["distance"] < 1e-6
    assert wrong["index"] == 0
    assert wrong["energy"] < 1e-4
    assert wrong["retrieval"] < 1e-3


def test_extent_sees_every_strip() -> None:
    rows = torch.zeros(3 * _rows.STRIP // 64, 64)
    rows[0, 0], rows[-1, 1], rows[len(rows) // 2, 2] = 5.0, -7.0, 3.0
    extent = _rows.extent(_rows.Rows(rows, rows.device))
    assert (extent.high[:3].tolist(), extent.low[:3].tolist()) == ([5.0, 0.0, 3.0], [0.0, -7.0, 0.0])
    assert extent.total[:3].tolist() == [5.0, -7.0, 3.0]
    rows[1, 5] = math.nan
    with pytest.raises(ValueError, match="patterns must be finite"):
        stream(torch.zeros(1, 64), rows)
