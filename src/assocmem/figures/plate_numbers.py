"""The numbers of a drawing in words: one line for each curve and bar, so that other data give another text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.container import BarContainer
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure


def numbers(figure: Figure) -> str:
    """What a figure shows, panel by panel: names of the axes, first, last, least, greatest and mean of each curve."""
    lines: list[str] = []
    for k, ax in enumerate(figure.axes):
        name = " ".join(ax.get_title().split()) or f"panel {k + 1}"
        axes = f"{ax.get_xlabel()}; {ax.get_ylabel()}".strip("; ")
        lines += [f"[{name}] {axes}".rstrip(), *_panel(ax)]
    return "\n".join(" ".join(line.split()) for line in lines)


def _panel(ax: Axes) -> Iterator[str]:
    for line in ax.lines if ax.axison else ():
        label = str(line.get_label())
        x, y = (np.asarray(values, dtype=float).ravel() for values in line.get_data())
        yield f"{'' if label.startswith('_') else label + ': '}x {_facts(x)}; y {_facts(y)}"
    for bars in ax.containers:
        if isinstance(bars, BarContainer):
            sizes = np.array([(bar.get_x(), bar.get_y(), bar.get_width(), bar.get_height()) for bar in bars])
            yield f"bars {bars.get_label()}: " + _facts(sizes.ravel())
    for collection in ax.collections if ax.axison else ():
        yield from _shapes(collection)
    words = [text.get_text().replace("\n", " ") for text in ax.texts]
    if any(words):
        yield "labels: " + " | ".join(words)


def _shapes(collection: Collection) -> Iterator[str]:
    if isinstance(collection, ContourSet):
        yield f"contours at {_facts(np.asarray(collection.levels))}"
        return
    points = [points for path in collection.get_paths() if (points := np.asarray(path.vertices)).size]
    if points:
        x, y = np.concatenate(points).T
        yield f"shapes {len(points)}: x {_facts(x)}; y {_facts(y)}"


def _facts(values: np.ndarray) -> str:
    """One value as it is; many by their count, ends, range and mean, to six digits."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "none"
    finite = np.where(np.abs(finite) < 1e-12 * max(1.0, float(np.abs(finite).max())), 0.0, finite)
    if finite.size <= 6:
        return " ".join(f"{value:.6g}" for value in finite)
    ends = f"{finite[0]:.6g} to {finite[-1]:.6g}, least {finite.min():.6g}, greatest {finite.max():.6g}"
    return f"({finite.size}) {ends}, mean {finite.mean():.6g}"


__all__ = ["numbers"]
