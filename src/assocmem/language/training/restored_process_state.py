"""A training sets seeds, switches and variables for the whole process; here they are put back as they were."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

__all__ = ["restored_process_state"]


@contextmanager
def restored_process_state() -> Iterator[None]:
    """Restore, at the end, the random numbers of Python, numpy and torch, determinism switches, and the environment.

    Devices that nothing has used before keep what was set in them.

    Yields
    ------
    None
        Once, while the block runs.
    """
    python, arrays = random.getstate(), np.random.get_state()
    strict, warns = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    cudnn = torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    rounded = torch.backends.cuda.matmul.allow_tf32
    environment = dict(os.environ)
    started = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    used = range(torch.cuda.device_count()) if started else ()
    try:
        with torch.random.fork_rng(devices=used):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(arrays)
        torch.use_deterministic_algorithms(strict, warn_only=warns)
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = cudnn
        torch.backends.cuda.matmul.allow_tf32 = rounded
        for name in set(os.environ) - set(environment):
            del os.environ[name]
        os.environ.update(environment)
