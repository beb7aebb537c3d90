"""One set of patterns under two distances: the landscapes of E over the plane, with every minimum of each."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import torch

from assocmem.figures.energies.landscapes import tensor
from assocmem.figures.plate import GREY, INK, ONE, Plate, sheet
from assocmem.memory import energy
from assocmem.theory.energies import taxicab
from assocmem.theory.energies.critical_points import Landscape

Rows = tuple[tuple[Fraction, ...], ...]
DRAWN = ("sqeuclidean", "l1")
"""Distances of which all minima are known."""
NAMES = {"sqeuclidean": "squared distance", "l1": "taxicab distance"}


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


def compare(rows: Rows, margin: float = 1.0, count: int = 81) -> Plate:
    """Contours of E for patterns in the plane, left with the squared distance, right with the taxicab distance.

    Squares are patterns, stars minima; a star without a square is a memory that is no pattern.
    """
    patterns = tensor(rows)
    low, high = patterns.amin(0) - margin, patterns.amax(0) + margin
    first, second = np.meshgrid(*[np.linspace(float(a), float(b), count) for a, b in zip(low, high, strict=True)])
    x = torch.tensor(np.stack([first.ravel(), second.ravel()], 1))
    found = {NAMES[metric]: minima(rows, metric) for metric in DRAWN}
    with sheet(3.1, ncols=2, sharey=True) as (figure, axes):
        for ax, metric in zip(axes, DRAWN, strict=True):
            values = energy(x, patterns, metric=metric).numpy().reshape(first.shape)
            levels = values.min() + np.ptp(values) * np.linspace(0, 1, 16)[1:-1] ** 1.5
            ax.contour(first, second, values, levels=levels, colors=GREY, linewidths=0.6)
            ax.plot(patterns[:, 0], patterns[:, 1], "s", mfc="none", mec=INK, mew=1.2, ms=11, label="pattern")
            spots = zip(*found[NAMES[metric]], strict=True)
            ax.plot(*spots, "*", color=ONE, mew=0, ms=10, label="minimum")
            ax.set_title(NAMES[metric], loc="left")
            ax.set_aspect("equal")
        marks = {str(line.get_label()): line for line in axes[0].lines}
        figure.legend(marks.values(), marks, loc="outside lower center", ncols=2, frameon=False, handletextpad=0.2)
        counts = " and ".join(f"{len(spots)} under the {name}" for name, spots in found.items())
        return Plate(
            figure,
            alt=f"Contours of the energy for {len(patterns)} patterns in the plane under two distances, with stars at "
            f"the minima: {counts}.",
        )
