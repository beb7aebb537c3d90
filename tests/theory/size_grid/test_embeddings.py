"""Table 3 with word vectors counted, against numpy and against laws tried one by one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from assocmem.theory.balance import exponent_interval
from assocmem.theory.size_grid import embeddings

DATA = np.array([214.18, 261.78, 309.37])
BEFORE = np.array([190.38, 237.98, 285.57])


def sizes(tables: int) -> np.ndarray:
    """N in millions, typed anew."""
    return np.array([39.95, 60.26, 80.20]) + tables * 0.050257 * np.array([954, 1280, 1440])


@pytest.mark.parametrize("tables", [0, 1, 2])
def test_slopes_by_numpy(tables: int) -> None:
    assert [float(size) for size in embeddings.counted(tables)] == pytest.approx(sizes(tables))
    x, y = np.log(DATA), np.log(sizes(tables))
    assert float(embeddings.slope(tables).mid()) == pytest.approx(np.polyfit(x, y, 1)[0])
    assert float(embeddings.slope(tables, "log D*").mid()) == pytest.approx(1 / np.polyfit(y, x, 1)[0])


@pytest.mark.parametrize("tables", [0, 1, 2])
def test_exponents_tried_one_by_one(tables: int) -> None:
    low, high = embeddings.exponents(tables)
    assert high is not None
    for exponent in np.linspace(0.9, 2.6, 171):
        lowest, highest = (sizes(tables) / DATA**exponent).max(), (sizes(tables) / BEFORE**exponent).min()
        passes = lowest < highest
        assert (
            passes == (float(low) < exponent < float(high))
            or min(abs(exponent - float(end)) for end in (low, high)) < 1e-9
        )


def test_the_square_passes_without_tables_alone() -> None:
    square = exponent_interval.power(Fraction(2))
    assert [exponent_interval.multiple_passes(square, embeddings.boxes(k)) for k in (0, 1, 2)] == [True, False, False]


def test_data_a_parameter() -> None:
    spans = [[float(low), float(high)] for low, high in embeddings.data_a_parameter(0)]
    assert spans == pytest.approx(np.array([BEFORE / sizes(0), DATA / sizes(0)]).T)
