"""The most memory that one call holds at once beyond what was there before it: what a table of speeds must show too."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

import torch

CLEAR = Path("/proc/self/clear_refs")
STATUS = Path("/proc/self/status")


def peak_mb(call: Callable[[], object], device: str) -> float | None:
    """Megabytes (10^6 bytes) at the highest point of ``call``, less those before it, its result counted.

    On a GPU what torch allocated there; on Linux the growth of the process's resident memory, which counts what other
    libraries hold as well; None elsewhere.
    """
    if device == "cuda":
        torch.cuda.synchronize()
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        call()
        torch.cuda.synchronize()
        return (torch.cuda.max_memory_allocated() - before) / 1e6
    if not CLEAR.exists():
        return None
    free = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc keeps freed pages, and would use them unseen.
    if free is not None:
        free(0)
    CLEAR.write_text("5")  # Sets the high-water mark down to what is resident now; see proc_pid_clear_refs(5).
    before = _status("VmHWM")
    call()
    return (_status("VmHWM") - before) / 1e6


def _status(name: str) -> int:
    """Bytes of one line of this process's status."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name + ":"))
    return int(line.split()[1]) * 1024
