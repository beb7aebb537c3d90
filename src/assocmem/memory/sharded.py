"""Patterns spread over processes: every rank holds some rows, and all get the result of the whole memory.

The soft minimum of the ranks' energies is the energy of all patterns, and a rank's mean has the weight of its energy in
it; the k nearest merge by (distance, index). Distances are direct differences, pair by pair, so they and their indices
are the same bits for any number of ranks; energies agree to rounding. Start with torchrun; gloo or NCCL.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from jaxtyping import Float, Int64
from torch import Tensor

from assocmem.memory._index.fitted import Fitted
from assocmem.memory._tiled.answers import energies, neighbors, retrievals
from assocmem.memory._tiled.checks import (
    Checked,
    Patterns,
    check,
    check_beta,
    check_count,
    check_floating,
    check_precision,
)
from assocmem.memory._tiled.precision import Precision
from assocmem.memory._tiled.request import Request, request_for
from assocmem.memory._tiled.rows import FLOATS, Extent, work_dtype
from assocmem.memory._tiled.select import ordered
from assocmem.memory._tiled.soft import relative_weights, soft_minimum

__all__ = ["ShardedMemory", "connect"]

Result = TypeVar("Result")


def connect(timeout_s: float = 60.0, backend: str | None = None) -> torch.device:
    """Join the process group that torchrun describes in the environment.

    Parameters
    ----------
    timeout_s : float
        A rank that does not answer within so many seconds makes the others fail.
    backend : str, optional
        nccl where CUDA is there and gloo elsewhere, unless given.

    Returns
    -------
    torch.device
        This rank's device.

    Raises
    ------
    ValueError
        Outside torchrun, or for a timeout that is not positive.
    """
    missing = [name for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT") if name not in os.environ]
    if missing:
        raise ValueError(f"connect needs {', '.join(missing)} in the environment; start with torchrun")
    if not timeout_s > 0:
        raise ValueError(f"timeout_s must be positive, got {timeout_s!r}")
    backend = backend or ("nccl" if torch.cuda.is_available() else "gloo")
    device = torch.device("cpu")
    if backend == "nccl":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    dist.init_process_group(backend, timeout=timedelta(seconds=timeout_s))
    return device


class ShardedMemory:
    """A memory whose patterns are the rows of all ranks in rank order; a rank may hold none, (0, n).

    Every method is collective: all ranks call it with the same queries and settings, and get the same result, for the
    squared distance. Patterns are not copied; they are read once for what does not depend on the queries, and a tensor
    that is changed in place afterwards is refused by every call. Bad input on one rank, or input that differs between
    ranks, raises ValueError on every rank. A rank that dies makes the others raise RuntimeError within the timeout of
    the group or of ``timeout_s``. No gradients.

    Parameters
    ----------
    patterns : Float[Tensor, "d n"] or Float[ndarray, "d n"]
        This rank's rows.
    device : torch.device, optional
        Where queries are; that of the patterns, unless given.
    group : torch.distributed.ProcessGroup, optional
        The ranks; all of them, unless given.
    timeout_s : float, optional
        Seconds until a rank that does not answer is named, with gloo.

    Attributes
    ----------
    count : int
        Patterns of all ranks.
    offset : int
        Patterns of the ranks before this one.
    extent : Extent
        Column sums and limits of all patterns.

    Raises
    ------
    TypeError
        If the patterns are no floating tensor or array.
    ValueError
        Outside a process group, if no rank holds a pattern, or if ranks differ in dimension or type.
    RuntimeError
        If a rank does not answer.
    """

    def __init__(
        self,
        patterns: Patterns,
        *,
        device: torch.device | None = None,
        group: dist.ProcessGroup | None = None,
        timeout_s: float | None = None,
    ) -> None:
        if not dist.is_initialized():
            raise ValueError("patterns can only be sharded inside a process group; call connect() first")
        self.group, self.timeout_s = group, timeout_s
        self.rank, self.world = dist.get_rank(group), dist.get_world_size(group)
        own = patterns.device if isinstance(patterns, Tensor) else torch.device("cpu")
        self.device = own if device is None else device

        def checked() -> Fitted:
            check_floating("patterns", patterns, array=True)
            rows = Fitted(patterns, self.device, hold=False)
            none = torch.empty(0, rows.n, dtype=rows.dtype, device=self.device)
            check(none, patterns, allow_empty=True, fitted=rows)
            return rows

        self._rows = self._together(checked, lambda rows: [rows.n, FLOATS.index(rows.dtype)], "patterns")
        self.patterns = patterns
        counts = self._gather(torch.tensor([self._rows.count], device=self.device))
        self.count = int(sum(int(c) for c in counts))
        self.offset = int(sum(int(c) for c in counts[: self.rank]))
        if self.count == 0:
            raise ValueError("patterns must hold at least one row on some rank, got none on all")
        self.extent = self._whole(self._rows.extent)

    def __len__(self) -> int:
        return self.count

    def energy(
        self,
        x: Float[Tensor, "m n"],
        *,
        beta: float = 1.0,
        self_offset: int | None = None,
        precision: Precision = "ieee",
    ) -> Float[Tensor, " m"]:
        """E_beta of all patterns, as :func:`assocmem.memory.energy`.

        Parameters
        ----------
        x : Float[Tensor, "m n"]
            Queries, the same on all ranks.
        beta : float
            Inverse temperature.
        self_offset : int, optional
            Says that query i is pattern ``self_offset + i``, and leaves it out of its own sum.
        precision : {"ieee", "tf32"}
            As there.

        Returns
        -------
        Float[Tensor, "m"]
            Energies in float32 or float64.

        Raises
        ------
        TypeError
            If an argument has another type.
        ValueError
            On every rank, if an argument has another shape or value on one, or differs between ranks.
        RuntimeError
            If a rank does not answer.
        """
        local = energies(self._request(x, beta, 1, self_offset, precision, near=False))
        every = torch.stack(self._gather(local.energy), -1)
        return soft_minimum(every, beta).to(work_dtype(x.dtype))

    def retrieve(
        self,
        x: Float[Tensor, "m n"],
        *,
        beta: float = 1.0,
        self_offset: int | None = None,
        precision: Precision = "ieee",
    ) -> Float[Tensor, "m n"]:
        """T(x) from all patterns, as :func:`assocmem.memory.retrieve`.

        Parameters
        ----------
        x : Float[Tensor, "m n"]
            Queries, the same on all ranks.
        beta : float
            Inverse temperature.
        self_offset : int, optional
            Says that query i is pattern ``self_offset + i``, and leaves it out of its own sum.
        precision : {"ieee", "tf32"}
            As there.

        Returns
        -------
        Float[Tensor, "m n"]
            Weighted means, in the type of ``x``.

        Raises
        ------
        TypeError
            If an argument has another type.
        ValueError
            On every rank, if an argument has another shape or value on one, or differs between ranks.
        RuntimeError
            If a rank does not answer.
        """
        local = retrievals(self._request(x, beta, 1, self_offset, precision, near=False))
        every = torch.stack(self._gather(local.energy), -1)
        weights = relative_weights(every, every.amin(-1, keepdim=True), beta)
        share = (weights[:, self.rank] / weights.sum(-1)).to(local.retrieval.dtype)
        return self._sum(local.retrieval * share[:, None]).to(x.dtype)

    def knn(
        self, x: Float[Tensor, "m n"], k: int = 1, *, self_offset: int | None = None, precision: Precision = "ieee"
    ) -> tuple[Float[Tensor, "m k"], Int64[Tensor, "m k"]]:
        """Distances and indices among all patterns, as :func:`assocmem.memory.knn`; indices count all ranks.

        Parameters
        ----------
        x : Float[Tensor, "m n"]
            Queries, the same on all ranks.
        k : int
            How many neighbors.
        self_offset : int, optional
            Says that query i is pattern ``self_offset + i``, and leaves it out of its own list.
        precision : {"ieee", "tf32"}
            As there.

        Returns
        -------
        distances : Float[Tensor, "m k"]
            Euclidean distances in float32 or float64.
        indices : Int64[Tensor, "m k"]
            Of the patterns.

        Raises
        ------
        TypeError
            If an argument has another type.
        ValueError
            On every rank, if an argument has another shape or value on one, or differs between ranks.
        RuntimeError
            If a rank does not answer.
        """
        local = neighbors(self._request(x, 1.0, k, self_offset, precision, near=True))
        index = torch.where(local.indices < 0, -1, local.indices + self.offset)
        distances = torch.cat(self._gather(local.sq_distances), 1)
        merged, index = ordered(distances, torch.cat(self._gather(index), 1), int(k))
        return merged.sqrt().to(work_dtype(x.dtype)), index

    search = knn  # As an index has it.

    def _request(
        self, x: Tensor, beta: float, k: int, self_offset: int | None, precision: Precision, *, near: bool
    ) -> Request:
        """This rank's share of the work, in the frame of all patterns."""

        def checked() -> Checked:
            check_beta(beta)
            check_count("k", k)
            check_precision(precision)
            if self_offset is not None:
                check_count("self_offset", self_offset, 0)
                if not near and self.count == 1:
                    raise ValueError("patterns must hold at least two rows with self_offset, got one")
            return check(x, self.patterns, allow_empty=True, fitted=self._rows)

        def facts(ok: Checked) -> list[float]:
            own = -1 if self_offset is None else self_offset
            return [_checksum(ok.x), len(ok.x), beta, k, own, precision == "tf32", near]

        here = self._together(checked, facts, "x, beta, k, self_offset or precision")
        shifted = None if self_offset is None else self_offset - self.offset
        ready = replace(here, limits=(self.extent, here.queries), self_offset=shifted)
        return request_for(ready, beta=float(beta), k=int(k), precision=precision)

    def _together(self, work: Callable[[], Result], facts: Callable[[Result], list[Any]], names: str) -> Result:
        """Run a check on every rank; raise on all if it fails on one or if the facts differ."""
        self._alive()
        result: Result | Exception
        row = [1.0]
        try:
            result = work()
            row = [0.0, *map(float, facts(result))]
        except (ValueError, TypeError) as problem:
            result = problem
        length = 12
        rows = self._gather(torch.tensor(row + [0.0] * (length - len(row)), dtype=torch.float64).to(self.device))
        if isinstance(result, Exception):
            raise result
        bad = [rank for rank, other in enumerate(rows) if float(other[0]) != 0]
        if bad:
            raise ValueError(f"{names} were refused on rank {', '.join(map(str, bad))}; see the error there")
        if any(not torch.equal(other, rows[0]) for other in rows):
            raise ValueError(f"{names} must be the same on all ranks, got others")
        return result

    def _alive(self) -> None:
        """With gloo and a timeout of our own: find the rank that does not answer, and name it."""
        if self.timeout_s is not None and dist.get_backend(self.group) == "gloo":
            dist.monitored_barrier(self.group, timeout=timedelta(seconds=self.timeout_s))

    def _gather(self, part: Tensor) -> list[Tensor]:
        part = part.contiguous()
        parts = [torch.empty_like(part) for _ in range(self.world)]
        dist.all_gather(parts, part, group=self.group)
        return parts

    def _sum(self, part: Tensor) -> Tensor:
        dist.all_reduce(part, dist.ReduceOp.SUM, group=self.group)
        return part

    def _whole(self, part: Extent) -> Extent:
        """Column sums and limits of all patterns, so that all ranks center alike."""
        low, high = part.low.clone(), part.high.clone()
        dist.all_reduce(low, dist.ReduceOp.MIN, group=self.group)
        dist.all_reduce(high, dist.ReduceOp.MAX, group=self.group)
        return Extent(self._sum(part.total.clone()), low, high, self.count)


def _checksum(x: Tensor) -> float:
    """A number below 2^52 from the bits of x (m, n) and their places; integers, so in any order of summing."""
    whole = {2: torch.int16, 4: torch.int32, 8: torch.int64}[x.element_size()]
    columns = x.detach().contiguous().view(whole).to(torch.int64)
    rows = torch.arange(1, len(x) + 1, device=x.device)
    places = torch.arange(1, x.shape[1] + 1, device=x.device)
    return float(int(((columns * places).sum(-1) * rows).sum()) % (1 << 52))
