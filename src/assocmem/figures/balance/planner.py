"""The planner: N against D for every law, with a slider for D, a menu for the shape of the network, and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from assocmem.figures.explorer import Color, Curve, Explorer, Frame
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
"""A dash for the line of each law."""
SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "triangle-down", "star", "hexagon", "x", "bowtie")
"""A symbol for the mark of each law, so that the laws can be told apart without color."""
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


def _color(index: int) -> Color:
    """The ratio of Table 3 in ink, the theory in one accent, laws fitted to runs in the other."""
    return "ink" if index == 0 else "two" if index <= 3 else "one"


def figure(
    shapes: Mapping[str, planner.Shape] | None = None, tokens: Sequence[float] = TOKENS, start: int = 3, count: int = 33
) -> Explorer:
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
    grid = np.geomspace(tokens[0], tokens[-1], count)
    _, data, sizes = zip(*planner.MODELS, strict=True)
    models = Curve("models of Tables 2 and 3", data, sizes, "grey", mode="markers", symbol="circle-open")

    def frame(shape: planner.Shape, chosen: float) -> Frame:
        curves = []
        for k, (name, law) in enumerate(planner.laws(shape).items()):
            curves.append(Curve(name, grid, law(grid), _color(k), DASHES[k], width=2))
            mark = np.array([chosen])
            shown = Curve(f"{name}, at this D", mark, law(mark), _color(k), mode="markers", symbol=SYMBOLS[k])
            curves.append(replace(shown, legend=False))
        table = rows([chosen], shape)[0]
        asked = {row[0]: row[1] for row in table}
        first, last = table[0], max(table, key=lambda row: float(row[1]))
        says = (
            f"For D = {chosen:.3g} tokens, {first[0]} asks for N = {asked[first[0]]}; the most is {last[1]}, {last[0]}."
        )
        return Frame([*curves, models], says, HEADERS, table)

    return Explorer(
        name="planner",
        slider="tokens D",
        steps={f"{v:.4g}": v for v in tokens},
        start=start,
        menu="network",
        choices=dict(SHAPES if shapes is None else shapes),
        frame=frame,
        axes=("D in tokens", "N in parameters"),
        log="xy",
        y_range=(-1, 21),
        alt="Parameters N that ten laws recommend for D tokens, from a million to a hundred trillion, on logarithmic "
        "axes, with a table. The ratio of Table 3 runs away from the fitted laws and from the models of Table 2 as D "
        "grows; the upper end of Proposition 5 lies far above all of them, the solved balance far below.",
    )
