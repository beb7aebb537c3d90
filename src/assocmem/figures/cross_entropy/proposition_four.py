"""Pictures of Proposition 4: the exact losses of one layer and the printed formula, over the radius of the balls.

Each curve has a line style of its own, so that the pictures can be read without color.
"""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from matplotlib.figure import Figure

from assocmem.figures.controls import menu, slider
from assocmem.theory.cross_entropy.one_layer import formula, loss

SIZES = (1, 2, 3, 5, 10, 20, 50)
COUNTS = (1, 10, 1000)
NAMES = ("log Z + 1/Z, as printed", "exact loss, printed energy", "exact loss, A and B")
CLIP = 30.0
"""Larger values are cut off: the formula and the printed energy reach any size for small balls."""


def values(n: int, radii: Float[np.ndarray, " r"], d: int = 1) -> list[Float[np.ndarray, " r"]]:
    """The three curves, in the order of ``NAMES``."""
    return [formula(n, radii, d), loss("printed", n, radii, d), loss("A", n, radii, d)]


def curves(sizes: Sequence[int] = (1, 10), d: int = 1, largest: float = 3.0) -> Figure:
    """One panel for each n: the formula and both exact losses of d disjoint balls, over their radius."""
    figure: Figure
    figure, axes = plt.subplots(1, len(sizes), figsize=(4.1 * len(sizes), 3.6), layout="constrained", squeeze=False)
    radii = np.linspace(largest / 300, largest, 300)
    for ax, n in zip(axes[0], sizes, strict=True):
        for name, style, curve in zip(NAMES, ("k:", "k--", "k-"), values(n, radii, d), strict=True):
            ax.plot(radii, np.clip(curve, -CLIP, CLIP), style, label=name)
        ax.axhline(1, color="gray", lw=0.8)
        ax.set(xlabel="radius r", title=f"n = {n}", ylim=(-4, 6))
    axes[0, 0].set_ylabel("nats per sample")
    axes[0, 0].legend(fontsize=8, loc="lower right")
    return figure


def explore(sizes: Sequence[int] = SIZES, counts: Sequence[int] = COUNTS, points: int = 81) -> go.Figure:
    """The same with a slider for the dimension n and a menu for the number d of patterns.

    Parameters
    ----------
    sizes : Sequence[int]
        Dimensions, ascending.
    counts : Sequence[int]
        Numbers of patterns that the menu offers.
    points : int
        Radii of each curve, up to 4.
    """
    radii = np.linspace(4 / points, 4, points)
    looks = (("dot", "#d95f02"), ("dash", "#1b9e77"), ("solid", "#5e3c99"))
    figure = go.Figure()
    for index, d in enumerate(counts):
        for name, (dash, color), curve in zip(NAMES, looks, _short(sizes[0], radii, d), strict=True):
            line = {"dash": dash, "color": color, "width": 3}
            figure.add_trace(go.Scatter(x=radii, y=curve, mode="lines", line=line, name=name, visible=index == 0))
    figure.frames = [
        go.Frame(name=f"{n:g}", data=[go.Scatter(x=radii, y=c) for d in counts for c in _short(n, radii, d)])
        for n in sizes
    ]
    figure.add_hline(y=1, line_color="gray", line_width=1)
    figure.update_layout(
        template="plotly_white",
        height=520,
        margin={"t": 130, "l": 50, "r": 20},
        xaxis_title="radius r",
        yaxis_title="nats per sample",
        yaxis_range=[-6, 12],
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        sliders=slider(sizes, 0, "dimension n"),
        updatemenus=menu([f"d = {d}" for d in counts], len(NAMES)),
    )
    return figure


def _short(n: int, radii: Float[np.ndarray, " r"], d: int) -> list[Float[np.ndarray, " r"]]:
    """The curves, cut off and rounded: the page carries every frame."""
    return [np.clip(curve, -CLIP, CLIP).round(4) for curve in values(n, radii, d)]
