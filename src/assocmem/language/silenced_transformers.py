"""Keeps transformers from printing while the book works: bars and warnings would be noise in an executed page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import transformers

__all__ = ["silenced_transformers"]


@contextmanager
def silenced_transformers(progress: bool = False) -> Iterator[None]:
    """Hold back the warnings of transformers and its bars; both return as they were afterwards.

    Parameters
    ----------
    progress : bool
        Whether bars are shown all the same.
    """
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
