"""The K best scores of a tile, exact distances for chosen pairs, and an order that no tile size or shard can change."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from assocmem.memory._tiled.rows import Rows, exact_dtype

PAIR_BLOCK = 1 << 16
"""Numbers held at once while differences of pairs are formed: small, so that they stay in the processor's cache."""


def best(buffer: Tensor, k: int, group: int) -> tuple[Tensor, Tensor]:
    """The k largest entries of each row of ``buffer`` (r, t) and their columns, in no order: values and int64 (r, k).

    Exact: the k largest entries lie in the k groups of columns with the largest maxima. A full top-k over t columns
    would cost as much as the product at n = 64. Groups are every (t / group)-th column, which vectorizes best.
    """
    r, t = buffer.shape
    if k >= t:
        return buffer.clone(), torch.arange(t, device=buffer.device).expand(r, t)
    groups = t // group
    if groups < 2 * k:
        values, index = buffer.topk(k, sorted=False)
        return values, index
    even = groups * group
    cube = buffer[:, :even].view(r, group, groups)
    which = cube.amax(1).topk(k, sorted=False).indices
    inside = cube.gather(2, which[:, None, :].expand(-1, group, -1)).view(r, group * k)
    if even < t:
        inside = torch.cat([inside, buffer[:, even:]], 1)
    values, at = inside.topk(k, sorted=False)
    index = which.gather(1, at % k) + (at // k) * groups
    return values, torch.where(at < group * k, index, at - group * k + even) if even < t else index


def rounded_for_ties(values: Tensor, source: torch.dtype) -> Tensor:
    """Float64 sums over float32 or half data rounded to 44 bits (Veltkamp), so that equal pairs tie exactly.

    The order in which a sum is taken may differ between calls on a GPU; its last bits must not decide a tie.
    Sums over float64 data stay as they are.
    """
    if source == torch.float64 or values.dtype != torch.float64:
        return values
    large = values * 513.0
    return large - (large - values)


def pair_distances(x: Tensor, rows: Rows, queries: Tensor, index: Tensor) -> Tensor:
    """``|x[queries] - rows[index]|^2`` (p,) for p pairs by direct differences in float64: exactly 0 at duplicates."""
    wide = exact_dtype(x.device)
    size = PAIR_BLOCK if x.device.type == "cpu" else PAIR_BLOCK << 9
    step = max(1, size // max(1, rows.n))
    out = torch.empty(len(index), dtype=wide, device=x.device)
    for start in range(0, len(index), step):
        stop = start + step
        left = x.index_select(0, queries[start:stop]).to(wide)
        right = rows.take(index[start:stop]).to(wide)
        out[start:stop] = right.sub_(left).square_().sum(-1)
    return rounded_for_ties(out, rows.dtype)


def listed_distances(x: Tensor, rows: Rows, index: Tensor, need: Tensor, sure: int) -> Tensor:
    """``|x_i - rows[index_ij]|^2`` (r, K) where ``need``; nearly all queries need the first ``sure`` columns."""
    wide = exact_dtype(x.device)
    out = torch.zeros(index.shape, dtype=wide, device=x.device)
    size = PAIR_BLOCK if x.device.type == "cpu" else PAIR_BLOCK << 9
    step = max(1, size // max(1, rows.n * sure))
    # Made once: what is allocated anew for each block costs more in fresh pages than the differences themselves.
    room = torch.empty(min(step, len(x)), sure, rows.n, dtype=wide, device=x.device)
    surely = index[:, :sure].clamp(min=0).reshape(-1)
    sums = torch.empty(len(x), sure, dtype=wide, device=x.device)
    own = torch.empty(len(room), 1, rows.n, dtype=wide, device=x.device)
    lefts = torch.split(x[:, None], step)
    for left, at, out_sums in zip(lefts, torch.split(surely, step * sure), torch.split(sums, step), strict=True):
        right = room[: len(left)]
        right.view(len(at), rows.n).copy_(rows.take(at))
        torch.sum(right.sub_(own[: len(left)].copy_(left)).square_(), -1, out=out_sums)
    out[:, :sure] = rounded_for_ties(sums, rows.dtype)
    queries, at = need[:, sure:].nonzero(as_tuple=True)
    at = at + sure
    out[queries, at] = pair_distances(x, rows, queries, index[queries, at])
    return out


def all_distances(x: Tensor, rows: Rows) -> Tensor:
    """Squared distances (m, d) by direct differences in float64, for few pairs."""
    wide = exact_dtype(x.device)
    right = rows.whole().to(wide)
    step = max(1, (PAIR_BLOCK << 3) // max(1, right.numel()))
    parts = [(part.to(wide)[:, None, :] - right).square_().sum(-1) for part in torch.split(x.contiguous(), step)]
    return rounded_for_ties(torch.cat(parts), rows.dtype)


def direct_sums(
    x: Tensor, rows: Rows, own: Tensor | None, heights: Tensor | None, beta: float
) -> tuple[Tensor, Tensor]:
    """E (m,) and T (m, n) in float64 by direct differences, block by block: for the few queries that no product serves.

    ``own`` and ``heights`` are as in `Request`.
    """
    wide, m, n = exact_dtype(x.device), len(x), max(1, rows.n)
    least = torch.full((m,), math.inf, dtype=wide, device=x.device)
    total, mean = torch.zeros_like(least), torch.zeros(m, rows.n, dtype=wide, device=x.device)
    step = max(1, (PAIR_BLOCK << 4) // n)
    for start in range(0, rows.count, step):
        block = rows.block(start, min(start + step, rows.count)).to(wide)
        places = torch.arange(start, start + len(block), device=x.device)
        high = max(1, (PAIR_BLOCK << 4) // (len(block) * n))
        for part in (slice(i, min(i + high, m)) for i in range(0, m, high)):
            gaps = block - x[part, None].to(wide)
            costs = rounded_for_ties(gaps.square().sum(-1), rows.dtype)
            if heights is not None:
                costs += heights[start : start + len(block)]
            if own is not None:
                costs.masked_fill_(own[part, None] == places, math.inf)
            low = torch.minimum(least[part], costs.amin(-1))
            fade = torch.where(torch.isinf(least[part]), 0.0, torch.exp(-beta * (least[part] - low)))
            weight = torch.exp(-beta * torch.where(torch.isinf(costs), math.inf, costs - low[:, None]))
            total[part] = total[part] * fade + weight.sum(-1)
            mean[part] = mean[part] * fade[:, None] + (weight[:, None] @ gaps).squeeze(1)
            least[part] = low
    return least - torch.log(total) / beta, x.to(wide) + mean / total[:, None]


def ordered(distances: Tensor, index: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k smallest by (distance, index) out of (r, c), padded with (inf, -1); absent entries have index -1."""
    distances = torch.where(index < 0, math.inf, distances)
    key = torch.where(index < 0, torch.iinfo(torch.int64).max, index)
    by_index = key.argsort(dim=-1, stable=True)
    distances, index = distances.gather(-1, by_index), index.gather(-1, by_index)
    order = distances.argsort(dim=-1, stable=True)[:, :k]
    distances, index = distances.gather(-1, order), index.gather(-1, order)
    missing = k - distances.shape[-1]
    if missing > 0:
        distances = torch.nn.functional.pad(distances, (0, missing), value=math.inf)
        index = torch.nn.functional.pad(index, (0, missing), value=-1)
    return distances, index


def first_of_each(queries: Tensor, distances: Tensor, index: Tensor, count: int, k: int) -> tuple[Tensor, Tensor]:
    """For a flat list of pairs (p,): the k smallest by (distance, index) of each of ``count`` queries, (count, k)."""
    order = index.argsort(dim=-1, stable=True)
    order = order[distances[order].argsort(dim=-1, stable=True)]
    order = order[queries[order].argsort(dim=-1, stable=True)]
    queries, distances, index = queries[order], distances[order], index[order]
    starts = torch.searchsorted(queries, torch.arange(count, device=queries.device))
    rank = torch.arange(len(queries), device=queries.device) - starts[queries]
    keep = rank < k
    out = torch.full((count, k), math.inf, dtype=distances.dtype, device=distances.device)
    where = torch.full((count, k), -1, dtype=torch.int64, device=distances.device)
    out[queries[keep], rank[keep]] = distances[keep]
    where[queries[keep], rank[keep]] = index[keep]
    return out, where


def unique(queries: Tensor, values: Tensor, index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The same pair only once."""
    order = index.argsort(dim=-1, stable=True)
    order = order[queries[order].argsort(dim=-1, stable=True)]
    queries, values, index = queries[order], values[order], index[order]
    fresh = torch.ones_like(queries, dtype=torch.bool)
    fresh[1:] = (queries[1:] != queries[:-1]) | (index[1:] != index[:-1])
    return queries[fresh], values[fresh], index[fresh]
