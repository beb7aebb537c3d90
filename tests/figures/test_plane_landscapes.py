"""Level lines over the plane: drawn at their heights, with as many minima as are certified for the same patterns."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from assocmem.figures.energies import explorer
from assocmem.figures.explorer import Curve, Explorer
from assocmem.memory import energy
from assocmem.theory.energies import figure_one

ROWS = [[float(c) for c in row] for row in figure_one.PLANE]
TEMPERATURES = (0.25, 1.0, 8.0)


@pytest.fixture(scope="module")
def plane() -> Explorer:
    return explorer.plane(ROWS, betas=TEMPERATURES)


def curve(plane: Explorer, choice: str, step: str, name: str) -> Curve:
    return next(one for one in plane.frames[choice][step].curves if one.name == name)


def test_minima_are_as_many_as_are_certified(plane: Explorer) -> None:
    for choice, family, factor in (("distance energy at b", "E", 1), ("MCHN energy at 2b", "mchn", 2)):
        betas = [factor * Fraction(b) for b in TEMPERATURES]
        certified = figure_one.count_by_beta("plane", family, betas)
        assert [len(curve(plane, choice, step, "minima").x) for step in plane.steps] == list(certified)
        for count, state in zip(certified, plane.frames[choice].values(), strict=True):
            assert f"has {count} minim" in state.says


def test_minima_are_where_the_slope_vanishes() -> None:
    found = torch.tensor(explorer.plane_minima(torch.tensor(ROWS, dtype=torch.float64), 1.0, 0), requires_grad=True)
    energy(found, torch.tensor(ROWS, dtype=torch.float64), beta=1.0).sum().backward()
    assert found.grad is not None
    assert float(found.grad.abs().max()) < 1e-9


def test_level_lines_lie_at_their_heights() -> None:
    axis = np.linspace(0, 1, 41)
    x, y = explorer._level_lines([axis, axis], np.add.outer(axis, axis))
    heights = np.unique(np.round((x + y)[~np.isnan(x)], 9))
    np.testing.assert_allclose(heights, 2 * explorer.LEVELS, atol=1e-9)
    assert (np.diff(heights) > 0).all()
    assert np.diff(heights)[0] < np.diff(heights)[-1]
