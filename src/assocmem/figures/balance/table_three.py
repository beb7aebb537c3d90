"""Table 3 drawn: the boxes of its grid with laws that pass through them, and what its windows do to a ratio.

Every line has a marker of its own and its name, so that the pictures can be read without color.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from matplotlib.ticker import NullFormatter, ScalarFormatter

from assocmem.figures.labels import Label, label_ends
from assocmem.figures.plate import GREY, INK, ONE, TWO, Plate, sheet
from assocmem.theory.balance import exponent_interval, table_three

FAMILIES: tuple[exponent_interval.Family, ...] = ("affine", "logarithmic", "exponential")
MARKERS = "osD^vX"
NAMES = {"affine": "affine in $D$", "logarithmic": "affine in log $D$", "exponential": "exponential in $D$"}
PLACES = ("first size", "second size", "third size, $D^*$", "fourth size")


def passing() -> dict[str, exponent_interval.Line]:
    """The laws that are drawn: powers near both ends of the interval, the square, and three other shapes."""
    powers = {f"power {float(p):g}": exponent_interval.power_through(p) for p in map(Fraction, ("1.44", "2", "2.42"))}
    return powers | {NAMES[family]: line for family in FAMILIES if (line := exponent_interval.line_through(family))}


def draw_boxes() -> Plate:
    """N against D on logarithmic axes: a bar for each row from the size before D* to D*, and laws through all bars."""
    laws = passing()
    with sheet(4.4) as (figure, ax):
        for row in table_three.ROWS:
            ends = [float(row.before), float(row.star)]
            ax.plot(ends, [float(row.size)] * 2, color=GREY, lw=9, alpha=0.35, solid_capstyle="butt")
            ax.plot(ends[1], float(row.size), "|", color=INK, ms=16)
        sizes = np.linspace(36, 88, 60)
        for k, (name, line) in enumerate(laws.items()):
            style, color = ("-", ONE) if name.startswith("power") else ("--", TWO)
            data = [line.data(float(size)) for size in sizes]
            marks = {"marker": MARKERS[k], "markevery": (3 * k + 1, 20), "ms": 6}
            ax.plot(data, sizes, style, color=color, lw=1.4, label=name, **marks)
        ax.set(xscale="log", yscale="log", xlabel="tokens $D$, millions", ylabel="parameters $N$, millions")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(ScalarFormatter())
            axis.set_minor_formatter(NullFormatter())
        ax.set(xticks=[200, 250, 300], yticks=[40, 60, 80])
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        return Plate(
            figure,
            alt=f"{len(table_three.ROWS)} horizontal bars, one for each row of Table 3, from the size before the "
            f"highlighted one to the highlighted one, on logarithmic axes. {len(laws)} laws cross all bars: "
            f"{', '.join(laws).replace('$', '')}.",
        )


def draw_windows() -> Plate:
    """Above: N/D^2 if every row had highlighted its 1st, ..., 4th size. Below: the spread of all 64 ways, ordered."""
    with sheet(5.4, nrows=2) as (figure, (above, below)):
        ends = []
        for k, (name, color) in enumerate(zip(PLACES, (GREY, GREY, ONE, INK), strict=True)):
            values = [float(v) for v in table_three.column(k)]
            above.plot([1, 2, 3], values, MARKERS[k] + "-", color=color, lw=2.5 if k == 2 else 1.4, label=name)
            ends.append(Label(name, values[-1], color))
        above.set(xticks=[1, 2, 3], xlabel="row of Table 3", ylabel="$N/D^2$ in $10^{-10}$", ylim=(0, None))
        ranked = sorted(table_three.choices(), key=table_three.choice_spread)
        spreads = [float(table_three.choice_spread(choice) - 1) for choice in ranked]
        same = [k for k, choice in enumerate(ranked) if len(set(choice)) == 1]
        below.bar(range(1, len(ranked) + 1), spreads, color=GREY, alpha=0.5, label="any place in each row")
        below.bar([k + 1 for k in same], [spreads[k] for k in same], color=TWO, label="the same place in every row")
        below.set(xlabel="ways to highlight, ordered", ylabel="largest ratio\nover smallest, less 1", ylim=(0, 1.4))
        below.legend(frameon=False, loc="upper left")
        label_ends(above, ends)
        return Plate(
            figure,
            alt="Above, N over D squared in the three rows for each of the four sizes; the lines of the third and the "
            "fourth size are nearly flat, those of the first and the second fall. Below, the spread of the ratio for "
            f"all {len(ranked)} ways to highlight one size in each row, in ascending order; the ways that use the same "
            f"place in every row are numbers {', '.join(str(k + 1) for k in same)}.",
        )
