"""Pictures of what is measured in each attention head; every cell carries its number, so color is not needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assocmem.experiments import Record
from assocmem.experiments.attention.report import says_nothing, texts
from assocmem.experiments.attention.words import WORDS

MARKS = ("o", "s", "^", "D", "v")


def values(record: Record, measure: str, seed: int | None = None) -> Float[np.ndarray, "layers heads"]:
    """A measure of each head for one seed: the record's own by default.

    Raises
    ------
    ValueError
        When the record has no such measure or seed.
    """
    seed = record.seed if seed is None else seed
    rows = [row for row in record.series if row["seed"] == seed]
    if not rows or measure not in rows[0]:
        raise ValueError(f"record {record.name!r} has no measure {measure!r} with seed {seed}")
    grid = np.full((1 + max(r["layer"] for r in rows), 1 + max(r["head"] for r in rows)), np.nan)
    for row in rows:
        grid[row["layer"], row["head"]] = row[measure]
    return grid


def grid(records: Mapping[str, Record], measure: str = "nearest", *, label: str = "share", top: float = 1) -> Figure:
    """Heads (columns) by layers (rows) for each titled record, shaded from 0 to ``top`` and labeled in percent."""
    grids = {title: values(record, measure) for title, record in records.items()}
    widths = [g.shape[1] for g in grids.values()]
    tall = max(len(g) for g in grids.values())
    figure: Figure
    figure, axes = plt.subplots(
        1,
        len(grids),
        figsize=(1.5 + 0.5 * sum(widths), 1.2 + 0.45 * tall),
        layout="constrained",
        squeeze=False,
        gridspec_kw={"width_ratios": widths},
    )
    for ax, (title, shares) in zip(axes[0], grids.items(), strict=True):
        image = ax.imshow(shares, cmap="Greys", vmin=0, vmax=top, aspect="auto")
        for (layer, head), share in np.ndenumerate(shares):
            dark = "white" if share > 0.6 * top else "black"
            ax.text(head, layer, f"{100 * share:.0f}", ha="center", va="center", fontsize=8, color=dark)
        ax.set(title=title, xlabel="head", ylabel="layer", xticks=range(shares.shape[1]), yticks=range(len(shares)))
    figure.colorbar(image, ax=list(axes[0]), label=label)
    return figure


def compare(records: Mapping[str, Record], measures: Sequence[str]) -> Figure:
    """Means over heads with bootstrapped 95% intervals: one line for each measure, one shape for each titled record.

    A line is named in the words of the report's table; a comparison that says nothing of a record is not drawn. The
    legend says over how many texts; over a handful an interval covers less than its 95%.
    """
    figure: Figure
    figure, ax = plt.subplots(figsize=(7, 0.8 + 0.5 * len(measures)), layout="constrained")
    step = min(0.2, 0.7 / len(records))
    for shift, ((title, record), mark) in enumerate(zip(records.items(), MARKS, strict=False)):
        _row(ax, record, measures, step * (shift - (len(records) - 1) / 2), mark, f"{title}, {texts(record)} texts")
    ax.set(
        yticks=range(len(measures)),
        yticklabels=[WORDS.get(name, name) for name in measures],
        xlim=(0, 1),
        xlabel="share of queries",
    )
    ax.invert_yaxis()
    ax.grid(axis="x", lw=0.3)
    ax.legend(fontsize=8)
    return figure


def _row(ax: Axes, record: Record, measures: Sequence[str], shift: float, mark: str, title: str) -> None:
    empty = dict.fromkeys(("mean", "low", "high"), np.nan)
    summaries = [empty if says_nothing(record, name) else record.summary[name] for name in measures]
    mean = np.array([f["mean"] for f in summaries])
    bars = np.array([mean - [f["low"] for f in summaries], [f["high"] for f in summaries] - mean]).clip(0)
    places = np.arange(len(measures)) + shift
    ax.errorbar(mean, places, xerr=bars, fmt=mark, ms=5, lw=1, capsize=2, mfc="white", label=title)
