"""Adversarial search: descends the slack of an inequality from many seeded starts inside a box.

A negative slack is a violation. L-BFGS-B follows the gradient of the slack (by differences, so that kinks of min and
max do no harm) and stops at the box; starts mix small integers, near-duplicates and far points, where bounds tend to
break.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from jaxtyping import Float
from scipy.optimize import minimize

Vector: TypeAlias = Float[np.ndarray, " n"]
Slack = Callable[[Vector], float]


def lse(values: Vector) -> float:
    """Shifted log sum exp in float64, lean enough for an inner loop."""
    top = values.max()
    return float(top + np.log(np.exp(values - top).sum()))


def starts(size: int, count: int, rng: np.random.Generator, box: float) -> list[Vector]:
    """Seeded starting points: integers, tiny perturbations of one repeated value, wide normals."""
    out: list[Vector] = []
    for k in range(count):
        if k % 3 == 0:
            point = rng.integers(-3, 4, size).astype(float)
        elif k % 3 == 1:
            point = np.full(size, rng.normal()) + rng.normal(size=size) * 1e-3
        else:
            point = rng.normal(size=size) * box / 2
        out.append(np.clip(point, -box, box))
    return out


def worst(slack: Slack, size: int, *, box: float = 6.0, count: int = 9, seed: int = 0) -> tuple[float, Vector]:
    """Smallest slack met, and where.

    Parameters
    ----------
    slack : Slack
        Maps a vector of ``size`` numbers to the smallest of the inequality's sides (right minus left).
    box : float
        All coordinates stay within [-box, box].
    """
    rng, best, at = np.random.default_rng(seed), np.inf, np.zeros(size)
    for start in starts(size, count, rng, box):
        end = minimize(slack, start, method="L-BFGS-B", bounds=[(-box, box)] * size, options={"maxiter": 40})
        for value, point in ((float(end.fun), end.x), (slack(start), start)):
            if value < best:
                best, at = value, np.asarray(point)
    return best, at


def over_sizes(make: Callable[[int], Slack], sizes: Sequence[int], **options: float) -> float:
    """Smallest slack over several problem sizes; ``make(size)`` builds the slack of that size."""
    return min(worst(make(size), size, **options)[0] for size in sizes)  # type: ignore[arg-type]
