"""Retrieval: one softmax-weighted mean of patterns, and its repetition with a certificate of exact descent.

One step T(x) = sum_i w_i(x) rho_i, w = softmax(-beta |x - rho_i|^2), is gradient descent on E_beta with step 1/2 and,
with y = T(x), obeys the identity E(x) - E(y) = |x - y|^2 + KL(w(x) || w(y)) / beta: from log w_i = beta (E - d_i),
KL = beta (E(x) - E(y)) - beta sum_i w_i(x) (d_i(x) - d_i(y)), and the last sum is |x - y|^2 because sum w_i rho_i = y.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from assocmem.memory._tiled import autograd
from assocmem.memory._tiled.checks import Patterns, check, check_beta, check_count, check_precision, check_sum
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.request import Streamed, job
from assocmem.memory._tiled.rows import exact_dtype
from assocmem.memory._tiled.stream import run
from assocmem.memory._tiled.weights import divergence

__all__ = ["FixedPoint", "fixed_point", "retrieve"]


def retrieve(
    x: Tensor,
    patterns: Patterns | None = None,
    *,
    beta: float = 1.0,
    exclude_self: bool = False,
    precision: Precision = "ieee",
) -> Tensor:
    """T(x) = sum_i w_i rho_i with w = softmax(-beta |x - rho_i|^2), shape (m, n), in the dtype of x.

    The attention step with key bias -beta |rho|^2; for patterns of equal norm the MCHN update of Ramsauer et al.
    (eq. 3) at 2 beta. Differentiable once in both arguments. Raises TypeError or ValueError naming the argument.
    """
    found, beta = check_sum(x, patterns, beta, exclude_self, precision)
    stored = x if patterns is None else patterns
    if isinstance(stored, Tensor) and autograd.wanted(x, stored):
        return autograd.retrieval(x, stored, found, beta, precision)
    value = run(job(found, frozenset({"retrieval"}), beta, precision=precision)).retrieval
    assert value is not None
    return value.to(x.dtype)


@dataclass(frozen=True)
class FixedPoint:
    """Where repeated retrieval ended, and the certificate of each of the s steps that any query took.

    points: (m, n). converged: (m,) bool. steps: (m,) int64, how many each query took. energy: (m,) at the points, nats
    over beta. Per step (s, m), float64, 0 for queries that had stopped: descent E(x) - E(T x), moved |x - T x|^2,
    divergence KL(w(x) || w(T x)) / beta from the weights at x and the step alone (nan when ``certify`` was off).
    """

    points: Tensor
    converged: Tensor
    steps: Tensor
    energy: Tensor
    descent: Tensor
    moved: Tensor
    divergence: Tensor

    @property
    def residual(self) -> Tensor:
        """descent - moved - divergence, (s, m): zero but for rounding."""
        return self.descent - self.moved - self.divergence


def fixed_point(
    x: Tensor,
    patterns: Patterns,
    *,
    beta: float = 1.0,
    tol: float = 1e-6,
    max_steps: int = 100,
    certify: bool = True,
    precision: Precision = "ieee",
) -> FixedPoint:
    """Repeat `retrieve` until |x - T(x)| <= tol * max(1, |T(x)|), query by query, at most ``max_steps`` times.

    Each step costs one tiled pass; ``certify`` adds a second one for the divergence. No gradient is recorded.
    Raises ValueError for a negative or non-finite tol or max_steps < 1, and like `retrieve`.
    """
    found = check(x, patterns)
    check_precision(precision)
    beta, limit = check_beta(beta), check_count("max_steps", max_steps)
    if not 0 <= tol < float("inf"):
        raise ValueError(f"tol must be a finite number >= 0, got {tol!r}")
    m, wide = len(x), exact_dtype(x.device)
    points = x.detach().clone()
    active = torch.arange(m, device=x.device)
    steps = torch.zeros(m, dtype=torch.int64, device=x.device)
    converged = torch.zeros(m, dtype=torch.bool, device=x.device)
    want = frozenset({"energy", "retrieval"})
    todo = job(found, want, beta, precision=precision)
    seen = run(todo)
    assert seen.energy is not None
    energy = seen.energy.clone()
    rows: list[tuple[Tensor, Tensor, Tensor]] = []
    while len(active) and len(rows) < limit:
        assert seen.retrieval is not None
        new = seen.retrieval.to(x.dtype)
        gap = torch.linalg.vector_norm(new.to(wide) - todo.x.to(wide), dim=-1)
        done = gap <= tol * torch.linalg.vector_norm(new.to(wide), dim=-1).clamp(min=1.0)
        descent, moved, spread = (torch.zeros(m, dtype=wide, device=x.device) for _ in range(3))
        spread[active] = divergence(todo, seen, new) / beta if certify else torch.nan
        points[active] = new
        steps[active] += 1
        converged[active] = done
        todo = replace(todo, x=new)
        seen = run(todo)
        assert seen.energy is not None
        descent[active] = energy[active] - seen.energy
        moved[active] = gap.square()
        energy[active] = seen.energy
        rows.append((descent, moved, spread))
        if bool(done.any()):
            active, todo, seen = active[~done], replace(todo, x=new[~done]), _rows_of(seen, ~done)
    empty = torch.zeros(0, m, dtype=wide, device=x.device)
    columns = [torch.stack(list(c)) for c in zip(*rows, strict=True)] if rows else [empty, empty, empty]
    return FixedPoint(points, converged, steps, energy, *columns)


def _rows_of(seen: Streamed, left: Tensor) -> Streamed:
    """What a pass found, for some of its queries."""
    assert seen.energy is not None
    assert seen.retrieval is not None
    return replace(
        seen,
        energy=seen.energy[left],
        retrieval=seen.retrieval[left],
        candidates=seen.candidates[left],
        costs=seen.costs[left],
    )
