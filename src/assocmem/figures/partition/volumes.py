"""Pictures of volumes and partition functions: the unit ball, unequal radii, equation (14), and the law of log Z."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from assocmem.figures.controls import slider
from assocmem.theory.exact.ball_integrals import log_ball_integral, log_ball_volume, paper_radius
from assocmem.theory.partition import asymptotics
from assocmem.theory.partition.unequal_radii import Balls


def unit_balls(largest: int = 24) -> Figure:
    """V_n(1) by dimension, with the two middle members that the versions of the paper print for it."""
    size = np.arange(1, largest + 1)
    stirling = size / 2 * np.log(2 * np.pi * np.e / size) - np.log(np.pi * size) / 2
    figure: Figure
    figure, ax = plt.subplots(figsize=(6, 3.3), layout="constrained")
    ax.plot(size, np.exp(log_ball_volume(size, 1.0)), "ko", ms=4, label="volume of the unit ball")
    ax.plot(size, np.exp(stirling), "k-", lw=0.9, label="middle member, submission")
    ax.plot(size, np.exp(stirling - size / 2 * np.log(2)), "k:", label="middle member, later version")
    ax.axvline(5, color="0.7", lw=0.8)
    ax.set_yscale("log")
    ax.set_xlabel("dimension n (gray line: n = 5)")
    ax.set_ylabel("volume")
    ax.legend(fontsize=8)
    return figure


def integrands(
    balls: Balls, count: int = 2001
) -> tuple[Float[np.ndarray, " count"], Float[np.ndarray, " count"], Float[np.ndarray, " count"]]:
    """Points of the line, and on the union of the balls exp(-own distance) and exp(-min distance); nan elsewhere."""
    places = np.array([float(row[0]) for row in balls.patterns])
    radii = np.array([float(radius) for radius in balls.radii])
    x = np.linspace((places - radii).min() - 0.3, (places + radii).max() + 0.3, count)
    squares = (x[:, None] - places) ** 2
    inside = squares <= radii**2
    nothing = ~inside.any(1)
    own = np.exp(-np.where(inside, squares, np.inf).min(1))
    nearest = np.exp(-squares.min(1))
    own[nothing], nearest[nothing] = np.nan, np.nan
    return x, own, nearest


def unequal(balls: Balls) -> Figure:
    """The two integrands of equation (13) over balls on the line; the hatched area is what the sum leaves out."""
    x, own, nearest = integrands(balls)
    figure: Figure
    figure, ax = plt.subplots(figsize=(6.5, 3), layout="constrained")
    ax.fill_between(x, own, nearest, facecolor="0.9", hatch="///", edgecolor="0.4", lw=0, label="left out by the sum")
    ax.plot(x, nearest, "k-", label="exp(-squared distance to the nearest pattern)")
    ax.plot(x, own, "k--", label="exp(-squared distance to the own center)")
    for row, radius in zip(balls.patterns, balls.radii, strict=True):
        place = float(row[0])
        ax.plot([place - float(radius), place + float(radius)], [-0.06, -0.06], "k|-", ms=9, lw=2.5)
        ax.plot([place], [-0.06], "s", color="white", mec="black", ms=6)
    ax.set_xlabel("x (bars: the balls, squares: the patterns)")
    ax.set_ylim(-0.12, 1.45)
    ax.legend(fontsize=8, loc="upper right")
    return figure


def radii_explorer(first: Sequence[float], second: float = 0.25, apart: float = 4.0) -> go.Figure:
    """The same picture for two patterns, with a slider for the radius of the large ball.

    Parameters
    ----------
    first : Sequence[float]
        Radii of the ball around 0, ascending, each below ``apart - second``.
    second : float
        Radius of the ball around the other pattern.
    apart : float
        Where the other pattern is.

    Raises
    ------
    ValueError
        For balls that meet.
    """
    if max(first) + second > apart:
        raise ValueError(f"first={max(first)} and second={second} must not add up to more than apart={apart}")
    frames = [_curves(radius, second, apart) for radius in first]
    figure = go.Figure(data=frames[0])
    figure.frames = [go.Frame(name=f"{radius:g}", data=data) for radius, data in zip(first, frames, strict=True)]
    figure.update_layout(
        template="plotly_white",
        height=430,
        margin={"t": 60, "l": 50, "r": 20},
        xaxis_title="x",
        yaxis={"range": [0, 1.1], "title": "integrand"},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        sliders=slider(first, 0, "radius of the ball around 0"),
    )
    return figure


def _curves(radius: float, second: float, apart: float, count: int = 321) -> list[go.Scatter]:
    x = np.linspace(-apart, apart + 1, count)
    inside = (np.abs(x) <= radius) | (np.abs(x - apart) <= second)
    own = np.where(np.abs(x) <= radius, x**2, (x - apart) ** 2)
    nearest = np.minimum(x**2, (x - apart) ** 2)
    looks = (
        ("to the own center", own, {"dash": "dash", "color": "#d95f02", "width": 3}),
        ("to the nearest pattern", nearest, {"color": "#1f77b4", "width": 3}),
    )
    return [
        go.Scatter(
            name=f"exp(-squared distance {label})",
            x=x.astype(np.float32),
            mode="lines",
            line=line,
            y=np.where(inside, np.exp(-values), 0).astype(np.float32),
        )
        for label, values, line in looks
    ]


def bounds_over_z(sizes: Sequence[int]) -> dict[str, Float[np.ndarray, " sizes"]]:
    """Logarithms of the printed and the corrected bounds of (14) over the true Z, at dimensions n."""
    size = np.asarray(sizes, dtype=np.float64)
    radius = paper_radius(size)
    true = log_ball_integral(size, radius) - log_ball_volume(size, radius)
    square = radius**2
    return {
        "printed lower bound": -radius - true,
        "printed upper bound": -true,
        "corrected lower bound": -square * size / (size + 2) - true,
        "corrected upper bound": -square - np.log1p(-2 * square / (size + 2)) - true,
    }


STYLES = {
    "printed lower bound": "k--o",
    "printed upper bound": "k:^",
    "corrected lower bound": "k-s",
    "corrected upper bound": "k-.v",
}


def equation_fourteen(sizes: Sequence[int]) -> Figure:
    """log(bound/Z) against n: a lower bound above 0 is false. Left all four, right the corrected ones enlarged."""
    figure: Figure
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
    for name, values in bounds_over_z(sizes).items():
        _line(left, sizes, values, name)
        if name.startswith("corrected"):
            _line(right, sizes, values, name)
    left.axvline(20.5, color="0.7", lw=0.8)
    left.set_yscale("symlog", linthresh=1)
    left.set_xlabel("n (gray line: between 20 and 21)")
    left.legend(fontsize=7)
    right.set_xlabel("n")
    left.set_ylabel("log(bound / Z)")
    return figure


def _line(ax: Axes, sizes: Sequence[int], values: Float[np.ndarray, " sizes"], name: str) -> None:
    ax.plot(sizes, values, STYLES[name], ms=4, lw=1, label=name)
    ax.axhline(0, color="0.5", lw=0.8)
    ax.set_xscale("log")


def law_error(sizes: Sequence[int]) -> Figure:
    """n^2 times the error of the law of log Z, certified, with the proved bound and the limit."""
    values = [float(asymptotics.law_error(asymptotics.LAW, size).mid()) for size in sizes]
    figure: Figure
    figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    ax.plot(sizes, values, "ko-", ms=4, lw=1, label="n^2 times the error, certified")
    ax.axhline(float(asymptotics.LAW.error), color="k", ls="--", lw=1, label="proved bound")
    ax.axhline(asymptotics.limit(), color="k", ls=":", lw=1, label="limit")
    ax.set_xscale("log")
    ax.set_ylim(0, 1.3)
    ax.set_xlabel("n")
    ax.legend(fontsize=8, loc="lower right")
    return figure
