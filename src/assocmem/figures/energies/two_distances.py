"""One set of patterns under two distances: the landscapes of E over the plane, with every minimum of each."""

from __future__ import annotations

from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure

from assocmem.figures.energies.landscapes import tensor
from assocmem.memory import energy
from assocmem.theory.energies import taxicab
from assocmem.theory.energies.critical_points import Landscape

Rows = tuple[tuple[Fraction, ...], ...]
DRAWN = ("sqeuclidean", "l1")
"""Distances of which all minima are known."""


def minima(rows: Rows, metric: str) -> list[tuple[float, ...]]:
    """All minima of E: certified balls' midpoints for "sqeuclidean", exact points for "l1".

    Raises
    ------
    ValueError
        For a metric that is not drawn.
    """
    if metric not in DRAWN:
        raise ValueError(f"metric must be one of {', '.join(DRAWN)}, got {metric!r}")
    if metric == "l1":
        return [tuple(float(c) for c in point) for point in taxicab.minima(rows)]
    return sorted(point.floats() for point in Landscape(rows).minima())


def compare(rows: Rows, margin: float = 1.0, count: int = 81) -> Figure:
    """Contours of E for patterns in the plane, left with the squared distance, right with the taxicab distance.

    Squares are patterns, stars minima; a star without a square is a memory that is no pattern.
    """
    patterns = tensor(rows)
    low, high = patterns.amin(0) - margin, patterns.amax(0) + margin
    first, second = np.meshgrid(*[np.linspace(float(a), float(b), count) for a, b in zip(low, high, strict=True)])
    x = torch.tensor(np.stack([first.ravel(), second.ravel()], 1))
    figure: Figure
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.5), layout="constrained")
    for ax, metric in zip(axes, DRAWN, strict=True):
        values = energy(x, patterns, metric=metric).numpy().reshape(first.shape)
        levels = values.min() + np.ptp(values) * np.linspace(0, 1, 22) ** 1.5
        ax.contour(first, second, values, levels=levels, colors="k", linewidths=0.5)
        ax.plot(patterns[:, 0], patterns[:, 1], "s", mfc="white", mec="black", ms=9, label="pattern")
        spots = zip(*minima(rows, metric), strict=True)
        ax.plot(*spots, "*", color="tab:red", mec="black", ms=9, ls="", label="minimum")
        ax.set_title(metric, fontsize=9)
        ax.set_aspect("equal")
    axes[1].legend(fontsize=7, loc="upper right")
    return figure
