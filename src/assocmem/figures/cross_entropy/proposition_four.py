"""Pictures of Proposition 4: the exact losses of one layer and the printed formula, over the radius of the balls.

Each curve has a line style of its own, so that the pictures can be read without color.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq

from assocmem.figures.explorer import Color, Curve, Explorer, Frame
from assocmem.figures.labels import Label, label_ends
from assocmem.figures.plate import GREY, INK, ONE, Plate, sheet
from assocmem.theory.cross_entropy.one_layer import formula, loss
from assocmem.theory.exact.ball_integrals import log_partition

MEMORIES = {
    "1 pattern in the plane": (2, 1),
    "1 pattern on the line": (1, 1),
    "1 pattern in 10 dimensions": (10, 1),
    "400 patterns in 10 dimensions": (10, 400),
}
"""What the explorer offers: the dimension and the number of patterns."""
STEPS = tuple(round(0.05 * k, 2) for k in range(1, 31))
"""Radii at which the slider stops."""
START = STEPS.index(1.2)
NAMES = ("formula, as printed", "exact, printed energy", "exact, energy g")
DASHES: tuple[tuple[str, Color], ...] = (("dash", "two"), ("dot", "ink"), ("solid", "one"))
VIEW = (-1.0, 3.0)
"""Losses that the explorer shows, in nats."""
CLIP = 30.0
"""Larger values are cut off: the formula and the printed energy reach any size for small balls."""


def values(n: int, radii: Float[np.ndarray, " r"], d: int = 1) -> list[Float[np.ndarray, " r"]]:
    """The three curves, in the order of ``NAMES``."""
    return [formula(n, radii, d), loss("printed", n, radii, d), loss("A", n, radii, d)]


def touching(n: int, d: int = 1) -> float:
    """The radius at which the formula touches 1, because Z is 1 there."""
    return float(brentq(lambda r: float(log_partition(n, r, d)), 1e-3, 10))


def energies(radius: float = 0.9) -> Plate:
    """The squared distance g to the nearest of the patterns -1 and 1, and the printed energy exp(-g)/Z, on Omega."""
    offsets = np.linspace(-radius, radius, 121)
    square = offsets**2
    printed = np.exp(-square) / (2 * np.trapezoid(np.exp(-square), offsets))
    with sheet(2.3) as (figure, ax):
        for pattern in (-1, 1):
            ax.plot(pattern + offsets, square, "-", color=ONE)
            ax.plot(pattern + offsets, printed, ":", color=INK)
        ax.plot([-1, 1], [0, 0], "o", color=GREY)
        ax.set(xlim=(-2, 2), ylim=(-0.08, 0.95), xticks=[-1, 1], xticklabels=["pattern", "pattern"], ylabel="energy")
        label_ends(
            ax, [Label("$g$, the squared\ndistance", float(square[-1]), ONE), Label("printed", printed[-1], INK)]
        )
        return Plate(
            figure,
            alt="Two energies on the balls around the patterns -1 and 1 of the line. The squared distance g to the "
            f"nearest pattern is 0 at the patterns and grows to {square[-1]:.2f} at the rims. The printed energy is "
            f"largest at the patterns, {printed.max():.3f}, and falls to {printed.min():.3f} at the rims.",
        )


def explore(memories: Mapping[str, tuple[int, int]] = MEMORIES, points: int = len(STEPS)) -> Explorer:
    """The losses over the radius, with a slider that carries a mark along each curve and a menu of memories.

    Parameters
    ----------
    memories : Mapping[str, tuple[int, int]]
        Dimension and number of patterns, by the words of the menu.
    points : int
        Radii of each curve, up to the last stop of the slider.
    """
    radii = np.linspace(STEPS[-1] / points, STEPS[-1], points)

    def frame(memory: tuple[int, int], radius: float) -> Frame:
        n, d = memory
        at = np.array([radius])
        shown, marked = values(n, radii, d), values(n, at, d)
        traces = [
            Curve(name, radii, np.clip(curve, -CLIP, CLIP), color=color, dash=dash)
            for name, (dash, color), curve in zip(NAMES, DASHES, shown, strict=True)
        ]
        traces += [Curve("claimed bound: 1", np.array([0.0, STEPS[-1]]), np.array([1.0, 1.0]), color="grey", width=1)]
        traces += [Curve("this radius", at.repeat(2), np.array(VIEW), color="grey", width=1, legend=False)]
        traces += [
            Curve(name, at, np.clip(curve, -CLIP, CLIP), color=color, mode="markers", legend=False)
            for name, (_, color), curve in zip(NAMES, DASHES, marked, strict=True)
        ]
        told = [f"{float(curve[0]):.3f}" if curve[0] < CLIP else f"above {CLIP:g}" for curve in marked]
        says = (
            f"At radius {radius:g} the formula gives {told[0]}; the exact loss is {told[1]} with the printed energy "
            f"and {told[2]} with the energy g. The formula touches 1 at radius {touching(n, d):.3f}."
        )
        return Frame(traces, says)

    return Explorer(
        name="exact-losses",
        slider="radius of the balls",
        steps={f"{radius:g}": radius for radius in STEPS},
        menu="memory",
        choices=dict(memories),
        frame=frame,
        start=START,
        axes=("radius of the balls", "nats per sample"),
        y_range=VIEW,
        alt="The printed formula and the exact losses of one layer over the radius, for every memory offered, with a "
        "mark on each curve at the slider's radius. Only the formula is at least 1 in every picture.",
    )
