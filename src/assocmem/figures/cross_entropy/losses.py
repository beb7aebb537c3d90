"""Pictures of fitted and reported losses: fits beside the printed losses, their limits beside 1, one loss in two units.

Every law has a marker of its own, so that the pictures can be read without color.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from assocmem.figures.explorer import Color, Curve, Explorer, Frame
from assocmem.figures.plate import GREY, INK, ONE, TWO, Plate, sheet
from assocmem.theory.cross_entropy.fitted_laws import KAPLAN, LAWS, FittedLaw, KaplanLaw

MARKERS = "osD^vXP"
DASHES = ("solid", "dash", "solid", "dash", "dot", "dashdot")
COLORS: tuple[Color, ...] = ("one", "one", "two", "two", "ink", "grey")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "star", "x")
BUDGETS = (19, 20, 21, 22, 23, 24, 25)
"""Decimal logarithms of the budgets of the slider, in operations."""
ALL_LAWS = (*LAWS, KAPLAN)
"""Every law that is drawn beside printed losses."""
AS_PUBLISHED = (*LAWS[1:], KAPLAN)
"""The laws as their own sources have them, without the paper's print of one."""
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def at_points(points: Mapping[str, tuple[int, int, float]], laws: Sequence[FittedLaw | KaplanLaw] = ALL_LAWS) -> Plate:
    """Printed losses as upright bars and the laws' values as markers, one row for each model.

    points : parameters, tokens and printed loss by the name of the model.
    """
    places = -np.arange(len(points), dtype=float)
    printed = [loss for _, _, loss in points.values()]
    with sheet(1.6 + 0.42 * len(points)) as (figure, ax):
        ax.plot(printed, places, "|", color=INK, ms=20, mew=3, label="printed in Table 2")
        beyond = np.zeros(len(points), dtype=bool)
        for k, law in enumerate(laws):
            values = [law.loss(float(parameters), float(tokens)) for parameters, tokens, _ in points.values()]
            beyond |= np.array(values) > np.array(printed)
            color = TWO if isinstance(law, KaplanLaw) else ONE
            ax.plot(values, places, MARKERS[k % len(MARKERS)], mfc="none", mec=color, mew=1.4, ms=7, label=law.name)
        _rows(ax, list(points), (0.9, 2.7))
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=10)
        below = [name for name, over in zip(points, beyond, strict=True) if not over]
        return Plate(
            figure,
            alt=f"Printed losses of {len(points)} models in nats per token, each with the values of {len(laws)} laws "
            f"and a line at 1. All laws lie below the printed loss for {', '.join(below) or 'none of them'}.",
        )


def _rows(ax: Axes, names: Sequence[str], limits: tuple[float, float], unit: str = "nats per token") -> None:
    """One row for each name, the first on top, and an upright line at 1."""
    ax.axvline(1, color=GREY, ls=":", lw=1.4)
    ax.set(xlim=limits, ylim=(-len(names) + 0.4, 0.6), xlabel=unit, yticks=-np.arange(len(names)))
    ax.set_yticklabels(names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def limits(laws: Sequence[FittedLaw] = LAWS) -> Plate:
    """The E of each law with its interval where the source gives an error, on one axis with a line at 1."""
    said = []
    with sheet(0.8 + 0.3 * len(laws)) as (figure, ax):
        for k, law in enumerate(laws):
            interval = law.interval()
            if interval is not None:
                ax.plot(interval, (-k, -k), "-|", color=TWO, lw=2, ms=11, mew=2, label="interval")
                said.append(f"The interval of {law.name} runs from {interval[0]:.3f} to {interval[1]:.3f}.")
            ax.plot(law.E, -k, MARKERS[k % len(MARKERS)], color=ONE, ms=7, label=law.name)
        _rows(ax, [law.name for law in laws], (0.95, 1.95), "$E$ in nats per token")
        places = ", ".join(f"{law.E:.2f}" for law in laws)
        return Plate(
            figure,
            alt=f"The limits E of {len(laws)} laws on an axis of nats per token, at {places}, all right of a dotted "
            f"line at 1. {' '.join(said)}",
        )


def in_two_units(losses: Mapping[str, tuple[float, float]]) -> Plate:
    """One loss a row: a square in nats per token, a ring in nats per byte, joined; a line at 1.

    losses : loss in nats per token and bytes per token, by name.
    """
    with sheet(1.2 + 0.3 * len(losses)) as (figure, ax):
        for k, (loss, width) in enumerate(losses.values()):
            ax.plot((loss / width, loss), (-k, -k), "-", color=GREY, lw=1)
            ax.plot(loss / width, -k, "o", color=ONE, mfc="none", mew=1.8, ms=8, label="" if k else "per byte")
            ax.plot(loss, -k, "s", color=TWO, ms=7, label="" if k else "per token")
        _rows(ax, list(losses), (0, 2.7), "nats")
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        tokens, byte = zip(*((loss, loss / width) for loss, width in losses.values()), strict=True)
        return Plate(
            figure,
            alt=f"{len(losses)} losses, each as a square in nats per token, from {min(tokens):.2f} to "
            f"{max(tokens):.2f}, joined to a ring in nats per byte, from {min(byte):.2f} to {max(byte):.2f}, with a "
            "dotted line at 1 between them.",
        )


def explore(laws: Sequence[FittedLaw | KaplanLaw] = AS_PUBLISHED, budgets: Sequence[int] = BUDGETS) -> Explorer:
    """The loss over the number of parameters at a fixed budget C = 6 N D; the slider sets the budget.

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

    def frame(_: None, budget: int) -> Frame:
        compute, curves, best = 10.0**budget, [], {}
        for k, law in enumerate(laws):
            color, dash = COLORS[k % len(COLORS)], DASHES[k % len(DASHES)]
            best[law.name], data = law.optimum(compute)
            curves.append(Curve(law.name, sizes, law.loss(sizes, compute / 6 / sizes), color, dash))
            at, least = np.array([best[law.name]]), np.array([law.loss(best[law.name], data)])
            mark = f"{law.name}, least loss"
            curves.append(Curve(mark, at, least, color, mode="markers", symbol=SYMBOLS[k % len(SYMBOLS)], legend=False))
        low, high = min(best, key=best.__getitem__), max(best, key=best.__getitem__)
        says = (
            f"With 10{str(budget).translate(RAISED)} operations the smallest model is recommended by {low}, "
            f"{best[low]:.2g} parameters, and the largest by {high}, {best[high]:.2g}."
        )
        return Frame(curves, says)

    return Explorer(
        name="loss-at-a-budget",
        slider="operations",
        steps={f"10{str(b).translate(RAISED)}": b for b in budgets},
        start=len(budgets) // 2,
        frame=frame,
        axes=("parameters N", "nats per token"),
        log="x",
        y_range=(1.6, 4),
        alt=f"Loss over the number of parameters at a fixed budget for {len(laws)} laws, each with a mark at its least "
        "loss. With a larger budget all curves fall and the marks move to larger models.",
    )
