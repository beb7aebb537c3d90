"""Pictures of chapter 11 show the law and the error that the theory gives."""

from __future__ import annotations

import numpy as np
import pytest

from assocmem.figures.what_stands import larger_is_better as draw
from assocmem.theory.cross_entropy.fitted_laws import BESIROGLU
from assocmem.theory.cross_entropy.larger_models import SMALL
from assocmem.theory.what_stands import linear_risk


def test_data_held_fixed_fall_throughout_and_compute_held_fixed_turns() -> None:
    lines = {line.get_label(): line.get_data() for line in draw.same_data_or_compute(BESIROGLU).figure.axes[0].lines}
    sizes, data = lines["same data"]
    assert (np.diff(data) < 0).all()
    _, compute = lines["same compute"]
    assert compute[0] > compute.min() < compute[-1]
    np.testing.assert_allclose(compute, [BESIROGLU.loss(N, SMALL[0] * SMALL[1] / N) for N in sizes])


def test_the_error_peaks_where_parameters_are_as_many_as_samples() -> None:
    counts, errors = draw.peak(5, features=12).figure.axes[0].lines[0].get_data()
    assert list(counts) == [1, 2, 3, 7, 8, 9, 10, 11, 12]
    assert errors[-1] == pytest.approx(float(linear_risk.risk(5, 12, features=12)))
    assert errors[0] < errors[2]
    assert errors[3] > errors[-1]
