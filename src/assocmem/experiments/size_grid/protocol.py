"""The cells of the protocol: widths, data sizes and seeds, and which further one there is where D* lies beyond them."""

from __future__ import annotations

from typing import Any

from assocmem.theory.balance import table_three

__all__ = ["CELLS", "PAPER", "VARIANTS", "sweep_file"]

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
PAPER, SEEDS = "paper", 5
"""The twelve cells of the paper's Table 3, and how often each is run."""
VARIED = {width: (CELLS[width][0][1:3], 3) for width in (8, 16, 32)}


def sweep_file(data: str, variant: str | None = None) -> dict[str, Any]:
    """The protocol as a sweep.

    Parameters
    ----------
    data : str
        Books, as ``gutenberg:PATH``.
    variant : str or None
        One of ``VARIANTS``; ``PAPER`` for the paper's own models and data sizes, as cells of ``assocmem train``; the
        protocol itself if None.

    Returns
    -------
    dict
        What the file of ``assocmem sweep`` holds.

    Raises
    ------
    ValueError
        For a variant that there is not.
    """
    if variant == PAPER:
        return _paper_sweep(data)
    if variant is not None and variant not in VARIANTS:
        raise ValueError(f"variant got {variant!r}; takes one of {', '.join((*VARIANTS, PAPER))}")
    changed = {} if variant is None else VARIANTS[variant]
    grid = CELLS if variant is None else VARIED
    cells = {
        f"width {width} tokens {tokens} seed {seed}": {"width": width, "tokens": tokens, "seed": seed}
        for width, (sizes, seeds) in grid.items()
        for tokens in sizes
        for seed in range(seeds)
    }
    return {"experiment": "size-grid", "scale": "local", "settings": {"data": data, **changed}, "cells": cells}


def _paper_sweep(data: str) -> dict[str, Any]:
    """Models 1 to 3 on four sizes of data each, as Table 3 has them, with the preset of ``assocmem train``.

    Updates are those that the preset has, at a constant rate, so that no schedule decides where the held-out loss is
    least; a run ends when it has had no new minimum for ten evaluations.
    """
    cells = {
        f"model {number} tokens {round(float(size) * 1000)}k seed {seed}": {
            "model": f"openelm:{number}",
            "train_tokens": round(float(size) * 1_000_000),
            "seed": seed,
        }
        for number, row in enumerate(table_three.ROWS, start=1)
        for size in row.tokens
        for seed in range(SEEDS)
    }
    settings = {
        "data": data,
        "schedule": "constant_with_warmup",
        "steps": 20_000,
        "evaluate_every": 100,
        "patience": 10,
    }
    return {"experiment": "train", "scale": "paper", "settings": settings, "cells": cells}
