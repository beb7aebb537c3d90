"""Derivatives of the energies: plain autograd for small input, and backward passes that stream for large input.

E has the closed gradient ``2 (x - T(x))``, and T the symmetric Jacobian ``2 beta Cov_w(rho)``: nothing of size m x d is
saved.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from assocmem.memory._tiled.answers import energies, retrievals
from assocmem.memory._tiled.checks import Checked
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.request import Request, default_plan, request_for
from assocmem.memory._tiled.rows import exact_dtype, work_dtype
from assocmem.memory._tiled.soft import soft_minimum
from assocmem.memory._tiled.weights import pattern_gradient, retrieval_gradients


def _small(checked: Checked) -> bool:
    return len(checked.x) * checked.rows.count * checked.rows.n <= default_plan().dense_limit


def _dense_distances(checked: Checked, patterns: Tensor) -> Tensor:
    """Squared distances (m, d), differentiable; inf where self is masked."""
    x, wide = checked.x, exact_dtype(checked.x.device)
    distances = (x.to(wide)[:, None, :] - patterns.to(wide)).square().sum(-1)
    if checked.self_offset is None:
        return distances
    return distances.masked_fill(torch.eye(len(x), dtype=torch.bool, device=x.device), torch.inf)


def energy(checked: Checked, patterns: Tensor, beta: float, precision: Precision) -> Tensor:
    """E_beta (m,), differentiable."""
    if _small(checked):
        return soft_minimum(_dense_distances(checked, patterns), beta).to(work_dtype(checked.x.dtype))
    return _apply(_Energy, checked.x, patterns, request_for(checked, beta=beta, precision=precision), False)


def retrieval(checked: Checked, patterns: Tensor, beta: float, precision: Precision) -> Tensor:
    """T (m, n), differentiable."""
    if _small(checked):
        distances = _dense_distances(checked, patterns)
        weights = torch.softmax(-beta * (distances - distances.detach().amin(-1, keepdim=True)), -1)
        return (weights @ patterns.to(weights.dtype)).to(checked.x.dtype)
    return _apply(_Retrieval, checked.x, patterns, request_for(checked, beta=beta, precision=precision))


def log_mean_product(checked: Checked, beta: float) -> Tensor:
    """``(1/beta) log sum_i exp(beta rho_i.x)``, (m,), differentiable: the LSE of the MCHN energy."""
    x, patterns = checked.x, checked.stored
    if isinstance(patterns, Tensor) and _small(checked):
        wide = exact_dtype(x.device)
        return torch.logsumexp(beta * (x.to(wide) @ patterns.to(wide).T), -1) / beta
    products = request_for(checked, beta=beta / 2, heights=-sq_norms(checked))
    if isinstance(patterns, Tensor) and checked.has_gradient():
        return -_apply(_Energy, x, patterns, products, True)
    return -_as_product(x, energies(products).energy)


def _apply(function: Any, *arguments: object) -> Tensor:
    """Function.apply, typed."""
    value: Tensor = function.apply(*arguments)
    return value


def sq_norms(checked: Checked) -> Tensor:
    """``|rho|^2`` (d,) block by block."""
    wide, rows = exact_dtype(checked.x.device), checked.rows
    return torch.cat([rows.block(i, j).to(wide).square().sum(-1) for i, j in rows.blocks()])


def _as_product(x: Tensor, energy: Tensor) -> Tensor:
    """-LSE(beta, rho.x) from the energy at beta / 2 of costs ``|x - rho|^2 - |rho|^2``."""
    return (energy - x.detach().to(energy.dtype).square().sum(-1)) / 2


class _Energy(torch.autograd.Function):
    """E_beta, or -LSE(beta, rho.x) for ``dot``; the first backward streams, a second one goes on in x only."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, patterns: Tensor, request: Request, dot: bool) -> Tensor:
        sums = retrievals(request)
        ctx.save_for_backward(x, patterns)
        ctx.request, ctx.sums, ctx.dot = request, sums, dot
        value = _as_product(x, sums.energy) if dot else sums.energy
        return value.to(work_dtype(x.dtype))

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        x, patterns = ctx.saved_tensors
        (grad,) = outer
        by_query = by_pattern = None
        again = torch.is_grad_enabled()
        if ctx.needs_input_grad[0]:
            if again and ctx.dot:
                raise NotImplementedError(f"a second derivative of mchn_energy needs m * d * n <= {_limit(ctx)}")
            mean: Tensor = ctx.sums.retrieval
            if again:
                mean = _apply(_Retrieval, x, patterns, replace(ctx.request, precision="ieee"))
            by_query = grad[:, None] * (-mean if ctx.dot else 2 * (x.to(mean.dtype) - mean))
            by_query = by_query.to(x.dtype)
        if ctx.needs_input_grad[1]:
            if again:
                raise NotImplementedError(f"a second derivative in the patterns needs m * d * n <= {_limit(ctx)}")
            by_pattern = pattern_gradient(ctx.request, ctx.sums, grad, dot=ctx.dot).to(patterns.dtype)
        return by_query, by_pattern, None, None


def _limit(ctx: Any) -> int:
    """Up to which size derivatives are those of plain tensor expressions."""
    limit: int = ctx.request.plan.dense_limit
    return limit


class _Retrieval(torch.autograd.Function):
    """T(x), with a backward that streams; once."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, patterns: Tensor, request: Request) -> Tensor:
        ctx.request, ctx.sums = request, retrievals(request)
        ctx.types = x.dtype, patterns.dtype
        value: Tensor = ctx.sums.retrieval.to(x.dtype)
        return value

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        by_query, by_pattern = retrieval_gradients(ctx.request, ctx.sums, outer[0].to(ctx.request.frame.dtype))
        return by_query.to(ctx.types[0]), by_pattern.to(ctx.types[1]), None
