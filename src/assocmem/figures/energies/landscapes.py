"""Static pictures of energy landscapes: the paper's Figure 1 redrawn with its certified critical points.

Values come from the torch module, critical points from interval arithmetic; patterns and minima have shapes of their
own, so that the pictures can be read without color.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from assocmem.figures.labels import Label, label_ends
from assocmem.figures.plate import GREY, INK, ONE, TWO, Plate, sheet
from assocmem.memory import energy, mchn_energy, nearest_sq_distance
from assocmem.theory.energies.critical_points import Family, Landscape

Rows = Sequence[Sequence[Fraction | int]]
SHAPES = {"minimum": ("*", ONE, 11), "saddle": ("x", TWO, 7), "maximum": ("^", TWO, 7)}
"""Marker, color and size of each kind of critical point."""
NAMES: dict[Family, str] = {"mchn": "MCHN energy", "E": "distance energy"}


def tensor(rows: Rows) -> Float[Tensor, "d n"]:
    """Exact patterns as float64, shape (d, n)."""
    return torch.tensor([[float(c) for c in row] for row in rows], dtype=torch.float64)


def _grid(rows: Rows, margin: float, count: int) -> tuple[np.ndarray, np.ndarray, Tensor]:
    points = tensor(rows)
    low, high = points.amin(0) - margin, points.amax(0) + margin
    axes = [np.linspace(float(a), float(b), count) for a, b in zip(low, high, strict=True)]
    first, second = np.meshgrid(*axes)
    return first, second, torch.tensor(np.stack([first.ravel(), second.ravel()], 1))


PANELS: tuple[Family | None, ...] = (None, None, "mchn", "E")
"""Whose critical points each panel of Figure 1 marks."""


def _panel(ax: Axes, grid: tuple[np.ndarray, np.ndarray], values: np.ndarray, rows: Rows, title: str) -> None:
    span = values.max() - values.min()
    levels = values.min() + span * np.linspace(0, 1, 18)[1:-1] ** 2  # finer near the minima, where the memories are
    ax.contour(*grid, values, levels=levels, colors=GREY, linewidths=0.6)
    points = tensor(rows)
    ax.plot(points[:, 0], points[:, 1], "s", mfc="none", mec=INK, mew=1.2, ms=9, label="pattern")
    ax.set_title(title, loc="left")
    ax.set_aspect("equal")


def _mark(ax: Axes, land: Landscape) -> None:
    for kind, (shape, color, size) in SHAPES.items():
        points = [p.floats() for p in land.critical_points() if p.kind == kind]
        if points:
            ax.plot(*zip(*points, strict=True), shape, color=color, ms=size, mew=1.8 if shape == "x" else 0, label=kind)


def plane(rows: Rows, beta: int = 1, margin: float = 1.5, count: int = 61) -> Plate:
    """Four landscapes over the plane, as in the left part of Figure 1, with certified critical points on (c) and (d).

    (a) minus LogSumExp, (b) the regularizer of the MCHN energy, (c) their sum, (d) the distance energy.
    """
    first, second, x = _grid(rows, margin, count)
    patterns, shape = tensor(rows), first.shape
    whole = mchn_energy(x, patterns, beta=float(beta))
    quadratic = x.square().sum(1) / 2 + patterns.square().sum(1).amax() / 2 + np.log(len(patterns)) / beta
    panels = (
        (whole - quadratic, "(a) minus LogSumExp"),
        (quadratic, "(b) regularizer"),
        (whole, f"(c) MCHN energy, $\\beta$ = {beta}"),
        (energy(x, patterns), "(d) distance energy"),
    )
    with sheet(5.6, nrows=2, ncols=2) as (figure, axes):
        for ax, (values, title), family in zip(axes.flat, panels, PANELS, strict=True):
            _panel(ax, (first, second), values.numpy().reshape(shape), rows, title)
            if family:
                _mark(ax, Landscape.of(rows, family, beta))
        _key(figure, axes.flat)
        return Plate(
            figure,
            alt=f"Four landscapes over the plane with {len(patterns)} patterns: minus LogSumExp, the regularizer, "
            "their sum, which is the MCHN energy, and the distance energy. Stars mark minima and crosses saddles: "
            + "; ".join(f"{len(Landscape.of(rows, f, beta).minima())} minima of the {NAMES[f]}" for f in ("mchn", "E"))
            + ".",
        )


def few(rows: Rows, families: Sequence[Family], beta: int = 1, margin: float = 0.8, count: int = 81) -> Plate:
    """One panel for each energy over the plane, with its certified critical points."""
    first, second, x = _grid(rows, margin, count)
    patterns, found = tensor(rows), []
    with sheet(3.4, ncols=len(families), sharey=True) as (figure, axes):
        for ax, family in zip(np.atleast_1d(axes), families, strict=True):
            of = energy if family == "E" else mchn_energy
            values = of(x, patterns, beta=float(beta)).numpy().reshape(first.shape)
            _panel(ax, (first, second), values, rows, NAMES[family])
            land = Landscape.of(rows, family, beta)
            _mark(ax, land)
            found.append(f"{len(land.minima())} minima of the {NAMES[family]}")
        _key(figure, np.atleast_1d(axes))
        return Plate(figure, alt=f"Landscapes of {len(rows)} patterns in the plane: {' and '.join(found)}.")


def _key(figure: Figure, axes: Iterable[Axes]) -> None:
    """The meaning of the marks, in one line below the panels."""
    marks = {str(line.get_label()): line for ax in axes for line in ax.lines}
    figure.legend(marks.values(), marks, loc="outside lower center", ncols=len(marks), frameon=False, handletextpad=0.2)


def line(rows: Rows, betas: Sequence[int] = (1, 2), margin: float = 1.2, count: int = 301) -> Plate:
    """Curves over the line, as in the right part of Figure 1: g, E and the MCHN energies, with certified minima."""
    patterns = tensor(rows)
    low, high = float(patterns.amin()) - margin, float(patterns.amax()) + margin
    x = torch.linspace(low, high, count, dtype=torch.float64)[:, None]
    curves: list[tuple[Tensor, str, str, str, tuple[Family, int] | None]] = [
        (nearest_sq_distance(x, patterns), ":", INK, "nearest pattern", None),
        (energy(x, patterns), "-", ONE, "distance energy", ("E", 1)),
    ]
    for beta, dash in zip(betas, ("--", "-."), strict=False):
        values = mchn_energy(x, patterns, beta=float(beta))
        curves.append((values, dash, TWO, f"MCHN, $\\beta$ = {beta}", ("mchn", beta)))
    with sheet(3.6) as (figure, ax):
        ends, found = [], []
        for values, dash, color, label, source in curves:
            ax.plot(x[:, 0], values, dash, color=color, label=label)
            ends.append(Label(label, float(values[-1]), color))
            if source:
                spots = [(p.floats()[0], float(p.value.mid())) for p in Landscape.of(rows, *source).minima()]
                ax.plot(*zip(*spots, strict=True), "*", color=color, ms=11, mew=0, label=f"minima, {label}")
                found.append(f"{label.replace('$', '').replace(chr(92), '')}: {len(spots)}")
        for value in patterns[:, 0]:
            ax.axvline(float(value), color=GREY, lw=0.8)
        ax.set(xlabel="$x$ (upright lines: patterns; stars: minima)", ylabel="energy in nats", xlim=(low, high))
        label_ends(ax, ends)
        return Plate(figure, alt=f"Energies over the line, with stars at their minima. Minima of {'; '.join(found)}.")


def memories(counts: dict[str, Sequence[int]], betas: Sequence[Fraction], d: int) -> Plate:
    """Certified numbers of minima against the inverse temperature, one line style for each landscape."""
    looks = (("-o", ONE), ("--s", TWO), (":^", INK), ("-.d", GREY))
    with sheet(2.8) as (figure, ax):
        ends = [Label(f"patterns: {d}", d, GREY)]
        for (key, values), (style, color) in zip(counts.items(), looks, strict=False):
            name = next((words for family, words in NAMES.items() if family == key), key)
            at = [float(b) for b in betas]
            ax.plot(at, values, style, color=color, drawstyle="steps-mid", ms=5, label=name)
            ends.append(Label(name, values[-1], color))
        ax.axhline(d, color=GREY, lw=0.8)
        ax.set_xscale("log", base=2)
        ax.set(xlabel="inverse temperature", ylabel="minima", ylim=(0, d + 1), yticks=range(d + 2))
        label_ends(ax, ends)
        held = "; ".join(f"{end.text}: {end.y:g}" for end in ends[1:])
        return Plate(
            figure,
            alt=f"Number of minima against the inverse temperature for {d} patterns. At the last, {betas[-1]}, {held}.",
        )
