"""Interactive landscapes for the page: a slider for the temperature, a menu for the patterns, no server needed.

All frames are computed here by the torch module and travel with the page. The two energies are compared at matched
temperatures: E_b beside 2 E_MCHN at beta = 2b, less log(d)/b, which lie within max|rho|^2 - min|rho|^2 of each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
import torch
from jaxtyping import Float, Int
from plotly.subplots import make_subplots
from torch import Tensor

from assocmem.figures.controls import slider
from assocmem.figures.explorer import Color, Curve, Explorer, Frame
from assocmem.memory import energy, mchn_energy, nearest_sq_distance

Patterns = Sequence[Sequence[float]]
BETAS = (0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 8.0)
SETS: dict[str, Patterns] = {
    "-2, 0, 1 (Figure 1)": [[-2], [0], [1]],
    "-1, 1 (equal norms)": [[-1], [1]],
    "0, 2 (a zero pattern)": [[0], [2]],
    "-2, 0, 2": [[-2], [0], [2]],
    "0, 1, 2, 3, 4": [[0], [1], [2], [3], [4]],
}
"""Patterns on the line that the menu offers."""


def _tensor(rows: Patterns) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def matched(
    x: Float[Tensor, "m n"], patterns: Float[Tensor, "d n"], b: float
) -> tuple[Float[Tensor, " m"], Float[Tensor, " m"]]:
    """(E_b, 2 E_MCHN^{2b} - log(d)/b) at queries x."""
    shift = float(np.log(len(patterns))) / b
    return energy(x, patterns, beta=b), 2 * mchn_energy(x, patterns, beta=2 * b) - shift


def grid_minima(values: Float[np.ndarray, " n"]) -> Int[np.ndarray, " minima"]:
    """Indices of the local minima of a curve on its grid, ends excluded."""
    inner = (values[1:-1] < values[:-2]) & (values[1:-1] <= values[2:])
    return np.flatnonzero(inner) + 1


def line(sets: Mapping[str, Patterns] | None = None, betas: Sequence[float] = BETAS, count: int = 161) -> Explorer:
    """Curves over the line: the slider sets b, the menu the patterns.

    Parameters
    ----------
    sets : Mapping[str, Patterns] | None
        Patterns by the name that the menu shows; ``SETS`` by default.
    betas : Sequence[float]
        Inverse temperatures of E_b, ascending.
    count : int
        Points of each curve.
    """
    chosen = dict(SETS if sets is None else sets)
    return Explorer(
        name="line-landscapes",
        slider="inverse temperature b",
        steps={f"{b:g}": b for b in betas},
        start=min(range(len(betas)), key=lambda i: abs(betas[i] - 1)),
        menu="patterns",
        choices=chosen,
        frame=lambda rows, b: _state(_tensor(rows), b, count),
        axes=("x", "energy in nats"),
        alt="The distance energy and the MCHN energy over the line for every set of patterns and every temperature "
        "offered, with their minima.",
    )


def _state(patterns: Tensor, b: float, count: int) -> Frame:
    """The curves at one temperature, and how many minima each has."""
    low, high = float(patterns.amin()) - 1.5, float(patterns.amax()) + 1.5
    x = torch.linspace(low, high, count, dtype=torch.float64)[:, None]
    place = x[:, 0].numpy()
    curves = [Curve("squared distance to the nearest pattern", place, nearest_sq_distance(x, patterns), "grey", "dot")]
    found = []
    looks: tuple[tuple[str, Color, str, str], ...] = (
        ("distance energy", "one", "solid", "star"),
        ("MCHN energy at β = 2b, twice and shifted", "two", "dash", "square"),
    )
    for (name, color, dash, symbol), values in zip(looks, matched(x, patterns, b), strict=True):
        curve = values.numpy()
        spots = grid_minima(curve)
        found.append(len(spots))
        curves.append(Curve(name, place, curve, color, dash))
        marks = Curve(
            f"minima, {name.split(' at')[0]}",
            place[spots],
            curve[spots],
            color,
            mode="markers",
            symbol=symbol,
            legend=False,
        )
        curves.append(marks)
    minima = [f"{k} {'minimum' if k == 1 else 'minima'}" for k in found]
    counts = f"the distance energy has {minima[0]}, the MCHN energy (β = {2 * b:g}) {minima[1]}"
    says = f"{len(patterns)} patterns at b = {b:g}: {counts}."
    return Frame(curves, says)


def plane(rows: Patterns, betas: Sequence[float] = BETAS, count: int = 41, margin: float = 1.5) -> go.Figure:
    """Contours over the plane, E_b on the left and the MCHN energy at beta = 2b on the right; the slider sets b."""
    patterns = _tensor(rows)
    low, high = patterns.amin(0) - margin, patterns.amax(0) + margin
    axes = [np.linspace(float(a), float(b), count) for a, b in zip(low, high, strict=True)]
    mesh = np.stack([v.ravel() for v in np.meshgrid(*axes)], 1)
    start = min(range(len(betas)), key=lambda i: abs(betas[i] - 1))

    def surfaces(b: float) -> list[np.ndarray]:
        return [v.numpy().reshape(count, count).astype(np.float32) for v in matched(torch.tensor(mesh), patterns, b)]

    figure = make_subplots(rows=1, cols=2, subplot_titles=("E_b", "2 E_MCHN - log(d)/b at beta = 2b"))
    look = {"colorscale": "Greys", "reversescale": True, "ncontours": 24, "showscale": False}
    for column, values in enumerate(surfaces(betas[start]), start=1):
        figure.add_trace(go.Contour(x=axes[0], y=axes[1], z=values, **look), row=1, col=column)
    for column in (1, 2):
        marks = {"symbol": "square", "size": 10, "color": "white", "line": {"color": "black", "width": 2}}
        figure.add_trace(
            go.Scatter(
                x=patterns[:, 0].numpy(),
                y=patterns[:, 1].numpy(),
                mode="markers",
                marker=marks,
                name="pattern",
                showlegend=False,
            ),
            row=1,
            col=column,
        )
    figure.frames = [go.Frame(name=f"{b:g}", data=[go.Contour(z=z) for z in surfaces(b)], traces=[0, 1]) for b in betas]
    figure.update_layout(
        template="plotly_white",
        height=430,
        margin={"t": 40, "l": 40, "r": 20},
        sliders=slider(betas, start, "inverse temperature b"),
    )
    return figure
