"""Another distance: energy, neighbors, layers and retrieval for a named metric or a function of two points.

A function of two points takes two sequences of n coordinates, as in the paper's formulas, such as

    def taxi(x, y): return sum(abs(a - b) for a, b in zip(x, y))

Here its coordinates are tensors of shapes (m, 1) and (1, d), so arithmetic and ``abs`` give distances (m, d) by
broadcasting; functions of `assocmem.theory.exact.distances` are of this kind. It is called on blocks, and so is
`torch.cdist`: never are m x d numbers held, and a gradient computes its blocks again. "sqeuclidean" and the Euclidean
search are handed on to the module's own tiled pass, which is faster.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from assocmem.memory import retrieval
from assocmem.memory import search as euclidean
from assocmem.memory._tiled.checks import Checked, Patterns, check, check_beta, check_count, check_sum
from assocmem.memory._tiled.request import job
from assocmem.memory._tiled.rows import work_dtype
from assocmem.memory._tiled.stream import run
from assocmem.memory.energy import energy as squared_energy

__all__ = ["METRICS", "Metric", "energy", "global_energy", "knn", "layer_energies", "nearest_distance", "retrieve"]

Metric = str | Callable[[Sequence[Any], Sequence[Any]], Any]
METRICS = ("sqeuclidean", "l1", "euclidean", "linf")
_NORMS = {"l1": 1.0, "euclidean": 2.0, "linf": math.inf}
CHUNK = 1 << 22
"""Numbers held at once while distances are formed."""


def energy(
    x: Tensor,
    patterns: Patterns | None = None,
    *,
    metric: Metric = "sqeuclidean",
    beta: float = 1.0,
    exclude_self: bool = False,
) -> Tensor:
    """E_beta(x) = -(1/beta) log sum_i exp(-beta d(x, rho_i)), shape (m,), in float32 or float64 (equation 4).

    Queries (m, n), patterns (d, n) or None for x itself. Differentiable in both; where a metric has a kink, with one of
    its slopes (0 for a Euclidean distance of 0). "l1", "euclidean" and "linf" can be differentiated once only, as
    `torch.cdist` can; the same distance as a function of two points (`assocmem.theory.exact.distances.l1`) as often as
    wanted. Memory grows with m d / block, not with m d n. Distances that overflow give an infinite energy.

    Raises TypeError or ValueError naming the argument, also for a metric that is unknown or returns another shape.
    """
    if check_metric(metric) == "sqeuclidean":
        return squared_energy(x, patterns, beta=beta, exclude_self=exclude_self)
    found, beta = check_sum(x, patterns, beta, exclude_self)
    stored = x if patterns is None else patterns
    live = torch.is_grad_enabled() and (x.requires_grad or (isinstance(stored, Tensor) and stored.requires_grad))

    def part(query: Tensor, block: Tensor, own: Tensor | None) -> Tensor:
        return _soft_minimum(_distances(query, block, metric, own), beta)

    def again(query: Tensor, block: Tensor, own: Tensor | None) -> Tensor:
        kept: Tensor = checkpoint(part, query, block, own, use_reentrant=False, preserve_rng_state=False)
        return kept

    return _streamed(again if live else part, stored, found, metric, beta)


def _streamed(
    part: Callable[[Tensor, Tensor, Tensor | None], Tensor],
    stored: Patterns,
    found: Checked,
    metric: Metric,
    beta: float,
) -> Tensor:
    """The energies of blocks of queries, merged over the blocks of patterns; ``part`` is the energy of one block."""
    blocks, out = _Blocks(found, metric), []
    for start, stop in blocks.queries:
        total = None
        for left, right in blocks.patterns:
            own = _own(found, start, stop, left, right)
            value = part(found.x[start:stop], _block(stored, found, left, right), own)
            total = value if total is None else _soft_minimum(torch.stack([total, value], -1), beta)
        assert total is not None
        out.append(total)
    return torch.cat(out) if out else found.x.new_zeros(0, dtype=work_dtype(found.x.dtype))


def layer_energies(
    x: Tensor, layers: Sequence[Patterns], *, metric: Metric = "sqeuclidean", beta: float = 1.0
) -> Tensor:
    """E_t(x) of each layer's patterns (d_t, n), shape (m, l): `energy` layer by layer. Raises like `energy`.

    Raises ValueError if there is no layer.
    """
    if len(layers) == 0:
        raise ValueError("layers must hold at least one set of patterns, got none")
    return torch.stack([energy(x, patterns, metric=metric, beta=beta) for patterns in layers], -1)


def global_energy(
    x: Tensor, layers: Sequence[Patterns], *, metric: Metric = "sqeuclidean", beta: float = 1.0
) -> Tensor:
    """-(1/beta) log sum_t exp(-beta E_t(x)), shape (m,) (equation 7): the energy of all layers' patterns together.

    Raises like `layer_energies`.
    """
    return _soft_minimum(layer_energies(x, layers, metric=metric, beta=beta), check_beta(beta))


def _soft_minimum(values: Tensor, beta: float) -> Tensor:
    """-(1/beta) log sum exp(-beta v) over the last axis, the least value taken out so that it costs no digits."""
    least = values.detach().amin(-1, keepdim=True)
    least = least.masked_fill(least.isinf(), 0)  # an infinite distance less itself would be no number
    return least.squeeze(-1) - torch.logsumexp(-beta * (values - least), -1) / beta


def nearest_distance(x: Tensor, patterns: Patterns, *, metric: Metric = "sqeuclidean") -> Tensor:
    """g(x) = min_i d(x, rho_i), shape (m,) (equation 3); differentiable through the nearest pattern.

    Raises like `energy`.
    """
    stored = patterns.detach() if isinstance(patterns, Tensor) else patterns
    index = knn(x.detach(), stored, 1, metric=metric)[1].squeeze(-1)
    nearest = patterns[index] if isinstance(patterns, Tensor) else check(x, patterns).rows.take(index)
    return _paired(x, nearest, metric)


def knn(
    x: Tensor,
    patterns: Patterns | None = None,
    k: int = 1,
    *,
    metric: Metric = "euclidean",
    exclude_self: bool = False,
) -> tuple[Tensor, Tensor]:
    """Distances (m, k), ascending, and indices (m, k) in int64 of the k nearest patterns; ties go to the lower index.

    Distances are the metric's own: squared for "sqeuclidean", which `assocmem.memory.knn` does not return. ``None``,
    ``exclude_self`` and the filling with (inf, -1) are as there. No gradient is recorded. Raises like `energy`.
    """
    check_metric(metric)
    if metric == "euclidean":
        return euclidean.knn(x, patterns, k, exclude_self=exclude_self)
    found = check(x, patterns, exclude_self=exclude_self)
    k = check_count("k", k)
    if metric == "sqeuclidean":
        seen = run(job(found, frozenset({"nearest"}), k=k))
        assert seen.sq_distances is not None
        assert seen.indices is not None
        return seen.sq_distances.to(work_dtype(x.dtype)), seen.indices
    source = x if patterns is None else patterns
    with torch.no_grad():
        rows = [_nearest(x[i:j], source, found, metric, k, i, j) for i, j in _Blocks(found, metric).queries]
    if not rows:
        return x.new_zeros(0, k, dtype=work_dtype(x.dtype)), torch.zeros(0, k, dtype=torch.int64, device=x.device)
    values, index = (torch.cat(list(column)) for column in zip(*rows, strict=True))
    return values, index.masked_fill(values.isinf(), -1)


def _nearest(
    query: Tensor, source: Patterns, found: Checked, metric: Metric, k: int, start: int, stop: int
) -> tuple[Tensor, Tensor]:
    """The k least distances of a block of queries, merged over the blocks of patterns."""
    best = torch.full((len(query), k), math.inf, dtype=work_dtype(query.dtype), device=query.device)
    index = torch.full((len(query), k), -1, dtype=torch.int64, device=query.device)
    for left, right in _Blocks(found, metric).patterns:
        block = _block(source, found, left, right)
        values = _distances(query, block, metric, _own(found, start, stop, left, right))
        where = torch.arange(left, right, device=query.device).expand_as(values)
        # A stable sort keeps earlier indices first among equals.
        merged = torch.cat([best, values], -1).sort(dim=-1, stable=True)
        best = merged.values[:, :k]
        index = torch.cat([index, where], -1).gather(-1, merged.indices[:, :k])
    return best, index


def retrieve(
    x: Tensor,
    patterns: Patterns | None = None,
    *,
    metric: Metric = "sqeuclidean",
    beta: float = 1.0,
    exclude_self: bool = False,
) -> Tensor:
    """The point y that minimizes sum_i w_i d(y, rho_i), w = softmax(-beta d(x, rho_i)), shape (m, n), in x's dtype.

    For "sqeuclidean" that is the weighted mean (`assocmem.memory.retrieve`); for "l1" the weighted median of each
    coordinate, the lower one where there is a choice, without a gradient: it does not move with small changes of x.

    Raises ValueError for any other metric, whose minimizer has no closed form here, and like `energy`.
    """
    if check_metric(metric) == "sqeuclidean":
        return retrieval.retrieve(x, patterns, beta=beta, exclude_self=exclude_self)
    if metric != "l1":
        raise ValueError(f"retrieve takes metric 'sqeuclidean' (weighted mean) or 'l1' (median), got {metric!r}")
    found, beta = check_sum(x, patterns, beta, exclude_self)
    with torch.no_grad():
        return _medians(x, found, beta)


def _medians(x: Tensor, found: Checked, beta: float) -> Tensor:
    """Weighted medians; a block holds the weights of a few queries on all patterns, d columns at a time sorted once."""
    stored = found.rows.whole()
    ordered, order = stored.sort(dim=0, stable=True)
    step = max(1, CHUNK // max(1, stored.numel()))
    out = torch.empty_like(x)
    for start in range(0, len(x), step):
        query = x[start : start + step]
        own = _own(found, start, start + len(query), 0, len(stored))
        weights = torch.softmax(-beta * _distances(query, stored, "l1", own).double(), -1)
        for c in range(x.shape[1]):
            share = weights[:, order[:, c]].cumsum(-1)
            at = torch.searchsorted(share, share[:, -1:] / 2).squeeze(-1)
            out[start : start + step, c] = ordered[at.clamp(max=len(stored) - 1), c]
    return out


def check_metric(metric: Metric) -> Metric:
    """A name in METRICS or a callable; else ValueError or TypeError."""
    if isinstance(metric, str):
        if metric not in METRICS:
            raise ValueError(f"metric must be one of {', '.join(METRICS)} or a callable of two points, got {metric!r}")
    elif not callable(metric):
        raise TypeError(f"metric must be a name or a callable of two points, got {type(metric).__name__}")
    return metric


class _Blocks:
    """Ranges of queries and of patterns such that no block holds more than CHUNK numbers.

    A block has at least two patterns, so that a query which leaves itself out keeps a finite sum in each block.
    """

    def __init__(self, found: Checked, metric: Metric) -> None:
        m, d, n = len(found.x), found.rows.count, found.rows.n
        depth = 1 if isinstance(metric, str) else max(1, n)  # a function's gradient keeps every coordinate's part
        columns = max(2, min(d, CHUNK // depth))
        self.queries = _ranges(m, max(1, CHUNK // (columns * depth)))
        self.patterns = _ranges(d, columns)
        if len(self.patterns) > 1 and d - self.patterns[-1][0] == 1:
            self.patterns[-2:] = [(self.patterns[-2][0], d)]


def _ranges(count: int, step: int) -> list[tuple[int, int]]:
    return [(start, min(start + step, count)) for start in range(0, count, step)]


def _block(source: Patterns, found: Checked, left: int, right: int) -> Tensor:
    """Patterns left..right: a view that carries the gradient, or a part of an array that is moved here."""
    return source[left:right] if isinstance(source, Tensor) else found.rows.block(left, right)


def _own(found: Checked, start: int, stop: int, left: int, right: int) -> Tensor | None:
    """Where queries start..stop meet themselves among patterns left..right, as a mask, or None."""
    if found.self_offset is None or start >= right or stop <= left:
        return None
    queries = torch.arange(start, stop, device=found.x.device)[:, None]
    return queries == torch.arange(left, right, device=found.x.device)


def _distances(x: Tensor, patterns: Tensor, metric: Metric, own: Tensor | None = None) -> Tensor:
    """Distances (m, d) of one block from direct differences, infinite where a query leaves itself out."""
    x, patterns = x.to(work_dtype(x.dtype)), patterns.to(work_dtype(patterns.dtype))
    if isinstance(metric, str):
        value = torch.cdist(x, patterns, _NORMS[metric], compute_mode="donot_use_mm_for_euclid_dist")
    else:
        columns = [c[:, None] for c in x.unbind(-1)], [c[None, :] for c in patterns.unbind(-1)]
        value = _called(metric, *columns, (len(x), len(patterns)), x.dtype)
    return value if own is None else value.masked_fill(own, math.inf)


def _paired(x: Tensor, y: Tensor, metric: Metric) -> Tensor:
    """d(x_i, y_i) of two sets of the same size, shape (m,)."""
    x, y = x.to(work_dtype(x.dtype)), y.to(work_dtype(y.dtype))
    if metric == "sqeuclidean":
        return (x - y).square().sum(-1)
    if isinstance(metric, str):
        length: Tensor = torch.linalg.vector_norm(x - y, _NORMS[metric], dim=-1)
        return length
    return _called(metric, x.unbind(-1), y.unbind(-1), (len(x),), x.dtype)


def _called(
    metric: Callable[..., Any], x: Sequence[Tensor], y: Sequence[Tensor], want: tuple[int, ...], dtype: torch.dtype
) -> Tensor:
    """A function's distances in ``dtype``, as one that counts returns integers. ValueError for what is not real."""
    value: Any = metric(x, y)
    if not isinstance(value, Tensor) or value.shape != want:
        got = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise ValueError(f"metric must broadcast its coordinates to a tensor of shape {want}, got {got}")
    if value.is_complex():
        raise ValueError(f"metric must return real numbers, got {value.dtype}")
    return value.to(dtype)
