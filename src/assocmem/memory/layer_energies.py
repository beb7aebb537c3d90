"""Energies of layers of patterns in torch, one by one and as one global energy (paper, section 4.2 and equation 7)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from assocmem.memory._blocked.distances import Metric, check_metric
from assocmem.memory._entrance import public
from assocmem.memory._tiled.checks import Checked, Patterns, check_layers, live_beta
from assocmem.memory._tiled.soft import soft_minimum
from assocmem.memory.energy import energy_of

__all__ = ["global_energy", "layer_energies"]


@public
def layer_energies(
    x: Float[Tensor, "m n"],
    layers: Sequence[Patterns],
    *,
    metric: Metric = "sqeuclidean",
    beta: float | Float[Tensor, ""] = 1.0,
) -> Float[Tensor, "m layers"]:
    """``E_t(x)`` of each layer's patterns: :func:`assocmem.memory.energy` layer by layer, with all its derivatives.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    layers : sequence of Float[Tensor, "d n"] or Float[ndarray, "d n"]
        Patterns of each layer.
    metric : str or callable
        The distance, as in :func:`assocmem.memory.energy`.
    beta : float or Float[Tensor, ""]
        Inverse temperature, with its gradient where it is a tensor.

    Returns
    -------
    Float[Tensor, "m layers"]
        One energy a layer.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If there is no layer, or an argument has another shape or value, naming it.
    """
    check_metric(metric)
    checked, beta = check_layers(x, layers), live_beta(beta)
    return torch.stack([energy_of(layer, metric, beta) for layer in checked], -1)


@public
def global_energy(
    x: Float[Tensor, "m n"],
    layers: Sequence[Patterns],
    *,
    metric: Metric = "sqeuclidean",
    beta: float | Float[Tensor, ""] = 1.0,
) -> Float[Tensor, " m"]:
    """``-(1/beta) log sum_t exp(-beta E_t(x))`` (paper, equation 7 at beta = 1).

    With this scaling it equals the energy of all layers' patterns together, and has its derivatives.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    layers : sequence of Float[Tensor, "d n"] or Float[ndarray, "d n"]
        Patterns of each layer.
    metric : str or callable
        The distance, as in :func:`assocmem.memory.energy`.
    beta : float or Float[Tensor, ""]
        Inverse temperature, with its gradient where it is a tensor.

    Returns
    -------
    Float[Tensor, "m"]
        Energies in float32 or float64.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If there is no layer, or an argument has another shape or value, naming it.
    """
    check_metric(metric)
    checked, beta = check_layers(x, layers), live_beta(beta)
    return global_energy_of(checked, metric, beta)


def global_energy_of(layers: Sequence[Checked], metric: Metric, beta: float | Tensor) -> Tensor:
    """The global energy (m,) of checked layers."""
    return soft_minimum(torch.stack([energy_of(layer, metric, beta) for layer in layers], -1), beta)
