"""Pictures of volumes and partition functions: the unit ball, unequal radii, equation (14), and the law of log Z."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from jaxtyping import Float

from assocmem.figures.explorer import Curve, Explorer, Frame
from assocmem.figures.labels import Label, label_ends
from assocmem.figures.plate import GREY, INK, ONE, TWO, Plate, sheet
from assocmem.theory.exact.ball_integrals import log_ball_integral, log_ball_volume, paper_radius
from assocmem.theory.partition import asymptotics
from assocmem.theory.partition.unequal_radii import Balls


def unit_balls(largest: int = 24) -> Plate:
    """V_n(1) by dimension, with the two middle members that the versions of the paper print for it."""
    size = np.arange(1, largest + 1)
    stirling = size / 2 * np.log(2 * np.pi * np.e / size) - np.log(np.pi * size) / 2
    volume, submission, later = (
        np.exp(values) for values in (log_ball_volume(size, 1.0), stirling, stirling - size / 2 * np.log(2))
    )
    peak = int(size[volume.argmax()])
    with sheet(3.4) as (figure, ax):
        ax.axvline(peak, color=GREY, lw=0.8)
        ax.plot(size, submission, "-", color=ONE, lw=1.4, label="middle member, submission")
        ax.plot(size, volume, "o", color=INK, ms=4, label="volume of the unit ball")
        ax.plot(size, later, ":", color=TWO, label="middle member, later version")
        ax.set_yscale("log")
        ax.set(xlabel=f"dimension $n$ (upright line: $n$ = {peak})", ylabel="volume")
        ax.legend(frameon=False)
        return Plate(
            figure,
            alt=f"Volume of the unit ball against the dimension, on a logarithmic scale. It is largest at n = {peak}. "
            "The submission's middle member runs through the points; the later version's falls away below them, to "
            f"{later[-1] / volume[-1]:.1g} of the volume at n = {largest}.",
        )


def integrands(
    balls: Balls, count: int = 2001
) -> tuple[Float[np.ndarray, " count"], Float[np.ndarray, " count"], Float[np.ndarray, " count"]]:
    """Points of the line, and on the union of the balls exp(-own distance) and exp(-min distance); nan elsewhere."""
    places = np.array([float(row[0]) for row in balls.patterns])
    radii = np.array([float(radius) for radius in balls.radii])
    x = np.linspace((places - radii).min() - 0.3, (places + radii).max() + 0.3, count)
    squares = (x[:, None] - places) ** 2
    inside = squares <= radii**2
    nothing = ~inside.any(1)
    own = np.exp(-np.where(inside, squares, np.inf).min(1))
    nearest = np.exp(-squares.min(1))
    own[nothing], nearest[nothing] = np.nan, np.nan
    return x, own, nearest


def unequal(balls: Balls) -> Plate:
    """The two integrands of equation (13) over balls on the line; the hatched area is what the sum leaves out."""
    x, own, nearest = integrands(balls)
    parts = np.flatnonzero(nearest > own + 1e-9)
    with sheet(3.2) as (figure, ax):
        ax.fill_between(x, own, nearest, facecolor="none", hatch="///", edgecolor=GREY, lw=0, label="left out")
        ax.plot(x, nearest, "-", color=ONE, label="distance to the nearest pattern")
        ax.plot(x, own, "--", color=TWO, label="distance to the own center")
        for row, radius in zip(balls.patterns, balls.radii, strict=True):
            place = float(row[0])
            ax.plot([place - float(radius), place + float(radius)], [-0.06, -0.06], "|-", color=INK, ms=9, lw=2.5)
            ax.plot([place], [-0.06], "s", color=INK, ms=6)
        ax.set(xlabel="$x$ (bars: the balls, squares: the patterns)", ylabel="integrand", ylim=(-0.12, 1.08))
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        where = f"From x = {x[parts[0]]:.1f} to {x[parts[-1]]:.1f}" if parts.size else "Nowhere"
        return Plate(
            figure,
            alt=f"Two integrands over {len(balls.radii)} intervals. {where} the integrand of the nearest pattern lies "
            "above that of the own center.",
        )


def radii_explorer(first: Sequence[float], second: float = 0.25, apart: float = 4.0) -> Explorer:
    """The same picture for two patterns, with a slider for the radius of the large ball.

    Parameters
    ----------
    first : Sequence[float]
        Radii of the ball around 0, ascending, each below ``apart - second``.
    second : float
        Radius of the ball around the other pattern.
    apart : float
        Where the other pattern is.

    Raises
    ------
    ValueError
        For balls that meet.
    """
    if max(first) + second > apart:
        raise ValueError(f"first={max(first)} and second={second} must not add up to more than apart={apart}")
    x = np.linspace(-apart, apart + 1, 321)

    def frame(_: None, radius: float) -> Frame:
        inside = (np.abs(x) <= radius) | (np.abs(x - apart) <= second)
        own = np.exp(-np.where(np.abs(x) <= radius, x**2, (x - apart) ** 2)) * inside
        nearest = np.exp(-np.minimum(x**2, (x - apart) ** 2)) * inside
        balls = Balls.on_line([0, Fraction(apart)], [Fraction(radius), Fraction(second)])
        whole, total = (float(value.mid()) for value in (balls.line_partition(), balls.own_sum()))
        says = f"With radius {radius:g} the integral is {whole:.4f} and the sum over the patterns {total:.4f}, " + (
            "the same." if whole - total < 1e-9 else f"which leaves out {1 - total / whole:.1%}."
        )
        curves = [
            Curve("squared distance to the nearest pattern", x, nearest, "one"),
            Curve("squared distance to the own center", x, own, "two", "dash"),
        ]
        return Frame(curves, says)

    return Explorer(
        name="radius-of-the-large-ball",
        slider="radius of the ball around 0",
        steps={f"{radius:g}": radius for radius in first},
        frame=frame,
        axes=("x", "integrand"),
        y_range=(0, 1.1),
        alt=f"Two integrands for patterns at 0 and {apart:g}; the slider sets the radius of the ball around 0. Up to "
        f"radius {apart / 2:g} they agree, beyond it the one of the nearest pattern is larger.",
    )


def bounds_over_z(sizes: Sequence[int]) -> dict[str, Float[np.ndarray, " sizes"]]:
    """Logarithms of the printed and the corrected bounds of (14) over the true Z, at dimensions n."""
    size = np.asarray(sizes, dtype=np.float64)
    radius = paper_radius(size)
    true = log_ball_integral(size, radius) - log_ball_volume(size, radius)
    square = radius**2
    return {
        "printed lower bound": -radius - true,
        "printed upper bound": -true,
        "corrected lower bound": -square * size / (size + 2) - true,
        "corrected upper bound": -square - np.log1p(-2 * square / (size + 2)) - true,
    }


STYLES = {
    "printed lower bound": ("--o", TWO),
    "printed upper bound": (":^", GREY),
    "corrected lower bound": ("-s", ONE),
    "corrected upper bound": ("-.v", INK),
}
"""By bound: line, marker and color."""


def equation_fourteen(sizes: Sequence[int]) -> Plate:
    """log(bound/Z) against n: a lower bound above 0 is false. Above all four, below the corrected ones enlarged."""
    with sheet(6, nrows=2, sharex=True) as (figure, (above, below)):
        curves = bounds_over_z(sizes)
        for name, values in curves.items():
            style, color = STYLES[name]
            for ax in (above, below) if name.startswith("corrected") else (above,):
                ax.plot(sizes, values, style, color=color, ms=5, lw=1.4, label=name)
        for ax, title in ((above, "all four bounds"), (below, "the corrected ones, enlarged")):
            ax.axhline(0, color=GREY, lw=0.8)
            ax.set_xscale("log")
            ax.set_ylabel("log of bound over $Z$")
            ax.set_title(title, loc="left")
        above.axvline(20.5, color=GREY, lw=0.8)
        above.set_yscale("symlog", linthresh=1)
        figure.legend(*above.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
        below.set_xlabel("dimension $n$ (upright line: between 20 and 21)")
        low, high = (curves[f"corrected {side} bound"] for side in ("lower", "upper"))
        return Plate(
            figure,
            alt="Logarithm of each bound over Z against the dimension. The printed lower bound crosses zero between "
            "n = 20 and 21 and then rises with the printed upper bound; the corrected bounds stay between "
            f"{low.min():.4f} and {high.max():.4f}.",
        )


def law_error(sizes: Sequence[int]) -> Plate:
    """n^2 times the error of the law of log Z, certified, with the proved bound and the limit."""
    values = [float(asymptotics.law_error(asymptotics.LAW, size).mid()) for size in sizes]
    bound, limit = float(asymptotics.LAW.error), asymptotics.limit()
    with sheet(3) as (figure, ax):
        ax.plot(sizes, values, "o-", color=ONE, ms=5, label="$n^2$ times the error")
        ax.axhline(bound, color=TWO, ls="--", label="proved bound")
        ax.axhline(limit, color=GREY, ls=":", label="limit")
        ax.set_xscale("log")
        ax.set(ylim=(0, 1.3), xlabel="dimension $n$", ylabel="$n^2$ times the error")
        ends = [Label("proved bound", bound, TWO), Label("limit", limit, GREY), Label("certified", values[-1], ONE)]
        label_ends(ax, ends)
        return Plate(
            figure,
            alt=f"The certified error times n squared rises from {values[0]:.2f} at n = {sizes[0]} towards its limit, "
            f"{limit:.2f}, below the proved bound, {bound:.1f}.",
        )
