"""Where what the book derives (tokenizers, small models) is kept between runs; an entry appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["cache_folder", "code", "fingerprint", "kept"]


def cache_folder() -> Path:
    """The user's cache directory: ASSOCMEM_CACHE if set, else the platform's usual place with ``assocmem`` in it."""
    chosen = os.environ.get("ASSOCMEM_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "assocmem"
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"]) / "assocmem"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "assocmem"


def fingerprint(value: Any) -> str:
    """The sha256 of a JSON value, the same for equal values; raises TypeError for what JSON cannot hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def code(*files: str) -> str:
    """The sha256 of source files, for the key of an entry that they make: a changed rule makes another entry."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(Path(file).read_bytes()).digest())
    return digest.hexdigest()


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """The folder ``name`` of the cache; if it is not there, ``make`` fills a scratch folder, which takes its place.

    Processes that make the same entry at the same time each make one; the first to finish is kept.
    """
    target = cache_folder() / name
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    try:
        make(scratch)
        try:
            scratch.rename(target)
        except OSError:
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target
