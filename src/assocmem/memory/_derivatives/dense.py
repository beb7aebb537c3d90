"""Small input: energies and means as plain tensor expressions, which autograd differentiates as often as one likes."""

from __future__ import annotations

import torch
from torch import Tensor

from assocmem.memory._tiled.checks import Checked
from assocmem.memory._tiled.request import default_plan
from assocmem.memory._tiled.rows import exact_dtype
from assocmem.memory._tiled.soft import finite, soft_minimum


def small(checked: Checked) -> bool:
    """Whether all differences may be held at once."""
    few = len(checked.x) * checked.rows.count * checked.rows.n <= default_plan().dense_limit
    return few and checked.limits is not None


def dense_energy(checked: Checked, beta: float | Tensor) -> Tensor:
    """E_beta (m,) in float64."""
    return soft_minimum(_distances(checked), beta)


def dense_mean(checked: Checked, beta: float | Tensor) -> Tensor:
    """T (m, n) in float64."""
    distances = _distances(checked)
    weights = torch.softmax(-beta * finite(distances - distances.detach().amin(-1, keepdim=True)), -1)
    return weights @ _patterns(checked).to(weights.dtype)


def dense_dot(checked: Checked, beta: float | Tensor) -> Tensor:
    """The soft minimum (m,) of ``-x.rho``, in float64."""
    wide = exact_dtype(checked.x.device)
    return -torch.logsumexp(beta * (checked.x.to(wide) @ _patterns(checked).to(wide).T), -1) / beta


def _patterns(checked: Checked) -> Tensor:
    return checked.block(0, checked.rows.count)


def _distances(checked: Checked) -> Tensor:
    """Squared distances (m, d), differentiable; inf where self is masked."""
    x, wide = checked.x, exact_dtype(checked.x.device)
    distances = (x.to(wide)[:, None, :] - _patterns(checked).to(wide)).square().sum(-1)
    if checked.self_offset is None:
        return distances
    return distances.masked_fill(torch.eye(len(x), dtype=torch.bool, device=x.device), torch.inf)
