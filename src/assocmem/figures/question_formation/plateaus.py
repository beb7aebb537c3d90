"""Training on question grammars drawn: the losses settle on the entropies, and meet them from both sides as files grow.

Every curve is named at its end, and the bound that the paper claims at its left, so that the pictures can be read
without color.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from assocmem.experiments.question_formation.report import NAMES
from assocmem.experiments.records import Record
from assocmem.figures.labels import Label, label_ends
from assocmem.figures.plate import GREY, INK, ONE, TWO, Plate, sheet

COLORS = (ONE, INK, TWO)
TOP = 2.6
TICKS = (30, 100, 300, 1000, 3000, 9000, 30_000, 100_000, 300_000)
CLAIM = "claimed bound"


def three_plateaus(record: Record, layers: int | None = None, measure: str = "loss") -> Plate:
    """The loss on three grammars over the updates, beside their entropies and the bound that the paper claims.

    Parameters
    ----------
    record : Record
        Of the runs "question-plateau".
    layers : int | None
        Depth of the models; the least in the record by default.
    measure : str
        "loss" or "held_out".

    Returns
    -------
    Plate
        Means over seeds, with the range between seeds shaded.
    """
    depth = min(_values(record, "layers")) if layers is None else layers
    with sheet(3.6) as (figure, ax):
        ends = _draw(ax, record, depth, measure)
        ax.set_ylabel("loss in nats per token")
        label_ends(ax, ends)
        return Plate(figure, alt=_alt(record, [depth]))


def trained(record: Record) -> str:
    """A sentence for a caption, such as "Width 64; 3,000 updates, 9,000 for 128 words."."""
    steps = {run["grammar"]: int(run["steps"]) for run in record.config["runs"]}
    least = min(steps.values())
    more = [f", {number:,} for {NAMES.get(grammar, grammar)}" for grammar, number in steps.items() if number > least]
    return f"Width {record.config['width']}; {least:,} updates{''.join(more)}."


def curves(record: Record, measure: str = "loss") -> Plate:
    """The same for every depth of the record, one panel below the other."""
    depths = _values(record, "layers")
    with sheet(2.7 * len(depths), nrows=len(depths), sharex=True, squeeze=False) as (figure, axes):
        for ax, depth in zip(axes[:, 0], depths, strict=True):
            ends = _draw(ax, record, depth, measure)
            ax.set_title(f"{depth} layers", loc="left")
            ax.set_ylabel("nats per token")
            ax.set_xlabel("updates" if ax is axes[-1, 0] else "")
            label_ends(ax, ends)
        return Plate(figure, alt=_alt(record, depths))


def two_depths(record: Record, grammar: str = "measured", highest: float = 1.12) -> Plate:
    """The end of the training on one grammar, a curve a depth, near enough to tell the entropy from the bound.

    Parameters
    ----------
    record : Record
        Of the runs "question-plateau".
    grammar : str
        By its name in the record.
    highest : float
        Top of the axis of losses.
    """
    entropy, depths, ends = _entropy(record, grammar), _values(record, "layers"), []
    with sheet(3.4) as (figure, ax):
        for depth, color in zip(depths, (ONE, TWO, INK), strict=False):
            steps, losses = _losses(record, "loss", grammar=grammar, layers=depth)
            ax.plot(steps, losses.mean(0), color=color, label=f"{depth} layers")
            ax.fill_between(steps, losses.min(0), losses.max(0), color=color, alpha=0.2, lw=0)
            ends.append(Label(f"{depth} layers", float(losses.mean(0)[-1]), color))
        ax.axhline(entropy, color=INK, lw=0.8, label="entropy of the grammar")
        ax.set(xlabel="updates", ylabel="nats per token", ylim=(0.97, highest), xlim=(300, float(steps[-1])))
        _bound(ax, "above")
        label_ends(ax, [*ends, Label(f"entropy {entropy:.3f}", entropy, INK)])
        return Plate(
            figure,
            alt=f"Training loss of models of {' and '.join(map(str, depths))} layers on one grammar, its end enlarged. "
            "Both curves come down to a heavy dotted line, the claimed bound at 1, and end between it and a thin line "
            f"just under it, the entropy of the grammar at {entropy:.3f}.",
        )


def _draw(ax: Axes, record: Record, layers: int, measure: str) -> list[Label]:
    """Curves, entropies and the claimed bound of one depth; the labels that belong at their ends."""
    grammars, first, last, ends = _values(record, "grammar"), np.inf, 0.0, []
    for grammar, color in zip(grammars, COLORS, strict=False):
        steps, losses = _losses(record, measure, grammar=grammar, layers=layers)
        entropy, name = _entropy(record, grammar), NAMES.get(grammar, grammar)
        ax.plot(steps, losses.mean(0), color=color, lw=2, label=f"loss, {name}")
        ax.fill_between(steps, losses.min(0), losses.max(0), color=color, alpha=0.25, lw=0)
        ax.axhline(entropy, color=color, lw=0.8, label=f"entropy, {name}")
        ends.append(Label(f"{name}:\nentropy {entropy:.3f}", entropy, color))
        first, last = min(first, float(steps[0])), max(last, float(steps[-1]))
    ax.set(xlabel="updates", ylim=(0.5, TOP), xscale="log", xlim=(first, last))
    _bound(ax)
    ax.set_xticks(ticks := [k for k in TICKS if first <= k <= last], [f"{k:,}" for k in ticks])
    ax.minorticks_off()
    return ends


def _bound(ax: Axes, side: str = "below") -> None:
    """The bound of 1 over the whole width, heavy, named at its left below or above the line."""
    ax.axhline(1, color=GREY, lw=3, ls=(0, (1, 1)), label=CLAIM)
    away, edge = (-4, "top") if side == "below" else (3, "bottom")
    ax.annotate(CLAIM, (0, 1), (4, away), ax.get_yaxis_transform(), "offset points", va=edge, color=GREY)


def _alt(record: Record, depths: list[int]) -> str:
    entropies = [f"{_entropy(record, grammar):.3f}" for grammar in _values(record, "grammar")]
    return (
        f"Training loss over updates for {' and '.join(map(str, depths))} layers. The curves of {len(entropies)} "
        f"grammars fall quickly and then run flat along thin lines, their entropies, at {', '.join(entropies)} nats "
        f"per token; a heavy dotted line marks the claimed bound, 1. {trained(record)} Shading is the range over seeds."
    )


def against_lines(record: Record) -> Plate:
    """Last training loss and least and last held-out loss against the lines of the training file, a marker a seed."""
    runs: list[dict[str, Any]] = list(record.config["runs"])
    floors = sorted(record.summary["floors"], key=lambda row: row["lines"])
    sizes, entropy = [row["lines"] for row in floors], floors[0]["entropy"]
    with sheet(4.0) as (figure, ax):
        lines = [run["lines"] for run in runs]
        for name, marker, color, fill, label in (
            ("plateau", "o", ONE, ONE, "training, last updates"),
            ("held_out", "s", TWO, "none", "held out, at the end"),
            ("least_held_out", "^", TWO, "none", "held out, least"),
        ):
            ax.plot(lines, [run[name] for run in runs], marker, mfc=fill, mec=color, mew=1.3, label=label)
        ax.plot(sizes, [row["memorization"] for row in floors], color=ONE, lw=1, label="every line known by heart")
        ax.axhline(entropy, color=INK, lw=1, label="entropy of the grammar")
        ax.set(xscale="log", xlabel="lines of the training file", ylabel="nats per token", ylim=(-0.1, None))
        _bound(ax)
        ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
        ax.minorticks_off()
        last = max(sizes)
        at = {name: np.mean([run[name] for run in runs if run["lines"] == last]) for name in ("plateau", "held_out")}
        label_ends(
            ax,
            [
                Label("known by heart", floors[-1]["memorization"], ONE),
                Label(f"entropy {entropy:.3f}", entropy, INK),
            ],
        )
        first = [run for run in runs if run["lines"] == min(sizes)]
        for name, label, color, down in (
            ("held_out", "held out, at the end", TWO, 0),
            ("least_held_out", "held out, at its least", TWO, 0),
            ("plateau", "training", ONE, -11),
        ):
            height = float(np.mean([run[name] for run in first]))
            ax.annotate(label, (min(sizes), height), (9, down), textcoords="offset points", va="center", color=color)
        return Plate(
            figure,
            alt=f"Loss against the lines of the training file, from {min(sizes):,} to {last:,}. For small files the "
            "training loss lies on the curve of files known by heart and the held-out loss far above 1; as the file "
            f"grows the two meet, at {at['plateau']:.3f} and {at['held_out']:.3f}, near the entropy {entropy:.3f}.",
        )


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
