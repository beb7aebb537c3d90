"""How long each peer takes beside this module: one row of points a peer, one marker a shape, ratios on a log axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from assocmem.experiments.benchmark_report import PEERS

MARKERS = "osD^v<>"


def draw(ax: Axes, rows: Sequence[dict[str, Any]], title: str) -> None:
    """Points of the peers of one task; ``rows`` hold peer, shape and times_ours, or absent."""
    measured = [row for row in rows if "absent" not in row and row["peer"] != "assocmem"]
    peers = list(dict.fromkeys(row["peer"] for row in measured))[::-1]
    shapes = list(dict.fromkeys(tuple(row["shape"]) for row in measured))
    for shape, marker in zip(shapes, MARKERS, strict=False):
        at = [(row["times_ours"], peers.index(row["peer"])) for row in measured if tuple(row["shape"]) == shape]
        ax.plot(*zip(*at, strict=True), marker, ms=6, mfc="none", label=" × ".join(map(str, shape)))
    ax.axvline(1.0, color="black", lw=1)
    ax.set_xscale("log")
    ax.set_yticks(range(len(peers)), [PEERS.get(peer, peer) for peer in peers])
    ax.set_title(title, loc="left", fontsize=10)
    ax.grid(axis="x", which="both", alpha=0.3)
