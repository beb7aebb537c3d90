"""Files that appear whole or not at all, and files that are on the disk before a mark says so."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

__all__ = ["settle", "write_bytes", "write_text"]


def write_bytes(path: Path, data: bytes) -> None:
    """Put ``data`` into a file, in place of one of that name; raises OSError and leaves nothing where it cannot.

    A process that is killed here may leave ``.NAME-*`` beside it, which nothing reads.
    """
    scratch = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        with scratch.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """The same for text, as UTF-8."""
    write_bytes(path, text.encode())


def settle(folder: Path) -> None:
    """Return when all files of a folder are on the disk, so that a machine that fails later does not lose them."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("r+b") as file:
                os.fsync(file.fileno())
