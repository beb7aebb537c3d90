"""Energies of associative memory in torch: the distance energy (paper, equation 4) and the MCHN energy.

Queries ``x`` (m, n), patterns (d, n) and energies (m,), in nats / beta. Any floating dtype and device, the same for
both; half precision is computed and returned in float32. The squared distance goes through one tiled pass, so the extra
memory grows with m + d; other distances are formed in blocks. What can be differentiated how often is said by
:func:`assocmem.memory.promises`.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from assocmem.memory._blocked.distances import Metric, check_metric
from assocmem.memory._blocked.energies import blocked_energy, blocked_energy_and_gradient
from assocmem.memory._derivatives import differentiable
from assocmem.memory._entrance import batched
from assocmem.memory._tiled.answers import retrievals
from assocmem.memory._tiled.checks import (
    Checked,
    Patterns,
    check,
    check_beta,
    check_floating,
    check_sum,
    live_beta,
)
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.request import request_for
from assocmem.memory._tiled.rows import work_dtype
from assocmem.memory._tiled.weights import covariance_product
from assocmem.memory._tiled.wrapped import wrapped

__all__ = ["energy", "energy_and_gradient", "hessian_vector_product", "mchn_energy"]


@batched
def energy(
    x: Float[Tensor, "m n"],
    patterns: Patterns | None = None,
    *,
    metric: Metric = "sqeuclidean",
    beta: float | Float[Tensor, ""] = 1.0,
    exclude_self: bool = False,
    precision: Precision = "ieee",
) -> Float[Tensor, " m"]:
    """``E_beta(x) = -(1/beta) log sum_i exp(-beta d(x, rho_i))`` (paper, equation 4 at beta = 1).

    It is the soft minimum of the distances, computed as ::

        least = costs.amin(-1)
        least - log(exp(-beta * (costs - least)).sum(-1)) / beta

    With the least distance taken out of the sum, far points neither overflow nor underflow, at any beta.

    For the squared distance it is differentiable to any order in x, in the patterns and in beta, at any size, and
    nothing of size m x d is held for that. "l1", "euclidean" and "linf" can be differentiated once only, as
    ``torch.cdist`` can; the same distance as a function of two points
    (:func:`assocmem.theory.exact.distances.l1`) as often as wanted. Where a distance has a kink the gradient is one of
    its slopes (0 for a Euclidean distance of 0). Distances that overflow give an infinite energy. Parameters of a
    function's own have their gradient, too; they must not be changed before the backward pass, which calls it again.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"], optional
        Stored patterns; None stands for ``x``.
    metric : str or callable
        "sqeuclidean", "l1", "euclidean", "linf", or a function of two points: two sequences of n coordinates, which
        here are tensors that broadcast, such as ``lambda x, y: sum(abs(a - b) for a, b in zip(x, y))``.
    beta : float or Float[Tensor, ""]
        Inverse temperature, with its gradient where it is a tensor.
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

    Examples
    --------
    >>> import torch
    >>> from assocmem.memory import energy
    >>> x = torch.tensor([[1.0, 0.0]], requires_grad=True)
    >>> value = energy(x, torch.tensor([[0.0, 0.0], [2.0, 0.0]]))
    >>> print(f"{value.item():.4f}")  # Both are at squared distance 1: 1 - log 2.
    0.3069
    >>> value.sum().backward()
    >>> x.grad.tolist()
    [[0.0, 0.0]]
    """
    check_metric(metric)
    checked, beta = check_sum(x, patterns, beta, exclude_self, precision)
    return energy_of(checked, metric, beta, precision)


def energy_of(checked: Checked, metric: Metric, beta: float | Tensor, precision: Precision = "ieee") -> Tensor:
    """The energy (m,) of checked input, differentiable."""
    if metric != "sqeuclidean":
        return blocked_energy(checked, metric, beta)
    return differentiable.energy(checked, beta, precision)


@batched
def energy_and_gradient(
    x: Float[Tensor, "m n"],
    patterns: Patterns | None = None,
    *,
    metric: Metric = "sqeuclidean",
    beta: float = 1.0,
    exclude_self: bool = False,
    precision: Precision = "ieee",
) -> tuple[Float[Tensor, " m"], Float[Tensor, "m n"]]:
    """The energy and its gradient in the queries, as numbers: no gradient of these is recorded.

    Where one is wanted, use :func:`energy` and ``torch.autograd.grad(..., create_graph=True)``.

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
    checked, _ = check_sum(x, patterns, beta, exclude_self, precision)
    checked.outside()
    number = check_beta(beta)
    if metric != "sqeuclidean":
        return blocked_energy_and_gradient(checked, metric, number)
    sums = retrievals(replace(request_for(checked, beta=number, precision=precision), wide_mean=True))
    dtype = work_dtype(x.dtype)
    return sums.energy.to(dtype), (2 * (x.detach().to(sums.retrieval.dtype) - sums.retrieval)).to(dtype)


@batched
def hessian_vector_product(
    x: Float[Tensor, "m n"],
    vectors: Float[Tensor, "m n"],
    patterns: Patterns | None = None,
    *,
    beta: float | Float[Tensor, ""] = 1.0,
    exclude_self: bool = False,
) -> Float[Tensor, "m n"]:
    """``(2 I - 4 beta Cov_w(rho)) v``: the Hessian of the squared distance's energy at each query times its vector.

    The weights are ``w = softmax(-beta |x - rho_i|^2)``. Two tiled passes, no n x n matrix.
    It can be differentiated in all arguments, to any order.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    vectors : Float[Tensor, "m n"]
        One a query.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"], optional
        Stored patterns; None stands for ``x``.
    beta : float or Float[Tensor, ""]
        Inverse temperature, with its gradient where it is a tensor.
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
    checked, beta = check_sum(x, patterns, beta, exclude_self)
    check_floating("vectors", vectors)
    if vectors.shape != x.shape:
        raise ValueError(f"vectors must have the shape of x {tuple(x.shape)}, got {tuple(vectors.shape)}")
    if not wrapped(vectors) and not bool(torch.isfinite(vectors).all()):
        raise ValueError("vectors must be finite, got nan or infinity")
    dtype = work_dtype(x.dtype)
    if checked.has_gradient(beta, vectors):
        wide = vectors.to(dtype)
        return 2 * (wide - differentiable.mean_slopes(checked, beta, wide).to(dtype))
    number, vectors = check_beta(beta), vectors.to(dtype)
    request = request_for(checked, beta=number)
    return 2 * vectors - (4 * number * covariance_product(request, retrievals(request), vectors)).to(dtype)


@batched
def mchn_energy(
    x: Float[Tensor, "m n"], patterns: Patterns, *, beta: float | Float[Tensor, ""] = 1.0
) -> Float[Tensor, " m"]:
    """MCHN energy ``-LSE(beta, M'x) + |x|^2/2 + log(d)/beta + max |rho|^2/2`` (Ramsauer et al., eq. 2).

    Differentiable like :func:`energy`: to any order in x, in the patterns and in beta, at any size.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"]
        Stored patterns.
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
        If an argument has another shape or value, naming it.
    """
    return differentiable.mchn_energy(check(x, patterns), live_beta(beta))
