"""The distances of the guide that asks the ledger of another one: with floats, with exact numbers, with a domain."""

from __future__ import annotations

import math
from typing import Any

from assocmem.theory.exact.certified import to_arb
from assocmem.theory.exact.distances import METRIC, Coordinates, Distance, Domain, l1


def rounded_root(x: Coordinates, y: Coordinates) -> Any:
    """The root of the taxicab distance, in floats: the ledger refuses it, for of rounded numbers nothing is proved."""
    return math.sqrt(l1(x, y))


def exact_root(x: Coordinates, y: Coordinates) -> Any:
    """The same root of exact points, as a certified ball."""
    return to_arb(l1(x, y)).sqrt()


def ratios(x: Coordinates, y: Coordinates) -> Any:
    """The sum over the coordinates of ``(x_c - y_c)^2 / y_c``, which needs positive ones: a divergence, no metric."""
    return sum((a - b) * (a - b) / b for a, b in zip(x, y, strict=True))


def positive(point: Coordinates) -> bool:
    """Whether all coordinates of a point are positive."""
    return all(c > 0 for c in point)


ROOT = Distance("root of the taxicab distance", exact_root, frozenset(METRIC))
"""The exact root with what is known of it: it is a metric, and no norm."""
RATIOS = Distance("ratios", ratios, frozenset({"nonnegative", "separates"}), Domain("x > 0", positive))
"""The divergence on the points at which it is defined."""

__all__ = ["RATIOS", "ROOT", "exact_root", "positive", "ratios", "rounded_root"]
