"""How a command says that it cannot go on: one line and an exit status."""

from __future__ import annotations

import os
from pathlib import Path

import typer

__all__ = [
    "BAD_INPUT",
    "CELLS_FAILED",
    "CLOSED",
    "DIFFERS",
    "DIVERGED",
    "LEDGER",
    "PROGRAM",
    "STOPPED",
    "CellsWithoutRecordError",
    "failure",
    "make_writable",
]

DIFFERS = 1
"""A computed verdict is not the one that the book prints; nothing else has this status."""
BAD_INPUT = 2
"""What was typed, or a file that was named, is not taken."""
LEDGER = 3
"""The ledger itself is at fault: an entry that cannot be read, or a mutant that its checks do not tell apart."""
DIVERGED = 4
"""A training diverged."""
CELLS_FAILED = 5
"""Some cells of a sweep have no record: they failed, or were stopped."""
PROGRAM = 70
"""An error in the program; the traceback is printed."""
STOPPED = 130
"""The command was stopped by the keyboard."""
CLOSED = 141
"""Who read the output closed it."""


class CellsWithoutRecordError(Exception):
    """Some cells of a sweep failed or were stopped; the message names them."""


def failure(message: str, status: int = BAD_INPUT) -> typer.Exit:
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


def make_writable(out: Path) -> None:
    """Make the folder of the record before anything is measured.

    Parameters
    ----------
    out : Path
        The folder; those above it are made too.

    Raises
    ------
    OSError
        Where nothing can be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"out got {out}, which cannot be made a folder: {error.strerror}") from None
    if not os.access(out, os.W_OK):
        raise OSError(f"out got {out}, which cannot be written to")
