"""Energies of associative memory in torch: the distance energy (paper, equation 4) and the MCHN energy.

Shapes: queries ``x`` (m, n), patterns (d, n), energies (m,). Any floating dtype and device, the same for both.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

CHUNK = 1 << 22
"""Numbers held at once while differences are formed; bounds the extra memory of a forward pass."""


def _checked(x: Tensor, patterns: Tensor, beta: float = 1.0) -> None:
    for name, value in (("x", x), ("patterns", patterns)):
        if not isinstance(value, Tensor):
            raise TypeError(f"{name} must be a torch.Tensor, got {type(value).__name__}")
        if not value.is_floating_point():
            raise TypeError(f"{name} must be floating point, got {value.dtype}")
        if value.ndim != 2:
            raise ValueError(f"{name} must have shape (rows, n), got {tuple(value.shape)}")
    if len(patterns) == 0:
        raise ValueError("patterns must hold at least one row, got an empty tensor")
    if x.shape[1] != patterns.shape[1]:
        raise ValueError(f"x has n={x.shape[1]} columns and patterns n={patterns.shape[1]}; they must agree")
    if x.dtype != patterns.dtype:
        raise TypeError(f"x has dtype {x.dtype} and patterns {patterns.dtype}; they must agree")
    if x.device != patterns.device:
        raise ValueError(f"x is on {x.device} and patterns on {patterns.device}; they must agree")
    for name, value in (("x", x), ("patterns", patterns)):
        if not bool(torch.isfinite(value).all()):
            raise ValueError(f"{name} must be finite, got nan or infinity")
    if not (isinstance(beta, (int, float)) and math.isfinite(beta) and beta > 0):
        raise ValueError(f"beta must be a finite positive number, got {beta!r}")


def squared_distances(x: Tensor, patterns: Tensor) -> Tensor:
    """Squared Euclidean distances (m, d) from direct differences, exactly 0 at duplicates.

    Works in row blocks of at most `CHUNK` differences. Raises ValueError or TypeError for bad input.
    """
    _checked(x, patterns)
    rows = max(1, CHUNK // max(1, patterns.numel()))
    blocks = [(part[:, None, :] - patterns).square().sum(-1) for part in torch.split(x, rows)]
    return torch.cat(blocks)


def nearest_sq_distance(x: Tensor, patterns: Tensor) -> Tensor:
    """g(x) = min_i |x - rho_i|^2 (paper, equation 3), shape (m,). Raises like `squared_distances`."""
    return squared_distances(x, patterns).amin(-1)


def energy(x: Tensor, patterns: Tensor, *, beta: float = 1.0) -> Tensor:
    """E_beta(x) = -(1/beta) log sum_i exp(-beta |x - rho_i|^2), shape (m,) (paper, equation 4 at beta = 1).

    The nearest distance is taken out of the sum, so far points neither overflow nor underflow.
    Raises ValueError or TypeError naming the argument for bad input.
    """
    _checked(x, patterns, beta)
    distances = squared_distances(x, patterns)
    nearest = distances.detach().amin(-1, keepdim=True)
    return nearest.squeeze(-1) - torch.logsumexp(-beta * (distances - nearest), -1) / beta


def mchn_energy(x: Tensor, patterns: Tensor, *, beta: float = 1.0) -> Tensor:
    """MCHN energy, shape (m,): -LSE(beta, M'x) + |x|^2/2 + log(d)/beta + max|rho|^2/2 (Ramsauer et al., eq. 2).

    Raises ValueError or TypeError naming the argument for bad input.
    """
    _checked(x, patterns, beta)
    scores = torch.logsumexp(beta * (x @ patterns.T), -1) / beta
    largest = patterns.square().sum(-1).amax()
    return -scores + (x.square().sum(-1) + largest) / 2 + math.log(len(patterns)) / beta
