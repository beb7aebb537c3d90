"""Pictures of Z = 1: dimension against the number of patterns under four formulas, and at other radii.

Every formula has a line style of its own, so that the pictures can be read without color.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from matplotlib.figure import Figure

from assocmem.figures.controls import slider
from assocmem.theory.balance.solution import FORMULAS, C, Formula, log_patterns, solve_balance
from assocmem.theory.exact.ball_integrals import log_ball_integral

STYLES: dict[Formula, tuple[str, str]] = {
    "exact": ("k-", "exact ball integral"),
    "printed": ("k--", "closed form of (12)"),
    "upper": ("k:", "right end of (14)"),
    "lower": ("k-.", "left end of (14)"),
}
"""By formula: matplotlib's format and the label."""
RADII = (0.15, 0.2, 0.22, 0.242, 0.25, 0.2587, 0.262, 0.27, 0.3, 0.4)
"""Values of s in r = s sqrt(n); 0.242 is the paper's, 0.2587 the border beyond which no large n has Z = 1."""


def solutions(smallest: float = 3.0, largest: float = 1e12) -> Figure:
    """n against d on logarithmic axes: the solutions of Z = 1 under the four formulas."""
    d = np.geomspace(smallest, largest, 121)
    figure: Figure
    figure, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    for formula in FORMULAS:
        style, label = STYLES[formula]
        ax.loglog(d, solve_balance(d=d, formula=formula), style, lw=1.3, label=label)
    ax.set(xlabel="number of patterns d", ylabel="dimension n at which Z = 1")
    ax.legend(fontsize=8)
    return figure


def patterns_at(s: float, n: Float[np.ndarray, " sizes"]) -> Float[np.ndarray, " sizes"]:
    """log10 d at Z = 1 for the radius s sqrt(n)."""
    return np.asarray(-log_ball_integral(n, s * np.sqrt(n)) / math.log(10))


def radii(values: Sequence[float] = RADII, start: float = 0.242, largest: float = 2000.0, count: int = 80) -> go.Figure:
    """log10 d at Z = 1 against n; the slider sets s in r = s sqrt(n). The paper's radius and the square law stay.

    Parameters
    ----------
    values : Sequence[float]
        The values of s, ascending.
    start : float
        The one shown first.
    largest : float
        End of the axis of dimensions.
    count : int
        Points of each curve.
    """
    n = np.geomspace(1, largest, count)
    fixed = (
        ("paper's radius", log_patterns(n) / math.log(10), "dash", "#888"),
        ("right end of (14)", log_patterns(n, "upper") / math.log(10), "dot", "#d95f02"),
    )
    figure = go.Figure(
        [
            go.Scatter(
                x=n.round(3),
                y=patterns_at(start, n).round(5),
                name="chosen radius",
                line={"color": "#1f77b4", "width": 3},
            )
        ]
    )
    for name, y, dash, color in fixed:
        figure.add_trace(go.Scatter(x=n.round(3), y=y.round(5), name=name, line={"dash": dash, "color": color}))
    figure.frames = [
        go.Frame(name=f"{s:g}", data=[go.Scatter(x=n.round(3), y=patterns_at(s, n).round(5))], traces=[0])
        for s in values
    ]
    figure.update_layout(
        template="plotly_white",
        height=460,
        margin={"t": 40, "l": 50, "r": 20},
        xaxis={"title": "dimension n", "type": "log"},
        yaxis={"title": "log10 of d at Z = 1", "range": [-10, 50]},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        sliders=slider(values, values.index(start), "s"),
    )
    return figure


def rates(values: Sequence[float] = RADII) -> dict[float, str]:
    """log d per dimension for each s, from the law: positive below the border, negative above it."""
    return {s: f"{s * s - math.log(s * s / C) / 2:+.4f}" for s in values}
