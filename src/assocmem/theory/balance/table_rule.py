"""The rule behind Table 3, D* = the first size whose error is below sigma^2: what rounding and noise let it select.

A *selection* names one of the four sizes of each row, counted from 0, or None where no size meets the rule.
Printed errors stand for unrounded ones within half of the last digit. Exact wherever no noise is added.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Literal

import numpy as np
from flint import arb

from assocmem.theory.balance.table_three import HALF, ROWS, THRESHOLD, Interval, Row
from assocmem.theory.exact.distances import Distance

Selection = tuple[int | None, ...]
Way = Literal["ends", "N on D", "D on N"]
WINDOW = 1000
"""Training steps over which the error is averaged."""


def first_below(errors: Sequence[Fraction], threshold: Fraction = THRESHOLD, *, strict: bool = True) -> int | None:
    """Index of the first error below the threshold (or at it, if not ``strict``); None if there is none."""
    for k, error in enumerate(errors):
        if error < threshold or (error == threshold and not strict):
            return k
    return None


def selected(threshold: Fraction = THRESHOLD, *, strict: bool = True, rows: Sequence[Row] = ROWS) -> Selection:
    """What the rule selects if the printed errors are taken as exact."""
    return tuple(first_below(row.errors, threshold, strict=strict) for row in rows)


def thresholds(selection: Sequence[int], half: Fraction = HALF, rows: Sequence[Row] = ROWS) -> Interval | None:
    """The thresholds t, low < t <= high, at which the strict rule makes a selection for some unrounded errors.

    ``half`` = 0 takes the printed errors as exact. None if there is no such threshold.
    """
    low = max(row.errors[k] - half for row, k in zip(rows, selection, strict=True))
    passed = [error + half for row, k in zip(rows, selection, strict=True) for error in row.errors[:k]]
    high = min(passed) if passed else Fraction(1)
    return (low, high) if low < high else None


def share_below(error: Fraction, threshold: Fraction = THRESHOLD, half: Fraction = HALF) -> Fraction:
    """Share of the unrounded errors that lie below the threshold, each equally likely."""
    return min(max((threshold - error + half) / (2 * half), Fraction(0)), Fraction(1))


def options(row: Row, threshold: Fraction = THRESHOLD) -> dict[int | None, Fraction]:
    """What the rule may select in a row, with its share of the unrounded errors (independent and equally likely)."""
    return {k: p for k, p in _firsts([share_below(error, threshold) for error in row.errors]) if p > 0}


def _firsts(below: Sequence[Fraction]) -> Iterator[tuple[int | None, Fraction]]:
    """(k, chance that k is the first of independent events), and None for no event."""
    left = Fraction(1)
    for k, chance in enumerate(below):
        yield k, left * chance
        left *= 1 - chance
    yield None, left


def selections(threshold: Fraction = THRESHOLD, rows: Sequence[Row] = ROWS) -> dict[Selection, Fraction]:
    """All selections that agree with the rounded errors, with their shares."""
    each = [options(row, threshold) for row in rows]
    one = Fraction(1)
    return {choice: math.prod((each[i][k] for i, k in enumerate(choice)), start=one) for choice in product(*each)}


def complete(selection: Selection) -> bool:
    """Whether every row has a D*."""
    return None not in selection


def exponent(selection: Selection, way: Way = "ends", rows: Sequence[Row] = ROWS) -> float:
    """The p of N ~ D*^p from a complete selection, in one of three ways.

    "ends": from the first and the last row. "N on D": least squares for log N. "D on N": least squares for log D*,
    which the experiment determines at given N.

    Raises
    ------
    ValueError
        For a selection with None and for another way.
    """
    if way not in ("ends", "N on D", "D on N"):
        raise ValueError(f"way={way!r} is not one of 'ends', 'N on D', 'D on N'")
    if not complete(selection):
        raise ValueError(f"selection={selection} has a row without D*")
    y = np.log([float(row.size) for row in rows])
    x = np.log([float(row.tokens[k or 0]) for row, k in zip(rows, selection, strict=True)])
    if way == "ends":
        return float((y[-1] - y[0]) / (x[-1] - x[0]))
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / (x @ x) if way == "N on D" else y @ y / (x @ y))


# Repeated runs.


def noisy_share_below(error: Fraction, sd: float, threshold: Fraction = THRESHOLD, half: Fraction = HALF) -> float:
    """Chance that an error falls below the threshold: unrounded uniformly, then normal noise of deviation ``sd`` > 0.

    The mean of Phi over an interval is a difference of z Phi(z) + phi(z).
    """

    def integral(z: float) -> float:
        return z * math.erfc(-z / math.sqrt(2)) / 2 + math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    gap, reach = float(threshold - error), float(half)
    return (integral((gap + reach) / sd) - integral((gap - reach) / sd)) * sd / (2 * reach)


def noisy_selections(sd: float, rows: Sequence[Row] = ROWS) -> dict[Selection, float]:
    """Chances of all selections if every run of the table is repeated with noise of deviation ``sd`` on its error.

    The noise is independent between cells.

    Raises
    ------
    ValueError
        Unless sd > 0.
    """
    if not sd > 0:
        raise ValueError(f"sd={sd} must be positive; selections() has the case without noise")
    each = [dict(_firsts([noisy_share_below(error, sd) for error in row.errors])) for row in rows]  # type: ignore[misc]
    return {choice: math.prod(float(each[i][k]) for i, k in enumerate(choice)) for choice in product(*each)}


def summary(sd: float, way: Way = "D on N", rows: Sequence[Row] = ROWS) -> dict[str, float]:
    """What noise does: chances of the printed selection, of a row without D*, of 1.8 <= p <= 2.2, and p's 95 % range.

    The chances are of all repetitions; the range is of those in which every row has a D*.
    """
    chances = selections(rows=rows) if sd == 0 else noisy_selections(sd, rows)
    exponents = sorted((exponent(s, way, rows), float(p)) for s, p in chances.items() if complete(s))
    values, weights = np.array([p for p, _ in exponents]), np.array([w for _, w in exponents])
    mass = np.cumsum(weights) / weights.sum()
    return {
        "printed": float(chances[tuple(row.chosen for row in rows)]),
        "no D*": 1 - float(weights.sum()),
        "near 2": float(weights[(values >= 1.8) & (values <= 2.2)].sum()),
        "low": float(values[np.searchsorted(mass, 0.025)]),
        "high": float(values[np.searchsorted(mass, 0.975)]),
    }


# Loss curves.


def window_error(gap: Fraction, fall: Fraction, side: int, window: int = WINDOW) -> Fraction:
    """Mean squared error between a training loss and a constant over ``window`` steps beside the best step.

    The training loss lies ``gap`` below the constant at the best step and falls by ``fall`` within a window. ``side``
    is -1 for the steps before it, +1 for those after it. Losses in nats.

    Raises
    ------
    ValueError
        For another side and for a window below 1.
    """
    if side not in (-1, 1) or window < 1:
        raise ValueError(f"side={side}, window={window}; takes side -1 or 1 and a window of at least 1 step")
    gaps = (gap + side * fall * Fraction(k, window) for k in range(1, window + 1))
    return sum((g * g for g in gaps), Fraction(0)) / window


# The rule in the theory.


def theory_gap(distance: Distance, count: int, chosen: Sequence[int]) -> arb:
    """Training loss less validation loss in the theory, for patterns 0, 1, ..., count - 1 on the line.

    Training runs over all patterns and validation over the ``chosen`` ones (Assumptions 1 and 2). Both losses are log Z
    plus a mean of energies, and the energy of a layer is a function of the distance g to the nearest pattern; what
    differs is the mean of g. A ball, with radius 0 where the distance is exact.

    Raises
    ------
    ValueError
        Where nothing is chosen.
    """
    if not chosen:
        raise ValueError("chosen is empty; a validation loss needs at least one pattern")
    points = [(Fraction(k),) for k in range(count)]
    nearest = [distance.nearest(x, points) for x in points]
    return sum(nearest, arb(0)) / count - sum((nearest[k] for k in chosen), arb(0)) / len(chosen)
