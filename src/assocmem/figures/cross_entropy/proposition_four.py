"""Pictures of Proposition 4: the exact losses of one layer and the printed formula, over the radius of the balls.

Each curve has a line style of its own and its name at its end, so that the pictures can be read without color.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from assocmem.figures.explorer import Color, Curve, Explorer, Frame
from assocmem.figures.labels import Label, label_ends
from assocmem.figures.plate import GREY, INK, ONE, TWO, Plate, sheet
from assocmem.theory.cross_entropy.one_layer import formula, loss

SIZES = (1, 2, 3, 5, 10, 20, 50)
COUNTS = (1, 10, 1000)
NAMES = ("formula, as printed", "exact, printed energy", "exact, readings A, B")
LOOKS = (("--", TWO), (":", INK), ("-", ONE))
CLIP = 30.0
"""Larger values are cut off: the formula and the printed energy reach any size for small balls."""


def values(n: int, radii: Float[np.ndarray, " r"], d: int = 1) -> list[Float[np.ndarray, " r"]]:
    """The three curves, in the order of ``NAMES``."""
    return [formula(n, radii, d), loss("printed", n, radii, d), loss("A", n, radii, d)]


def floor(n: int = 1, d: int = 1, largest: float = 3.0) -> Plate:
    """The printed formula, which is at least 1 whatever the radius, beside the exact losses, which are not.

    Parameters
    ----------
    n : int
        Dimension.
    d : int
        Number of patterns, with equal balls that do not meet.
    largest : float
        End of the axis of radii.
    """
    return curves((n,), d, largest)


def curves(sizes: Sequence[int] = (1, 10), d: int = 1, largest: float = 3.0) -> Plate:
    """One panel for each n: the formula and both exact losses of d disjoint balls, over their radius."""
    radii = np.linspace(largest / 300, largest, 300)
    height = 3.6 if len(sizes) == 1 else 2.7 * len(sizes)
    least = []
    with sheet(height, nrows=len(sizes), sharex=True, squeeze=False) as (figure, axes):
        for ax, n in zip(axes[:, 0], sizes, strict=True):
            drawn = [np.clip(curve, -CLIP, CLIP) for curve in values(n, radii, d)]
            for name, (style, color), curve in zip(NAMES, LOOKS, drawn, strict=True):
                ax.plot(radii, curve, style, color=color, label=name)
            ax.axhline(1, color=GREY, lw=1, label="claimed bound: 1")
            ax.set(ylim=(-4, 6), xlim=(0, largest), ylabel="nats per sample")
            ax.set_title(f"$n$ = {n}", loc="left")
            ends = [
                Label(name.replace(", ", ",\n", 1), float(curve[-1]), color)
                for name, (_, color), curve in zip(NAMES, LOOKS, drawn, strict=True)
            ]
            label_ends(ax, [*ends, Label("claimed bound: 1", 1, GREY)])
            least.append(f"for n = {n} {', '.join(f'{curve.min():.2f}' for curve in drawn)}")
        axes[-1, 0].set_xlabel("radius of the balls")
        return Plate(
            figure,
            alt="Loss over the radius of the balls. The printed formula touches 1 and is nowhere below it; the exact "
            "loss of the printed energy and that of readings A and B fall below. Least values drawn, in this order: "
            f"{'; '.join(least)} (cut at {-CLIP:g}).",
        )


def explore(sizes: Sequence[int] = SIZES, counts: Sequence[int] = COUNTS, points: int = 81) -> Explorer:
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
    dashes: tuple[tuple[str, Color], ...] = (("dash", "two"), ("dot", "ink"), ("solid", "one"))

    def frame(d: int, n: int) -> Frame:
        drawn = [np.clip(curve, -CLIP, CLIP) for curve in values(n, radii, d)]
        traces = [
            Curve(name, radii, curve, color=color, dash=dash)
            for name, (dash, color), curve in zip(NAMES, dashes, drawn, strict=True)
        ]
        least = [f"below {-CLIP:g}" if curve.min() <= -CLIP else f"{curve.min():.2f}" for curve in drawn]
        says = (
            f"With n = {n} and d = {d} the printed formula is nowhere below {least[0]}; "
            f"the exact loss falls to {least[1]} with the printed energy and to {least[2]} with readings A and B."
        )
        bound = Curve("claimed bound: 1", np.array([0.0, 4.0]), np.array([1.0, 1.0]), color="grey", width=1)
        return Frame([*traces, bound], says)

    return Explorer(
        name="exact-losses",
        slider="dimension n",
        steps={f"{n:g}": n for n in sizes},
        menu="patterns d",
        choices={f"{d:g}": d for d in counts},
        frame=frame,
        axes=("radius of the balls", "nats per sample"),
        y_range=(-6, 12),
        alt="The printed formula and the exact losses of one layer over the radius, for every dimension and number of "
        "patterns offered. Only the formula is at least 1 in every picture.",
    )
