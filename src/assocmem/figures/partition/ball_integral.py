"""Pictures of the ball integral: how wrong the printed closed form is, and where the printed lower bound fails.

Curves carry line styles and markers of their own, so that the pictures can be read without color.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from assocmem.figures.explorer import Color, Curve, Explorer, Frame
from assocmem.figures.labels import Label, label_ends
from assocmem.figures.plate import GREY, INK, ONE, TWO, Plate, sheet
from assocmem.theory.exact.ball_integrals import log_ball_integral, log_ball_volume, paper_radius
from assocmem.theory.partition.ball_bounds import window
from assocmem.theory.partition.printed_integral import printed_log_ball_integral

TEN = math.log(10)
RATE = 1 / (2 * math.pi * math.e)
SIZES = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1024)
STYLES = (("-", ONE), ("--", TWO), ("-.", INK), (":", GREY))


def orders(n: Float[np.ndarray, ...], r: Float[np.ndarray, ...]) -> Float[np.ndarray, ...]:
    """log10 of printed form over integral; n and r broadcast."""
    return np.asarray((printed_log_ball_integral(n, r) - log_ball_integral(n, r)) / TEN)


def law(n: Float[np.ndarray, " sizes"]) -> Float[np.ndarray, " sizes"]:
    """log10 of exp(c n - sqrt(c n)) (1 - 2c), the growth at the paper's radius."""
    return np.asarray((RATE * n - np.sqrt(RATE * n) + math.log1p(-2 * RATE)) / TEN)


def growth(largest: float = 1e6) -> Plate:
    """Orders of magnitude by which the printed form exceeds the integral at the paper's radius, against n."""
    sizes = np.unique(np.round(np.geomspace(1, largest, 61)))
    values = orders(sizes, paper_radius(sizes))
    with sheet(3.4) as (figure, ax):
        ax.plot(sizes, law(sizes), "-", color=ONE, lw=1.6, label="proved law")
        ax.plot(sizes, values, "o", color=TWO, ms=4, mfc="none", label="printed form over integral")
        ax.axhline(0, color=GREY, lw=0.8)
        ax.set_xscale("log")
        ax.set_yscale("symlog", linthresh=1)
        ax.set(xlabel="dimension $n$", ylabel="orders of magnitude", ylim=(-1, None))
        ax.legend(frameon=False)
        first = 1 + int(np.argmax(orders(np.arange(1.0, 100.0), paper_radius(np.arange(1.0, 100.0))) > 0))
        return Plate(
            figure,
            alt="Orders of magnitude of the printed form over the integral against the dimension, on logarithmic axes. "
            f"They are slightly negative below n = {first} and then grow in proportion to n, along the proved law, to "
            f"{values[-1]:.0f} at n = {largest:.0e}.",
        )


def slack(n: int, r: Float[np.ndarray, " radii"]) -> Float[np.ndarray, " radii"]:
    """log of integral over printed lower bound e^-r V_n(r): negative where the bound fails."""
    return np.asarray(log_ball_integral(n, r) - log_ball_volume(n, r) + r)


def lower_bound(sizes: Sequence[int] = (2, 3, 4, 10), windows: Sequence[int] = (3, 4, 5, 7, 10, 20, 50, 128)) -> Plate:
    """Above: integral over printed lower bound against r. Below: the radii at which the bound fails, for each n."""
    r = np.linspace(0.02, 9, 200)
    with sheet(6.2, nrows=2) as (figure, (above, below)):
        ends = []
        for n, (style, color) in zip(sizes, STYLES, strict=True):
            curve = slack(n, r)
            above.plot(r, curve, style, color=color, label=f"n = {n}")
            ends.append(Label(f"$n$ = {n}", float(np.clip(curve[-1], -4, 3)), color))
        above.axhline(0, color=GREY, lw=0.8)
        above.set(xlabel="radius $r$", ylabel="log of integral\nover lower bound", ylim=(-4, 3), xlim=(0, 9))
        edges = np.array([window(n) for n in windows])
        below.fill_betweenx(windows, edges[:, 0], edges[:, 1], color=TWO, alpha=0.15, lw=0)
        below.plot(edges[:, 0], windows, "<-", color=TWO, ms=5, label="fails from here")
        below.plot(edges[:, 1], windows, ">--", color=TWO, ms=5, label="to here")
        below.plot(paper_radius(np.array(windows)), windows, "s:", color=ONE, ms=4, label="the paper's radius")
        below.set(xscale="log", yscale="log", xlabel="radius $r$", ylabel="dimension $n$")
        below.legend(frameon=False, loc="lower right")
        label_ends(above, ends)
        true = [n for n in sizes if slack(n, r).min() >= 0]
        return Plate(
            figure,
            alt="Above, the logarithm of the integral over the printed lower bound against the radius for n = "
            f"{', '.join(map(str, sizes))}; it stays positive only for n = {', '.join(map(str, true))}. Below, the "
            "radii at which the bound fails for each n, a region that widens on both sides as n grows and that the "
            "paper's radius enters near n = 20.",
        )


LOOKS: tuple[tuple[str, Color, str], ...] = (
    ("integral", "one", "solid"),
    ("printed closed form", "two", "solid"),
    ("printed lower bound", "two", "dash"),
    ("proved lower bound", "ink", "dot"),
    ("proved upper bound", "ink", "dashdot"),
)
"""Name, color and dash of each curve."""


def _over_volume(n: int, r: Float[np.ndarray, " radii"]) -> list[Float[np.ndarray, " radii"]]:
    """log10 of what ``LOOKS`` names, over the volume of the ball."""
    x = r * r
    volume = log_ball_volume(n, r)
    valid = x < n / 2 + 1
    upper = np.where(valid, -x - np.log1p(-np.where(valid, 2 * x / (n + 2), 0.0)), np.nan)
    printed = printed_log_ball_integral(np.array([float(n)]), r) - volume
    curves = (log_ball_integral(n, r) - volume, printed, -r, -n * x / (n + 2), np.where(upper < 0, upper, 0.0))
    return [np.asarray(values) / TEN for values in curves]


def explore(sizes: Sequence[int] = SIZES, count: int = 81) -> Explorer:
    """Integral, printed closed form and bounds, all over the ball's volume, against the radius; a slider for n.

    Parameters
    ----------
    sizes : Sequence[int]
        Dimensions, ascending.
    count : int
        Radii of each curve.
    """
    r = np.geomspace(0.05, 30, count)

    def frame(_: None, n: int) -> Frame:
        own = float(paper_radius(n))
        exact, printed = _over_volume(n, np.array([own]))[:2]
        curves = [
            Curve(name, r, values, color, dash)
            for (name, color, dash), values in zip(LOOKS, _over_volume(n, r), strict=True)
        ]
        mark = Curve(
            "at the paper's radius", np.array([own]), exact, "one", mode="markers", symbol="square", legend=False
        )
        curves += [mark, replace(mark, y=printed, color="two")]
        factor = 10 ** float(printed[0] - exact[0])
        says = f"With n = {n}, at the paper's radius {own:.3g}, the printed form is {factor:.3g} times the integral."
        return Frame(curves, says)

    return Explorer(
        name="ball-integral",
        slider="dimension n",
        steps={f"{n}": n for n in sizes},
        start=min(range(len(sizes)), key=lambda i: abs(sizes[i] - 10)),
        frame=frame,
        axes=("radius r", "log10 over the volume"),
        log="x",
        y_range=(-12, 1),
        alt="The integral over the ball, the printed closed form, the printed lower bound and the proved bounds, all "
        f"over the volume of the ball, against the radius, for {len(sizes)} dimensions. For large radii the "
        "printed form lies above the integral, and from three dimensions on the printed lower bound crosses it.",
    )
