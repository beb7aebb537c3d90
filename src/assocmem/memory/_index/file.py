"""The file of an index: safetensors with the patterns, the limits and sums of their columns, and a header that says so.

safetensors is imported when a file is read or written, as nothing else here needs it.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from assocmem.memory._tiled.rows import FLOATS, Extent, exact_dtype

KIND = {"kind": "assocmem.memory.Index", "version": "2"}
"""The header of a file, beside the sha256 of each tensor."""
NAMES = ("patterns", "total", "low", "high")


def write(path: Path, patterns: Tensor, extent: Extent) -> None:
    """Write a file in full or not at all. OSError where that cannot be done."""
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    named = {"patterns": patterns, "total": extent.total, "low": extent.low, "high": extent.high}
    tensors = {name: value.detach().contiguous() for name, value in named.items()}
    header = KIND | {name: _sha256(value) for name, value in tensors.items()}
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        save_file(tensors, scratch, metadata=header)
        os.replace(scratch, path)
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written: {error}") from None
    finally:
        scratch.unlink(missing_ok=True)


def _sha256(tensor: Tensor) -> str:
    data: Any = tensor.cpu().view(torch.uint8).numpy() if tensor.numel() else b""
    return hashlib.sha256(data).hexdigest()


def read(path: Path, *, whole: bool = True) -> tuple[Tensor, Extent]:
    """Patterns, mapped from the file, and their extent. ValueError for what `write` did not write.

    Patterns are compared with their hash where the ``whole`` is to be read anyway, else their extent alone.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise FileNotFoundError(f"{path} is no file")
    try:
        with safe_open(path, "pt", device="cpu") as file:
            header = file.metadata() or {}
            if any(header.get(name) != value for name, value in KIND.items()):
                raise ValueError(f"{path} is no index of version {KIND['version']}")
            patterns, total, low, high = read = [file.get_tensor(name) for name in NAMES]
    except SafetensorError as error:
        raise ValueError(f"{path} is no index, or damaged: {error}") from None
    for name, tensor in zip(NAMES[0 if whole else 1 :], read[0 if whole else 1 :], strict=True):
        if header.get(name) != _sha256(tensor):
            raise ValueError(f"{path} is damaged: its {name} is not what was written")
    extent = Extent(total, low, high, len(patterns) if patterns.ndim else 0)
    limits = (total, low, high)
    right = patterns.ndim == 2 and extent.count > 0 and patterns.dtype in FLOATS
    right = right and all(v.shape == patterns.shape[1:] and v.dtype == exact_dtype(v.device) for v in limits)
    if not (right and extent.finite and bool((low <= high).all() & torch.isfinite(total).all())):
        raise ValueError(f"{path} is no index: its patterns or their limits have another type, shape or value")
    return patterns, extent
