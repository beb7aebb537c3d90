"""Twice the radius of (14) by dimension, with the dimensions that GPT-2 medium offers and the reported distance."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from assocmem.theory.exact.ball_integrals import paper_radius
from assocmem.theory.radius.at_gpt2 import CHUNK, CONTEXT, OBSERVED, dimension

SIZES = {"one token": 1, "a chunk": CHUNK, "T_max tokens": CONTEXT}
"""Tokens of what may be a sample."""


def marks() -> dict[str, tuple[int, float]]:
    """Dimension, and twice the radius of (14), for each of them."""
    return {name: (dimension(tokens), 2 * float(paper_radius(dimension(tokens)))) for name, tokens in SIZES.items()}


def draw() -> Figure:
    """Twice the radius on logarithmic axes; the gray band is what rounds to 20."""
    n = np.geomspace(100, 4e6, 200)
    figure: Figure
    figure, ax = plt.subplots(figsize=(6, 3.3), layout="constrained")
    ax.axhspan(*map(float, OBSERVED), color="0.8", lw=0, label="reported distance, about 20")
    ax.plot(n, 2 * paper_radius(n), "k-", lw=0.9, label="twice the radius of (14)")
    for (name, (at, value)), sign in zip(marks().items(), "os^", strict=True):
        ax.plot(at, value, f"k{sign}", ms=5, label=f"{name}: n = {at:,}")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel("dimension n of a sample")
    ax.set_ylabel("distance")
    ax.legend(fontsize=8)
    return figure
