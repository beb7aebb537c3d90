"""Pictures of the ball integral: how wrong the printed closed form is, and where the printed lower bound fails.

Curves carry line styles and markers of their own, so that the pictures can be read without color.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from matplotlib.figure import Figure
from plotly.subplots import make_subplots

from assocmem.figures.controls import slider
from assocmem.theory.exact.ball_integrals import log_ball_integral, log_ball_volume, paper_radius
from assocmem.theory.partition.ball_bounds import window
from assocmem.theory.partition.printed_integral import printed_log_ball_integral

TEN = math.log(10)
RATE = 1 / (2 * math.pi * math.e)
SIZES = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1024)
STYLES = ("-", "--", "-.", ":")


def orders(n: Float[np.ndarray, ...], r: Float[np.ndarray, ...]) -> Float[np.ndarray, ...]:
    """log10 of printed form over integral; n and r broadcast."""
    return np.asarray((printed_log_ball_integral(n, r) - log_ball_integral(n, r)) / TEN)


def law(n: Float[np.ndarray, " sizes"]) -> Float[np.ndarray, " sizes"]:
    """log10 of exp(c n - sqrt(c n)) (1 - 2c), the growth at the paper's radius."""
    return np.asarray((RATE * n - np.sqrt(RATE * n) + math.log1p(-2 * RATE)) / TEN)


def growth(largest: float = 1e6) -> Figure:
    """Orders of magnitude by which the printed form exceeds the integral at the paper's radius, against n."""
    sizes = np.unique(np.round(np.geomspace(1, largest, 61)))
    figure: Figure
    figure, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
    ax.plot(sizes, orders(sizes, paper_radius(sizes)), "ko", ms=3.5, mfc="white", label="printed / integral")
    ax.plot(sizes, law(sizes), "k-", lw=1, label="proved law")
    ax.axhline(0, color="0.6", lw=0.8)
    ax.set_xscale("log")
    ax.set_yscale("symlog", linthresh=1)
    ax.set(xlabel="n", ylabel="orders of magnitude", ylim=(-1, None))
    ax.legend()
    return figure


def slack(n: int, r: Float[np.ndarray, " radii"]) -> Float[np.ndarray, " radii"]:
    """log of integral over printed lower bound e^-r V_n(r): negative where the bound fails."""
    return np.asarray(log_ball_integral(n, r) - log_ball_volume(n, r) + r)


def lower_bound(sizes: Sequence[int] = (2, 3, 4, 10), windows: Sequence[int] = (3, 4, 5, 7, 10, 20, 50, 128)) -> Figure:
    """Left: slack of the printed lower bound against r. Right: the radii at which it fails, for each n."""
    r = np.linspace(0.02, 9, 200)
    figure: Figure
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
    for n, style in zip(sizes, STYLES, strict=True):
        left.plot(r, slack(n, r), "k" + style, lw=1.2, label=f"n = {n}")
    left.axhline(0, color="0.6", lw=0.8)
    left.set(xlabel="r", ylabel="log(integral) - log(lower bound)", ylim=(-4, 3))
    left.legend(fontsize=8)
    edges = np.array([window(n) for n in windows])
    right.fill_betweenx(windows, edges[:, 0], edges[:, 1], color="0.85", lw=0)
    right.plot(edges[:, 0], windows, "k<-", ms=4, label="fails from")
    right.plot(edges[:, 1], windows, "k>--", ms=4, label="to")
    right.plot(paper_radius(np.array(windows)), windows, "ks:", ms=3, label="paper's radius")
    right.set(xscale="log", yscale="log", xlabel="r", ylabel="n")
    right.legend(fontsize=8)
    return figure


def _traces(n: int, r: Float[np.ndarray, " radii"]) -> list[dict[str, Float[np.ndarray, " radii"]]]:
    """Left panel: orders of magnitude, and the paper's radius on them. Right: log10 of four numbers over the volume."""
    x = r * r
    size = np.array([float(n)])
    own = np.asarray(paper_radius(size))
    mean = log_ball_integral(n, r) - log_ball_volume(n, r)
    valid = x < n / 2 + 1
    upper = np.where(valid, -x - np.log1p(-np.where(valid, 2 * x / (n + 2), 0.0)), np.nan)
    right = (mean, -r, -n * x / (n + 2), np.where(upper < 0, upper, 0.0))
    left = [{"x": r, "y": orders(size, r)}, {"x": own, "y": orders(size, own)}]
    curves = left + [{"x": r, "y": values / TEN} for values in right]
    return [{key: np.asarray(v, dtype=np.float32) for key, v in curve.items()} for curve in curves]


LOOKS = (
    ("printed / integral", {"mode": "lines", "line": {"color": "#d95f02", "width": 3}}),
    ("at the paper's radius", {"mode": "markers", "marker": {"symbol": "square", "size": 10, "color": "black"}}),
    ("integral", {"mode": "lines", "line": {"color": "#1f77b4", "width": 3}}),
    ("printed lower bound", {"mode": "lines", "line": {"dash": "dash", "color": "#d95f02"}}),
    ("proved lower bound", {"mode": "lines", "line": {"dash": "dot", "color": "#444"}}),
    ("proved upper bound", {"mode": "lines", "line": {"dash": "dashdot", "color": "#444"}}),
)
"""Name and style of each trace; the first two stand in the left panel."""


def explore(sizes: Sequence[int] = SIZES, count: int = 81) -> go.Figure:
    """Against r: left printed form over integral, right the integral and its bounds over the volume; a slider for n."""
    r = np.geomspace(0.05, 30, count)
    start = min(range(len(sizes)), key=lambda i: abs(sizes[i] - 10))
    figure = make_subplots(rows=1, cols=2, subplot_titles=("printed / integral", "over the ball's volume"))
    for index, ((name, look), data) in enumerate(zip(LOOKS, _traces(sizes[start], r), strict=True)):
        figure.add_trace(go.Scatter(name=name, **look, **data), row=1, col=1 if index < 2 else 2)
    figure.frames = [go.Frame(name=f"{n:g}", data=[go.Scatter(data) for data in _traces(n, r)]) for n in sizes]
    figure.update_xaxes(type="log", title="r")
    figure.update_yaxes(title="orders of magnitude")
    figure.update_yaxes(range=[-12, 1], row=1, col=2)
    figure.update_layout(
        template="plotly_white",
        height=480,
        margin={"t": 110, "l": 50, "r": 20},
        legend={"orientation": "h", "y": 1.1, "yanchor": "bottom"},
        sliders=slider(sizes, start, "n"),
    )
    return figure
