"""Where what the book derives (corpora, tokenizers, small models) stays between runs; an entry appears whole or not.

The folder is ASSOCMEM_CACHE where that is set, else the platform's usual place for caches.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock
from platformdirs import user_cache_path

from assocmem.language.files import write_folder

__all__ = ["cache_folder", "cached_folder", "files_sha256", "fingerprint"]


def cache_folder() -> Path:
    """The user's cache directory: ASSOCMEM_CACHE if set, else the platform's usual place with ``assocmem`` in it."""
    chosen = os.environ.get("ASSOCMEM_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    return user_cache_path("assocmem", appauthor=False, opinion=False)


def fingerprint(value: Any) -> str:
    """The sha256 of a JSON value, the same for equal values.

    Parameters
    ----------
    value : Any
        What JSON can hold; keys of dicts may stand in any order.

    Returns
    -------
    str
        64 hex digits.

    Raises
    ------
    TypeError
        For what JSON cannot hold.
    """
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def files_sha256(*files: str) -> str:
    """The sha256 of files in order; of source files, for the key of an entry: a changed rule makes another entry.

    Parameters
    ----------
    *files : str
        Their paths.

    Returns
    -------
    str
        64 hex digits, which do not depend on the paths.

    Raises
    ------
    OSError
        Where a file cannot be read.
    """
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(Path(file).read_bytes()).digest())
    return digest.hexdigest()


def cached_folder(name: str, fill: Callable[[Path], None]) -> Path:
    """The folder of an entry of the cache, which is made where it is not there yet.

    Of processes that want the same entry at the same time, one makes it and the others wait.

    Parameters
    ----------
    name : str
        The entry's name, which holds a key of all that the entry depends on.
    fill : Callable
        Writes the entry into the scratch folder that it is called with; its errors are passed on, and leave nothing.

    Returns
    -------
    Path
        The folder, finished.

    Raises
    ------
    FileExistsError
        When a file stands where the entry should go, and when ``fill`` raises it.
    OSError
        Where the cache cannot be written.
    """
    target = cache_folder() / name
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_name(f".{target.name}.lock")):
        try:
            write_folder(target, fill)
        except FileExistsError:  # Made while this process waited, or by one that the lock did not hold back.
            if not target.is_dir():
                raise
    return target
