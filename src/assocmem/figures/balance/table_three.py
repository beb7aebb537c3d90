"""Table 3 drawn: the boxes of its grid with laws that pass through them, and what its windows do to a ratio.

Every line has a marker of its own and every bar that matters is black, so that the pictures can be read without color.
"""

from __future__ import annotations

from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, ScalarFormatter

from assocmem.theory.balance import exponent_interval, table_three

FAMILIES: tuple[exponent_interval.Family, ...] = ("affine", "logarithmic", "exponential")
MARKERS = "osD^vX"
NAMES = {"affine": "affine in D", "logarithmic": "affine in log D", "exponential": "exponential in D"}


def passing() -> dict[str, exponent_interval.Line]:
    """The laws that are drawn: powers near both ends of the interval, the square, and three other shapes."""
    powers = {f"power {float(p):g}": exponent_interval.power_through(p) for p in map(Fraction, ("1.44", "2", "2.42"))}
    return powers | {NAMES[family]: line for family in FAMILIES if (line := exponent_interval.line_through(family))}


def draw_boxes() -> Figure:
    """N against D on logarithmic axes: a bar for each row from the size before D* to D*, and laws through all bars.

    Each law carries a marker of its own, so that the lines can be told apart without color.
    """
    figure: Figure
    figure, ax = plt.subplots(figsize=(6.5, 4.2), layout="constrained")
    for row in table_three.ROWS:
        ends = [float(row.before), float(row.star)]
        ax.plot(ends, [float(row.size)] * 2, color="0.75", lw=9, solid_capstyle="butt")
        ax.plot(ends[1], float(row.size), "k|", ms=16)
    sizes = np.linspace(36, 88, 60)
    for k, (name, line) in enumerate(passing().items()):
        look = {"marker": MARKERS[k], "markevery": (3 * k + 1, 20), "ms": 6, "mec": "k"}
        style = "-" if name.startswith("power") else "--"
        ax.plot([line.data(float(size)) for size in sizes], sizes, style, color=f"C{k}", lw=1.4, label=name, **look)
    ax.set(xscale="log", yscale="log", xlabel="D in millions of tokens", ylabel="N in millions of parameters")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(ScalarFormatter())
        axis.set_minor_formatter(NullFormatter())
    ax.set(xticks=[200, 250, 300], yticks=[40, 60, 80])
    ax.legend(fontsize=8)
    return figure


def draw_windows() -> Figure:
    """Left: N/D^2 if every row had highlighted its 1st, ..., 4th size. Right: the spread of all 64 ways, ordered."""
    figure: Figure
    figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.5), layout="constrained")
    for k in range(4):
        values = [float(v) for v in table_three.column(k)]
        label = f"size {k + 1}" + (" = D*" if k == 2 else "")
        left.plot([1, 2, 3], values, MARKERS[k] + "-", lw=2.5 if k == 2 else 1, label=label)
    left.set(xticks=[1, 2, 3], xlabel="row of Table 3", ylabel=r"$N/D^2$ in $10^{-10}$", ylim=(0, None))
    left.legend(fontsize=8)
    ranked = sorted(table_three.choices(), key=table_three.choice_spread)
    spreads = [float(table_three.choice_spread(choice) - 1) for choice in ranked]
    same = [k for k, choice in enumerate(ranked) if len(set(choice)) == 1]
    right.bar(range(1, 65), spreads, color="0.75")
    right.bar([k + 1 for k in same], [spreads[k] for k in same], color="k", label="the same place in every row")
    right.legend(fontsize=8)
    right.set(xlabel="ways to highlight, ordered", ylabel="largest ratio over smallest, less 1")
    return figure
