"""Neighbors by any distance: the k least of each block of distances, merged."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from assocmem.memory._blocked.blocks import Blocks, Range, own_mask
from assocmem.memory._blocked.distances import Metric, distance_table
from assocmem.memory._tiled.checks import Checked
from assocmem.memory._tiled.rows import work_dtype


@torch.no_grad()
def blocked_neighbors(checked: Checked, metric: Metric, k: int) -> tuple[Tensor, Tensor]:
    """Distances (m, k), ascending, and indices (m, k); the lower index first among equals, then (inf, -1)."""
    x, blocks = checked.x, Blocks(checked, metric)
    parts = [_one_block(checked, metric, k, queries, blocks.patterns) for queries in blocks.queries]
    if not parts:
        return x.new_zeros(0, k, dtype=work_dtype(x.dtype)), torch.zeros(0, k, dtype=torch.int64, device=x.device)
    values, index = (torch.cat(column) for column in zip(*parts, strict=True))
    return values, index.masked_fill(values.isinf(), -1)


def _one_block(
    checked: Checked, metric: Metric, k: int, queries: Range, patterns: list[Range]
) -> tuple[Tensor, Tensor]:
    x = checked.x[slice(*queries)]
    best = torch.full((len(x), k), math.inf, dtype=work_dtype(x.dtype), device=x.device)
    index = torch.full((len(x), k), -1, dtype=torch.int64, device=x.device)
    for some in patterns:
        values = distance_table(x, checked.block(*some), metric, own_mask(checked, queries, some))
        where = torch.arange(*some, device=x.device).expand_as(values)
        # A stable sort keeps earlier indices first among equals.
        merged = torch.cat([best, values], -1).sort(dim=-1, stable=True)
        best = merged.values[:, :k]
        index = torch.cat([index, where], -1).gather(-1, merged.indices[:, :k])
    return best, index
