"""Distances of models of several widths, behind the last normalization and before it, beside the root of the width."""

from __future__ import annotations

from statistics import mean

import numpy as np

from assocmem.experiments.records import Record
from assocmem.figures.labels import Label, label_ends
from assocmem.figures.plate import GREY, ONE, TWO, Plate, sheet

__all__ = ["widths"]

LINES = {
    "trained": (True, 0, ONE, "o-"),
    "fresh": (False, 0, TWO, "s-"),
    "trained, before": (True, 1, ONE, "o--"),
    "fresh, before": (False, 1, TWO, "s--"),
}


def widths(record: Record) -> Plate:
    """Mean distance against width on logarithmic axes, a mark a seed, beside lines in proportion to the root.

    Parameters
    ----------
    record : Record
        Of several widths.

    Returns
    -------
    Plate
        Solid behind the norm, dashed before it.
    """
    models = record.summary["models"]
    sizes = sorted({one["width"] for one in models})
    with sheet(3.4) as (figure, ax):
        ends, said = [], []
        ax.set(xscale="log", yscale="log", xlabel="width n", ylabel="mean distance")
        for words, (trained, place, color, mark) in LINES.items():
            points = [(o["width"], o["at"][place]["mean"]) for o in models if o["trained"] is trained]
            means = [mean(value for width, value in points if width == size) for size in sizes]
            ax.plot(*zip(*points, strict=True), mark[0], color=color, ms=4, mfc="none")
            ax.plot(sizes, means, mark[1:], color=color, lw=1.5)
            ends.append(Label(words, means[-1], color))
            said.append(f"{words} from {means[0]:.2g} to {means[-1]:.2g}")
        low, high = ax.get_ylim()
        for start in np.geomspace(low, high, 7)[:-1]:
            ax.plot(sizes, start * np.sqrt(np.array(sizes) / sizes[0]), color=GREY, lw=0.6, zorder=0)
        ax.set_ylim(low, high)
        ax.set_xticks(sizes, [str(size) for size in sizes])
        ax.minorticks_off()
        label_ends(ax, ends)
        alt = (
            f"Mean nearest-neighbor distance for widths {', '.join(map(str, sizes))}: {'; '.join(said)}. "
            "Thin lines grow like the root of the width."
        )
        return Plate(figure, alt=alt)
