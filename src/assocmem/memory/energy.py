"""Energies of associative memory in torch: the distance energy (paper, equation 4), the MCHN energy, layers of them.

Queries ``x`` (m, n), patterns (d, n) and energies (m,), in nats / beta. Any floating dtype and device, the same for
both; half precision is computed and returned in float32. The squared distance goes through one tiled pass, so the extra
memory grows with m + d; other distances are formed in blocks. All can be differentiated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from assocmem.memory._blocked.distances import Metric, check_metric, paired_distances
from assocmem.memory._blocked.energies import blocked_energy, blocked_energy_and_gradient
from assocmem.memory._tiled import autograd
from assocmem.memory._tiled.answers import energies, neighbors, retrievals
from assocmem.memory._tiled.checks import (
    Checked,
    Patterns,
    check,
    check_beta,
    check_floating,
    check_layers,
    check_left,
    check_sum,
)
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.request import request_for
from assocmem.memory._tiled.rows import exact_dtype, work_dtype
from assocmem.memory._tiled.soft import soft_minimum
from assocmem.memory._tiled.weights import covariance_product
from assocmem.memory.search import nearest_indices

__all__ = [
    "energy",
    "energy_and_gradient",
    "global_energy",
    "hessian_vector_product",
    "layer_energies",
    "mchn_energy",
    "nearest_distance",
    "nearest_sq_distance",
    "squared_distances",
]

CHUNK = 1 << 22
"""Numbers held at once while ``squared_distances`` forms differences."""


def squared_distances(x: Float[Tensor, "m n"], patterns: Float[Tensor, "d n"]) -> Float[Tensor, "m d"]:
    """Squared Euclidean distances from direct differences, exactly 0 at duplicates; can be differentiated.

    The one function here whose result is m x d.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"]
        Stored patterns.

    Returns
    -------
    Float[Tensor, "m d"]
        Squared distances.

    Raises
    ------
    TypeError
        If an argument is no floating tensor, or they differ in type.
    ValueError
        If an argument has another shape, is empty or not finite, or they are on different devices.
    """
    check(x, patterns)
    check_floating("patterns", patterns)
    rows = max(1, CHUNK // max(1, patterns.numel()))
    blocks = [(part[:, None, :] - patterns).square().sum(-1) for part in torch.split(x, rows)]
    return torch.cat(blocks)


def nearest_distance(
    x: Float[Tensor, "m n"], patterns: Patterns, *, metric: Metric = "sqeuclidean"
) -> Float[Tensor, " m"]:
    """``g(x) = min_i d(x, rho_i)`` (paper, equation 3), differentiable through the nearest pattern.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"]
        Stored patterns.
    metric : str or callable
        The distance, as in :func:`assocmem.memory.energy`; its own values come back, squared ones by default.

    Returns
    -------
    Float[Tensor, "m"]
        Distance to the nearest pattern, in float32 or float64.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it.
    """
    check_metric(metric)
    checked = check(x, patterns)
    if metric == "sqeuclidean" and not checked.has_gradient():
        return neighbors(request_for(checked)).sq_distances.squeeze(-1).to(work_dtype(x.dtype))
    return paired_distances(x, checked.take(nearest_indices(checked, metric)), metric)


def nearest_sq_distance(x: Float[Tensor, "m n"], patterns: Patterns) -> Float[Tensor, " m"]:
    """``g(x) = min_i |x - rho_i|^2`` (paper, equation 3): ``nearest_distance`` of the squared distance.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"]
        Stored patterns.

    Returns
    -------
    Float[Tensor, "m"]
        Squared distance to the nearest pattern, in float32 or float64.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it.
    """
    return nearest_distance(x, patterns)


def energy(
    x: Float[Tensor, "m n"],
    patterns: Patterns | None = None,
    *,
    metric: Metric = "sqeuclidean",
    beta: float = 1.0,
    exclude_self: bool = False,
    precision: Precision = "ieee",
) -> Float[Tensor, " m"]:
    """``E_beta(x) = -(1/beta) log sum_i exp(-beta d(x, rho_i))`` (paper, equation 4 at beta = 1).

    It is the soft minimum of the distances, computed as ::

        least = costs.amin(-1)
        least - log(exp(-beta * (costs - least)).sum(-1)) / beta

    With the least distance taken out of the sum, far points neither overflow nor underflow, at any beta.

    For the squared distance it is differentiable in both arguments by streaming; a second time in x, and in the
    patterns for small input. "l1", "euclidean" and "linf" can be differentiated once only, as ``torch.cdist`` can; the
    same distance as a function of two points (:func:`assocmem.theory.exact.distances.l1`) as often as wanted. Where a
    distance has a kink the gradient is one of its slopes (0 for a Euclidean distance of 0). Distances that overflow
    give an infinite energy.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"], optional
        Stored patterns; None stands for ``x``.
    metric : str or callable
        "sqeuclidean", "l1", "euclidean", "linf", or a function of two points: two sequences of n coordinates, which
        here are tensors that broadcast, such as ``lambda x, y: sum(abs(a - b) for a, b in zip(x, y))``.
    beta : float
        Inverse temperature.
    exclude_self : bool
        Whether each query is left out of its own sum, by its index.
    precision : {"ieee", "tf32"}
        "tf32" scores squared distances in TF32 on CUDA; the terms that matter are exact all the same.

    Returns
    -------
    Float[Tensor, "m"]
        Energies in float32 or float64.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it, or a metric returns another shape.
    """
    check_metric(metric)
    checked, beta = check_sum(x, patterns, beta, exclude_self, precision)
    return energy_of(checked, metric, beta, precision)


def energy_of(checked: Checked, metric: Metric, beta: float, precision: Precision = "ieee") -> Tensor:
    """The energy (m,) of checked input, differentiable."""
    if metric != "sqeuclidean":
        return blocked_energy(checked, metric, beta)
    if isinstance(checked.stored, Tensor) and checked.has_gradient():
        return autograd.energy(checked, checked.stored, beta, precision)
    value = energies(request_for(checked, beta=beta, precision=precision)).energy
    return value.to(work_dtype(checked.x.dtype))


def energy_and_gradient(
    x: Float[Tensor, "m n"],
    patterns: Patterns | None = None,
    *,
    metric: Metric = "sqeuclidean",
    beta: float = 1.0,
    exclude_self: bool = False,
    precision: Precision = "ieee",
) -> tuple[Float[Tensor, " m"], Float[Tensor, "m n"]]:
    """The energy and its gradient in the queries; no gradient of these is recorded.

    For the squared distance one pass gives both: the gradient is ``2 (x - T(x))`` with the weighted mean T of
    :func:`assocmem.memory.retrieve`. For another distance it comes from autograd, block by block.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"], optional
        Stored patterns; None stands for ``x``.
    metric : str or callable
        The distance, as in :func:`energy`.
    beta : float
        Inverse temperature.
    exclude_self : bool
        Whether each query is left out of its own sum, by its index.
    precision : {"ieee", "tf32"}
        As in :func:`energy`.

    Returns
    -------
    energy : Float[Tensor, "m"]
        In float32 or float64.
    gradient : Float[Tensor, "m n"]
        In the same type.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it.
    """
    check_metric(metric)
    checked, beta = check_sum(x, patterns, beta, exclude_self, precision)
    if metric != "sqeuclidean":
        return blocked_energy_and_gradient(checked, metric, beta)
    sums = retrievals(request_for(checked, beta=beta, precision=precision))
    dtype = work_dtype(x.dtype)
    return sums.energy.to(dtype), 2 * (x.detach().to(dtype) - sums.retrieval)


def hessian_vector_product(
    x: Float[Tensor, "m n"],
    vectors: Float[Tensor, "m n"],
    patterns: Patterns | None = None,
    *,
    beta: float = 1.0,
    exclude_self: bool = False,
) -> Float[Tensor, "m n"]:
    """``(2 I - 4 beta Cov_w(rho)) v``: the Hessian of the squared distance's energy at each query times its vector.

    The weights are ``w = softmax(-beta |x - rho_i|^2)``. Two tiled passes, no n x n matrix.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    vectors : Float[Tensor, "m n"]
        One a query.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"], optional
        Stored patterns; None stands for ``x``.
    beta : float
        Inverse temperature.
    exclude_self : bool
        Whether each query is left out of its own sum, by its index.

    Returns
    -------
    Float[Tensor, "m n"]
        Products in float32 or float64.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it.
    """
    checked = check(x, patterns, exclude_self=exclude_self)
    check_left(checked)
    check_floating("vectors", vectors)
    if vectors.shape != x.shape:
        raise ValueError(f"vectors must have the shape of x {tuple(x.shape)}, got {tuple(vectors.shape)}")
    if not bool(torch.isfinite(vectors).all()):
        raise ValueError("vectors must be finite, got nan or infinity")
    request = request_for(checked, beta=check_beta(beta))
    dtype = work_dtype(x.dtype)
    vectors = vectors.detach().to(dtype)
    return 2 * vectors - (4 * beta * covariance_product(request, retrievals(request), vectors)).to(dtype)


def mchn_energy(x: Float[Tensor, "m n"], patterns: Patterns, *, beta: float = 1.0) -> Float[Tensor, " m"]:
    """MCHN energy ``-LSE(beta, M'x) + |x|^2/2 + log(d)/beta + max |rho|^2/2`` (Ramsauer et al., eq. 2).

    Differentiable like :func:`energy`.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"]
        Stored patterns.
    beta : float
        Inverse temperature.

    Returns
    -------
    Float[Tensor, "m"]
        Energies in float32 or float64.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it.
    """
    checked, beta = check(x, patterns), check_beta(beta)
    wide = exact_dtype(x.device)
    scores = autograd.log_mean_product(checked, beta).to(wide)
    value = -scores + (x.to(wide).square().sum(-1) + _largest_norm(checked)) / 2 + math.log(checked.rows.count) / beta
    return value.to(work_dtype(x.dtype))


def _largest_norm(checked: Checked) -> Tensor:
    """``max |rho|^2`` without a d x n temporary, differentiable where the patterns are."""
    norms, patterns = autograd.sq_norms(checked), checked.stored
    if not isinstance(patterns, Tensor) or not patterns.requires_grad:
        return norms.amax()
    return patterns[norms == norms.amax()].to(norms.dtype).square().sum(-1).amax()


def layer_energies(
    x: Float[Tensor, "m n"], layers: Sequence[Patterns], *, metric: Metric = "sqeuclidean", beta: float = 1.0
) -> Float[Tensor, "m layers"]:
    """``E_t(x)`` of each layer's patterns: :func:`energy` layer by layer (paper, section 4.2).

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    layers : sequence of Float[Tensor, "d n"] or Float[ndarray, "d n"]
        Patterns of each layer.
    metric : str or callable
        The distance, as in :func:`energy`.
    beta : float
        Inverse temperature.

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
    checked, beta = check_layers(x, layers), check_beta(beta)
    return torch.stack([energy_of(layer, metric, beta) for layer in checked], -1)


def global_energy(
    x: Float[Tensor, "m n"], layers: Sequence[Patterns], *, metric: Metric = "sqeuclidean", beta: float = 1.0
) -> Float[Tensor, " m"]:
    """``-(1/beta) log sum_t exp(-beta E_t(x))`` (paper, equation 7 at beta = 1).

    With this scaling it equals the energy of all layers' patterns together.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    layers : sequence of Float[Tensor, "d n"] or Float[ndarray, "d n"]
        Patterns of each layer.
    metric : str or callable
        The distance, as in :func:`energy`.
    beta : float
        Inverse temperature.

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
    checked, beta = check_layers(x, layers), check_beta(beta)
    return global_energy_of(checked, metric, beta)


def global_energy_of(layers: Sequence[Checked], metric: Metric, beta: float) -> Tensor:
    """The global energy (m,) of checked layers."""
    return soft_minimum(torch.stack([energy_of(layer, metric, beta) for layer in layers], -1), beta)
