"""Interactive landscapes for the page: a slider for the temperature, a menu for the patterns, no server needed.

All frames are computed here by the torch module and travel with the page. The two energies are compared at matched
temperatures: E_b beside 2 E_MCHN at beta = 2b, less log(d)/b, which lie within max|rho|^2 - min|rho|^2 of each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from matplotlib.figure import Figure
from torch import Tensor

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


LEVELS = 1 - np.linspace(1, 0, 14)[1:-1] ** 0.5
"""Heights of the level lines between the least and the greatest value, close together where the minima are."""


def plane(rows: Patterns, betas: Sequence[float] = BETAS, count: int = 41, margin: float = 1.5) -> Explorer:
    """Level lines over the plane: the slider sets b, the menu the energy, E_b or the MCHN energy at beta = 2b.

    Parameters
    ----------
    rows : Patterns
        Patterns in the plane.
    betas : Sequence[float]
        Inverse temperatures of E_b, ascending.
    count : int
        Points of each side of the grid.
    margin : float
        How far the picture reaches beyond the patterns.
    """
    patterns = _tensor(rows)
    low, high = patterns.amin(0) - margin, patterns.amax(0) + margin
    axes = [np.linspace(float(a), float(b), count) for a, b in zip(low, high, strict=True)]
    mesh = torch.tensor(np.stack([v.ravel() for v in np.meshgrid(*axes)], 1))

    def frame(which: int, b: float) -> Frame:
        values = matched(mesh, patterns, b)[which].numpy().reshape(count, count)
        found = plane_minima(patterns, b, which)
        curves = [
            Curve("level lines", *_level_lines(axes, values), "grey", width=1),
            Curve("patterns", patterns[:, 0], patterns[:, 1], "ink", mode="markers", symbol="square-open"),
            Curve("minima", found[:, 0], found[:, 1], "one", mode="markers", symbol="star"),
        ]
        name = ("distance", "MCHN")[which]
        shown = f"{len(found)} {'minimum' if len(found) == 1 else 'minima'}"
        return Frame(curves, f"At b = {b:g} the {name} energy of {len(patterns)} patterns has {shown}.")

    return Explorer(
        name="plane-landscapes",
        slider="inverse temperature b",
        steps={f"{b:g}": b for b in betas},
        start=min(range(len(betas)), key=lambda i: abs(betas[i] - 1)),
        menu="energy",
        choices={"distance energy at b": 0, "MCHN energy at 2b": 1},
        frame=frame,
        axes=("first coordinate", "second coordinate"),
        alt=f"Level lines of two energies over the plane for {len(patterns)} patterns at {len(betas)} temperatures, "
        "with their minima. The colder it is, the more minima there are, up to one for each pattern.",
    )


def plane_minima(patterns: Float[Tensor, "d n"], b: float, which: int, steps: int = 4000) -> Float[np.ndarray, "m n"]:
    """Minima that are reached from the patterns by the energy's own update, which never rises; each one once.

    The update puts the mean of the patterns under their softmax weights in the place of the query; ``which`` is 0 for
    E_b, whose weights are those of squared distances, and 1 for the MCHN energy at beta = 2b, with dot products.
    """
    x, squares = patterns, patterns.square().sum(1)
    for _ in range(steps):
        scores = 2 * b * x @ patterns.T - (b * squares if which == 0 else 0)
        x = scores.softmax(1) @ patterns
    found: list[np.ndarray] = []
    for point in x.numpy():
        if all(np.abs(point - other).max() > 0.01 for other in found):
            found.append(point)
    return np.array(found)


def _level_lines(axes: Sequence[np.ndarray], values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All level lines as one curve, with gaps between them."""
    heights = values.min() + (values.max() - values.min()) * LEVELS
    drawn = Figure().subplots().contour(*axes, values, levels=heights)
    gap = np.full((1, 2), np.nan)
    x, y = np.concatenate([part for level in drawn.allsegs for line in level for part in (line, gap)]).T
    return x, y
