"""Nearest-neighbor distances of measured models, over the distance that the paper compares with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from assocmem.experiments.radius.rules import CLOSE, doubled_radius
from assocmem.experiments.records import Record
from assocmem.figures.plate import GREY, INK, ONE, TWO, Plate, sheet
from assocmem.theory.radius.at_gpt2 import OBSERVED, WIDTH

__all__ = ["by_layer", "histograms", "readings_at", "reported"]

TICKS = (0.25, 0.5, 1, 2, 4, 8)
LABEL = "distance over the predicted one"


def reported() -> float:
    """The paper's distance of about 20 over the 15.49 that it compares with."""
    return float(sum(OBSERVED)) / 2 / doubled_radius(WIDTH)


def readings_at(record: Record, trained: bool, place: int = 0) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each model of a record with these weights, and what was measured behind the norm (0) or before it (1)."""
    return [(one, one["at"][place]) for one in record.summary["models"] if one["trained"] is trained]


def histograms(records: Mapping[str, Record]) -> Plate:
    """The paper's figure for other models: how many chunks have their nearest neighbor at which distance.

    Parameters
    ----------
    records : Mapping
        By title; the first model of each is drawn, and its twin with fresh weights where there is one.

    Returns
    -------
    Plate
        A panel a record, on one logarithmic axis: distances over the one that the paper compares with.
    """
    with sheet(0.9 + 1.25 * len(records), nrows=len(records), sharex=True, squeeze=False) as (figure, grid):
        for ax, (title, record) in zip(grid[:, 0], records.items(), strict=True):
            _panel(ax, title, record)
        first, last = grid[0, 0], grid[-1, 0]
        first.text(0.995, 0.62, "trained", transform=first.transAxes, ha="right", va="top", color=ONE)
        first.text(0.995, 0.38, "fresh weights", transform=first.transAxes, ha="right", va="top", color=TWO)
        last.set(xscale="log", xlim=(0.2, 16), xlabel=LABEL)
        last.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
        last.minorticks_off()
        first.annotate("the prediction", (1, 1.02), xycoords=("data", "axes fraction"), ha="right", color=INK)
        place = (reported(), 1.02)
        first.annotate(" the paper's GPT-2", place, xycoords=("data", "axes fraction"), ha="left", color=GREY)
        return Plate(figure, alt=_alt(records))


def _panel(ax: Axes, title: str, record: Record) -> None:
    for trained, color, kind in ((True, ONE, "stepfilled"), (False, TWO, "step")):
        for one, place in readings_at(record, trained)[:1]:
            edges = np.array(place["histogram"]["edges"]) / doubled_radius(one["n"])
            counts = place["histogram"]["counts"]
            share = np.array(counts) / sum(counts) / np.diff(np.log(edges))
            ax.stairs(share, edges, fill=kind == "stepfilled", color=color, lw=1.6, alpha=0.75 if trained else 1)
    ax.axvline(1, color=INK, lw=1.4)
    ax.axvline(reported(), color=GREY, lw=1.4, ls="--")
    ax.set(yticks=[])
    ax.spines["left"].set_visible(False)
    ax.text(0.995, 0.9, title, transform=ax.transAxes, ha="right", va="top")


def _alt(records: Mapping[str, Record]) -> str:
    parts = []
    for title, record in records.items():
        means = [f"{place['quotient']:.2f}" for _, place in readings_at(record, True)[:1]]
        fresh = [f"{place['quotient']:.2f} with fresh weights" for _, place in readings_at(record, False)[:1]]
        parts.append(f"{title}: mean {', '.join(means + fresh)}")
    return (
        "Histograms of nearest-neighbor distances over the predicted one. "
        + "; ".join(parts)
        + f". The prediction is the line at 1, the paper's report the dashed line at {reported():.2f}."
    )


def by_layer(records: Mapping[str, Record]) -> Plate:
    """Mean distances of every layer on a logarithmic axis, with the band in which they agree with the prediction.

    Parameters
    ----------
    records : Mapping
        By title.

    Returns
    -------
    Plate
        A panel a record; trained weights and fresh ones.
    """
    columns = len(records)
    with sheet(3.0, ncols=columns, sharey=True, squeeze=False) as (figure, grid):
        ranges = []
        for ax, (title, record) in zip(grid[0], records.items(), strict=True):
            ax.axhspan(*CLOSE, color=GREY, alpha=0.35, lw=0)
            for trained, color, mark in ((True, ONE, "o-"), (False, TWO, "s--")):
                for one, _ in readings_at(record, trained)[:1]:
                    rows = [row for row in record.series if row["name"] == one["name"] and row["mean"] > 0]
                    inner = [row for row in rows if row["layer"] != "norm"]
                    values = [row["quotient"] for row in inner]
                    ax.plot([int(r["layer"]) for r in inner], values, mark, color=color, ms=3.5, lw=1.3)
                    behind = next(row["quotient"] for row in rows if row["layer"] == "norm")
                    ax.plot([int(inner[-1]["layer"]) + 1], [behind], "*", color=color, ms=11)
                    kind = "trained" if trained else "fresh"
                    ranges.append(
                        f"{title}, {kind}: {min(values):.2g} to {max(values):.2g}, behind the norm {behind:.2g}"
                    )
            ax.set(yscale="log", xlabel="layer")
            ax.xaxis.set_major_locator(MaxNLocator(3, integer=True))
            ax.text(0.5, 1.02, title, transform=ax.transAxes, ha="center", va="bottom")
        grid[0, 0].set_ylabel(LABEL)
        alt = (
            "Mean nearest-neighbor distance of each layer over the predicted one, on a logarithmic axis: "
            + "; ".join(ranges)
            + f". Stars are behind the last norm; agreement is a gray band from {CLOSE[0]:.2f} to {CLOSE[1]:.2f}."
        )
        return Plate(figure, alt=alt)
