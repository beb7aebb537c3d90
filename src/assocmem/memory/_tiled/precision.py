"""Full float32 products whatever the caller's settings: somebody's TF32 or autocast must not reach the scores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import torch

Precision = Literal["ieee", "tf32"]
PRECISIONS = ("ieee", "tf32")


@contextmanager
def matmul_precision(device: torch.device, precision: Precision) -> Iterator[None]:
    """Products in IEEE float32 or in TF32 (on CUDA only), without autocast; the caller's settings return afterwards."""
    fast = precision == "tf32" and device.type == "cuda"
    both: tuple[Any, ...] = (torch.backends.cuda.matmul, getattr(torch.backends.mkldnn, "matmul", None))
    switches = [s for s in both if _has(s)]
    before = [s.fp32_precision for s in switches]
    legacy = _legacy()
    try:
        if legacy is None:
            for switch in switches:
                switch.fp32_precision = "ieee"
            if fast:
                torch.backends.cuda.matmul.fp32_precision = "tf32"
        else:
            torch.set_float32_matmul_precision("high" if fast else "highest")
        with torch.autocast(device.type, enabled=False):
            yield
    finally:
        if legacy is not None:
            torch.set_float32_matmul_precision(legacy)
        for switch, value in zip(switches, before, strict=True):
            if switch.fp32_precision != value:
                switch.fp32_precision = value


def _has(switch: Any) -> bool:
    """Whether this backend has the switch of torch >= 2.9."""
    try:
        return switch is not None and isinstance(switch.fp32_precision, str)
    except (AttributeError, RuntimeError):
        return False


def _legacy() -> str | None:
    """The setting of the older interface; None where the caller mixed both and torch refuses to tell."""
    try:
        return torch.get_float32_matmul_precision()
    except RuntimeError:
        return None
