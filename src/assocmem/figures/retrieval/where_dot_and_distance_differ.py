"""The queries for which distance and dot product choose different patterns, drawn in the plane for two patterns."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import torch

from assocmem.memory import squared_distances


def draw(patterns: Sequence[Sequence[float]], margin: float = 2.0, count: int = 100) -> float:
    """Hatch where the nearest pattern is not the one with the largest dot product; returns its share of the window.

    patterns: (2, 2) floats. The slab lies between the lines of equal dot products (dashed) and distances (solid).
    """
    points = torch.tensor(patterns, dtype=torch.float64)
    low, high = float(points.min()) - margin, float(points.max()) + margin
    axis = torch.linspace(low, high, count, dtype=torch.float64)
    first, second = torch.meshgrid(axis, axis, indexing="xy")
    x = torch.stack([first.ravel(), second.ravel()], 1)
    nearer = (squared_distances(x, points) @ torch.tensor([1.0, -1.0], dtype=torch.float64)).reshape(first.shape)
    larger = (x @ (points[1] - points[0])).reshape(first.shape)
    differ = (nearer < 0) != (larger < 0)
    _, ax = plt.subplots(figsize=(4.4, 4), layout="constrained")
    ax.contourf(first, second, differ.double(), levels=[0.5, 1.5], colors=["0.85"], hatches=["///"])
    ax.contour(first, second, nearer, levels=[0.0], colors="k")
    ax.contour(first, second, larger, levels=[0.0], colors="k", linestyles="--")
    ax.plot(points[:, 0], points[:, 1], "s", mfc="white", mec="black", ms=7)
    ax.plot(0, 0, "+k", ms=9)
    ax.set_aspect("equal")
    ax.set_title("solid: equally far; dashed: equal dot products", fontsize=9)
    return float(differ.double().mean())
