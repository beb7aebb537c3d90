"""Energies of other distances: theory's exact numbers, scipy, finite differences; in small blocks; layers of them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import logsumexp

from assocmem.memory import energy, energy_and_gradient, global_energy, knn, layer_energies, nearest_distance
from assocmem.memory._blocked import energies, nearest
from assocmem.memory._blocked.distances import METRICS
from assocmem.theory.exact.distances import NAMED, Distance
from hard_data import distance_table, fourth, planned, points


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("metric", [*METRICS, fourth])
@pytest.mark.parametrize("own", [False, True])
def test_energies_and_neighbors_are_those_of_scipy(metric: Any, own: bool) -> None:
    x, patterns = points()
    if own:
        patterns = x
    far = distance_table(x, patterns, metric, own=own)
    result = energy(x, None if own else patterns, metric=metric, beta=1.7, exclude_self=own)
    assert np.allclose(result, -logsumexp(-1.7 * far, axis=1) / 1.7, rtol=1e-12)
    values, index = knn(x, None if own else patterns, 3, metric=metric, exclude_self=own)
    order = np.argsort(far, axis=1, kind="stable")[:, :3]
    assert np.array_equal(index, order)
    nearest_values = np.take_along_axis(far, order, 1)
    assert np.allclose(values, np.sqrt(nearest_values) if metric == "sqeuclidean" else nearest_values, rtol=1e-12)
    if not own:
        assert np.allclose(nearest_distance(x, patterns, metric=metric), far.min(1), rtol=1e-12)
        assert np.allclose(nearest_distance(x, patterns.numpy(), metric=metric), far.min(1), rtol=1e-12)


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("handed", ["by name", "as theory's function"])
def test_named_metrics_agree_with_theory(name: str, handed: str) -> None:
    rows = ((-2, 1), (0, 0), (3, 5), (3, 5))
    queries = ((1, 1), (0, 0), (-7, 2))
    metric: Any = name if handed == "by name" else NAMED[name].function
    x, patterns = (torch.tensor(v, dtype=torch.float64) for v in (queries, rows))
    energies = energy(x, patterns, metric=metric)
    nearest = nearest_distance(x, patterns, metric=metric)
    exact = tuple(tuple(Fraction(c) for c in row) for row in rows)
    for i, query in enumerate(queries):
        point = tuple(Fraction(c) for c in query)
        assert float(energies[i]) == pytest.approx(float(NAMED[name].energy(point, exact).mid()), abs=1e-12)
        assert float(nearest[i]) == pytest.approx(float(NAMED[name].nearest(point, exact).mid()), abs=1e-12)


def test_one_function_serves_theory_and_torch() -> None:
    x = torch.tensor([[0.5, 2.0]], dtype=torch.float64)
    patterns = torch.tensor([[0.0, 1.0], [4.0, 0.0]], dtype=torch.float64)
    rows = ((Fraction(0), Fraction(1)), (Fraction(4), Fraction(0)))
    exact = Distance("fourth", fourth).energy((Fraction(1, 2), Fraction(2)), rows)
    assert float(energy(x, patterns, metric=fourth)) == pytest.approx(float(exact.mid()), abs=1e-14)


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("metric", [*METRICS, fourth])
@pytest.mark.parametrize("own", [False, True])
def test_gradients(metric: Any, own: bool) -> None:
    x, patterns = (v.requires_grad_() for v in points(3, 5, 2, seed=3))
    if own:
        assert torch.autograd.gradcheck(lambda v: energy(v, metric=metric, exclude_self=True), (patterns,))
    else:
        assert torch.autograd.gradcheck(lambda u, v: energy(u, v, metric=metric, beta=0.7), (x, patterns))
        assert torch.autograd.gradcheck(lambda u, v: nearest_distance(u, v, metric=metric), (x, patterns))


@pytest.mark.parametrize("metric", [*METRICS, fourth])
def test_layers_add_up_to_all_their_patterns(metric: Any) -> None:
    x, patterns = points()
    layers = [patterns[:4], patterns[4:5], patterns[5:]]
    whole = energy(x, patterns, metric=metric, beta=2.0)
    assert torch.allclose(global_energy(x, layers, metric=metric, beta=2.0), whole, rtol=1e-12)
    each = layer_energies(x, layers, metric=metric, beta=2.0)
    assert torch.equal(each[:, 1], energy(x, layers[1], metric=metric, beta=2.0))


@pytest.mark.parametrize("metric", ["l1", "euclidean", "linf"])
def test_near_points_far_from_the_origin_keep_their_distance(metric: str) -> None:
    x = torch.tensor([[4096.0, 4096.0]])
    assert float(energy(x, x + torch.tensor([[0.0, 0.5]]), metric=metric)) == 0.5
    assert float(energy(x, x.clone(), metric=metric)) == 0


@pytest.mark.usefixtures("blocks")
def test_far_points_neither_overflow_nor_underflow() -> None:
    x, patterns = torch.tensor([[1e6]]), torch.tensor([[0.0], [1.0]])
    assert float(energy(x, patterns, metric="l1", beta=100.0)) == 999999.0


def test_distances_that_overflow_give_an_infinite_energy_not_nan() -> None:
    x, patterns = torch.tensor([[1e20], [0.0]]), torch.tensor([[0.0], [1.0]])
    result = energy(x, patterns, metric=fourth)
    assert result[0] == math.inf
    assert float(result[1]) == pytest.approx(-math.log(1 + math.exp(-1)))
    assert global_energy(x, [patterns, patterns[:1]], metric=fourth)[0] == math.inf
    down = energy(x, patterns, metric=lambda a, b: -fourth(a, b))
    assert down[0] == -math.inf


@pytest.mark.parametrize("name", ["l1", "euclidean", "linf"])
def test_second_derivatives_need_the_function_in_place_of_the_name(name: str) -> None:
    x, patterns = points(3, 5, 2, seed=4)
    x.requires_grad_()
    function = NAMED[name].function
    assert torch.autograd.gradgradcheck(lambda v: energy(v, patterns, metric=function), (x,))
    (slope,) = torch.autograd.grad(energy(x, patterns, metric=name).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="not implemented"):
        torch.autograd.grad(slope.sum(), x)


def test_memory_does_not_grow_with_m_times_d(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    plain = energies.distance_table

    def watched(x: torch.Tensor, patterns: torch.Tensor, metric: Any, own: Any = None) -> torch.Tensor:
        sizes.append(len(x) * len(patterns))
        return plain(x, patterns, metric, own)

    monkeypatch.setattr(energies, "distance_table", watched)
    monkeypatch.setattr(nearest, "distance_table", watched)
    x, patterns = (v.requires_grad_() for v in points(40, 300, 2))
    with planned(block_limit=1000):
        energy(x, patterns, metric="l1").sum().backward()
        knn(x.detach(), patterns.detach(), 2, metric="l1")
    assert max(sizes) <= 1000
    assert len(sizes) > 3 * 12  # forward, once more for the gradient, and the search


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("metric", [*METRICS, fourth])
@pytest.mark.parametrize("own", [False, True])
def test_energies_come_with_their_gradients_in_the_queries(metric: Any, own: bool) -> None:
    x, patterns = points(6, 9, 2, seed=8)
    other = x.clone() if own else patterns
    query = x.clone().requires_grad_()
    far = torch.cdist(query, other) if metric == "euclidean" else None
    if far is None:
        gaps = query[:, None] - other
        far = {
            "sqeuclidean": lambda: gaps.square().sum(-1),
            "l1": lambda: gaps.abs().sum(-1),
            "linf": lambda: gaps.abs().amax(-1),
        }.get(metric, lambda: (gaps**4).sum(-1))()
    if own:
        far = far.masked_fill(torch.eye(6, dtype=torch.bool), math.inf)
    expected = -torch.logsumexp(-1.3 * far, -1) / 1.3
    (true,) = torch.autograd.grad(expected.sum(), query)
    value, gradient = energy_and_gradient(x, None if own else other, metric=metric, beta=1.3, exclude_self=own)
    assert torch.allclose(value, expected, rtol=1e-12)
    assert torch.allclose(gradient, true, rtol=1e-10, atol=1e-12)
    assert not value.requires_grad
    assert not gradient.requires_grad
