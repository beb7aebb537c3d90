"""Pictures of training on question grammars: losses over updates, and against the size of the training file.

Grammars differ in line style and marker, so that the pictures can be read without color.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assocmem.experiments.records import Record

STYLES = (("-", "o", "C0"), ("--", "s", "C1"), ("-.", "^", "C2"), (":", "D", "C3"))
TOP = 2.6


def curves(record: Record, measure: str = "loss") -> Figure:
    """Loss over updates, a panel for each depth: the mean over seeds, and the range between them shaded.

    Thin lines are the entropies of the grammars; the dotted line is at 1. measure : "loss" or "held_out".
    """
    depths, grammars = (_values(record, name) for name in ("layers", "grammar"))
    figure: Figure
    figure, axes = plt.subplots(
        1, len(depths), figsize=(4.6 * len(depths), 3.8), layout="constrained", sharey=True, squeeze=False
    )
    for ax, layers in zip(axes[0], depths, strict=True):
        for grammar, (dash, _, color) in zip(grammars, STYLES, strict=False):
            steps, losses = _losses(record, measure, grammar=grammar, layers=layers)
            entropy = _entropy(record, grammar)
            ax.plot(steps, losses.mean(0), dash, color=color, label=f"{grammar}, entropy {entropy:.3f}")
            ax.fill_between(steps, losses.min(0), losses.max(0), color=color, alpha=0.25, lw=0)
            ax.axhline(entropy, color=color, lw=0.8, ls=dash)
        ax.axhline(1, color="k", lw=1, ls=":")
        ax.set(title=f"{layers} layers", xlabel="updates", ylim=(0.5, TOP))
    axes[0][0].set_ylabel("nats per token")
    axes[0][-1].legend(fontsize=8, title="grammar")
    return figure


def against_lines(record: Record) -> Figure:
    """Last training loss and least and last held-out loss against the lines of the training file, a marker a seed."""
    figure: Figure
    figure, ax = plt.subplots(figsize=(6.4, 3.8), layout="constrained")
    runs: Sequence[dict[str, Any]] = record.config["runs"]
    for name, marker, fill, label in (
        ("plateau", "o", "full", "training, last updates"),
        ("held_out", "s", "none", "held out, at the end"),
        ("least_held_out", "^", "none", "held out, least"),
    ):
        ax.plot([r["lines"] for r in runs], [r[name] for r in runs], marker, fillstyle=fill, color="k", label=label)
    floors = sorted(record.summary["floors"], key=lambda row: row["lines"])
    sizes = [row["lines"] for row in floors]
    ax.plot(sizes, [row["memorization"] for row in floors], "--", color="C1", label="every line known by heart")
    ax.axhline(floors[0]["entropy"], color="C0", lw=1, label="entropy of the grammar")
    ax.axhline(1, color="k", lw=1, ls=":", label="1")
    ax.set(xscale="log", xlabel="lines of the training file", ylabel="nats per token")
    _plain(ax, sizes)
    ax.legend(fontsize=8)
    return figure


def _plain(ax: Axes, sizes: Sequence[int]) -> None:
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.minorticks_off()


def _values(record: Record, name: str) -> list[Any]:
    return list(dict.fromkeys(row[name] for row in record.series))


def _entropy(record: Record, grammar: str) -> float:
    return next(float(row["entropy"]) for row in record.summary["floors"] if row["grammar"] == grammar)


def _losses(record: Record, measure: str, **wanted: Any) -> tuple[np.ndarray, np.ndarray]:
    """Updates (points,), and losses (seeds, points)."""
    rows = [r for r in record.series if measure in r and all(r[name] == value for name, value in wanted.items())]
    steps = sorted({row["step"] for row in rows})
    seeds = sorted({row["seed"] for row in rows})
    values = {(row["seed"], row["step"]): row[measure] for row in rows}
    return np.array(steps), np.array([[values[seed, step] for step in steps] for seed in seeds])
