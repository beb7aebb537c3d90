"""Retrieval for the taxicab distance: the weighted median of each coordinate, and what a step to it brings."""

from __future__ import annotations

import torch
from torch import Tensor

from assocmem.memory._blocked.blocks import own_mask
from assocmem.memory._blocked.distances import distance_table
from assocmem.memory._tiled.checks import Checked
from assocmem.memory._tiled.request import default_plan


def weighted_medians(checked: Checked, beta: float) -> Tensor:
    """The point (m, n) that minimizes ``sum_i w_i |y - rho_i|_1``, the lower one where there is a choice.

    Each coordinate is one of a pattern, and has its gradient.
    """
    return checked.block(0, checked.rows.count).gather(0, _median_rows(checked, beta))


@torch.no_grad()
def _median_rows(checked: Checked, beta: float) -> Tensor:
    """From which pattern each coordinate of the medians is, (m, n).

    A block holds the weights of a few queries on all patterns, which are sorted once, column by column.
    """
    checked.outside()
    x, stored = checked.x, checked.rows.whole()
    order = stored.argsort(dim=0, stable=True)
    out = torch.empty(x.shape, dtype=torch.int64, device=x.device)
    for part in _parts(checked):
        query = x[part]
        own = own_mask(checked, (part.start, part.start + len(query)), (0, len(stored)))
        weights = torch.softmax(-beta * distance_table(query, stored, "l1", own).double(), -1)
        for c in range(x.shape[1]):
            share = weights[:, order[:, c]].cumsum(-1)
            at = torch.searchsorted(share, share[:, -1:] / 2).squeeze(-1)
            out[part, c] = order[at.clamp(max=len(stored) - 1), c]
    return out


@torch.no_grad()
def step_certificate(checked: Checked, moved: Tensor, beta: float) -> tuple[Tensor, Tensor]:
    """``sum_i w_i (d_i(x) - d_i(y))`` and ``KL(w(x) || w(y)) / beta`` for y = ``moved``, (m,) in float64 each.

    As w(y) is proportional to ``w(x) exp(a)`` with ``a_i = beta (d_i(x) - d_i(y))``, the divergence is
    ``log sum_i w_i exp(a_i) - sum_i w_i a_i``: energies do not enter.
    """
    stored = checked.rows.whole().double()
    drops, divergences = [], []
    for part in _parts(checked):
        here = distance_table(checked.x[part].double(), stored, "l1")
        change = beta * (here - distance_table(moved[part].double(), stored, "l1"))
        logarithms = torch.log_softmax(-beta * here, -1)
        mean = (logarithms.exp() * change).sum(-1)
        drops.append(mean / beta)
        divergences.append((torch.logsumexp(logarithms + change, -1) - mean) / beta)
    return torch.cat(drops), torch.cat(divergences)


def _parts(checked: Checked) -> list[slice]:
    m, step = len(checked.x), max(1, default_plan().block_limit // max(1, checked.rows.count * checked.rows.n))
    return [slice(start, min(start + step, m)) for start in range(0, m, step)]
