"""Energies for any distance: the soft minimum of each block's distances, merged; a gradient forms its blocks again."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from assocmem.memory._blocked.blocks import Blocks, Range, own_mask
from assocmem.memory._blocked.distances import Metric, distance_table
from assocmem.memory._tiled.checks import Checked
from assocmem.memory._tiled.rows import work_dtype
from assocmem.memory._tiled.soft import soft_minimum
from assocmem.memory._tiled.wrapped import wrapped


def blocked_energy(checked: Checked, metric: Metric, beta: float | Tensor) -> Tensor:
    """E_beta (m,) of distances by a metric, in float32 or float64."""
    blocks = Blocks(checked, metric)
    parts = [_one_block(checked, metric, beta, queries, blocks.patterns) for queries in blocks.queries]
    return torch.cat(parts) if parts else checked.x.new_zeros(0, dtype=work_dtype(checked.x.dtype))


def _one_block(checked: Checked, metric: Metric, beta: float | Tensor, queries: Range, patterns: list[Range]) -> Tensor:
    """The energy of a block of queries, block of patterns by block of patterns."""

    def part(x: Tensor, block: Tensor, own: Tensor | None, beta: float | Tensor) -> Tensor:
        return soft_minimum(distance_table(x, block, metric, own), beta)

    def again(*arguments: Tensor | float | None) -> Tensor:
        value: Tensor = checkpoint(part, *arguments, use_reentrant=False, preserve_rng_state=False)
        return value

    inside = wrapped(checked.x, checked.stored, beta)  # Where torch.func has no hooks for what is saved.
    call = again if checked.has_gradient(beta) and not inside else part
    x = checked.x[slice(*queries)]
    total = call(x, checked.block(*patterns[0]), own_mask(checked, queries, patterns[0]), beta)
    for some in patterns[1:]:
        value = call(x, checked.block(*some), own_mask(checked, queries, some), beta)
        total = soft_minimum(torch.stack([total, value], -1), beta)
    return total


def blocked_energy_and_gradient(checked: Checked, metric: Metric, beta: float) -> tuple[Tensor, Tensor]:
    """The energy (m,) and its gradient (m, n) in the queries; 0 for a distance that has no slope."""
    x = checked.x.detach().to(work_dtype(checked.x.dtype)).requires_grad_()
    stored = checked.stored.detach() if isinstance(checked.stored, Tensor) else checked.stored
    with torch.enable_grad():
        value = blocked_energy(checked.with_gradient(x, stored), metric, beta)
        gradient = torch.autograd.grad(value.sum(), x)[0] if value.requires_grad else torch.zeros_like(x)
    return value.detach(), gradient
