"""What the commands that run experiments share: one line for an error, a folder that can be written to."""

from __future__ import annotations

import os
from pathlib import Path

import typer
from rich.console import Console

__all__ = ["check_folder", "fail"]


def check_folder(out: Path) -> None:
    """Make the folder of the record before anything is measured; raises OSError where nothing can be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"--out {out} cannot be made a folder: {error.strerror}") from None
    if not os.access(out, os.W_OK):
        raise OSError(f"--out {out} cannot be written to")


def fail(console: Console, message: str, status: int = 2) -> typer.Exit:
    """Print one line; the exit that the caller raises."""
    console.print(f"assocmem: {message}", style="red", highlight=False, soft_wrap=True, markup=False)
    return typer.Exit(status)
