"""Energies and means that autograd and torch.func can differentiate: small input plainly, the rest by tiles."""

from __future__ import annotations

import math

from torch import Tensor

from assocmem.memory._derivatives.case import Case, sq_norms
from assocmem.memory._derivatives.dense import dense_dot, dense_energy, dense_mean, small
from assocmem.memory._derivatives.passes import Pass, Slopes
from assocmem.memory._derivatives.programs import X
from assocmem.memory._tiled.answers import energies, retrievals
from assocmem.memory._tiled.checks import Checked, check_beta
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.request import request_for
from assocmem.memory._tiled.rows import exact_dtype, work_dtype
from assocmem.memory._tiled.wrapped import apply, wrapped


def energy_and_mean(
    checked: Checked, beta: float | Tensor, precision: Precision = "ieee", *, dot: bool = False
) -> tuple[Tensor, Tensor]:
    """E (m,) in float64 and T (m, n) in the working type or float64, by one pass; ``dot`` costs are ``-x.rho``."""
    if not checked.has_gradient(beta) and not dot:
        sums = retrievals(request_for(checked, beta=check_beta(beta), precision=precision))
        return sums.energy, sums.retrieval
    energy, mean, *_ = _passed(checked, beta, Case.of(checked, precision, dot=dot))
    return energy, mean


def _passed(checked: Checked, beta: float | Tensor, case: Case) -> tuple[Tensor, ...]:
    outputs: tuple[Tensor, ...] = apply(Pass, case, checked.x, _tensor(checked), beta)
    return outputs


def _tensor(checked: Checked) -> Tensor | None:
    return checked.stored if isinstance(checked.stored, Tensor) else None


def mean_slopes(checked: Checked, beta: float | Tensor, vectors: Tensor) -> Tensor:
    """The Jacobian of T at each query times its vector, (m, n); it is symmetric."""
    case = Case.of(checked)
    outputs = _passed(checked, beta, case)
    (slopes,) = apply(Slopes, case, (X,), checked.x, _tensor(checked), beta, *outputs, None, vectors)
    result: Tensor = slopes
    return result


def energy(checked: Checked, beta: float | Tensor, precision: Precision = "ieee") -> Tensor:
    """E_beta (m,) of squared distances."""
    if not checked.has_gradient(beta):
        value = energies(request_for(checked, beta=check_beta(beta), precision=precision)).energy
    elif small(checked) and not wrapped(beta):
        value = dense_energy(checked, beta)
    else:
        value = energy_and_mean(checked, beta, precision)[0]
    return value.to(work_dtype(checked.x.dtype), copy=True)  # What a backward pass needs is not the caller's to change.


def retrieval(checked: Checked, beta: float | Tensor, precision: Precision = "ieee") -> Tensor:
    """T (m, n) of squared distances."""
    if checked.has_gradient(beta) and small(checked) and not wrapped(beta):
        return dense_mean(checked, beta).to(checked.x.dtype)
    return energy_and_mean(checked, beta, precision)[1].to(checked.x.dtype, copy=True)


def log_mean_product(checked: Checked, beta: float | Tensor) -> Tensor:
    """``(1/beta) log sum_i exp(beta rho_i.x)``, (m,) in float64: the LSE of the MCHN energy."""
    if small(checked) and not wrapped(beta):
        return -dense_dot(checked, beta)
    if checked.has_gradient(beta):
        return -energy_and_mean(checked, beta, dot=True)[0]
    level = energies(request_for(checked, beta=check_beta(beta) / 2, heights=-sq_norms(checked))).energy
    return (checked.x.detach().to(level.dtype).square().sum(-1) - level) / 2


def largest_sq_norm(checked: Checked) -> Tensor:
    """``max |rho|^2`` without a d x n temporary."""
    patterns, wide = checked.stored, exact_dtype(checked.x.device)
    if wrapped(patterns):
        assert isinstance(patterns, Tensor)
        return patterns.to(wide).square().sum(-1).amax()
    norms = sq_norms(checked)
    if not isinstance(patterns, Tensor) or not patterns.requires_grad:
        return norms.amax()
    return patterns[norms == norms.amax()].to(norms.dtype).square().sum(-1).amax()


def mchn_energy(checked: Checked, beta: float | Tensor) -> Tensor:
    """The MCHN energy (m,)."""
    wide, dtype = exact_dtype(checked.x.device), work_dtype(checked.x.dtype)
    x = checked.x.to(dtype)  # Once, so that the gradient x - T of half precision is rounded once, after the difference.
    scores = log_mean_product(checked.with_gradient(x, checked.stored), beta).to(wide)
    size = (x.to(wide).square().sum(-1) + largest_sq_norm(checked)) / 2
    return (size - scores + math.log(checked.rows.count) / beta).to(dtype)
