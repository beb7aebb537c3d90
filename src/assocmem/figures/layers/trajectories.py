"""Pictures of layered retrieval: energies of many queries step by step, and one trajectory to play with.

Every rule has a line style and a marker of its own, so that the pictures can be read without color.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import plotly.graph_objects as go
import torch
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from plotly.subplots import make_subplots
from torch import Tensor

from assocmem.figures.layers.controls import menu, slider
from assocmem.memory import LayeredPath, layered_path
from assocmem.memory.layers import RULES, Rule

Layers = Sequence[Sequence[Sequence[float]]]

STYLES: dict[Rule, tuple[str, str, str]] = {
    "nearest": ("k:s", "dot", "square"),
    "in turn": ("k--^", "dash", "triangle-up"),
    "mixture": ("k-o", "solid", "circle"),
}
"""By rule: matplotlib's format, plotly's dash and plotly's marker."""

SETS: dict[str, Layers] = {
    "two layers, one pattern each": [[[0, 0]], [[3, 0]]],
    "two layers, side by side": [[[0, 0], [0, 2]], [[3, 0], [3, 2]]],
    "two layers, interleaved": [[[0, 0], [3, 2]], [[3, 0], [0, 2]]],
    "three layers, one pattern each": [[[0, 0]], [[3, 0]], [[1.5, 2.5]]],
    "a pattern in both layers": [[[0, 0], [3, 0]], [[3, 0], [1.5, 2.5]]],
    "one layer": [[[0, 0], [3, 0], [1.5, 2.5]]],
}
"""Patterns in the plane by layer, as the menu offers them."""

DELTAS = (0.0625, 0.25, 0.5, 1.0, 2.0, 4.0, 16.0)


def energies(paths: Mapping[Rule, LayeredPath]) -> Figure:
    """Left: median of the global energy over the queries at each step, with bars from the 5th to the 95th percentile.

    Right: share of the queries whose energy a step raises.
    """
    figure: Figure
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
    for offset, (rule, path) in enumerate(paths.items()):
        style = STYLES[rule][0]
        low, middle, high = (torch.quantile(path.energy, q, dim=1).numpy() for q in (0.05, 0.5, 0.95))
        steps = np.arange(len(middle)) + 0.15 * (offset - 1)
        left.errorbar(steps, middle, [middle - low, high - middle], fmt=style, ms=4, lw=1, elinewidth=0.6, label=rule)
        right.plot(np.arange(1, len(middle)), path.rises.double().mean(1).numpy(), style, ms=4, lw=1, label=rule)
    left.set(xlabel="step", ylabel="global energy in nats")
    right.set(xlabel="step", ylabel="share of queries whose energy rises", ylim=(-0.05, 1.05))
    for ax in (left, right):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.legend(fontsize=8)
    return figure


def _tensors(layers: Layers) -> list[Tensor]:
    return [torch.tensor(rows, dtype=torch.float64) for rows in layers]


def _traces(
    layers: Layers, start: Sequence[float], rule: Rule, delta: float, steps: int
) -> list[dict[str, np.ndarray]]:
    """The trajectory and its energies, rounded: the page carries every frame."""
    query = torch.tensor([list(start)], dtype=torch.float64)
    path = layered_path(query, _tensors(layers), rule=rule, steps=steps, delta=delta)
    place = path.points[:, 0].numpy().round(4)
    return [{"x": place[:, 0], "y": place[:, 1]}, {"x": np.arange(steps + 1), "y": path.energy[:, 0].numpy().round(4)}]


def _base(
    layers: Layers, start: Sequence[float], delta: float, steps: int, visible: bool
) -> list[tuple[go.Scatter, int]]:
    """All traces of one set of layers with their column: patterns labeled by layer, then two traces a rule."""
    points = [(row, str(number)) for number, rows in enumerate(layers, start=1) for row in rows]
    marks = {"symbol": "square-open", "size": 24, "color": "black"}
    out = [
        (
            go.Scatter(
                x=[p[0] for p, _ in points],
                y=[p[1] for p, _ in points],
                text=[label for _, label in points],
                mode="markers+text",
                marker=marks,
                name="pattern, by layer",
                visible=visible,
            ),
            1,
        )
    ]
    for rule in RULES:
        _, dash, symbol = STYLES[rule]
        look = {"mode": "lines+markers", "line": {"dash": dash}, "marker": {"symbol": symbol, "size": 8}, "name": rule}
        for column, data in enumerate(_traces(layers, start, rule, delta, steps), start=1):
            color = {"nearest": "#1b9e77", "in turn": "#d95f02", "mixture": "#5e3c99"}[rule]
            trace = go.Scatter(**look, **data, visible=visible, showlegend=column == 1, legendgroup=rule)
            out.append((trace.update(line={"color": color}, marker={"color": color}), column))
    return out


def explore(
    sets: Mapping[str, Layers] | None = None,
    deltas: Sequence[float] = DELTAS,
    start: Sequence[float] = (0.5, 0.6),
    steps: int = 8,
) -> go.Figure:
    """One query through the layers: the menu chooses patterns and split, the slider delta, the paper's squared radius.

    Parameters
    ----------
    sets : Mapping[str, Layers] | None
        Layers of patterns in the plane by the name that the menu shows; ``SETS`` by default.
    deltas : Sequence[float]
        Squared radii, ascending; they matter for the rule "nearest".
    start : Sequence[float]
        The query.
    steps : int
        Length of each trajectory.
    """
    chosen = dict(SETS if sets is None else sets)
    first = len(deltas) // 2
    figure = make_subplots(rows=1, cols=2, subplot_titles=("trajectory", "global energy by step"))
    for index, layers in enumerate(chosen.values()):
        for trace, column in _base(layers, start, deltas[first], steps, index == 0):
            figure.add_trace(trace, row=1, col=column)
    width = 1 + 2 * len(RULES)
    moved = [width * k + j for k in range(len(chosen)) for j in (1, 2)]  # the traces of "nearest", the first rule
    figure.frames = [
        go.Frame(
            name=f"{delta:g}",
            traces=moved,
            data=[
                go.Scatter(data)
                for layers in chosen.values()
                for data in _traces(layers, start, "nearest", delta, steps)
            ],
        )
        for delta in deltas
    ]
    figure.update_layout(
        template="plotly_white",
        height=520,
        margin={"t": 130, "l": 40, "r": 20},
        legend={"orientation": "h", "y": 1.1, "yanchor": "bottom"},
        sliders=slider(deltas, first, "delta (squared radius)"),
        updatemenus=menu(chosen, width),
    )
    return figure
