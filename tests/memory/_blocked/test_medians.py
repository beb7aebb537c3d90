"""The weighted median minimizes the weighted taxicab distance, and a step to it is certified."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from assocmem.memory import energy, fixed_point, retrieve
from hard_data import distance_table, points


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("own", [False, True])
def test_the_weighted_median_minimizes_the_weighted_l1_distance(own: bool) -> None:
    x, patterns = points(6, 9, 2, seed=5)
    if own:
        patterns = x
    result = retrieve(x, None if own else patterns, metric="l1", beta=0.8, exclude_self=own)
    weights = torch.tensor(np.exp(-0.8 * distance_table(x, patterns, "l1", own=own)))
    cost = (weights[:, None] * (patterns[None] - patterns[:, None]).abs().sum(-1)[None]).sum(-1).amin(-1)
    here = (weights * (result[:, None] - patterns).abs().sum(-1)).sum(-1)
    assert bool((here <= cost + 1e-12).all())
    for step in (1e-3, -1e-3):
        for c in range(2):
            moved = result.clone()
            moved[:, c] += step
            assert bool(((weights * (moved[:, None] - patterns).abs().sum(-1)).sum(-1) >= here - 1e-12).all())


def test_the_lower_median_is_taken() -> None:
    patterns = torch.tensor([[3.0], [-1.0]])
    assert retrieve(torch.tensor([[1.0]]), patterns, metric="l1").tolist() == [[-1.0]]


def test_each_step_to_a_median_obeys_the_descent_identity() -> None:
    x, patterns = points(8, 40, 3, seed=9)
    for beta in (0.3, 2.0):
        path = fixed_point(x, patterns, metric="l1", beta=beta, tol=0.0, max_steps=30)
        assert bool(path.converged.all())
        assert len(path.descent) > 1
        assert float(path.moved.max()) > 1e-2
        assert bool((path.moved > -1e-12).all())
        assert bool((path.divergence > -1e-12).all())
        assert float(path.residual.abs().max()) < 1e-12
        assert torch.allclose(path.energy, energy(path.points, patterns, metric="l1", beta=beta), rtol=1e-12)
        start = energy(x, patterns, metric="l1", beta=beta)
        assert torch.allclose(start - path.descent.sum(0), path.energy, rtol=1e-12)
        assert torch.equal(retrieve(path.points, patterns, metric="l1", beta=beta), path.points)
    plain = fixed_point(x, patterns, metric="l1", beta=2.0, max_steps=30, certify=False)
    assert bool(plain.divergence[0].isnan().all())


def test_the_divergence_of_a_step_is_that_of_the_two_weight_vectors() -> None:
    x, patterns = points(5, 20, 2, seed=10)
    path = fixed_point(x, patterns, metric="l1", beta=0.8, max_steps=1)
    first, second = (
        torch.softmax(torch.tensor(-0.8 * distance_table(p, patterns, "l1")), -1) for p in (x, path.points)
    )
    expected = (first * (first.log() - second.log())).sum(-1) / 0.8
    assert float(expected.min()) > 1e-4
    assert torch.allclose(path.divergence[0], expected, rtol=1e-10)


def test_float32_steps_to_medians_are_certified_to_rounding() -> None:
    x, patterns = (part.float() for part in points(8, 40, 3, seed=9))
    path = fixed_point(x, patterns, metric="l1", beta=2.0, max_steps=30)
    assert path.points.dtype == torch.float32
    assert float(path.residual.abs().max()) < 1e-12
