"""A second tiled pass whose weights are already normalized: what derivatives and divergences are summed from.

Given energies E and short lists of a first pass, pattern i weighs exp(-beta (cost_i - E)), exactly so in the list.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from assocmem.memory._tiled import tiles
from assocmem.memory._tiled.precision import matmul_precision
from assocmem.memory._tiled.request import Energies, Request, Retrievals, resolved
from assocmem.memory._tiled.rows import exact_dtype

HEAVY = 1e-4
"""Weights from which on a term of a sum over patterns is formed by itself."""


@dataclass(frozen=True)
class Tile:
    """Weights (r, t), or their logarithms, of patterns start..stop for the queries ``part``, in a reused buffer.

    ``x`` (r, n) and ``patterns`` (t, n) are in the frame: centered and scaled.
    """

    part: slice
    start: int
    stop: int
    weights: Tensor
    x: Tensor
    patterns: Tensor


def weighted_tiles(request: Request, sums: Energies, *, logarithms: bool = False) -> Iterator[Tile]:
    """All tiles, patterns in the outer loop. Uses IEEE products; wrap in `matmul_precision`."""
    m, d, device, dtype = len(request.x), request.rows.count, request.x.device, request.frame.dtype
    cols, height = request.tile_shape()
    buffer = torch.empty(cols * height, dtype=dtype, device=device)
    unit, wide = request.frame.scale**2, exact_dtype(device)
    beta = request.beta / unit
    gain = beta if 1e-4 < beta < 1e4 else 1.0
    offset = 0.0 if request.heights is None else float(request.heights.mean())
    listed = -request.beta * (sums.candidates.costs - sums.energy[:, None])
    for start in range(0, d, cols):
        stop = min(start + cols, d)
        patterns = request.frame.apply(request.rows.block(start, stop))
        bias = torch.linalg.vector_norm(patterns, dim=-1).square_().neg_()
        if request.heights is not None:
            bias -= ((request.heights[start:stop] - offset) * unit).to(dtype)
        for top in range(0, m, height):
            part = slice(top, min(top + height, m))
            x = request.frame.apply(request.x[part])
            tile = buffer[: len(x) * len(patterns)].view(len(x), len(patterns))
            if request.differences:  # Distances once more in the type of the weights, neither centered nor scaled.
                tile.copy_(torch.cdist(x, patterns, compute_mode="donot_use_mm_for_euclid_dist").square_())
                tile.sub_(sums.energy[part, None]).mul_(-beta).clamp_(max=0.0)
            else:
                torch.addmm(bias * gain, x, patterns.T, alpha=2 * gain, out=tile)
                level = x.to(wide).square().sum(-1) - (sums.energy[part] - offset) * unit
                tile.sub_((level * gain).to(dtype)[:, None]).mul_(beta / gain).clamp_(max=0.0)
            index = sums.candidates.index[part]
            row, at = ((index >= start) & (index < stop)).nonzero(as_tuple=True)
            tile[row, index[row, at] - start] = listed[part][row, at].to(dtype)
            tiles.mask_self(tile, request.own, part, start)
            if not logarithms:
                _exponentials(tile)
            yield Tile(part, start, stop, tile, x, patterns)


def _exponentials(logarithms: Tensor) -> Tensor:
    """Weights in place of their logarithms. What would be denormal is 0, and so nothing times a large beta or point."""
    floor = -600.0 if logarithms.dtype == torch.float64 else -60.0
    return functional.threshold(logarithms.clamp_(min=floor).exp_(), math.exp(floor + 1), 0.0, inplace=True)


def _along(tile: Tile, index: Tensor, vectors: Tensor, mean: Tensor) -> Tensor:
    """v.(rho - T) for each query and pattern of a tile (r, t), by differences for those on the short list.

    Products leave a rounding error where rho is T, which a large beta would multiply.
    """
    out = vectors @ tile.patterns.T - (vectors * mean).sum(-1, keepdim=True)
    index = index[tile.part]
    row, at = ((index >= tile.start) & (index < tile.stop)).nonzero(as_tuple=True)
    column = index[row, at] - tile.start
    heavy = tile.weights[row, column] > 0
    row, column = row[heavy], column[heavy]
    out[row, column] = (vectors[row] * (tile.patterns[column] - mean[row])).sum(-1)
    return out


@torch.no_grad()
def covariance_product(request: Request, sums: Retrievals, vectors: Tensor) -> Tensor:
    """Cov_w(rho) v for each query, (m, n), as the mean of (rho - T) ((rho - T).v)."""
    request = resolved(request, sums)
    vectors = vectors.to(request.frame.dtype)
    out = torch.zeros_like(vectors)
    shift = torch.zeros(len(out), 1, dtype=out.dtype, device=out.device)
    mean = request.frame.apply(sums.retrieval)
    with matmul_precision(request.x.device, "ieee"):
        for tile in weighted_tiles(request, sums):
            here = vectors[tile.part]
            along = _along(tile, sums.candidates.index, here, mean[tile.part]).mul_(tile.weights)
            out[tile.part] += along @ tile.patterns
            shift[tile.part] += along.sum(-1, keepdim=True)
    return (out - shift * mean) / request.frame.scale**2


@torch.no_grad()
def pattern_gradient(request: Request, sums: Energies, outer: Tensor, *, dot: bool = False) -> Tensor:
    """d/d rho of sum_m outer_m E(x_m), (d, n): -2 sum_m outer w (x - rho); for ``dot`` that of -LSE(beta, rho.x)."""
    request = resolved(request, sums)
    out = torch.zeros(request.rows.count, request.rows.n, dtype=request.frame.dtype, device=request.x.device)
    scale, center = request.frame.scale, request.frame.center
    with matmul_precision(request.x.device, "ieee"):
        for tile in weighted_tiles(request, sums):
            if not dot:
                _add_listed(request, sums, tile, outer, out)
            weights = tile.weights.mul_(outer[tile.part].to(out.dtype)[:, None])
            mass = weights.sum(0)[:, None]
            if dot:
                out[tile.start : tile.stop] -= weights.T @ tile.x / scale + mass * center
            else:
                out[tile.start : tile.stop] -= 2 / scale * (weights.T @ tile.x - mass * tile.patterns)
    return out


def _add_listed(request: Request, sums: Energies, tile: Tile, outer: Tensor, out: Tensor) -> None:
    """What heavy patterns of the short lists add to `pattern_gradient`, by differences; it leaves the tile's weights.

    Where a query lies on its pattern, the difference of two products has no digit of ``x - rho``.
    """
    index = sums.candidates.index[tile.part]
    row, at = ((index >= tile.start) & (index < tile.stop)).nonzero(as_tuple=True)
    place = index[row, at]
    heavy = tile.weights[row, place - tile.start] > HEAVY
    row, place = row[heavy], place[heavy]
    by = -2 * (tile.weights[row, place - tile.start] * outer[tile.part].to(out.dtype)[row])
    tile.weights[row, place - tile.start] = 0.0
    x, wide = request.x[tile.part], exact_dtype(out.device)
    for some in torch.split(torch.arange(len(row), device=out.device), max(1, tiles.BLOCK // max(1, request.rows.n))):
        gaps = x.index_select(0, row[some]).to(wide).sub_(request.rows.take(place[some]))
        out.index_add_(0, place[some], gaps.to(out.dtype).mul_(by[some, None]))


def query_gradient(request: Request, sums: Retrievals, outer: Tensor) -> Tensor:
    """d/d x of sum_m outer_m.T(x_m), (m, n)."""
    return 2 * request.beta * covariance_product(request, sums, outer)


@torch.no_grad()
def retrieval_pattern_gradient(request: Request, sums: Retrievals, outer: Tensor) -> Tensor:
    """d/d rho of sum_m outer_m.T(x_m), (d, n)."""
    request = resolved(request, sums)
    outer = outer.to(request.frame.dtype)
    by_pattern = torch.zeros(request.rows.count, request.rows.n, dtype=request.frame.dtype, device=request.x.device)
    mean, unit = request.frame.apply(sums.retrieval), request.frame.scale**2
    with matmul_precision(request.x.device, "ieee"):
        for tile in weighted_tiles(request, sums):
            here = outer[tile.part]
            target = by_pattern[tile.start : tile.stop]
            target += tile.weights.T @ here
            along = _along(tile, sums.candidates.index, here, mean[tile.part]).mul_(tile.weights)
            target += 2 * request.beta / unit * (along.T @ tile.x - along.sum(0)[:, None] * tile.patterns)
    return by_pattern


@torch.no_grad()
def divergence(request: Request, sums: Energies, moved: Tensor) -> Tensor:
    """KL(w(x) || w(y)) in nats, (m,) in float64, for any y = ``moved`` (m, n), from w(x) alone.

    As w(y) is proportional to w(x) exp(2 beta (y - x).rho), it is log sum_i w_i exp(a_i) - sum_i w_i a_i with
    a_i = 2 beta (y - x).(rho_i - y): neither the energy at y nor that y is the mean of the patterns enters.
    """
    request = resolved(request, sums)
    wide, dtype = exact_dtype(request.x.device), request.frame.dtype
    step = moved.to(wide) - request.x.to(wide)
    target = request.frame.apply(moved)
    top = torch.full((len(moved),), -math.inf, dtype=wide, device=moved.device)
    total, mean = torch.zeros_like(top), torch.zeros_like(top)
    factor = 2 * request.beta / request.frame.scale
    with matmul_precision(request.x.device, "ieee"):
        for tile in weighted_tiles(request, sums, logarithms=True):
            here = step[tile.part].to(dtype)
            along = here @ tile.patterns.T - (here * target[tile.part]).sum(-1, keepdim=True)
            mean[tile.part] += (_exponentials(tile.weights.clone()) * along).sum(-1) * factor
            exponent = tile.weights.add_(along, alpha=factor)
            high = torch.maximum(top[tile.part], exponent.amax(-1).to(wide))
            total[tile.part] *= torch.exp(top[tile.part] - high)
            total[tile.part] += torch.exp((exponent - high[:, None].to(dtype)).clamp_(min=-60.0)).sum(-1)
            top[tile.part] = high
    return top + torch.log(total) - mean
