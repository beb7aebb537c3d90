"""The soft minimum against fifty digits and logsumexp: no cost overflows it, and infinite costs are not nan."""

from __future__ import annotations

import math

import mpmath
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from assocmem.memory._tiled.soft import relative_weights, soft_minimum


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=6),
    st.sampled_from([1e-12, 0.3, 1.0, 1e9]),
    st.sampled_from([0.0, 1e-5, 7.0]),
)
def test_it_agrees_with_fifty_digits(costs: list[float], beta: float, rest: float) -> None:
    value = float(
        soft_minimum(torch.tensor([costs], dtype=torch.float64), beta, torch.tensor([rest], dtype=torch.float64))
    )
    with mpmath.workdps(50):
        least = min(mpmath.mpf(c) for c in costs)
        total = mpmath.fsum(mpmath.exp(-beta * (c - least)) for c in costs) + rest
        true = least - mpmath.log(total) / beta
        assert abs(value - true) <= 1e-13 * max(abs(least), abs(true), 1 / beta, 1e-300)


@pytest.mark.parametrize("offset", [1e6, -1e6])
def test_large_costs_neither_overflow_nor_lose_their_gaps(offset: float) -> None:
    costs = offset + torch.tensor([[0.0, 1.0, 2.0]], dtype=torch.float64)
    expected = offset - math.log(sum(math.exp(-c) for c in range(3)))
    assert float(soft_minimum(costs, 1.0)) == pytest.approx(expected, rel=1e-15)
    assert float(soft_minimum(costs.float(), 1.0)) == pytest.approx(expected, rel=1e-7)


def test_infinite_costs_weigh_nothing_and_are_infinite_alone() -> None:
    inf = math.inf
    costs = torch.tensor([[1.0, inf], [inf, inf], [-inf, 1.0], [-inf, -inf]])
    for dtype in (torch.float32, torch.float64):
        assert soft_minimum(costs.to(dtype), 2.0).tolist() == [1.0, inf, -inf, -inf]
    weights = relative_weights(costs[:1].double(), torch.ones(1, 1), 2.0)
    assert weights[0, 0] == 1
    assert 0 < weights[0, 1] < 1e-300


def test_it_can_be_differentiated_twice_and_not_through_the_least() -> None:
    costs = torch.tensor([[3.0, 5.0, 3.1], [0.2, 0.2, math.inf]], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(soft_minimum(costs, 1.7).sum(), costs)
    assert torch.allclose(slope, torch.softmax(-1.7 * costs, -1))
    finite = costs.detach()[:1].requires_grad_()
    assert torch.autograd.gradcheck(lambda c: soft_minimum(c, 0.6), (finite,))
    assert torch.autograd.gradgradcheck(lambda c: soft_minimum(c, 0.6), (finite,))
