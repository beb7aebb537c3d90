"""Readings of the paper's rule: how far training losses are from the least held-out loss, from the series of one cell.

The paper compares the training loss with the least validation loss "proceeding 1000 iterations" by their mean squared
difference, and takes the least D where that is below sigma^2. Before or after the minimum is not said, nor whether the
noise of a minibatch belongs to it; so there are several readings, all of them from the same series.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

__all__ = ["MAIN", "READINGS", "SIGMAS", "WINDOWS", "Reading", "gap", "readings"]

READINGS = ("after", "before", "sixth", "at the minimum", "first near")
"""Where training losses are taken: in a window behind the minimum, before it, behind it for a sixth of the updates that
led to it, at the minimum itself (over clean rows), and behind the first evaluation within ``NEAR`` of it."""
WINDOWS = (250, 500, 1000)
"""Updates of a window; of the third and fourth reading there is none to choose."""
SIGMAS = (0.15, 0.2, 0.25)
"""Thresholds of the root of the mean squared difference; 0.2 is the paper's."""
NEAR = 0.01
"""Nats."""
LEAST_WINDOW = 20
"""Updates of the shortest sixth."""


@dataclass(frozen=True)
class Reading:
    """One way to read the rule.

    Attributes
    ----------
    where : str
        One of ``READINGS``.
    window : int
        Updates.
    less_noise : bool
        Whether the variance of the minibatch is taken off.
    mean : bool
        Whether losses are those of the running mean of weights; of "at the minimum" alone.
    """

    where: str = "after"
    window: int = 1000
    less_noise: bool = False
    mean: bool = False


MAIN = Reading()
"""The reading that decides; the others say whether it depends on it."""


def readings() -> list[Reading]:
    """All readings, the main one first.

    Returns
    -------
    list of Reading
        Without doubles.
    """
    places, off = ("after", "before", "first near"), (False, True)
    windowed = [Reading(where, window, less) for where in places for window in WINDOWS for less in off]
    rest = [Reading("sixth", 0, less) for less in off]
    clean = [Reading("at the minimum", 0, mean=mean) for mean in off]
    return list(dict.fromkeys([MAIN, *windowed, *rest, *clean]))


def gap(series: Sequence[Mapping[str, Any]], reading: Reading) -> float:
    """The root of the mean squared difference of a reading.

    Parameters
    ----------
    series : sequence of dict
        Of the record of a cell.
    reading : Reading
        How it is read.

    Returns
    -------
    float
        In nats, not negative.

    Raises
    ------
    ValueError
        Where no update lies in the window.
    """
    if reading.where == "at the minimum":
        end = "_mean" if reading.mean else ""
        row = min(series, key=lambda one: one[f"held_out{end}"])
        return float(abs(row[f"train_clean{end}"] - row[f"held_out{end}"]))
    least = min(series, key=lambda one: one["held_out"])
    losses = [loss for row in series for loss in row["losses"]]
    first, last = _window(series, least, reading)
    inside = losses[max(0, first) : last]
    if not inside:
        raise ValueError(f"reading {reading.where!r} has no update in its window")
    squares = [(loss - least["held_out"]) ** 2 for loss in inside]
    mean = sum(squares) / len(squares)
    if reading.less_noise:
        mean -= _noise(inside)
    return math.sqrt(max(mean, 0.0))


def _window(series: Sequence[Mapping[str, Any]], least: Mapping[str, Any], reading: Reading) -> tuple[int, int]:
    """The updates of a reading, as a slice of all losses."""
    at = int(least["step"])
    if reading.where == "before":
        return at - reading.window, at
    if reading.where == "sixth":
        return at, at + max(LEAST_WINDOW, at // 6)
    if reading.where == "first near":
        at = next(int(row["step"]) for row in series if row["held_out"] <= least["held_out"] + NEAR)
    return at, at + reading.window


def _noise(losses: Sequence[float]) -> float:
    """The variance of a minibatch loss: half the mean square of successive differences, which no slow trend enters."""
    steps = [(b - a) ** 2 for a, b in pairwise(losses)]
    return sum(steps) / (2 * len(steps)) if steps else 0.0
