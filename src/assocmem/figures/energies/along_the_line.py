"""Energies over the line: curves that a page computes in its own cell, named at their ends."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from assocmem.figures.labels import Label, label_ends
from assocmem.figures.plate import GREY, INK, ONE, TWO, Plate, sheet

LOOKS = ((":", INK), ("-", ONE), ("--", TWO), ("-.", GREY))


def along(
    x: ArrayLike, curves: Mapping[str, ArrayLike], *, alt: str = "", label: str = "energy in nats", across: str = "$x$"
) -> Plate:
    """Up to four curves over the same places.

    Parameters
    ----------
    x : ArrayLike
        Places, shape (m,).
    curves : Mapping[str, ArrayLike]
        Heights by the words at the end of each curve.
    alt : str
        What a reader who cannot see the drawing needs to know; by default the curves' least and last values.
    label : str
        Of the vertical axis.
    across : str
        Of the horizontal axis.

    Raises
    ------
    ValueError
        For no curve, or more curves than there are looks.
    """
    if not 0 < len(curves) <= len(LOOKS):
        raise ValueError(f"{len(curves)} curves; takes one to {len(LOOKS)}")
    place = np.asarray(x, dtype=float)
    drawn = {name: np.asarray(values, dtype=float) for name, values in curves.items()}
    facts = "; ".join(
        f"{name}: least {values.min():.3g}, at the right end {values[-1]:.3g}" for name, values in drawn.items()
    )
    with sheet(2.6) as (figure, ax):
        ends = []
        for (name, values), (style, color) in zip(drawn.items(), LOOKS, strict=False):
            ax.plot(place, values, style, color=color, label=name)
            ends.append(Label(name, float(values[-1]), color))
        ax.set(xlabel=across, ylabel=label, xlim=(place[0], place[-1]))
        ax.locator_params(nbins=5)
        label_ends(ax, ends)
        return Plate(figure, alt=alt or f"Curves over x. {facts}.")
