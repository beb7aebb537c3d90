"""Keeps transformers from printing while the book works: bars and warnings would be noise in an executed page."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="IProgress not found")  # In a notebook without widgets.
    importlib.import_module("tqdm.auto")
import transformers

__all__ = ["quiet"]


@contextmanager
def quiet(progress: bool = False) -> Iterator[None]:
    """Warnings of transformers, and unless ``progress`` its bars, held back; both return as they were afterwards."""
    level, bars = transformers.logging.get_verbosity(), transformers.logging.is_progress_bar_enabled()
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    if bars and not progress:
        transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        transformers.logging.set_verbosity(level)
        if bars:
            transformers.logging.enable_progress_bar()  # type: ignore[no-untyped-call]
