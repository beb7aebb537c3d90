"""Pictures of Z = 1: dimension against the number of patterns under four formulas, and at other radii.

Every formula has a line style of its own, so that the pictures can be read without color.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from assocmem.figures.explorer import Curve, Explorer, Frame
from assocmem.figures.labels import Label, label_ends
from assocmem.figures.plate import GREY, ONE, TWO, Plate, sheet
from assocmem.theory.balance.solution import FORMULAS, C, Formula, log_patterns, solve_balance
from assocmem.theory.exact.ball_integrals import log_ball_integral

STYLES: dict[Formula, tuple[str, str, str]] = {
    "exact": ("-", ONE, "ball integral"),
    "printed": ("--", TWO, "closed form (12)"),
    "upper": (":", TWO, "right end of (14)"),
    "lower": ("-.", GREY, "left end of (14)"),
}
"""By formula: line, color and name."""
RADII = (0.15, 0.2, 0.22, 0.242, 0.25, 0.2587, 0.262, 0.27, 0.3, 0.4)
"""Values of s in r = s sqrt(n); 0.242 is the paper's, 0.2587 the border beyond which no large n has Z = 1."""


WHOSE = {True: "paper's", False: "chosen"}
"""What the radius is called where it is the paper's, and where it is another."""


def solutions(smallest: float = 3.0, largest: float = 1e12) -> Plate:
    """n against d on logarithmic axes: the solutions of Z = 1 under the four formulas."""
    d = np.geomspace(smallest, largest, 121)
    with sheet(3.6) as (figure, ax):
        ends = []
        for formula in FORMULAS:
            style, color, label = STYLES[formula]
            n = np.asarray(solve_balance(d=d, formula=formula))
            ax.loglog(d, n, style, color=color, label=label)
            ends.append(Label(label, float(n[-1]), color))
        ax.set(xlabel="number of patterns $d$", ylabel="dimension $n$ at which $Z = 1$", xlim=(smallest, largest))
        ax.minorticks_off()
        label_ends(ax, ends)
        return Plate(
            figure,
            alt="Dimension against the number of patterns at which the partition function is 1, on logarithmic axes, "
            f"for {len(ends)} formulas. All curves rise ever more slowly; at {largest:.0e} patterns they end at "
            f"{', '.join(f'{end.text}: {end.y:.3g}' for end in ends)}.",
        )


def patterns_at(s: float, n: Float[np.ndarray, " sizes"]) -> Float[np.ndarray, " sizes"]:
    """The natural logarithm of d at Z = 1 for the radius s sqrt(n)."""
    return np.asarray(-log_ball_integral(n, s * np.sqrt(n)))


def radii(values: Sequence[float] = RADII, start: float = 0.242, largest: float = 2000.0, count: int = 80) -> Explorer:
    """log d at Z = 1 against n; the slider sets s in r = s sqrt(n). The paper's radius and the square law stay.

    Where the slider stands at the paper's radius, the two curves would coincide, and one is drawn.

    Parameters
    ----------
    values : Sequence[float]
        The values of s, ascending.
    start : float
        The one shown first.
    largest : float
        End of the axis of dimensions.
    count : int
        Points of each curve.
    """
    n = np.geomspace(1, largest, count)
    paper = Curve("paper's radius", n, log_patterns(n), "grey", "dash")
    volume = Curve("volume for integral", n, log_patterns(n, "upper"), "two", "dot")

    def frame(_: None, s: float) -> Frame:
        here = math.isclose(s * s, C, rel_tol=1e-3)
        at = np.asarray(paper.y) if here else patterns_at(s, n)
        chosen = Curve(f"Z = 1, {WHOSE[here]} radius", n, at, "one")
        turn = "rises to the end" if at[-1] >= at.max() else f"is largest at n = {n[int(at.argmax())]:.0f}"
        says = f"At s = {s:g} the number d of patterns {turn}; log d at n = {largest:g} is {at[-1]:.1f}"
        return Frame(
            [chosen, volume] if here else [chosen, paper, volume],
            f"{says}, with the volume {np.asarray(volume.y)[-1]:.1f}.",
        )

    return Explorer(
        name="balance-radii",
        slider="s, for r = s√n",
        steps={f"{s:g}": s for s in values},
        start=list(values).index(start),
        frame=frame,
        axes=("dimension n", "log d at Z = 1"),
        log="x",
        y_range=(-20, 130),
        alt="Natural logarithm of the number of patterns at which Z equals 1, against the dimension, for ten radii; "
        "for comparison the same for the paper's radius, and with the volume of the ball in place of the integral. The "
        "curve turns from steeply rising to falling at s near 0.2587.",
    )


def rates(values: Sequence[float] = RADII) -> dict[float, str]:
    """log d per dimension for each s, from the law: positive below the border, negative above it."""
    return {s: f"{s * s - math.log(s * s / C) / 2:+.4f}" for s in values}
