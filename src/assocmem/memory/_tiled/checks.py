"""Input checks with errors that name the argument, what it got and what it takes. Every public function starts here."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from assocmem.memory._tiled.precision import PRECISIONS
from assocmem.memory._tiled.rows import FLOATS, Extent, Rows, extent

Patterns = Tensor | np.ndarray[Any, Any]
"""Stored patterns (d, n): a tensor, or a numpy array or memmap of which blocks are moved to the queries' device."""


@dataclass(frozen=True)
class Checked:
    """Queries and patterns that passed; ``self_offset`` is the pattern index of query 0 where self is excluded."""

    x: Tensor
    rows: Rows
    seen: Extent
    queries: Extent
    self_offset: int | None


def check(x: Tensor, patterns: Patterns | None, *, exclude_self: bool = False, allow_empty: bool = False) -> Checked:
    """Queries (m, n) and patterns (d, n); None stands for x itself.

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
    seen = extent(rows)
    queries = seen if itself else extent(Rows(x, x.device))
    for name, found in (("x", queries), ("patterns", seen)):
        if not found.finite and found.count:
            raise ValueError(f"{name} must be finite, got nan or infinity")
    return Checked(x, rows, seen, queries, 0 if exclude_self else None)


def check_left(found: Checked) -> None:
    """ValueError where excluding self leaves a sum over no pattern."""
    if found.self_offset is not None and found.rows.count == 1:
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
    found = check(x, patterns, exclude_self=exclude_self)
    check_precision(precision)
    check_left(found)
    return found, check_beta(beta)


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
