"""Static pictures of energy landscapes: the paper's Figure 1 redrawn with its certified critical points.

Values come from the torch module, critical points from interval arithmetic; patterns and minima have shapes of their
own, so that the pictures can be read without color.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from torch import Tensor

from assocmem.memory import energy, mchn_energy, nearest_sq_distance
from assocmem.theory.energies.critical_points import Family, Landscape

Rows = Sequence[Sequence[Fraction | int]]
SHAPES = {"minimum": "*", "saddle": "x", "maximum": "^"}


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
    levels = values.min() + span * np.linspace(0, 1, 25) ** 2  # finer near the minima, where the memories are
    ax.contourf(*grid, values, levels=levels, cmap="Greys_r", norm=PowerNorm(0.5, values.min(), values.max()))
    ax.contour(*grid, values, levels=levels, colors="k", linewidths=0.3)
    points = tensor(rows)
    ax.plot(points[:, 0], points[:, 1], "s", mfc="white", mec="black", ms=6, label="pattern")
    ax.set_title(title, fontsize=9)
    ax.set_aspect("equal")


def _mark(ax: Axes, land: Landscape) -> None:
    for kind, shape in SHAPES.items():
        points = [p.floats() for p in land.critical_points() if p.kind == kind]
        if points:
            first, second = zip(*points, strict=True)
            edge = "tab:red" if shape == "x" else "black"
            ax.plot(first, second, shape, color="tab:red", ms=9, ls="", label=kind, mec=edge)


def plane(rows: Rows, beta: int = 1, margin: float = 1.5, count: int = 61) -> Figure:
    """Four landscapes over the plane, as in the left part of Figure 1, with certified critical points on (c) and (d).

    (a) minus LogSumExp, (b) the regularizer of the MCHN energy, (c) their sum, (d) the distance energy.
    """
    first, second, x = _grid(rows, margin, count)
    patterns, shape = tensor(rows), first.shape
    whole = mchn_energy(x, patterns, beta=float(beta))
    quadratic = x.square().sum(1) / 2 + patterns.square().sum(1).amax() / 2 + np.log(len(patterns)) / beta
    panels = (
        (whole - quadratic, "(a) -LSE"),
        (quadratic, "(b) regularizer"),
        (whole, f"(c) E_MCHN, beta = {beta}"),
        (energy(x, patterns), "(d) E"),
    )
    figure: Figure
    figure, axes = plt.subplots(2, 2, figsize=(7, 6.2), layout="constrained")
    for ax, (values, title), family in zip(axes.flat, panels, PANELS, strict=True):
        _panel(ax, (first, second), values.numpy().reshape(shape), rows, title)
        if family:
            _mark(ax, Landscape.of(rows, family, beta))
    axes[1, 1].legend(loc="upper left", fontsize=7)
    return figure


def line(rows: Rows, betas: Sequence[int] = (1, 2), margin: float = 1.2, count: int = 301) -> Figure:
    """Curves over the line, as in the right part of Figure 1: g, E and the MCHN energies, with certified minima."""
    patterns = tensor(rows)
    low, high = float(patterns.amin()) - margin, float(patterns.amax()) + margin
    x = torch.linspace(low, high, count, dtype=torch.float64)[:, None]
    curves: list[tuple[Tensor, str, str, tuple[Family, int] | None]] = [
        (nearest_sq_distance(x, patterns), "k:", "g", None),
        (energy(x, patterns), "k-", "E", ("E", 1)),
    ]
    for beta, dash in zip(betas, ("--", "-."), strict=False):
        values = mchn_energy(x, patterns, beta=float(beta))
        curves.append((values, f"{dash}", f"E_MCHN, beta = {beta}", ("mchn", beta)))
    figure: Figure
    figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for values, style, label, source in curves:
        (drawn,) = ax.plot(x[:, 0], values, style, label=label)
        if source:
            stored = Landscape.of(rows, *source).minima()
            spots = [(p.floats()[0], float(p.value.mid())) for p in stored]
            ax.plot(*zip(*spots, strict=True), "*", color=drawn.get_color(), mec="black", ms=11, ls="")
    for value in patterns[:, 0]:
        ax.axvline(float(value), color="0.7", lw=0.8)
    ax.set_xlabel("x (gray lines: patterns, stars: minima)")
    ax.set_ylabel("energy in nats")
    ax.legend(fontsize=8)
    return figure


def memories(counts: dict[str, Sequence[int]], betas: Sequence[Fraction], d: int) -> Figure:
    """Certified numbers of minima against the inverse temperature, one line style for each landscape."""
    figure: Figure
    figure, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    for (name, values), style in zip(counts.items(), ("k-o", "k--s", "k:^", "k-.d"), strict=False):
        ax.plot([float(b) for b in betas], values, style, drawstyle="steps-mid", ms=4, label=name)
    ax.axhline(d, color="0.7", lw=0.8)
    ax.set_xscale("log", base=2)
    ax.set_xlabel("inverse temperature (gray line: number of patterns)")
    ax.set_ylabel("minima")
    ax.set_yticks(range(d + 2))
    ax.legend(fontsize=8)
    return figure
