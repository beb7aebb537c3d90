"""Labels beside what they name: at the ends of curves, moved apart just as far as they need in order not to overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

LINE = 1.4
"""Height of a line of text over the size of its font."""


@dataclass(frozen=True)
class Label:
    """What a label says, the height of what it names in units of the axis, and its color."""

    text: str
    y: float
    color: str


def spread(places: Sequence[float], gap: float | Sequence[float]) -> list[float]:
    """Places at least ``gap`` apart, in the same order, with the least sum of squared moves.

    Parameters
    ----------
    places : Sequence[float]
        Wanted places, in any order.
    gap : float | Sequence[float]
        Least distance between neighbors; a sequence gives the height of each, and two keep half of both apart.

    Returns
    -------
    list[float]
        New places, in the order of ``places``.
    """
    heights = [gap] * len(places) if isinstance(gap, (int, float)) else list(gap)
    order = sorted(range(len(places)), key=lambda i: places[i])
    offset, offsets = 0.0, []
    for before, i in zip([None, *order], order, strict=False):
        offset += 0.0 if before is None else (heights[before] + heights[i]) / 2
        offsets.append(offset)
    pools: list[tuple[float, int]] = []  # mean of the wanted places less offsets, and how many share it
    for i, moved in zip(order, offsets, strict=True):
        mean, count = places[i] - moved, 1
        while pools and pools[-1][0] > mean:
            other, more = pools.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        pools.append((mean, count))
    means = [mean for mean, count in pools for _ in range(count)]
    out = [0.0] * len(places)
    for i, mean, moved in zip(order, means, offsets, strict=True):
        out[i] = mean + moved
    return out


def label_ends(ax: Axes, labels: Sequence[Label], *, size: float = 11.5, space: float = 6) -> None:
    """Write labels right of the axes at the heights of what they name, clear of each other.

    Call it last, when limits and scales are set. Works for linear and logarithmic axes.

    Parameters
    ----------
    ax : Axes
        Where the curves are.
    labels : Sequence[Label]
        What to write.
    size : float
        Of the font, in points.
    space : float
        Between the axes and the text, in points.
    """
    figure = ax.figure
    figure.canvas.draw()
    points = 72 / figure.dpi
    bottom, height = ax.bbox.y0 * points, ax.bbox.height * points
    wanted = [float(ax.transData.transform((ax.get_xlim()[0], label.y))[1]) * points for label in labels]
    wanted = [min(max(y, bottom), bottom + height) for y in wanted]
    heights = [LINE * size * (1 + label.text.count("\n")) for label in labels]
    for label, y in zip(labels, spread(wanted, heights), strict=True):
        ax.annotate(
            label.text,
            (1, (y - bottom) / height),
            xycoords="axes fraction",
            xytext=(space, 0),
            textcoords="offset points",
            va="center",
            color=label.color,
            fontsize=size,
            annotation_clip=False,
        )


__all__ = ["Label", "label_ends", "spread"]
