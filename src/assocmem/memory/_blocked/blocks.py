"""Ranges of queries and of patterns such that no block of distances holds too many numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from assocmem.memory._blocked.distances import Metric
from assocmem.memory._tiled.checks import Checked
from assocmem.memory._tiled.request import default_plan

Range = tuple[int, int]


class Blocks:
    """Blocks of queries against blocks of patterns.

    A block has at least two patterns, so that a query which leaves itself out keeps a finite sum in each block.
    """

    def __init__(self, checked: Checked, metric: Metric) -> None:
        m, d, n = len(checked.x), checked.rows.count, checked.rows.n
        limit = default_plan().block_limit
        depth = 1 if isinstance(metric, str) else max(1, n)  # a function's gradient keeps every coordinate's part
        columns = max(2, min(d, limit // depth))
        self.queries = _ranges(m, max(1, limit // (columns * depth)))
        self.patterns = _ranges(d, columns)
        if len(self.patterns) > 1 and d - self.patterns[-1][0] == 1:
            self.patterns[-2:] = [(self.patterns[-2][0], d)]


def _ranges(count: int, step: int) -> list[Range]:
    return [(start, min(start + step, count)) for start in range(0, count, step)]


def own_mask(checked: Checked, queries: Range, patterns: Range) -> Tensor | None:
    """Where queries meet themselves among patterns, as a mask (r, t), or None where they do not."""
    (start, stop), (left, right) = queries, patterns
    if checked.self_offset is None or start >= right or stop <= left:
        return None
    numbers = torch.arange(start, stop, device=checked.x.device)[:, None]
    return numbers == torch.arange(left, right, device=checked.x.device)
