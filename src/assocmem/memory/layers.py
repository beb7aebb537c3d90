"""Layers of patterns: the paper's step toward the nearest one, the layers in turn, and their mixture, with energies.

Shapes: queries ``x`` (m, n), each layer's patterns (d_t, n). With E_t the energy of layer t and T_t its softmax mean,
the mixture sum_t pi_t T_t, pi = softmax(-beta E_t), is the softmax mean of all patterns together; one step of it never
raises the global energy. The layers in turn (paper, equation 6) carry no such promise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from assocmem.memory._tiled.checks import Patterns, check, check_beta, check_count, check_floating
from assocmem.memory._tiled.request import job
from assocmem.memory._tiled.stream import run
from assocmem.memory.energy import global_energy
from assocmem.memory.retrieval import retrieve
from assocmem.memory.search import nearest

__all__ = ["LayeredPath", "Rule", "layered_path", "mixture_step", "toward_nearest"]

Rule = Literal["nearest", "in turn", "mixture"]
"""How a step moves: toward the next layer's nearest pattern, to its softmax mean, or to the mixture of all layers."""
RULES: tuple[Rule, ...] = ("nearest", "in turn", "mixture")


def check_delta(delta: float) -> None:
    """A finite number >= 0; else ValueError."""
    real = isinstance(delta, (int, float)) and not isinstance(delta, bool)
    if not (real and math.isfinite(delta) and delta >= 0):
        raise ValueError(f"delta must be a finite number >= 0, got {delta!r}")


def toward_nearest(x: Tensor, patterns: Tensor, delta: float) -> Tensor:
    """Equation (6) with the sign fixed, shape (m, n): toward the nearest pattern, by at most sqrt(delta).

    ``delta`` is a squared length, as the paper's distance is. Raises ValueError for a negative or non-finite delta,
    and like `nearest`.
    """
    check_delta(delta)
    check(x, patterns)
    check_floating("patterns", patterns)
    away = patterns[nearest(x, patterns)[1]] - x
    length = torch.linalg.vector_norm(away, dim=-1, keepdim=True)
    part = (delta**0.5 / length.clamp(min=torch.finfo(x.dtype).tiny)).clamp(max=1.0)
    moved: Tensor = x + part * away
    return moved


def mixture_step(x: Tensor, layers: Sequence[Patterns], *, beta: float = 1.0) -> Tensor:
    """sum_t pi_t T_t(x) with pi = softmax(-beta E_t), shape (m, n): each layer attends, its share weights the result.

    Equal to `retrieve` with the patterns of all layers, up to rounding, and like it in the dtype of x.
    Raises ValueError if there is no layer, and like `retrieve`.
    """
    if len(layers) == 0:
        raise ValueError("layers must hold at least one set of patterns, got none")
    beta = check_beta(beta)
    found = [_attend(x, patterns, beta) for patterns in layers]
    shares = torch.softmax(-beta * torch.stack([value for value, _ in found], -1), -1)
    means = torch.stack([mean for _, mean in found], -2)
    return (shares[..., None] * means).sum(-2).to(x.dtype)


def _attend(x: Tensor, patterns: Patterns, beta: float) -> tuple[Tensor, Tensor]:
    """The energy (m,), not rounded to the dtype of x, so that shares far out are right, and the softmax mean (m, n)."""
    seen = run(job(check(x, patterns), frozenset({"energy", "retrieval"}), beta))
    assert seen.energy is not None
    assert seen.retrieval is not None
    return seen.energy, seen.retrieval


@dataclass(frozen=True)
class LayeredPath:
    """Points (s+1, m, n) from the queries on, and their global energy (s+1, m) at the given inverse temperature."""

    points: Tensor
    energy: Tensor

    @property
    def rises(self) -> Tensor:
        """Which steps raise the global energy by more than its rounding, (s, m) bool; each query for itself."""
        before, after = self.energy[:-1], self.energy[1:]
        slack = 100 * torch.finfo(self.energy.dtype).eps * torch.maximum(before.abs(), after.abs()).clamp(min=1.0)
        return after > before + slack


def layered_path(
    x: Tensor, layers: Sequence[Tensor], *, rule: Rule, steps: int, beta: float = 1.0, delta: float = 1.0
) -> LayeredPath:
    """Follow ``steps`` steps of a rule; step s uses layer s mod l, or all layers for "mixture".

    ``delta`` matters for "nearest" alone. No gradient is recorded.
    Raises ValueError for an unknown rule, no layer, steps < 1 or a bad delta (under any rule), and like the steps.
    """
    if rule not in RULES:
        raise ValueError(f"rule must be one of {RULES}, got {rule!r}")
    if len(layers) == 0:
        raise ValueError("layers must hold at least one set of patterns, got none")
    count = check_count("steps", steps)
    check_delta(delta)
    moves: dict[Rule, Callable[[Tensor, int], Tensor]] = {
        "nearest": lambda y, s: toward_nearest(y, layers[s % len(layers)], delta),
        "in turn": lambda y, s: retrieve(y, layers[s % len(layers)], beta=beta),
        "mixture": lambda y, s: mixture_step(y, layers, beta=beta),
    }
    check_floating("x", x)
    points = [x.detach().clone()]
    with torch.no_grad():
        for s in range(count):
            points.append(moves[rule](points[-1], s))
        energies = [global_energy(y, layers, beta=beta) for y in points]
    return LayeredPath(torch.stack(points), torch.stack(energies))
