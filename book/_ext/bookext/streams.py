"""Joins what a cell prints as it was printed, wherever the kernel happened to cut it on its way.

A kernel sends its output in pieces, cut by a clock. MyST-NB joins them with a line end after each, so that a page had
an empty line more where a piece ended within a line, at another place in each build.
"""

from __future__ import annotations

from typing import Any

from myst_nb.core import render, utils

_coalesced = utils.coalesce_streams


def joined(outputs: list[Any]) -> list[Any]:
    """The outputs of a cell with the pieces of a stream in one, in place of the first; nothing else is changed."""
    first: dict[str, Any] = {}
    kept = []
    for output in outputs:
        name = output["name"] if output["output_type"] == "stream" else None
        if name in first:
            first[name]["text"] += output["text"]
            continue
        if name is not None:
            first[name] = output
        kept.append(output)
    return _coalesced(kept)


def join_streams() -> None:
    """Have MyST-NB call ``joined``."""
    render.coalesce_streams = joined
