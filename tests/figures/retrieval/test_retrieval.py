"""The drawn basins and slab agree with the certified minima and the proved inequality."""

from __future__ import annotations

from fractions import Fraction

import matplotlib.pyplot as plt
import pytest

from assocmem.figures.retrieval import basins, where_dot_and_distance_differ
from assocmem.theory.retrieval.attention import PATTERN_PAIRS, Slab


def test_every_grid_point_reaches_a_certified_minimum() -> None:
    first, second, label = basins.basins(basins.SHARED, count=15)
    assert set(label.ravel()) == {0, 1, 2}
    goals = basins.minima(basins.SHARED)
    assert len(goals) == 3
    near = [int(label[abs(second[:, 0] - g[1]).argmin(), abs(first[0] - g[0]).argmin()]) for g in goals]
    assert near == [0, 1, 2]


def test_triangle_has_a_fourth_basin_around_its_center() -> None:
    figure, sizes = basins.draw(basins.TRIANGLE, margin=0.5, count=21)
    plt.close(figure)
    assert len(sizes) == 4
    assert all(size > 0 for size in sizes)


@pytest.mark.parametrize("pair", PATTERN_PAIRS)
def test_hatched_share_is_that_of_the_inequality(pair: tuple[tuple[int, int], tuple[int, int]]) -> None:
    share = where_dot_and_distance_differ.draw([[float(c) for c in row] for row in pair], margin=2.0, count=30)
    plt.close("all")
    one, two = (tuple(Fraction(c) for c in row) for row in pair)
    low, high = min(*one, *two) - 2, max(*one, *two) + 2
    axis = [low + (high - low) * Fraction(k, 29) for k in range(30)]
    inside = [Slab().contains((a, b), one, two) or Slab().contains((a, b), two, one) for a in axis for b in axis]
    assert share == pytest.approx(sum(inside) / 900, abs=0.04)  # the rest: exact ties on the grid
