"""Layers of patterns: the paper's step toward the nearest one, the layers in turn, and their mixture, with energies.

Queries ``x`` (m, n), each layer's patterns (d_t, n). With E_t the energy of layer t and T_t its softmax mean, the
mixture ``sum_t pi_t T_t``, ``pi = softmax(-beta E_t)``, is the softmax mean of all patterns together; one step of it
never raises the global energy. The layers in turn (paper, equation 6) carry no such promise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from assocmem.memory._blocked.distances import Metric, check_metric
from assocmem.memory._derivatives.differentiable import energy_and_mean
from assocmem.memory._derivatives.neighbors import nearest_indices
from assocmem.memory._entrance import public
from assocmem.memory._tiled.checks import (
    Checked,
    Patterns,
    check,
    check_beta,
    check_count,
    check_floating,
    check_layers,
    live_beta,
    together,
)
from assocmem.memory._tiled.rows import work_dtype
from assocmem.memory.layer_energies import global_energy_of
from assocmem.memory.retrieval import check_minimizer, retrieval_of

__all__ = ["LayeredPath", "Rule", "layered_path", "mixture_step", "toward_nearest"]

Rule = Literal["nearest", "in turn", "mixture"]
"""How a step moves: toward the next layer's nearest pattern, to its softmax mean, or to the mixture of all layers."""
RULES: tuple[Rule, ...] = ("nearest", "in turn", "mixture")


def check_delta(delta: float) -> None:
    """Refuse what is no finite number >= 0.

    Raises
    ------
    ValueError
        Naming delta, what it got and what it takes.
    """
    real = isinstance(delta, (int, float)) and not isinstance(delta, bool)
    if not (real and math.isfinite(delta) and delta >= 0):
        raise ValueError(f"delta must be a finite number >= 0, got {delta!r}")


@public
def toward_nearest(
    x: Float[Tensor, "m n"], patterns: Float[Tensor, "d n"], delta: float, *, metric: Metric = "sqeuclidean"
) -> Float[Tensor, "m n"]:
    """Equation (6) with the sign fixed: straight toward the nearest pattern, by a length of at most sqrt(delta).

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"]
        Stored patterns.
    delta : float
        A squared Euclidean length, as the paper's distance is.
    metric : str or callable
        What is nearest, as in :func:`assocmem.memory.energy`; it does not change the length of a step.

    Returns
    -------
    Float[Tensor, "m n"]
        The points that are reached.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it.
    """
    check_delta(delta)
    check_metric(metric)
    checked = check(x, patterns)
    check_floating("patterns", patterns)
    return _toward_nearest(checked, delta, metric)


def _toward_nearest(checked: Checked, delta: float, metric: Metric) -> Tensor:
    dtype = work_dtype(checked.x.dtype)  # Half precision has no room for the squares.
    x, target = checked.x.to(dtype), checked.take(nearest_indices(checked, metric)).to(dtype)
    length = torch.linalg.vector_norm(target - x, dim=-1, keepdim=True)
    part = (delta**0.5 / length.clamp(min=torch.finfo(dtype).tiny)).clamp(max=1.0)
    moved: Tensor = (x + part * (target - x)).to(checked.x.dtype)
    return moved


@public
def mixture_step(
    x: Float[Tensor, "m n"],
    layers: Sequence[Patterns],
    *,
    metric: Metric = "sqeuclidean",
    beta: float | Float[Tensor, ""] = 1.0,
) -> Float[Tensor, "m n"]:
    """``sum_t pi_t T_t(x)`` with ``pi = softmax(-beta E_t)``: each layer attends, its share weights the result.

    Equal to :func:`assocmem.memory.retrieve` with the patterns of all layers, up to rounding, and so are its
    derivatives; for "l1" it is that.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    layers : sequence of Float[Tensor, "d n"] or Float[ndarray, "d n"]
        Patterns of each layer.
    metric : {"sqeuclidean", "l1"}
        The distance, as in :func:`assocmem.memory.retrieve`.
    beta : float or Float[Tensor, ""]
        Inverse temperature, with its gradient where it is a tensor.

    Returns
    -------
    Float[Tensor, "m n"]
        The points that are reached, in the type of ``x``.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If there is no layer, or an argument has another shape or value, naming it.
    """
    check_minimizer(metric)
    checked, beta = check_layers(x, layers), live_beta(beta)
    return _mixture(checked, metric, beta)


def _mixture(layers: Sequence[Checked], metric: Metric, beta: float | Tensor) -> Tensor:
    if metric == "l1":
        return retrieval_of(together(layers), metric, beta)
    energies, means = zip(*(energy_and_mean(layer, beta) for layer in layers), strict=True)
    # Energies are not rounded to the dtype of x, so that shares far out are right.
    shares = torch.softmax(-beta * torch.stack(energies, -1), -1)
    mixed: Tensor = (shares[..., None] * torch.stack(means, -2)).sum(-2)
    return mixed.to(layers[0].x.dtype)


@dataclass(frozen=True)
class LayeredPath:
    """Where a rule leads, step by step.

    Attributes
    ----------
    points : Float[Tensor, "s+1 m n"]
        From the queries on.
    energy : Float[Tensor, "s+1 m"]
        Global energy of the points.
    """

    points: Float[Tensor, "s+1 m n"]
    energy: Float[Tensor, "s+1 m"]

    @property
    def rises(self) -> Bool[Tensor, "s m"]:
        """Which steps raise the global energy by more than its rounding; each query for itself."""
        before, after = self.energy[:-1], self.energy[1:]
        slack = 100 * torch.finfo(self.energy.dtype).eps * torch.maximum(before.abs(), after.abs()).clamp(min=1.0)
        return after > before + slack


@public
def layered_path(
    x: Float[Tensor, "m n"],
    layers: Sequence[Float[Tensor, "d n"]],
    *,
    rule: Rule,
    steps: int,
    metric: Metric = "sqeuclidean",
    beta: float = 1.0,
    delta: float = 1.0,
) -> LayeredPath:
    """Follow ``steps`` steps of a rule; step s uses layer s mod l, or all layers for "mixture". No gradient.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    layers : sequence of Float[Tensor, "d n"]
        Patterns of each layer.
    rule : {"nearest", "in turn", "mixture"}
        How a step moves.
    steps : int
        At least 1.
    metric : str or callable
        The distance of energies and steps: any for "nearest", "sqeuclidean" or "l1" for the other rules.
    beta : float
        Inverse temperature.
    delta : float
        Squared length of a step; it matters for "nearest" alone.

    Returns
    -------
    LayeredPath
        Points and their global energy.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If there is no layer, the rule is unknown, or an argument has another shape or value (``delta`` under any rule).
    """
    if rule not in RULES:
        raise ValueError(f"rule must be one of {RULES}, got {rule!r}")
    if len(layers) == 0:
        raise ValueError("layers must hold at least one set of patterns, got none")
    count = check_count("steps", steps)
    check_delta(delta)
    check_metric(metric) if rule == "nearest" else check_minimizer(metric)
    checked, beta = check_layers(x, layers), check_beta(beta)
    for layer in checked:
        layer.outside()
    moves: dict[Rule, Callable[[list[Checked], int], Tensor]] = {
        "nearest": lambda here, s: _toward_nearest(here[s % len(here)], delta, metric),
        "in turn": lambda here, s: retrieval_of(here[s % len(here)], metric, beta),
        "mixture": lambda here, s: _mixture(here, metric, beta),
    }
    with torch.no_grad():
        points = [x.detach().clone()]
        energies = [global_energy_of(checked, metric, beta)]
        for s in range(count):
            points.append(moves[rule](checked, s))
            checked = [layer.moved(points[-1]) for layer in checked]
            energies.append(global_energy_of(checked, metric, beta))
    return LayeredPath(torch.stack(points), torch.stack(energies))
