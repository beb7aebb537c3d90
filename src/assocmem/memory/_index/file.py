"""The file of an index: safetensors with the patterns, the limits and sums of their columns, and a header that says so.

safetensors is imported when a file is read or written, as nothing else here needs it.
"""

from __future__ import annotations

import os
from pathlib import Path

import torch
from torch import Tensor

from assocmem.memory._tiled.rows import FLOATS, Extent, exact_dtype

KIND = {"kind": "assocmem.memory.Index", "version": "1"}
"""The header of a file."""


def write(path: Path, patterns: Tensor, extent: Extent) -> None:
    """Write a file in full or not at all. OSError where that cannot be done."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    tensors = {"patterns": patterns, "total": extent.total, "low": extent.low, "high": extent.high}
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        save_file({name: value.detach().contiguous() for name, value in tensors.items()}, scratch, metadata=KIND)
        os.replace(scratch, path)
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written: {error}") from None
    finally:
        scratch.unlink(missing_ok=True)


def read(path: Path) -> tuple[Tensor, Extent]:
    """Patterns, mapped from the file and not read yet, and their extent. ValueError for what `write` did not write."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise FileNotFoundError(f"{path} is no file")
    try:
        with safe_open(path, "pt", device="cpu") as file:
            if (file.metadata() or {}) != KIND:
                raise ValueError(f"{path} is no index of version {KIND['version']}")
            patterns, total, low, high = (file.get_tensor(name) for name in ("patterns", "total", "low", "high"))
    except SafetensorError as error:
        raise ValueError(f"{path} is no index, or damaged: {error}") from None
    extent = Extent(total, low, high, len(patterns) if patterns.ndim else 0)
    limits = (total, low, high)
    right = patterns.ndim == 2 and extent.count > 0 and patterns.dtype in FLOATS
    right = right and all(v.shape == patterns.shape[1:] and v.dtype == exact_dtype(v.device) for v in limits)
    if not (right and extent.finite and bool((low <= high).all() & torch.isfinite(total).all())):
        raise ValueError(f"{path} is no index: its patterns or their limits have another type, shape or value")
    return patterns, extent
