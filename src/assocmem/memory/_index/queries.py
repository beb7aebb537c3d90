"""What an index checks of its queries, beyond what every function of the torch module checks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assocmem.memory._entrance import CAST
from assocmem.memory._index.fitted import Fitted
from assocmem.memory._tiled.checks import Checked, Patterns, check, check_unchanged


def checked_queries(x: Tensor | None, stored: Patterns, rows: Fitted) -> tuple[Checked, tuple[int, ...]]:
    """The input, and the leading shape of the answer; None stands for the patterns, each without itself."""
    if x is None:
        if not isinstance(stored, Tensor) or rows.base is None:
            raise ValueError("x must be a tensor of queries, got None with an index on disk")
        check_unchanged(rows)
        return Checked(stored, stored, rows, 0, (rows.extent, rows.extent)), (rows.count,)
    flat: Any = x
    if isinstance(x, Tensor) and x.ndim > 2 and x.layout == torch.strided:
        flat = x.reshape(-1, x.shape[-1])
    kind = rows.device.type
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        mixed = isinstance(x, Tensor) and x.dtype in CAST and rows.dtype in CAST
        flat = flat.to(rows.dtype) if mixed else flat
    return check(flat, stored, fitted=rows), tuple(x.shape[:-1])


def left_out(leave_out: Tensor, x: Tensor | None, lead: tuple[int, ...], rows: Fitted) -> Tensor:
    """Which pattern each query leaves out (m,). Raises TypeError or ValueError, naming the argument."""
    if x is None:
        raise ValueError("leave_out needs queries x, got None, for which each pattern leaves itself out")
    if not isinstance(leave_out, Tensor) or leave_out.dtype != torch.int64:
        got = str(leave_out.dtype) if isinstance(leave_out, Tensor) else type(leave_out).__name__
        raise TypeError(f"leave_out must be an int64 tensor, got {got}")
    if leave_out.shape != lead or leave_out.device != rows.device:
        got = f"{tuple(leave_out.shape)} on {leave_out.device}"
        raise ValueError(f"leave_out must have shape {lead} on {rows.device}, got {got}")
    if leave_out.numel() and not bool(((leave_out >= -1) & (leave_out < rows.count)).all()):
        raise ValueError(f"leave_out must be from -1 to {rows.count - 1}, got another index")
    return leave_out.reshape(-1)
