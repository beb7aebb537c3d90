"""Pictures of fitted and reported losses: fits beside the printed losses, their limits beside 1, one loss in two units.

Every law has a marker of its own, so that the pictures can be read without color.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import plotly.graph_objects as go
from matplotlib.figure import Figure

from assocmem.figures.controls import slider
from assocmem.theory.cross_entropy.fitted_laws import KAPLAN, LAWS, FittedLaw, KaplanLaw

MARKERS = "osD^vXP"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
BUDGETS = (19, 20, 21, 22, 23, 24, 25)
"""Decimal logarithms of the budgets of the slider, in operations."""


def at_points(
    points: Mapping[str, tuple[int, int, float]], laws: Sequence[FittedLaw | KaplanLaw] = (*LAWS, KAPLAN)
) -> Figure:
    """Printed losses as bars and the laws' values as markers, over the models.

    points : parameters, tokens and printed loss by the name of the model.
    """
    figure: Figure
    figure, ax = plt.subplots(figsize=(9, 3.6), layout="constrained")
    places = np.arange(len(points))
    ax.bar(places, [loss for _, _, loss in points.values()], color="0.88", ec="0.5", width=0.7, label="printed")
    for k, law in enumerate(laws):
        values = [law.loss(float(parameters), float(tokens)) for parameters, tokens, _ in points.values()]
        beside, marker = 0.09 * (k - (len(laws) - 1) / 2), MARKERS[k % len(MARKERS)]
        ax.plot(places + beside, values, marker, mec="k", ms=6, label=law.name)
    ax.axhline(1, color="k", lw=1, ls=":")
    ax.set(ylim=(0, 2.7), ylabel="nats per token", xticks=places)
    ax.set_xticklabels(points)
    ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def limits(laws: Sequence[FittedLaw] = LAWS) -> Figure:
    """The E of each law with its interval where the source gives an error, on one axis with a line at 1."""
    figure: Figure
    figure, ax = plt.subplots(figsize=(7, 2.4), layout="constrained")
    for k, law in enumerate(laws):
        ax.plot(law.E, -k, MARKERS[k % len(MARKERS)], color="k", ms=7)
        interval = law.interval()
        if interval is not None:
            ax.plot(interval, (-k, -k), "k-|", lw=1.5, ms=10)
    ax.axvline(1, color="k", ls=":", lw=1)
    ax.set(xlim=(0.95, 1.95), ylim=(-len(laws) + 0.4, 0.6), xlabel="E in nats per token", yticks=-np.arange(len(laws)))
    ax.set_yticklabels([law.name for law in laws], fontsize=8)
    return figure


def in_two_units(losses: Mapping[str, tuple[float, float]]) -> Figure:
    """One loss per row: a square in nats per token, a disk in nats per byte, joined; a line at 1.

    losses : loss in nats per token and bytes per token, by name.
    """
    figure: Figure
    figure, ax = plt.subplots(figsize=(7, 0.5 + 0.33 * len(losses)), layout="constrained")
    for k, (loss, width) in enumerate(losses.values()):
        ax.plot((loss / width, loss), (-k, -k), "-", color="0.6", lw=1)
        ax.plot(loss, -k, "ks", ms=6, label="per token" if k == 0 else None)
        ax.plot(loss / width, -k, "ko", mfc="w", ms=6, label="per byte" if k == 0 else None)
    ax.axvline(1, color="k", ls=":", lw=1)
    ax.set(xlim=(0, 2.7), ylim=(-len(losses) + 0.4, 0.6), xlabel="nats", yticks=-np.arange(len(losses)))
    ax.set_yticklabels(list(losses), fontsize=8)
    ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _curves(budget: float, laws: Sequence[FittedLaw | KaplanLaw], sizes: np.ndarray) -> list[go.Scatter]:
    """For each law its loss over N at a budget, and the optimum."""
    out = []
    for k, law in enumerate(laws):
        look = {"line": {"dash": DASHES[k % len(DASHES)]}, "name": law.name, "legendgroup": law.name}
        values = np.asarray(law.loss(sizes, budget / 6 / sizes))
        out.append(go.Scatter(x=sizes, y=values.round(4), mode="lines", **look))
        best, data = law.optimum(budget)
        spot = {"symbol": k, "size": 9, "color": "black"}
        mark = {"marker": spot, "showlegend": False, "legendgroup": law.name, "name": f"{law.name}, optimum"}
        least = round(float(law.loss(best, data)), 4)
        out.append(go.Scatter(x=[float(f"{best:.4g}")], y=[least], mode="markers", **mark))
    return out


def explore(laws: Sequence[FittedLaw | KaplanLaw] = (*LAWS[1:], KAPLAN), budgets: Sequence[int] = BUDGETS) -> go.Figure:
    """The loss over the number of parameters at a fixed budget C = 6 N D; the slider sets log10 C.

    Parameters
    ----------
    laws : Sequence[FittedLaw | KaplanLaw]
        What to draw; pass laws of your own, each with ``name``, ``loss`` and ``optimum``.
    budgets : Sequence[int]
        Decimal logarithms of the budgets, ascending.

    Raises
    ------
    ValueError
        If there is no law or no budget.
    """
    if not laws or not budgets:
        raise ValueError(f"{len(laws)} laws and {len(budgets)} budgets; takes at least one of each")
    sizes = np.logspace(7.5, 12.5, 61)
    first = len(budgets) // 2
    figure = go.Figure(_curves(10.0 ** budgets[first], laws, sizes))
    figure.frames = [go.Frame(name=f"{b:g}", data=_curves(10.0**b, laws, sizes)) for b in budgets]
    figure.update_layout(
        template="plotly_white",
        height=520,
        margin={"t": 90, "l": 50, "r": 20},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        xaxis={"title": "parameters N", "type": "log"},
        yaxis={"title": "nats per token", "range": [1.6, 4]},
        sliders=slider(budgets, first, "log10 of the operations"),
    )
    return figure
