"""The tiled pass as a function of autograd: energies and means forward, tiles once more for their first gradient.

The first gradient is `Slopes`, whose own gradient goes block by block (`assocmem.memory._derivatives.blocks`). Both
save their tensors as autograd wants it, so what is changed in place between forward and backward is an error.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from assocmem.memory._derivatives.blocks import backward_of, keep, kept, looped, plain, pushed, summed
from assocmem.memory._derivatives.case import Case, unchanged
from assocmem.memory._derivatives.programs import BETA, PATTERNS, Gradient, Sums, X
from assocmem.memory._tiled.answers import retrievals
from assocmem.memory._tiled.request import Candidates, Retrievals
from assocmem.memory._tiled.rows import extent
from assocmem.memory._tiled.weights import pattern_gradient, query_gradient, retrieval_pattern_gradient
from assocmem.memory._tiled.wrapped import apply

SUMS = Sums()
KNOWN = 3
"""How many inputs the mathematics has: queries, patterns and beta; then comes what the pass found."""
FOUND = 5
"""How many outputs the pass has: E, T, the short lists, their costs, and how much was done again."""


class Pass(torch.autograd.Function):
    """E (m,) and T (m, n) in float64, the short lists (m, K), their costs, how much was done again.

    For ``dot`` E is the soft minimum of ``-x.rho``.
    """

    @staticmethod
    def forward(case: Case, x: Tensor, patterns: Tensor | None, beta: Tensor | float) -> tuple[Tensor, ...]:
        """One tiled pass."""
        request = replace(case.request(x, patterns, beta), wide_mean=True)
        sums = retrievals(request)
        energy = sums.energy
        if case.dot:
            energy = (energy - x.detach().to(energy.dtype).square().sum(-1)) / 2
        lists = sums.candidates
        redone = torch.tensor(sums.redone)
        return energy, sums.retrieval, lists.index.clone(), lists.costs.clone(), redone

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        """Keep inputs and outputs."""
        ctx.case = inputs[0]
        ctx.mark_non_differentiable(*output[2:])
        keep(ctx, [*inputs[1:], *output])

    @staticmethod
    def backward(ctx: Any, by_energy: Tensor | None, by_mean: Tensor | None, *_: None) -> tuple[Any, ...]:
        """By `Slopes`."""
        plain([by_energy, by_mean])
        inputs = kept(ctx)
        needs = ctx.needs_input_grad[1:4]
        wanted = tuple(place for place, need in enumerate(needs) if need)
        result: list[Tensor | None] = [None, None, None]
        if wanted and not (by_energy is None and by_mean is None):
            slopes = apply(Slopes, ctx.case, wanted, *inputs, by_energy, by_mean)
            for place, slope in zip(wanted, slopes, strict=True):
                result[place] = slope.to(inputs[place].device, inputs[place].dtype)
        return None, *result

    @staticmethod
    def jvp(ctx: Any, _case: None, *tangents: Tensor | None) -> tuple[Tensor | None, ...]:
        """How energies and means move."""
        plain(tangents)
        values = kept(ctx)
        energy, mean = pushed(ctx.case, SUMS, values[:KNOWN], tangents)
        return energy, mean.to(values[KNOWN + 1].dtype), None, None, None

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *arguments: Any) -> tuple[Any, Any]:
        """All queries of a batch in one pass where they share everything else."""
        case, x, patterns, beta = arguments
        if case.own or in_dims[2] is not None or in_dims[3] is not None:
            return looped(Pass, info, in_dims, arguments)
        x = x.movedim(in_dims[1], 0)
        outputs = apply(Pass, case, x.reshape(-1, x.shape[-1]), patterns, beta)
        parts = tuple(o.reshape(*x.shape[:2], *o.shape[1:]) for o in outputs[:-1])
        return (*parts, outputs[-1]), (0, 0, 0, 0, None)


class Slopes(torch.autograd.Function):
    """Gradients of ``sum gE.E + gT.T`` in those of queries, patterns and beta that are wanted."""

    @staticmethod
    def forward(case: Case, wanted: tuple[int, ...], *values: Any) -> tuple[Tensor, ...]:
        """By tiles; block by block for dot products where tiles do not serve: for their mean, or beside an outlier."""
        x, patterns, beta, energy, mean, index, costs, redone, by_energy, by_mean = values
        if case.dot and (by_mean is not None or int(redone)):
            return summed(case, Gradient(SUMS, (0, 1), wanted), [x, patterns, beta, by_energy, by_mean])
        request = case.request(x, patterns, beta)
        if case.array is not None and (wanted != (X,) or by_mean is not None):
            unchanged(case, extent(request.rows))
        level = 2 * energy + x.detach().to(energy.dtype).square().sum(-1) if case.dot else energy
        sums = Retrievals(level, Candidates(index, costs), int(redone), mean)
        outputs: dict[int, Tensor] = {}
        if X in wanted:
            outputs[X] = torch.zeros_like(mean)
            if by_energy is not None:
                step = -mean if case.dot else 2 * (x.detach().to(mean.dtype) - mean)
                outputs[X] += by_energy[:, None].to(mean.dtype) * step
            if by_mean is not None:
                outputs[X] += query_gradient(request, sums, by_mean)
        if PATTERNS in wanted:
            shape, dtype = (request.rows.count, request.rows.n), request.frame.dtype
            outputs[PATTERNS] = torch.zeros(shape, dtype=dtype, device=x.device)
            if by_energy is not None:
                outputs[PATTERNS] += pattern_gradient(request, sums, by_energy, dot=case.dot)
            if by_mean is not None:
                outputs[PATTERNS] += retrieval_pattern_gradient(request, sums, by_mean)
        if BETA in wanted:
            # Where weights are nearly equal, sums of many large terms cancel: float64 alone is right there.
            program = Gradient(SUMS, (0, 1), (BETA,))
            (outputs[BETA],) = summed(case, program, [x, patterns, beta, by_energy, by_mean])
        return tuple(outputs[place] for place in wanted)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        """Keep the inputs."""
        ctx.case, ctx.wanted, *values = inputs
        keep(ctx, values)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor | None) -> tuple[Any, ...]:
        """Block by block."""
        plain(outer)
        program = Gradient(SUMS, (0, 1), ctx.wanted)
        grads = backward_of(ctx.case, program, _mathematical(kept(ctx)), _mathematical(ctx.needs_input_grad[2:]), outer)
        return None, None, *grads[:KNOWN], *[None] * FOUND, *grads[KNOWN:]

    @staticmethod
    def jvp(ctx: Any, _case: None, _wanted: None, *tangents: Tensor | None) -> tuple[Tensor, ...]:
        """How gradients move with what they depend on."""
        plain(tangents)
        program = Gradient(SUMS, (0, 1), ctx.wanted)
        return pushed(ctx.case, program, _mathematical(kept(ctx)), _mathematical(tangents))

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *arguments: Any) -> tuple[Any, Any]:
        """One after the other."""
        return looped(Slopes, info, in_dims, arguments)


def _mathematical(values: Any) -> list[Any]:
    """Without what the pass found: gradients are total ones, so nothing goes through E and T."""
    return [*values[:KNOWN], *values[KNOWN + FOUND :]]
