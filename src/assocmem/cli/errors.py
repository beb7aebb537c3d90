"""How a command says that it cannot go on: one line and an exit status."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from assocmem.cli.exit_status import Status

__all__ = ["CellsWithoutRecordError", "failure", "out_of_room", "writable"]


class CellsWithoutRecordError(Exception):
    """Some cells of a sweep failed or were stopped; the message names them."""


def failure(message: str, status: int = Status.BAD_INPUT) -> typer.Exit:
    """Print one line to the error stream.

    Parameters
    ----------
    message : str
        What is wrong, what it got and what it takes.
    status : int
        The exit status.

    Returns
    -------
    typer.Exit
        For the caller to raise.
    """
    typer.secho(f"assocmem: {message}", fg="red", err=True)
    return typer.Exit(status)


FULL_DISK = re.compile(r"No space left on device|StorageFull|Disk quota exceeded|unexpected pos \d+|file write failed")
"""How torch, safetensors and the system say that a disk is full."""
FULL_MEMORY = re.compile(r"out of memory|[Cc]an(?:no|')t allocate memory|Unable to allocate|not enough memory")
"""How torch, numpy and the system say that the memory is."""


def out_of_room(error: Exception) -> str | None:
    """What to say where the disk or the memory is full.

    Parameters
    ----------
    error : Exception
        What was raised.

    Returns
    -------
    str or None
        One line; None for another error.
    """
    text = " ".join(str(error).split())
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or FULL_DISK.search(text):
        place = getattr(error, "filename", None)
        where = f", {place} could not be written" if place else ""
        return f"the disk is full{where}: free some room, or name another folder; the same command goes on where it was"
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError | OSError) and FULL_MEMORY.search(text)):
        said = text.partition(". ")[0] or "no more to be had"
        return f"the memory is full ({said}): take fewer or shorter rows at once, or a smaller model"
    return None


@contextmanager
def writable(out: Path) -> Iterator[None]:
    """Make the folder of the record before anything is measured; what was made is gone again if nothing comes of it.

    Parameters
    ----------
    out : Path
        The folder; those above it are made too.

    Raises
    ------
    OSError
        Where nothing can be written.
    """
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"out got {out}, which cannot be made a folder: {error.strerror}") from None
    if not os.access(out, os.W_OK):
        raise OSError(f"out got {out}, which cannot be written to")
    try:
        yield
    finally:
        for folder in missing:  # From the innermost out, as far as they are empty.
            with suppress(OSError):
                folder.rmdir()
