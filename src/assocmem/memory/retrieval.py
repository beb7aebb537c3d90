"""Retrieval: one softmax-weighted mean of patterns, and its repetition with a certificate of exact descent.

With weights ``w = softmax(-beta d(x, rho_i))`` a step leads to the point y = T(x) that minimizes
``sum_i w_i(x) d(y, rho_i)``. As ``log w_i = beta (E - d_i)``, it obeys the identity

    ``E(x) - E(y) = sum_i w_i(x) (d_i(x) - d_i(y)) + KL(w(x) || w(y)) / beta``.

For the squared distance T is the weighted mean, the step is gradient descent on E_beta with step 1/2, and the first sum
is ``|x - y|^2`` because ``sum_i w_i rho_i = y``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from assocmem.memory._blocked.distances import Metric, check_metric
from assocmem.memory._blocked.energies import blocked_energy
from assocmem.memory._blocked.medians import step_certificate, weighted_medians
from assocmem.memory._derivatives import differentiable
from assocmem.memory._entrance import batched, public
from assocmem.memory._tiled.answers import retrievals
from assocmem.memory._tiled.checks import Checked, Patterns, check, check_beta, check_count, check_precision, check_sum
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.request import Request, Retrievals, request_for
from assocmem.memory._tiled.rows import exact_dtype
from assocmem.memory._tiled.weights import divergence

__all__ = ["FixedPoint", "fixed_point", "retrieve"]


@batched
def retrieve(
    x: Float[Tensor, "m n"],
    patterns: Patterns | None = None,
    *,
    metric: Metric = "sqeuclidean",
    beta: float | Float[Tensor, ""] = 1.0,
    exclude_self: bool = False,
    precision: Precision = "ieee",
) -> Float[Tensor, "m n"]:
    """The point y that minimizes ``sum_i w_i d(y, rho_i)`` with ``w = softmax(-beta d(x, rho_i))``.

    For the squared distance that is the weighted mean ``T(x) = sum_i w_i rho_i``: the attention step with key bias
    ``-beta |rho|^2``, and for patterns of equal norm the MCHN update of Ramsauer et al. (eq. 3) at 2 beta. It is
    differentiable to any order in x, in the patterns and in beta, at any size. For "l1" it is the weighted median of
    each coordinate, the lower one where there is a choice: a coordinate of a pattern, in which it has its gradient; it
    does not move with small changes of x or beta.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"], optional
        Stored patterns; None stands for ``x``.
    metric : {"sqeuclidean", "l1"}
        The distance; the minimizer of any other has no closed form here.
    beta : float or Float[Tensor, ""]
        Inverse temperature, with its gradient where it is a tensor.
    exclude_self : bool
        Whether each query is left out of its own sum, by its index.
    precision : {"ieee", "tf32"}
        As in :func:`assocmem.memory.energy`.

    Returns
    -------
    Float[Tensor, "m n"]
        The points, in the type of ``x``.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it, or for a metric without a closed form.

    Examples
    --------
    >>> import torch
    >>> from assocmem.memory import retrieve
    >>> patterns = torch.tensor([[0.0, 0.0], [2.0, 0.0]])
    >>> retrieve(torch.tensor([[1.0, 5.0]]), patterns).tolist()  # As near to one as to the other.
    [[1.0, 0.0]]
    >>> retrieve(torch.tensor([[1.5, 5.0]]), patterns, beta=100.0).tolist()
    [[2.0, 0.0]]
    """
    check_minimizer(metric)
    checked, beta = check_sum(x, patterns, beta, exclude_self, precision)
    return retrieval_of(checked, metric, beta, precision)


def check_minimizer(metric: Metric) -> None:
    """Refuse a metric without a closed minimizer.

    Raises
    ------
    ValueError
        Naming the metric and those that have one.
    TypeError
        If it is neither a name nor a function.
    """
    if check_metric(metric) not in ("sqeuclidean", "l1"):
        raise ValueError(f"retrieve takes metric 'sqeuclidean' (weighted mean) or 'l1' (median), got {metric!r}")


def retrieval_of(checked: Checked, metric: Metric, beta: float | Tensor, precision: Precision = "ieee") -> Tensor:
    """The points (m, n) of checked input."""
    if metric == "l1":
        return weighted_medians(checked, check_beta(beta))
    return differentiable.retrieval(checked, beta, precision)


@dataclass(frozen=True)
class FixedPoint:
    """Where repeated retrieval ended, and the certificate of each of the s steps that any query took.

    Attributes
    ----------
    points : Float[Tensor, "m n"]
        Where each query ended.
    converged : Bool[Tensor, "m"]
        Whether it moved by less than the tolerance at last.
    steps : Int64[Tensor, "m"]
        How many steps each query took.
    energy : Float[Tensor, "m"]
        At the points, in nats over beta.
    descent : Float[Tensor, "s m"]
        ``E(x) - E(T x)`` of each step in float64, 0 for queries that had stopped, as the following.
    moved : Float[Tensor, "s m"]
        ``|x - T x|^2``, or for "l1" ``sum_i w_i (d_i(x) - d_i(T x))``.
    divergence : Float[Tensor, "s m"]
        ``KL(w(x) || w(T x)) / beta`` from the weights at x and the step alone; nan without ``certify``.
    """

    points: Float[Tensor, "m n"]
    converged: Bool[Tensor, " m"]
    steps: Int64[Tensor, " m"]
    energy: Float[Tensor, " m"]
    descent: Float[Tensor, "s m"]
    moved: Float[Tensor, "s m"]
    divergence: Float[Tensor, "s m"]

    @property
    def residual(self) -> Float[Tensor, "s m"]:
        """``descent - moved - divergence``: zero but for rounding."""
        return self.descent - self.moved - self.divergence


@public
def fixed_point(
    x: Float[Tensor, "m n"],
    patterns: Patterns,
    *,
    metric: Metric = "sqeuclidean",
    beta: float = 1.0,
    tol: float = 1e-6,
    max_steps: int = 100,
    certify: bool = True,
    precision: Precision = "ieee",
) -> FixedPoint:
    """Repeat :func:`retrieve` until ``|x - T(x)| <= tol * max(1, |T(x)|)``, query by query. No gradient is recorded.

    Where one is wanted, call :func:`retrieve` as often as it takes, or once more at the points that it leads to.
    Each step costs one pass; ``certify`` adds a second one for the divergence.

    Parameters
    ----------
    x : Float[Tensor, "m n"]
        Queries.
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"]
        Stored patterns.
    metric : {"sqeuclidean", "l1"}
        The distance, as in :func:`retrieve`.
    beta : float
        Inverse temperature.
    tol : float
        At least 0.
    max_steps : int
        At least 1.
    certify : bool
        Whether each step's divergence is computed.
    precision : {"ieee", "tf32"}
        As in :func:`assocmem.memory.energy`.

    Returns
    -------
    FixedPoint
        Points, and each step's certificate.

    Raises
    ------
    TypeError
        If an argument has another type, or queries and patterns differ in type.
    ValueError
        If an argument has another shape or value, naming it, or for a metric without a closed form.
    """
    check_minimizer(metric)
    checked = check(x, patterns)
    checked.outside()
    check_precision(precision)
    beta, limit = check_beta(beta), check_count("max_steps", max_steps)
    if not 0 <= tol < float("inf"):
        raise ValueError(f"tol must be a finite number >= 0, got {tol!r}")
    with torch.no_grad():
        if metric == "l1":
            return _followed(_Medians.at(checked, beta), tol, limit, certify)
        return _followed(_Means.at(request_for(checked, beta=beta, precision=precision)), tol, limit, certify)


class _Stage(Protocol):
    """Some queries, their energy (m,) in float64, and where the next step leads (m, n)."""

    @property
    def x(self) -> Tensor: ...

    @property
    def energy(self) -> Tensor: ...

    @property
    def target(self) -> Tensor: ...

    def certificate(self, certify: bool) -> tuple[Tensor, Tensor]:
        """``moved`` and ``divergence`` of the step to the target, as in `FixedPoint`."""

    def advanced(self) -> _Stage:
        """The queries at their targets."""

    def some(self, rows: Tensor) -> _Stage:
        """Only some of the queries."""


@dataclass(frozen=True)
class _Means:
    """Weighted means, of the squared distance."""

    request: Request
    sums: Retrievals

    @classmethod
    def at(cls, request: Request) -> _Means:
        return cls(request, retrievals(request))

    @property
    def x(self) -> Tensor:
        return self.request.x

    @property
    def energy(self) -> Tensor:
        return self.sums.energy

    @property
    def target(self) -> Tensor:
        return self.sums.retrieval.to(self.x.dtype)

    def certificate(self, certify: bool) -> tuple[Tensor, Tensor]:
        """From the weights at the queries."""
        moved = _length(self.target, self.x).square()
        if not certify:
            return moved, torch.full_like(moved, torch.nan)
        return moved, divergence(self.request, self.sums, self.target) / self.request.beta

    def advanced(self) -> _Means:
        """At the means."""
        return self.at(replace(self.request, x=self.target))

    def some(self, rows: Tensor) -> _Means:
        """Without another pass."""
        return _Means(replace(self.request, x=self.x[rows]), self.sums.at(rows))


@dataclass(frozen=True)
class _Medians:
    """Weighted medians, of the taxicab distance."""

    checked: Checked
    beta: float
    energy: Tensor
    target: Tensor

    @classmethod
    def at(cls, checked: Checked, beta: float) -> _Medians:
        wide = checked.with_gradient(checked.x.to(exact_dtype(checked.x.device)), checked.stored)
        return cls(checked, beta, blocked_energy(wide, "l1", beta), weighted_medians(checked, beta))

    @property
    def x(self) -> Tensor:
        return self.checked.x

    def certificate(self, certify: bool) -> tuple[Tensor, Tensor]:
        """From the weights at the queries."""
        moved, spread = step_certificate(self.checked, self.target, self.beta)
        return moved, spread if certify else torch.full_like(spread, torch.nan)

    def advanced(self) -> _Medians:
        """At the medians."""
        return self.at(self.checked.moved(self.target), self.beta)

    def some(self, rows: Tensor) -> _Medians:
        """Without another pass."""
        return _Medians(self.checked.moved(self.x[rows]), self.beta, self.energy[rows], self.target[rows])


def _length(x: Tensor, y: Tensor) -> Tensor:
    """``|x - y|`` (m,) in float64."""
    wide = exact_dtype(x.device)
    length: Tensor = torch.linalg.vector_norm(x.to(wide) - y.to(wide), dim=-1)
    return length


def _followed(stage: _Stage, tol: float, limit: int, certify: bool) -> FixedPoint:
    """Step until each query has arrived, at most ``limit`` times."""
    m, device, wide = len(stage.x), stage.x.device, exact_dtype(stage.x.device)
    points, energy = stage.x.detach().clone(), stage.energy.clone()
    active = torch.arange(m, device=device)
    steps = torch.zeros(m, dtype=torch.int64, device=device)
    converged = torch.zeros(m, dtype=torch.bool, device=device)
    certificates: list[Tensor] = []
    while len(active) and len(certificates) < limit:
        new = stage.target
        arrived = _length(new, stage.x) <= tol * _length(new, torch.zeros_like(new)).clamp(min=1.0)
        before, certificate = stage.energy, torch.zeros(3, m, dtype=wide, device=device)
        certificate[1:, active] = torch.stack(stage.certificate(certify))
        stage = stage.advanced()
        certificate[0, active] = before - stage.energy
        certificates.append(certificate)
        points[active], energy[active], converged[active] = new, stage.energy, arrived
        steps[active] += 1
        if bool(arrived.any()):
            active, stage = active[~arrived], stage.some(~arrived)
    columns = torch.stack(certificates, 1) if certificates else torch.zeros(3, 0, m, dtype=wide, device=device)
    return FixedPoint(points, converged, steps, energy, *columns)
