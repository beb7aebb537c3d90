"""The formula of the room: the soft minimum of costs, with the least cost taken out so that no cost overflows."""

from __future__ import annotations

import torch
from torch import Tensor

from assocmem.memory._tiled.wrapped import wrapped


def soft_minimum(costs: Tensor, beta: float | Tensor, rest: Tensor | float = 0.0) -> Tensor:
    """``-(1/beta) log sum_i exp(-beta c_i)`` over the last axis; ``rest`` weighs what else there is, the least as 1."""
    least = costs.detach().amin(-1, keepdim=True)
    total = relative_weights(costs, least, beta).sum(-1) + rest
    return least.squeeze(-1) - torch.log(total) / beta


def finite(costs: Tensor) -> Tensor:
    """Costs of which none is infinite, for the gradient in beta of a weight of 0 is 0 times its cost."""
    return costs.clamp(max=torch.finfo(costs.dtype).max)


def relative_weights(costs: Tensor, least: Tensor, beta: float | Tensor) -> Tensor:
    """``exp(-beta (costs - least))``, shape (r, K); what is absent has infinite costs, and some 1e-304 for its zero.

    The clamp keeps exp out of denormals, where it takes ten times as long; the least weighs 1 in any sum. An infinite
    least would make nan of what equals it, so nothing is taken out there.
    """
    origin = least.masked_fill(least.isinf(), 0.0)
    gaps = costs - origin
    if isinstance(beta, Tensor) or wrapped(gaps):  # Not in place, which vmap does element by element.
        return (finite(gaps) * -beta).clamp(min=-700.0).exp()
    return gaps.mul_(-beta).clamp_(min=-700.0).exp_()
