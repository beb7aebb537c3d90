"""Energies and means of a few queries as plain tensor expressions over all patterns, and their gradients to any order.

What these return for a block of queries is summed, or put together, by `assocmem.memory._derivatives.blocks`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

from assocmem.memory._tiled.soft import finite, soft_minimum

Shape = Literal["m", "m n", "d n", ""]
"""A number or a row for each query, a row for each pattern, or one number."""
X, PATTERNS, BETA = range(3)
"""Places of the inputs of `Sums`, which all programs begin with."""


@dataclass(frozen=True)
class Setting:
    """How costs are formed of these queries.

    Attributes
    ----------
    dot : bool
        Whether costs are ``-x.rho`` and not squared distances.
    direct : bool
        Whether distances are formed by differences, where products do not resolve them.
    own : Tensor or None
        Where queries meet themselves, as a mask (r, d); None where nothing is left out.
    """

    dot: bool
    direct: bool
    own: Tensor | None


class Program(Protocol):
    """A function of a block of queries and all patterns, with the shapes of its inputs and outputs."""

    @property
    def takes(self) -> tuple[Shape, ...]: ...

    @property
    def gives(self) -> tuple[Shape, ...]: ...

    def __call__(self, here: Setting, inputs: Sequence[Tensor], *, again: bool) -> tuple[Tensor, ...]:
        """Outputs for a block; ``again`` if they are to be differentiated."""


@dataclass(frozen=True)
class Sums:
    """E and T from queries, patterns and beta."""

    takes: tuple[Shape, ...] = ("m n", "d n", "")
    gives: tuple[Shape, ...] = ("m", "m n")

    def __call__(self, here: Setting, inputs: Sequence[Tensor], *, again: bool) -> tuple[Tensor, ...]:
        """By one table of costs (r, d)."""
        x, patterns, beta = inputs
        costs = _costs(here, x, patterns)
        if here.own is not None:
            costs = costs.masked_fill(here.own, torch.inf)
        weights = torch.softmax(-beta * finite(costs - costs.detach().amin(-1, keepdim=True)), -1)
        return soft_minimum(costs, beta), weights @ patterns


def _costs(here: Setting, x: Tensor, patterns: Tensor) -> Tensor:
    """Costs (r, d) of points around a common origin."""
    if here.dot:
        return -(x @ patterns.T)
    if here.direct:
        return (x[:, None] - patterns).square().sum(-1)
    return x.square().sum(-1)[:, None] + patterns.square().sum(-1) - 2 * (x @ patterns.T)


@dataclass(frozen=True)
class Gradient:
    """The gradient of ``sum outer.output`` of another program, over its outputs ``given``, in its inputs ``wanted``.

    It takes the inputs of that program, then one outer gradient for each output that is given.
    """

    base: Program
    given: tuple[int, ...]
    wanted: tuple[int, ...]

    @property
    def takes(self) -> tuple[Shape, ...]:
        """As in `Program`."""
        return (*self.base.takes, *(self.base.gives[g] for g in self.given))

    @property
    def gives(self) -> tuple[Shape, ...]:
        """As in `Program`."""
        return tuple(self.base.takes[w] for w in self.wanted)

    def __call__(self, here: Setting, inputs: Sequence[Tensor], *, again: bool) -> tuple[Tensor, ...]:
        """By autograd within the block."""
        count = len(self.base.takes)
        leaves, outer = list(inputs[:count]), inputs[count:]
        for w in self.wanted:
            if not leaves[w].requires_grad:
                leaves[w] = leaves[w].detach().requires_grad_()
        with torch.enable_grad():
            outputs = self.base(here, leaves, again=True)
            pairs = [(outputs[g], o) for g, o in zip(self.given, outer, strict=True) if outputs[g].requires_grad]
            if not pairs:
                return tuple(torch.zeros_like(leaves[w]) for w in self.wanted)
            return torch.autograd.grad(
                [output for output, _ in pairs],
                [leaves[w] for w in self.wanted],
                [o for _, o in pairs],
                create_graph=again,
                materialize_grads=True,
            )
