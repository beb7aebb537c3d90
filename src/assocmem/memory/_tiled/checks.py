"""Input checks with errors that name the argument, what it got and what it takes. Every public function starts here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from assocmem.memory._tiled.precision import PRECISIONS
from assocmem.memory._tiled.rows import FLOATS, Extent, Rows, extent

Patterns = Float[Tensor, "d n"] | Float[np.ndarray, "d n"]
"""Stored patterns: a tensor, or a numpy array or memmap of which blocks are moved to the queries' device."""


@dataclass(frozen=True)
class Checked:
    """Queries and patterns that passed, read once.

    Attributes
    ----------
    x : Tensor
        Queries (m, n), with their gradient.
    stored : Tensor or ndarray
        Patterns (d, n), with their gradient.
    rows : Rows
        The same patterns in blocks, without a gradient.
    extent : Extent
        Of the patterns.
    queries : Extent
        Of the queries.
    self_offset : int or None
        The pattern index of query 0 where self is excluded.
    """

    x: Tensor
    stored: Patterns
    rows: Rows
    extent: Extent
    queries: Extent
    self_offset: int | None

    def moved(self, x: Tensor) -> Checked:
        """Other queries within the hull of these and the patterns: nothing need be checked again."""
        return replace(self, x=x)

    def with_gradient(self, x: Tensor, stored: Patterns) -> Checked:
        """The same numbers, of which autograd records others."""
        return replace(self, x=x, stored=stored)

    def has_gradient(self) -> bool:
        """Whether autograd records what is done with queries or patterns."""
        live = self.x.requires_grad or (isinstance(self.stored, Tensor) and self.stored.requires_grad)
        return live and torch.is_grad_enabled()

    def block(self, start: int, stop: int) -> Tensor:
        """Patterns start..stop: a view that carries the gradient, or a part of an array that is moved here."""
        return self.stored[start:stop] if isinstance(self.stored, Tensor) else self.rows.block(start, stop)

    def take(self, index: Tensor) -> Tensor:
        """Patterns by index (p,), with their gradient."""
        return self.stored[index] if isinstance(self.stored, Tensor) else self.rows.take(index)


def check(
    x: Tensor,
    patterns: Patterns | None,
    *,
    exclude_self: bool = False,
    allow_empty: bool = False,
    queries: Extent | None = None,
) -> Checked:
    """Queries (m, n) and patterns (d, n); None stands for x itself. ``queries`` is what was read of x before.

    Raises TypeError for what is no floating tensor or for mixed dtypes; ValueError for wrong shapes, no patterns,
    mixed devices, nan or infinity, and ``exclude_self`` with patterns other than x.
    """
    itself = patterns is None or patterns is x
    check_floating("x", x)
    stored: Patterns = x if patterns is None else patterns
    if not itself:
        check_floating("patterns", stored, array=True)
    if len(stored) == 0 and not (allow_empty or patterns is None):
        raise ValueError("patterns must hold at least one row, got an empty tensor")
    if x.shape[1] != stored.shape[1]:
        raise ValueError(f"x has n={x.shape[1]} columns and patterns n={stored.shape[1]}; they must agree")
    rows = Rows(stored, x.device)
    if x.dtype != rows.dtype:
        raise TypeError(f"x has dtype {x.dtype} and patterns {rows.dtype}; they must agree")
    if isinstance(stored, Tensor) and x.device != stored.device:
        raise ValueError(f"x is on {x.device} and patterns on {stored.device}; they must agree")
    if exclude_self and not itself:
        raise ValueError("exclude_self needs patterns=None or patterns is x (self is masked by index), got others")
    if queries is None and not itself:
        queries = extent(Rows(x, x.device))
    spread = queries if itself and queries is not None else extent(rows)
    queries = spread if queries is None else queries
    for name, limits in (("x", queries), ("patterns", spread)):
        if not limits.finite and limits.count:
            raise ValueError(f"{name} must be finite, got nan or infinity")
    return Checked(x, stored, rows, spread, queries, 0 if exclude_self else None)


def check_layers(x: Tensor, layers: Sequence[Patterns]) -> list[Checked]:
    """Queries against each layer's patterns; the queries are read once. Raises like `check`, ValueError for none."""
    if len(layers) == 0:
        raise ValueError("layers must hold at least one set of patterns, got none")
    first = check(x, layers[0])
    return [first, *(check(x, patterns, queries=first.queries) for patterns in layers[1:])]


def together(layers: Sequence[Checked]) -> Checked:
    """The patterns of all layers as one set, for their common queries; without a gradient, in memory."""
    stored = torch.cat([layer.rows.whole() for layer in layers])
    whole = Extent(
        torch.stack([layer.extent.total for layer in layers]).sum(0),
        torch.stack([layer.extent.low for layer in layers]).amin(0),
        torch.stack([layer.extent.high for layer in layers]).amax(0),
        len(stored),
    )
    return Checked(layers[0].x.detach(), stored, Rows(stored, stored.device), whole, layers[0].queries, None)


def check_left(checked: Checked) -> None:
    """ValueError where excluding self leaves a sum over no pattern."""
    if checked.self_offset is not None and checked.rows.count == 1:
        raise ValueError("patterns must hold at least two rows with exclude_self, got one")


def check_beta(beta: float) -> float:
    """A finite positive number; else ValueError."""
    real = isinstance(beta, (int, float)) and not isinstance(beta, bool)
    if not (real and 0 < beta <= sys.float_info.max):
        raise ValueError(f"beta must be a finite positive number, got {beta!r}")
    return float(beta)


def check_count(name: str, value: int, least: int = 1) -> int:
    """An int of at least ``least``; else TypeError or ValueError."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an int, got {type(value).__name__}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def check_precision(precision: str) -> None:
    """One of PRECISIONS; else ValueError."""
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")


def check_sum(
    x: Tensor, patterns: Patterns | None, beta: float, exclude_self: bool, precision: str = PRECISIONS[0]
) -> tuple[Checked, float]:
    """The arguments of a sum over the patterns: checked, with beta as a float. Raises like the checks above."""
    checked = check(x, patterns, exclude_self=exclude_self)
    check_precision(precision)
    check_left(checked)
    return checked, check_beta(beta)


def check_floating(name: str, value: object, *, array: bool = False) -> None:
    """A tensor (or array) of shape (rows, n) and one of FLOATS; else TypeError or ValueError."""
    if array and isinstance(value, np.ndarray):
        if value.dtype.name not in ("float16", "float32", "float64"):
            raise TypeError(f"{name} must be floating point (float16, float32, float64), got {value.dtype}")
    elif not isinstance(value, Tensor):
        kinds = "a torch.Tensor or a numpy array" if array else "a torch.Tensor"
        raise TypeError(f"{name} must be {kinds}, got {type(value).__name__}")
    elif value.dtype not in FLOATS:
        names = ", ".join(str(d).removeprefix("torch.") for d in FLOATS)
        raise TypeError(f"{name} must be floating point ({names}), got {value.dtype}")
    if value.ndim != 2:
        raise ValueError(f"{name} must have shape (rows, n), got {tuple(value.shape)}")
