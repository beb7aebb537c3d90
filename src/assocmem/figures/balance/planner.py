"""The planner: N against D for every law, with a slider for D, a menu for the shape of the network, and a table.

Both axes hold decimal logarithms, so that the figure's summary weighs small and large numbers alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from assocmem.figures.controls import menu, slider
from assocmem.theory.balance import planner

SHAPES: dict[str, planner.Shape] = {
    "8 layers, T = 1024 (Table 3)": planner.Shape(),
    "24 layers, T = 1024 (GPT-2 medium)": planner.Shape(1024, 24, 12.0, 12 * 24 * 1024 / 1024),
    "80 layers, T = 2048 (Chinchilla)": planner.Shape(2048, 80, 12.0, 12 * 80 * 8192 / 2048),
}
"""Shapes that the menu offers; the last two with A = 12 and the aspect of the named network."""
TOKENS = (1e6, 1e7, 1e8, 214.18e6, 309.37e6, 1e9, 1e10, 1e11, 1.4e12, 1e13, 1e14)
"""Sizes of data that the slider offers."""
DASHES = ("solid", "solid", "dash", "dot", "solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "triangle-down", "star", "hexagon", "x", "bowtie")
"""A dash for the line of each law and a symbol for its mark, so that the laws can be told apart without color."""
COLORS = ("#000000", "#d62728", "#ff9896", "#9467bd", "#1f77b4", "#aec7e8", "#2ca02c", "#98df8a", "#bcbd22", "#ff7f0e")
HEADERS = ("law", "N", "tokens per parameter", "local power of D")
Row = tuple[str, str, str, str]


def rows(tokens: Sequence[float], shape: planner.Shape | None = None) -> list[list[Row]]:
    """For each size of data one row for each law: its name, N, D/N and the local exponent, as they are shown."""
    at = np.asarray(tokens, dtype=float)
    out: list[list[Row]] = [[] for _ in tokens]
    for name, law in planner.laws(shape).items():
        for k, (size, power) in enumerate(zip(law(at), planner.local_exponent(law, at), strict=True)):
            out[k].append((name, f"{size:.2e}", f"{at[k] / size:.1e}", f"{power:.2f}"))
    return out


def _ticks(low: int, high: int) -> dict[str, Any]:
    powers = list(range(low, high + 1, 3))
    return {"tickvals": powers, "ticktext": [f"10<sup>{k}</sup>" for k in powers]}


def _static(shape: planner.Shape, low: float, high: float, count: int) -> list[go.Scatter]:
    """The curves of all laws, and the models of the paper's tables."""
    grid = np.logspace(np.log10(low), np.log10(high), count)
    looks = zip(planner.laws(shape).items(), COLORS, DASHES, SYMBOLS, strict=True)
    out = []
    for (name, law), color, dash, symbol in looks:
        look = {"line": {"color": color, "dash": dash}, "marker": {"symbol": symbol, "size": 8, "maxdisplayed": 6}}
        curve = go.Scatter(x=np.log10(grid), y=np.log10(law(grid)), name=name, mode="lines+markers", **look)
        out.append(curve)
    names, tokens, sizes = zip(*planner.MODELS, strict=True)
    marker = {"symbol": "circle-open", "size": 11, "color": "#555555"}
    models = go.Scatter(x=np.log10(tokens), y=np.log10(sizes), text=names, mode="markers", marker=marker)
    return [*out, models.update(name="models of Tables 2 and 3")]


def _moving(shape: planner.Shape, tokens: Sequence[float]) -> list[tuple[go.Scatter, go.Table]]:
    """For each size of data a mark on every curve, and the table."""
    sizes = np.array([np.log10(law(np.asarray(tokens))) for law in planner.laws(shape).values()])
    marker = {"size": 9, "color": list(COLORS), "symbol": list(SYMBOLS), "line": {"color": "black", "width": 1}}
    align = ["left", "right", "right", "right"]
    out = []
    for k, shown in enumerate(rows(tokens, shape)):
        at = np.full(len(sizes), np.log10(tokens[k]))
        marks = go.Scatter(x=at, y=sizes[:, k], mode="markers", marker=marker, name="at this D", showlegend=False)
        columns = [list(column) for column in zip(*shown, strict=True)]
        table = go.Table(
            header={"values": list(HEADERS), "align": align},
            cells={"values": columns, "align": align},
            columnwidth=[3, 1, 1.4, 1.4],
        )
        out.append((marks, table))
    return out


def figure(
    shapes: Mapping[str, planner.Shape] | None = None, tokens: Sequence[float] = TOKENS, start: int = 3, count: int = 33
) -> go.Figure:
    """N against D for all laws on logarithmic axes, and the table of what they recommend.

    Parameters
    ----------
    shapes : Mapping[str, planner.Shape] | None
        Networks by the name that the menu shows; ``SHAPES`` by default.
    tokens : Sequence[float]
        Sizes of data that the slider offers, ascending, each above every context.
    start : int
        Index of the size shown first.
    count : int
        Points of each curve.
    """
    chosen = dict(SHAPES if shapes is None else shapes)
    drawn = make_subplots(
        rows=2, cols=1, specs=[[{"type": "xy"}], [{"type": "table"}]], row_heights=[0.47, 0.53], vertical_spacing=0.22
    )
    parts = [_moving(shape, tokens) for shape in chosen.values()]
    places: list[int] = []
    for index, (shape, moving) in enumerate(zip(chosen.values(), parts, strict=True)):
        for trace in (*_static(shape, tokens[0], tokens[-1], count), moving[start][0]):
            drawn.add_trace(trace.update(visible=index == 0), row=1, col=1)
        drawn.add_trace(moving[start][1].update(visible=index == 0), row=2, col=1)
        places += [len(drawn.data) - 2, len(drawn.data) - 1]
    drawn.frames = [
        go.Frame(name=f"{v:g}", traces=places, data=[part for moving in parts for part in moving[k]])
        for k, v in enumerate(tokens)
    ]
    drawn.update_xaxes(title="D in tokens", **_ticks(6, 14))
    drawn.update_yaxes(title="N in parameters", range=[-1, 21], **_ticks(0, 21))
    drawn.update_layout(
        template="plotly_white",
        height=1160,
        margin={"t": 80, "l": 60, "r": 20},
        legend={"orientation": "h", "y": 0.575, "yanchor": "top", "font": {"size": 10}},
        sliders=slider(tokens, start, "D"),
        updatemenus=menu(chosen, len(drawn.data) // len(chosen)),
    )
    drawn.layout.updatemenus[0].update(y=1.07)
    return drawn
