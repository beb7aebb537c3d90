"""Energies of associative memory in torch: the distance energy (paper, equation 4), the MCHN energy, layers of them.

Shapes: queries ``x`` (m, n), patterns (d, n), energies (m,) in nats / beta. Any floating dtype and device, the same for
both; half precision is computed and returned in float32. All work by one tiled pass (`assocmem.memory._tiled.stream`),
so the extra memory grows with m + d, and all can be differentiated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from assocmem.memory._tiled import autograd
from assocmem.memory._tiled.checks import Patterns, check, check_beta, check_floating, check_left, check_sum
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.request import job
from assocmem.memory._tiled.rows import Rows, exact_dtype, work_dtype
from assocmem.memory._tiled.stream import run
from assocmem.memory._tiled.weights import covariance_product

__all__ = [
    "energy",
    "energy_and_gradient",
    "global_energy",
    "hessian_vector_product",
    "layer_energies",
    "mchn_energy",
    "nearest_sq_distance",
    "squared_distances",
]

CHUNK = 1 << 22
"""Numbers held at once while `squared_distances` forms differences."""


def squared_distances(x: Tensor, patterns: Tensor) -> Tensor:
    """Squared Euclidean distances (m, d) from direct differences, exactly 0 at duplicates; can be differentiated.

    The one function here whose result is m x d. Raises ValueError or TypeError for bad input.
    """
    check(x, patterns)
    check_floating("patterns", patterns)
    rows = max(1, CHUNK // max(1, patterns.numel()))
    blocks = [(part[:, None, :] - patterns).square().sum(-1) for part in torch.split(x, rows)]
    return torch.cat(blocks)


def nearest_sq_distance(x: Tensor, patterns: Patterns) -> Tensor:
    """g(x) = min_i |x - rho_i|^2 (paper, equation 3), shape (m,). Raises like `energy`."""
    found = check(x, patterns)
    if isinstance(patterns, Tensor) and autograd.wanted(x, patterns):
        index = run(job(found, frozenset({"nearest"}))).indices
        assert index is not None
        return (x - patterns[index.squeeze(-1)]).to(work_dtype(x.dtype)).square().sum(-1)
    nearest = run(job(found, frozenset({"nearest"}))).sq_distances
    assert nearest is not None
    return nearest.squeeze(-1).to(work_dtype(x.dtype))


def energy(
    x: Tensor,
    patterns: Patterns | None = None,
    *,
    beta: float = 1.0,
    exclude_self: bool = False,
    precision: Precision = "ieee",
) -> Tensor:
    """E_beta(x) = -(1/beta) log sum_i exp(-beta |x - rho_i|^2), shape (m,) (paper, equation 4 at beta = 1).

    The nearest distance is taken out of the sum, so far points neither overflow nor underflow, at any beta.
    ``patterns=None`` stands for x; ``exclude_self`` then leaves each query out of its own sum, by index.
    ``precision="tf32"`` scores in TF32 on CUDA; the terms that matter are exact all the same.
    Differentiable in both arguments by streaming; a second time in x, and in the patterns for small input.

    Raises TypeError or ValueError naming the argument for bad input.
    """
    found, beta = check_sum(x, patterns, beta, exclude_self, precision)
    stored = x if patterns is None else patterns
    if isinstance(stored, Tensor) and autograd.wanted(x, stored):
        return autograd.energy(x, stored, found, beta, precision)
    value = run(job(found, frozenset({"energy"}), beta, precision=precision)).energy
    assert value is not None
    return value.to(work_dtype(x.dtype))


def energy_and_gradient(
    x: Tensor,
    patterns: Patterns | None = None,
    *,
    beta: float = 1.0,
    exclude_self: bool = False,
    precision: Precision = "ieee",
) -> tuple[Tensor, Tensor]:
    """E_beta(x) (m,) and its gradient 2 (x - T(x)) (m, n) in one pass; T is the weighted mean of `retrieve`.

    The closed form of the gradient needs no autograd. Results in float32 or float64. Raises like `energy`.
    """
    found, beta = check_sum(x, patterns, beta, exclude_self, precision)
    seen = run(job(found, frozenset({"energy", "retrieval"}), beta, precision=precision))
    assert seen.energy is not None
    assert seen.retrieval is not None
    dtype = work_dtype(x.dtype)
    return seen.energy.to(dtype), 2 * (x.detach().to(dtype) - seen.retrieval)


def hessian_vector_product(
    x: Tensor, vectors: Tensor, patterns: Patterns | None = None, *, beta: float = 1.0, exclude_self: bool = False
) -> Tensor:
    """(2 I - 4 beta Cov_w(rho)) v, shape (m, n): the Hessian of E_beta at each query times its vector (m, n).

    w = softmax(-beta |x - rho_i|^2). Two tiled passes, no n x n matrix. Raises like `energy`.
    """
    found = check(x, patterns, exclude_self=exclude_self)
    check_left(found)
    check_floating("vectors", vectors)
    if vectors.shape != x.shape:
        raise ValueError(f"vectors must have the shape of x {tuple(x.shape)}, got {tuple(vectors.shape)}")
    if not bool(torch.isfinite(vectors).all()):
        raise ValueError("vectors must be finite, got nan or infinity")
    todo = job(found, frozenset({"energy", "retrieval"}), check_beta(beta))
    dtype = work_dtype(x.dtype)
    vectors = vectors.detach().to(dtype)
    return 2 * vectors - (4 * beta * covariance_product(todo, run(todo), vectors)).to(dtype)


def mchn_energy(x: Tensor, patterns: Patterns, *, beta: float = 1.0) -> Tensor:
    """MCHN energy, shape (m,): -LSE(beta, M'x) + |x|^2/2 + log(d)/beta + max|rho|^2/2 (Ramsauer et al., eq. 2).

    Differentiable like `energy`. Raises TypeError or ValueError naming the argument for bad input.
    """
    found = check(x, patterns)
    beta = check_beta(beta)
    wide = exact_dtype(x.device)
    scores = autograd.log_mean_product(x, patterns, found, beta).to(wide)
    largest = _largest_norm(patterns if isinstance(patterns, Tensor) else None, found.rows)
    value = -scores + (x.to(wide).square().sum(-1) + largest) / 2 + math.log(found.rows.count) / beta
    return value.to(work_dtype(x.dtype))


def _largest_norm(patterns: Tensor | None, rows: Rows) -> Tensor:
    """max |rho|^2 without a d x n temporary, differentiable where the patterns are."""
    wide = exact_dtype(rows.device)
    norms = torch.cat([rows.block(i, j).to(wide).square().sum(-1) for i, j in rows.blocks()])
    if patterns is None or not patterns.requires_grad:
        return norms.amax()
    return patterns[norms == norms.amax()].to(wide).square().sum(-1).amax()


def layer_energies(x: Tensor, layers: Sequence[Patterns], *, beta: float = 1.0) -> Tensor:
    """E_t(x) of each layer's patterns (d_t, n), shape (m, l): `energy` layer by layer (paper, section 4.2).

    Raises ValueError if there is no layer, and like `energy` for each.
    """
    if len(layers) == 0:
        raise ValueError("layers must hold at least one set of patterns, got none")
    return torch.stack([energy(x, patterns, beta=beta) for patterns in layers], -1)


def global_energy(x: Tensor, layers: Sequence[Patterns], *, beta: float = 1.0) -> Tensor:
    """-(1/beta) log sum_t exp(-beta E_t(x)), shape (m,) (paper, equation 7 at beta = 1).

    With this scaling it equals the energy of all layers' patterns together. Raises like `layer_energies`.
    """
    each = layer_energies(x, layers, beta=beta)
    least = each.detach().amin(-1, keepdim=True)
    return least.squeeze(-1) - torch.logsumexp(-beta * (each - least), -1) / beta
