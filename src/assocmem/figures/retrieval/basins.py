"""Basins of retrieval in the plane: where repeated retrieval ends from every point of a grid, with certified minima.

Retrieval is that of the torch module, minima come from interval arithmetic; each basin has a hatch of its own, so that
the picture can be read without color.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
import torch
from jaxtyping import Float, Int
from matplotlib.figure import Figure

from assocmem.figures.energies.landscapes import Rows, tensor
from assocmem.memory import fixed_point
from assocmem.theory.energies.critical_points import Landscape

HATCHES = ("", "///", "...", "\\\\\\", "xx", "++", "oo", "--")


def basins(
    rows: Rows, margin: float = 1.0, count: int = 41
) -> tuple[Float[np.ndarray, " count"], Float[np.ndarray, " count"], Int[np.ndarray, "count count"]]:
    """Grid coordinates and, at each grid point, the index of the certified minimum that retrieval reached (else -1).

    Returns arrays of shape (count, count); minima are indexed in the order of ``minima``.
    """
    points = tensor(rows)
    low, high = points.amin(0) - margin, points.amax(0) + margin
    axes = [np.linspace(float(a), float(b), count) for a, b in zip(low, high, strict=True)]
    first, second = np.meshgrid(*axes)
    start = torch.tensor(np.stack([first.ravel(), second.ravel()], 1))
    limits = fixed_point(start, points, tol=1e-10, max_steps=2000, certify=False)
    goals = torch.tensor(minima(rows), dtype=torch.float64)
    gap, label = torch.cdist(limits.points, goals).min(1)
    label[(gap > 1e-4) | ~limits.converged] = -1
    return first, second, label.numpy().reshape(first.shape)


def minima(rows: Rows) -> list[tuple[float, ...]]:
    """Certified minima of E, sorted by coordinates."""
    return sorted(p.floats() for p in Landscape.of(rows).minima())


def draw(rows: Rows, margin: float = 1.0, count: int = 41) -> tuple[Figure, list[int]]:
    """The basins with patterns (squares) and minima (stars); and how many grid points each minimum attracts."""
    first, second, label = basins(rows, margin, count)
    goals = minima(rows)
    figure: Figure
    figure, ax = plt.subplots(figsize=(4.6, 4), layout="constrained")
    levels = np.arange(-0.5, len(goals) + 0.5)
    shades = [str(v) for v in np.linspace(0.95, 0.65, max(len(goals), 2))]
    ax.contourf(first, second, label, levels=levels, colors=shades[: len(goals)], hatches=HATCHES[: len(goals)])
    ax.plot(*tensor(rows).T.numpy(), "s", mfc="white", mec="black", ms=7, ls="", label="pattern")
    ax.plot(*np.array(goals).T, "*", color="tab:red", mec="black", ms=12, ls="", label="minimum of E")
    ax.set_aspect("equal")
    ax.legend(loc="upper right", fontsize=8)
    return figure, [int((label == k).sum()) for k in range(len(goals))]


TRIANGLE: Sequence[tuple[Fraction, Fraction]] = tuple(
    (Fraction(a), Fraction(b)) for a, b in (("0", "0"), ("1.67", "0"), ("0.835", "1.446262424"))
)
"""Nearly equilateral, with a squared side of 2.7889: four minima, the fourth in the middle."""
SHARED: Sequence[tuple[Fraction, Fraction]] = tuple(
    (Fraction(a), Fraction(b)) for a, b in (("0", "0"), ("1", "0"), ("3", "0"), ("1/2", "2"))
)
"""Two patterns that share one minimum, and two with minima of their own."""
