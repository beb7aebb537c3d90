"""Derivatives of the energies: plain autograd for small input, and backward passes that stream for large input.

E has the closed gradient 2 (x - T(x)), and T the symmetric Jacobian 2 beta Cov_w(rho): nothing of size m x d is saved.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assocmem.memory._tiled.checks import Checked, Patterns, check
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.request import Job, job
from assocmem.memory._tiled.rows import exact_dtype, work_dtype
from assocmem.memory._tiled.stream import run
from assocmem.memory._tiled.weights import pattern_gradient, retrieval_gradients

DENSE = 1 << 20
"""Up to m * d * n of this size the energies are plain tensor expressions, differentiable as often as one likes."""

BOTH = frozenset({"energy", "retrieval"})


def wanted(x: Tensor, patterns: Tensor) -> bool:
    """Whether a gradient may be asked for."""
    return torch.is_grad_enabled() and (x.requires_grad or patterns.requires_grad)


def _small(x: Tensor, patterns: Tensor) -> bool:
    return x.shape[0] * patterns.numel() <= DENSE


def _dense_distances(x: Tensor, patterns: Tensor, found: Checked) -> Tensor:
    """Squared distances (m, d), differentiable; inf where self is masked."""
    wide = exact_dtype(x.device)
    distances = (x.to(wide)[:, None, :] - patterns.to(wide)).square().sum(-1)
    if found.self_offset is None:
        return distances
    return distances.masked_fill(torch.eye(len(x), dtype=torch.bool, device=x.device), torch.inf)


def energy(x: Tensor, patterns: Tensor, found: Checked, beta: float, precision: Precision) -> Tensor:
    """E_beta (m,), differentiable."""
    if _small(x, patterns):
        distances = _dense_distances(x, patterns, found)
        nearest = distances.detach().amin(-1, keepdim=True)
        value = nearest.squeeze(-1) - torch.logsumexp(-beta * (distances - nearest), -1) / beta
        return value.to(work_dtype(x.dtype))
    return _apply(_Energy, x, patterns, beta, found.self_offset is not None, precision, False)


def retrieval(x: Tensor, patterns: Tensor, found: Checked, beta: float, precision: Precision) -> Tensor:
    """T (m, n), differentiable."""
    if _small(x, patterns):
        distances = _dense_distances(x, patterns, found)
        weights = torch.softmax(-beta * (distances - distances.detach().amin(-1, keepdim=True)), -1)
        return (weights @ patterns.to(weights.dtype)).to(x.dtype)
    return _apply(_Retrieval, x, patterns, beta, found.self_offset is not None, precision)


def log_mean_product(x: Tensor, patterns: Patterns, found: Checked, beta: float) -> Tensor:
    """(1/beta) log sum_i exp(beta rho_i.x), (m,), differentiable: the LSE of the MCHN energy."""
    if isinstance(patterns, Tensor) and _small(x, patterns):
        wide = exact_dtype(x.device)
        return torch.logsumexp(beta * (x.to(wide) @ patterns.to(wide).T), -1) / beta
    if isinstance(patterns, Tensor) and wanted(x, patterns):
        return -_apply(_Energy, x, patterns, beta, False, "ieee", True)
    todo = _job(found, beta, "ieee", True, frozenset({"energy"}))
    value = run(todo).energy
    assert value is not None
    return -_as_product(x, value)


def _apply(function: Any, *arguments: Any) -> Tensor:
    """Function.apply, typed."""
    value = function.apply(*arguments)
    assert isinstance(value, Tensor)
    return value


def _job(found: Checked, beta: float, precision: Precision, dot: bool, want: frozenset[str]) -> Job:
    """The pass behind E, or behind -LSE(beta, rho.x): the energy at beta / 2 of costs |x - rho|^2 - |rho|^2."""
    if not dot:
        return job(found, want, beta, precision=precision)
    wide = exact_dtype(found.x.device)
    blocks = [found.rows.block(i, j).to(wide).square().sum(-1) for i, j in found.rows.blocks()]
    return job(found, want, beta / 2, precision=precision, heights=-torch.cat(blocks))


def _as_product(x: Tensor, energy: Tensor) -> Tensor:
    """-LSE(beta, rho.x) from the energy at beta / 2 of costs -2 rho.x + |x|^2."""
    return (energy - x.detach().to(energy.dtype).square().sum(-1)) / 2


class _Energy(torch.autograd.Function):
    """E_beta, or -LSE(beta, rho.x) for ``dot``; the first backward streams, a second one goes on in x only."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, patterns: Tensor, beta: float, exclude_self: bool, precision: Precision, dot: bool
    ) -> Tensor:
        found = check(x, patterns, exclude_self=exclude_self)
        todo = _job(found, beta, precision, dot, BOTH)
        seen = run(todo)
        assert seen.energy is not None
        ctx.save_for_backward(x, patterns)
        ctx.todo, ctx.seen, ctx.dot = todo, seen, dot
        value = _as_product(x, seen.energy) if dot else seen.energy
        return value.to(work_dtype(x.dtype))

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        x, patterns = ctx.saved_tensors
        (grad,) = outer
        by_query = by_pattern = None
        again = torch.is_grad_enabled()
        if ctx.needs_input_grad[0]:
            if again and ctx.dot:
                raise NotImplementedError(f"a second derivative of mchn_energy needs m * d * n <= {DENSE}")
            if again:
                mean = _apply(_Retrieval, x, patterns, ctx.todo.beta, ctx.todo.own is not None, "ieee")
            else:
                mean = ctx.seen.retrieval
            assert isinstance(mean, Tensor)
            by_query = grad[:, None] * (-mean if ctx.dot else 2 * (x.to(mean.dtype) - mean))
            by_query = by_query.to(x.dtype)
        if ctx.needs_input_grad[1]:
            if again:
                raise NotImplementedError(f"a second derivative in the patterns needs m * d * n <= {DENSE}")
            by_pattern = pattern_gradient(ctx.todo, ctx.seen, grad, dot=ctx.dot).to(patterns.dtype)
        return by_query, by_pattern, None, None, None, None


class _Retrieval(torch.autograd.Function):
    """T(x), with a backward that streams; once."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, patterns: Tensor, beta: float, exclude_self: bool, precision: Precision) -> Tensor:
        found = check(x, patterns, exclude_self=exclude_self)
        ctx.todo = job(found, BOTH, beta, precision=precision)
        ctx.seen = run(ctx.todo)
        ctx.types = x.dtype, patterns.dtype
        assert ctx.seen.retrieval is not None
        value: Tensor = ctx.seen.retrieval.to(x.dtype)
        return value

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        by_query, by_pattern = retrieval_gradients(ctx.todo, ctx.seen, outer[0].to(ctx.todo.frame.dtype))
        return by_query.to(ctx.types[0]), by_pattern.to(ctx.types[1]), None, None, None
