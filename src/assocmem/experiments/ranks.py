"""Which of the processes of a run is the one that writes."""

from __future__ import annotations

import os


def is_first() -> bool:
    """Whether this is the process that writes, the only one unless started by torchrun."""
    return os.environ.get("RANK", "0") == "0"
