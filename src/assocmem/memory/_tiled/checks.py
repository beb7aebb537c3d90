"""Input checks with errors that name the argument, what it got and what it takes. Every public function starts here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from assocmem.memory._index.fitted import Fitted
from assocmem.memory._tiled.precision import PRECISIONS
from assocmem.memory._tiled.rows import FLOATS, Extent, Rows, extent
from assocmem.memory._tiled.wrapped import OUTSIDE, wrapped

Patterns = Float[Tensor, "d n"] | Float[np.ndarray, "d n"]
"""Stored patterns: a tensor, or a numpy array or memmap of which blocks are moved to the queries' device."""


@dataclass(frozen=True)
class Checked:
    """Queries and patterns that passed, read once; inside a transform of torch.func they are not read yet.

    Attributes
    ----------
    x : Tensor
        Queries (m, n), with their gradient.
    stored : Tensor or ndarray
        Patterns (d, n), with their gradient.
    rows : Rows
        The same patterns in blocks, without a gradient.
    self_offset : int or None
        The pattern index of query 0 where self is excluded.
    limits : tuple of Extent, optional
        Of the patterns and of the queries; None where they are not read yet.
    """

    x: Tensor
    stored: Patterns
    rows: Rows
    self_offset: int | None
    limits: tuple[Extent, Extent] | None

    @property
    def extent(self) -> Extent:
        """Of the patterns. NotImplementedError where they are not read yet."""
        return self._read()[0]

    @property
    def queries(self) -> Extent:
        """Of the queries. NotImplementedError where they are not read yet."""
        return self._read()[1]

    def outside(self) -> None:
        """NotImplementedError inside a transform of torch.func, for what records no derivative."""
        if self.limits is None:
            raise NotImplementedError(OUTSIDE)

    def _read(self) -> tuple[Extent, Extent]:
        self.outside()
        assert self.limits is not None
        return self.limits

    def moved(self, x: Tensor) -> Checked:
        """Other queries within the hull of these and the patterns: nothing need be checked again."""
        return replace(self, x=x)

    def with_gradient(self, x: Tensor, stored: Patterns) -> Checked:
        """The same numbers, of which autograd records others."""
        return replace(self, x=x, stored=stored)

    def has_gradient(self, *others: object) -> bool:
        """Whether autograd or torch.func records what is done with queries, patterns or other arguments."""
        every = (self.x, self.stored, *others)
        live = any(isinstance(value, Tensor) and (value.requires_grad or _dual(value)) for value in every)
        return wrapped(*every) or (live and torch.is_grad_enabled())

    def block(self, start: int, stop: int) -> Tensor:
        """Patterns start..stop: a view that carries the gradient, or a part of an array that is moved here."""
        return self.stored[start:stop] if isinstance(self.stored, Tensor) else self.rows.block(start, stop)

    def take(self, index: Tensor) -> Tensor:
        """Patterns by index (p,), with their gradient."""
        if isinstance(self.stored, Tensor):
            return self.stored[index]
        return self.rows.whole()[index] if wrapped(index) else self.rows.take(index)


def check(
    x: Tensor,
    patterns: Patterns | None,
    *,
    exclude_self: bool = False,
    allow_empty: bool = False,
    queries: Extent | None = None,
    fitted: Fitted | None = None,
) -> Checked:
    """Queries (m, n) and patterns (d, n); None stands for x itself. ``queries`` is what was read of x before.

    ``fitted`` are the patterns as they were read before; they must not have changed.

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
    rows = Rows(stored, x.device) if fitted is None else fitted
    if x.dtype != rows.dtype:
        raise TypeError(f"x has dtype {x.dtype} and patterns {rows.dtype}; they must agree")
    home = stored.device if isinstance(stored, Tensor) else rows.device
    if x.device != home:
        raise ValueError(f"x is on {x.device} and patterns on {home}; they must agree")
    if fitted is not None:
        check_unchanged(fitted)
    if exclude_self and not itself:
        raise ValueError(
            "exclude_self needs patterns=None, or one tensor object for both, got another: self is masked by index"
        )
    offset = 0 if exclude_self else None
    if wrapped(x, stored):
        return Checked(x, stored, rows, offset, None)
    if queries is None and not itself:
        queries = extent(Rows(x, x.device))
    known = fitted.extent if fitted is not None else queries if itself else None
    spread = extent(rows) if known is None else known
    queries = spread if queries is None else queries
    for name, limits in (("x", queries), ("patterns", spread)):
        if not limits.finite and limits.count:
            raise ValueError(f"{name} must be finite, got nan or infinity")
    return Checked(x, stored, rows, offset, (spread, queries))


def check_unchanged(rows: Fitted) -> None:
    """ValueError for a tensor that was written to since it was read."""
    if rows.changed:
        raise ValueError("patterns were changed in place after they had been read; make a new object of them")


def check_layers(x: Tensor, layers: Sequence[Patterns]) -> list[Checked]:
    """Queries against each layer's patterns; the queries are read once. Raises like `check`, ValueError for none."""
    if len(layers) == 0:
        raise ValueError("layers must hold at least one set of patterns, got none")
    first = check(x, layers[0])
    queries = None if first.limits is None else first.queries
    return [first, *(check(x, patterns, queries=queries) for patterns in layers[1:])]


def together(layers: Sequence[Checked]) -> Checked:
    """The patterns of all layers as one set, for their common queries; in memory, with their gradient."""
    stored = torch.cat([layer.block(0, layer.rows.count) for layer in layers])
    x, rows = layers[0].x, Rows(stored, stored.device)
    if any(layer.limits is None for layer in layers):
        return Checked(x, stored, rows, None, None)
    whole = Extent(
        torch.stack([layer.extent.total for layer in layers]).sum(0),
        torch.stack([layer.extent.low for layer in layers]).amin(0),
        torch.stack([layer.extent.high for layer in layers]).amax(0),
        len(stored),
    )
    return Checked(x, stored, rows, None, (whole, layers[0].queries))


def check_left(checked: Checked) -> None:
    """ValueError where excluding self leaves a sum over no pattern."""
    if checked.self_offset is not None and checked.rows.count == 1:
        raise ValueError("patterns must hold at least two rows with exclude_self, got one")


def check_beta(beta: float | Tensor) -> float:
    """A finite positive number, of Python, of numpy or of a tensor (); else TypeError or ValueError."""
    if isinstance(beta, Tensor):
        if beta.ndim != 0:
            raise ValueError(f"beta must be one number, a tensor of shape (), got shape {tuple(beta.shape)}")
        real = not (beta.is_complex() or beta.dtype == torch.bool)
    else:
        real = isinstance(beta, (int, float, np.integer, np.floating)) and not isinstance(beta, bool)
    if not real:
        got = beta.dtype if isinstance(beta, Tensor) else type(beta).__name__
        raise TypeError(f"beta must be a float or a tensor of shape (), got {got}")
    number = beta if isinstance(beta, int) else float(beta.detach() if isinstance(beta, Tensor) else beta)
    if not 0 < number <= sys.float_info.max:
        raise ValueError(f"beta must be a finite positive number, got {beta!r}")
    return float(number)


def live_beta(beta: float | Tensor) -> float | Tensor:
    """Beta as a number, or as it is where a derivative in it is recorded. Raises like `check_beta`."""
    if not isinstance(beta, Tensor):
        return check_beta(beta)
    if wrapped(beta):  # Its number is looked at when the pass runs.
        if beta.ndim != 0 or not beta.is_floating_point():
            raise ValueError(f"beta must be a floating tensor of shape (), got {beta.dtype} {tuple(beta.shape)}")
        return beta
    number = check_beta(beta)
    return beta if (beta.requires_grad and torch.is_grad_enabled()) or _dual(beta) else number


def _dual(value: Tensor) -> bool:
    """Whether it carries a tangent of forward-mode autograd."""
    if torch.autograd.forward_ad._current_level < 0:
        return False
    unpack: Any = torch.autograd.forward_ad.unpack_dual
    return unpack(value).tangent is not None


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
    x: Tensor, patterns: Patterns | None, beta: float | Tensor, exclude_self: bool, precision: str = PRECISIONS[0]
) -> tuple[Checked, float | Tensor]:
    """The arguments of a sum over the patterns: checked, with a live beta. Raises like the checks above."""
    checked = check(x, patterns, exclude_self=exclude_self)
    check_precision(precision)
    check_left(checked)
    return checked, live_beta(beta)


def check_floating(name: str, value: object, *, array: bool = False) -> None:
    """A tensor (or array) of shape (rows, n) and one of FLOATS; else TypeError or ValueError."""
    if array and isinstance(value, np.ndarray):
        if value.dtype.name not in ("float16", "float32", "float64"):
            raise TypeError(f"{name} must be floating point (float16, float32, float64), got {value.dtype}")
    elif not isinstance(value, Tensor):
        kinds = "a torch.Tensor or a numpy array" if array else "a torch.Tensor"
        raise TypeError(f"{name} must be {kinds}, got {type(value).__name__}")
    elif value.layout != torch.strided or value.is_nested:
        kind = "a nested tensor; give its parts one by one" if value.is_nested else f"{value.layout}; use .to_dense()"
        raise TypeError(f"{name} must be a dense tensor, got {kind}")
    elif value.is_meta:
        raise ValueError(f"{name} must hold numbers, got a tensor on the meta device")
    elif value.dtype not in FLOATS:
        names = ", ".join(str(d).removeprefix("torch.") for d in FLOATS)
        raise TypeError(f"{name} must be floating point ({names}), got {value.dtype}")
    if value.ndim != 2:
        raise ValueError(f"{name} must have shape (rows, n), got {tuple(value.shape)}")
