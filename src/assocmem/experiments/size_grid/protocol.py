"""The cells of the protocol: widths, data sizes and seeds, and which further one there is where D* lies beyond them."""

from __future__ import annotations

from typing import Any

__all__ = ["CELLS", "VARIANTS", "sweep_file"]

CELLS: dict[int, tuple[tuple[int, ...], int]] = {
    8: ((3_000, 6_000, 12_000, 24_000), 6),
    16: ((8_000, 16_000, 32_000, 64_000), 6),
    32: ((24_000, 48_000, 96_000, 192_000), 4),
    64: ((64_000, 128_000, 256_000, 512_000), 4),
    128: ((200_000, 400_000, 800_000), 3),
}
"""By width: tokens, and how many seeds. Where D* of a width lies outside its tokens, one more size of a factor 2 is run
on that side, once."""
VARIANTS: dict[str, dict[str, Any]] = {
    "cosine": {"schedule": "cosine"},
    "dropout": {"dropout": 0.1},
    "bpe": {"alphabet": "bpe"},
    "one rate": {"learning_rate": 3.5e-3},
    "contiguous": {"order": "contiguous"},
    "more tokens an update": {"rows": 64},
}
"""What is changed in each variant; on widths 8, 16 and 32, two sizes of data, three seeds."""
VARIED = {width: (CELLS[width][0][1:3], 3) for width in (8, 16, 32)}


def sweep_file(data: str, variant: str | None = None) -> dict[str, Any]:
    """The protocol as a sweep.

    Parameters
    ----------
    data : str
        Books, as ``gutenberg:PATH``.
    variant : str or None
        One of ``VARIANTS``; the protocol itself if None.

    Returns
    -------
    dict
        What the file of ``assocmem sweep`` holds.

    Raises
    ------
    ValueError
        For a variant that there is not.
    """
    if variant is not None and variant not in VARIANTS:
        raise ValueError(f"variant got {variant!r}; takes one of {', '.join(VARIANTS)}")
    changed = {} if variant is None else VARIANTS[variant]
    grid = CELLS if variant is None else VARIED
    cells = {
        f"width {width} tokens {tokens} seed {seed}": {"width": width, "tokens": tokens, "seed": seed}
        for width, (sizes, seeds) in grid.items()
        for tokens in sizes
        for seed in range(seeds)
    }
    return {"experiment": "size-grid", "scale": "local", "settings": {"data": data, **changed}, "cells": cells}
