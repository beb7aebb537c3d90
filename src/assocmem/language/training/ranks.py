"""Which of the processes of a run this is, and how many there are, as torchrun says it."""

from __future__ import annotations

import os

__all__ = ["is_first_process", "process_count"]


def is_first_process() -> bool:
    """Say whether this is the process that writes, the only one unless started by torchrun.

    Returns
    -------
    bool
        True for rank 0.
    """
    return os.environ.get("RANK", "0") == "0"


def process_count() -> int:
    """Count the processes that train together.

    Returns
    -------
    int
        1 unless started by torchrun.
    """
    return int(os.environ.get("WORLD_SIZE", "1"))
