"""Whether this machine has what a run asks for, before the run does anything: the device, and room on the disk."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

__all__ = ["check_device", "check_room"]

DEVICE = re.compile(r"cpu|mps|cuda(?::\d+)?")


def check_device(name: str) -> None:
    """Refuse a device that is not there.

    Parameters
    ----------
    name : str
        cpu, mps, cuda or cuda:N.

    Raises
    ------
    ValueError
        In one line that says what there is.
    """
    import torch

    if not DEVICE.fullmatch(name):
        raise ValueError(f"device got {name!r}; takes cpu, cuda, cuda:N or mps")
    kind, _, number = name.partition(":")
    if kind == "mps" and not torch.backends.mps.is_available():
        raise ValueError("device got 'mps', and torch finds no such GPU here; cpu does without")
    if kind == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if not count:
            raise ValueError(f"device got {name!r}, and torch finds no GPU here; cpu does without")
        if number and int(number) >= count:
            raise ValueError(f"device got {name!r}, and torch finds {count} GPUs here, from cuda:0 on")


def check_room(folder: Path, needed: int) -> None:
    """Refuse what will not fit on the disk.

    Parameters
    ----------
    folder : Path
        Where it goes; it need not be there yet.
    needed : int
        Bytes.

    Raises
    ------
    OSError
        In one line that says how much there is.
    """
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise OSError(
            f"out got {folder}, where {free / 1e6:,.1f} MB are free and model and checkpoints take {needed / 1e6:,.1f}"
        )
