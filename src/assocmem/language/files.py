"""Files and folders that appear whole or not at all, and are on the disk when they do: the project's one writer.

What is written goes into a scratch file or folder beside its place, is flushed to the disk, and takes its name in one
step; then the folder that holds the name is flushed too. A reader sees the old one or the new one, never a half, also
after a loss of power. A process that is killed may leave a scratch file behind; its name begins with a dot and ends in
random digits, so that no pattern of a reader (``*.json``, ``*.txt``, ``checkpoint-*``) takes it up.

It is ours because no maintained library does all of it: atomicwrites was given up by its author, those that replace a
file flush neither it nor its folder, and none makes whole folders.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

__all__ = ["flush_folder", "replacing", "write_bytes", "write_folder", "write_json", "write_text"]


@contextmanager
def replacing(path: Path, *, scratch_in: Path | None = None) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes the name ``path`` when the block ends, in place of one of that name.

    Parameters
    ----------
    path : Path
        Where the file goes.
    scratch_in : Path or None
        A folder of the same file system for the scratch file; the one that ``path`` is in by default.

    Yields
    ------
    BinaryIO
        The scratch file, open for writing.

    Raises
    ------
    OSError
        Where it cannot be written. Nothing is left then, nor after an error in the block; a file of that name stays.
    """
    scratch = _scratch_name(path if scratch_in is None else scratch_in / path.name)
    try:
        with scratch.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    _flush_names(path.parent)


def write_bytes(path: Path, data: bytes, *, scratch_in: Path | None = None) -> None:
    """Put bytes into a file, whole or not at all.

    Parameters
    ----------
    path : Path
        Where they go, in place of a file of that name.
    data : bytes
        The whole content.
    scratch_in : Path or None
        As in :func:`~assocmem.language.files.replacing`.

    Raises
    ------
    OSError
        Where the file cannot be written; nothing is left then, and a file of that name stays.
    """
    with replacing(path, scratch_in=scratch_in) as file:
        file.write(data)


def write_text(path: Path, text: str) -> None:
    """Put text into a file as UTF-8, whole or not at all; line ends stay as they are.

    Parameters
    ----------
    path : Path
        Where it goes, in place of a file of that name.
    text : str
        The whole content.

    Raises
    ------
    OSError
        Where the file cannot be written; nothing is left then, and a file of that name stays.
    """
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any, *, scratch_in: Path | None = None, **layout: Any) -> None:
    """Put a value into a file as JSON and a line end, whole or not at all.

    Parameters
    ----------
    path : Path
        Where it goes, in place of a file of that name.
    value : Any
        What JSON can hold.
    scratch_in : Path or None
        As in :func:`~assocmem.language.files.replacing`.
    **layout : Any
        Options of :func:`json.dumps`, such as ``indent`` and ``sort_keys``.

    Raises
    ------
    TypeError
        For what JSON cannot hold, before anything is written.
    ValueError
        The same, for numbers that are not finite with ``allow_nan=False``.
    OSError
        Where the file cannot be written; nothing is left then, and a file of that name stays.
    """
    text = json.dumps(value, **layout) + "\n"
    write_bytes(path, text.encode(), scratch_in=scratch_in)


def write_folder(target: Path, fill: Callable[[Path], None]) -> None:
    """Make a folder that appears whole or not at all.

    Parameters
    ----------
    target : Path
        Where it goes; folders above it are made.
    fill : Callable
        Writes all that the folder shall hold into the scratch folder that it is called with.

    Raises
    ------
    FileExistsError
        When something is there already, or has come there meanwhile; it stays as it is.
    OSError
        Where the folder cannot be written. Nothing is left then, nor after an error of ``fill``.
    """
    _refuse_existing(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = _scratch_name(target)
    scratch.mkdir()
    try:
        fill(scratch)
        flush_folder(scratch)
        try:
            scratch.rename(target)
        except OSError:
            _refuse_existing(target)
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _flush_names(target.parent)


def flush_folder(folder: Path) -> None:
    """Return when all files of a folder are on the disk, so that a machine that fails later does not lose them.

    Parameters
    ----------
    folder : Path
        With all that lies below it.

    Raises
    ------
    OSError
        Where a file cannot be opened or flushed.
    """
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("r+b") as file:
                os.fsync(file.fileno())
        elif path.is_dir():
            _flush_names(path)
    _flush_names(folder)


def _scratch_name(path: Path) -> Path:
    return path.with_name(f".{path.name}-{secrets.token_hex(8)}")


def _refuse_existing(target: Path) -> None:
    if target.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))


def _flush_names(folder: Path) -> None:
    """Put the names in a folder on the disk, where a folder can be flushed: not on Windows, nor on some drives."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
