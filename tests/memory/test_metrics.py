"""Other metrics in torch: against theory's exact numbers, scipy, finite differences; in small blocks, and bad input."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from assocmem import memory as squared
from assocmem.memory import metrics
from assocmem.theory.exact.distances import NAMED, memory

SCIPY = {"sqeuclidean": "sqeuclidean", "l1": "cityblock", "euclidean": "euclidean", "linf": "chebyshev"}
NAMES = metrics.METRICS


def fourth(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """A function of the kind that a user writes: smooth, no metric."""
    return sum((a - b) ** 4 for a, b in zip(x, y, strict=True))


@pytest.fixture(params=[metrics.CHUNK, 24, 3], ids=["one block", "blocks", "crumbs"])
def _chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(metrics, "CHUNK", request.param)
    return


def points(m: int = 7, d: int = 11, n: int = 3, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    make = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(k, n, generator=make, dtype=torch.float64) for k in (m, d))  # type: ignore[return-value]


def table(x: torch.Tensor, patterns: torch.Tensor, metric: Any, own: bool = False) -> np.ndarray:
    if callable(metric):
        found = ((x[:, None] - patterns).numpy() ** 4).sum(-1)
    else:
        found = cdist(x.numpy(), patterns.numpy(), SCIPY[metric])
    if own:
        np.fill_diagonal(found, math.inf)
    return found


@pytest.mark.usefixtures("_chunk")
@pytest.mark.parametrize("metric", [*NAMES, fourth])
@pytest.mark.parametrize("own", [False, True])
def test_energy_and_neighbors_are_those_of_scipy(metric: Any, own: bool) -> None:
    x, patterns = points()
    if own:
        patterns = x
    far = table(x, patterns, metric, own)
    found = metrics.energy(x, None if own else patterns, metric=metric, beta=1.7, exclude_self=own)
    assert np.allclose(found, -logsumexp(-1.7 * far, axis=1) / 1.7, rtol=1e-12)
    values, index = metrics.knn(x, None if own else patterns, 3, metric=metric, exclude_self=own)
    order = np.argsort(far, axis=1, kind="stable")[:, :3]
    assert np.array_equal(index, order)
    assert np.allclose(values, np.take_along_axis(far, order, 1), rtol=1e-12)
    if not own:
        assert np.allclose(metrics.nearest_distance(x, patterns, metric=metric), far.min(1), rtol=1e-12)
        assert np.allclose(metrics.nearest_distance(x, patterns.numpy(), metric=metric), far.min(1), rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("handed", ["by name", "as theory's function"])
def test_named_metrics_agree_with_theory(name: str, handed: str) -> None:
    rows = ((-2, 1), (0, 0), (3, 5), (3, 5))
    queries = ((1, 1), (0, 0), (-7, 2))
    metric: Any = name if handed == "by name" else NAMED[name].distance
    x, patterns = (torch.tensor(v, dtype=torch.float64) for v in (queries, rows))
    energies = metrics.energy(x, patterns, metric=metric)
    nearest = metrics.nearest_distance(x, patterns, metric=metric)
    exact = tuple(tuple(Fraction(c) for c in row) for row in rows)
    for i, query in enumerate(queries):
        point = tuple(Fraction(c) for c in query)
        assert float(energies[i]) == pytest.approx(float(NAMED[name].energy(point, exact).mid()), abs=1e-12)
        assert float(nearest[i]) == pytest.approx(float(NAMED[name].nearest(point, exact).mid()), abs=1e-12)


def test_one_function_serves_theory_and_torch() -> None:
    x = torch.tensor([[0.5, 2.0]], dtype=torch.float64)
    patterns = torch.tensor([[0.0, 1.0], [4.0, 0.0]], dtype=torch.float64)
    rows = ((Fraction(0), Fraction(1)), (Fraction(4), Fraction(0)))
    exact = memory(fourth).energy((Fraction(1, 2), Fraction(2)), rows)
    assert float(metrics.energy(x, patterns, metric=fourth)) == pytest.approx(float(exact.mid()), abs=1e-14)


@pytest.mark.usefixtures("_chunk")
@pytest.mark.parametrize("metric", [*NAMES, fourth])
@pytest.mark.parametrize("own", [False, True])
def test_gradients(metric: Any, own: bool) -> None:
    x, patterns = (v.requires_grad_() for v in points(3, 5, 2, seed=3))
    if own:
        assert torch.autograd.gradcheck(lambda v: metrics.energy(v, metric=metric, exclude_self=True), (patterns,))
    else:
        assert torch.autograd.gradcheck(lambda u, v: metrics.energy(u, v, metric=metric, beta=0.7), (x, patterns))
        assert torch.autograd.gradcheck(lambda u, v: metrics.nearest_distance(u, v, metric=metric), (x, patterns))


@pytest.mark.parametrize("metric", [*NAMES, fourth])
def test_layers_add_up_to_all_their_patterns(metric: Any) -> None:
    x, patterns = points()
    layers = [patterns[:4], patterns[4:5], patterns[5:]]
    whole = metrics.energy(x, patterns, metric=metric, beta=2.0)
    assert torch.allclose(metrics.global_energy(x, layers, metric=metric, beta=2.0), whole, rtol=1e-12)
    each = metrics.layer_energies(x, layers, metric=metric, beta=2.0)
    assert torch.equal(each[:, 1], metrics.energy(x, layers[1], metric=metric, beta=2.0))


@pytest.mark.usefixtures("_chunk")
@pytest.mark.parametrize("own", [False, True])
def test_the_weighted_median_minimizes_the_weighted_l1_distance(own: bool) -> None:
    x, patterns = points(6, 9, 2, seed=5)
    if own:
        patterns = x
    found = metrics.retrieve(x, None if own else patterns, metric="l1", beta=0.8, exclude_self=own)
    weights = torch.tensor(np.exp(-0.8 * table(x, patterns, "l1", own)))
    cost = (weights[:, None] * (patterns[None] - patterns[:, None]).abs().sum(-1)[None]).sum(-1).amin(-1)
    here = (weights * (found[:, None] - patterns).abs().sum(-1)).sum(-1)
    assert bool((here <= cost + 1e-12).all())
    for step in (1e-3, -1e-3):
        for c in range(2):
            moved = found.clone()
            moved[:, c] += step
            assert bool(((weights * (moved[:, None] - patterns).abs().sum(-1)).sum(-1) >= here - 1e-12).all())


def test_the_lower_median_is_taken() -> None:
    patterns = torch.tensor([[3.0], [-1.0]])
    assert metrics.retrieve(torch.tensor([[1.0]]), patterns, metric="l1").tolist() == [[-1.0]]


def test_the_squared_distance_is_that_of_the_module() -> None:
    x, patterns = points()
    assert torch.equal(metrics.energy(x, patterns, beta=3.0), squared.energy(x, patterns, beta=3.0))
    assert torch.equal(metrics.retrieve(x, patterns), squared.retrieve(x, patterns))
    assert torch.equal(metrics.nearest_distance(x, patterns), squared.nearest_sq_distance(x, patterns))
    assert torch.equal(metrics.knn(x, patterns, 2, metric="euclidean")[1], squared.knn(x, patterns, 2)[1])


@pytest.mark.parametrize("metric", ["l1", "linf", fourth])
def test_duplicates_are_at_zero_and_ties_go_to_the_lower_index(metric: Any) -> None:
    x = torch.tensor([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]])
    values, index = metrics.knn(x, k=4, metric=metric, exclude_self=True)
    assert index.tolist() == [[1, 2, -1, -1], [0, 2, -1, -1], [0, 1, -1, -1]]
    assert values[:, :2].eq(0).all()
    assert values[:, 2:].isinf().all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_results_come_in_float32(dtype: torch.dtype) -> None:
    x = points()[0].to(dtype)
    assert metrics.energy(x, metric="l1").dtype == torch.float32
    assert metrics.knn(x, metric="linf")[0].dtype == torch.float32
    assert metrics.retrieve(x, metric="l1").dtype == dtype


@pytest.mark.parametrize("metric", ["l1", fourth])
def test_no_queries_give_no_results(metric: Any) -> None:
    x, patterns = torch.zeros(0, 2), torch.zeros(3, 2)
    assert metrics.energy(x, patterns, metric=metric).shape == (0,)
    assert metrics.knn(x, patterns, 2, metric=metric)[0].shape == (0, 2)
    assert metrics.nearest_distance(x, patterns, metric=metric).shape == (0,)


@pytest.mark.parametrize("metric", ["l1", "euclidean", "linf"])
def test_near_points_far_from_the_origin_keep_their_distance(metric: str) -> None:
    x = torch.tensor([[4096.0, 4096.0]])
    assert float(metrics.energy(x, x + torch.tensor([[0.0, 0.5]]), metric=metric)) == 0.5
    assert float(metrics.energy(x, x.clone(), metric=metric)) == 0


@pytest.mark.usefixtures("_chunk")
def test_far_points_neither_overflow_nor_underflow() -> None:
    x, patterns = torch.tensor([[1e6]]), torch.tensor([[0.0], [1.0]])
    assert float(metrics.energy(x, patterns, metric="l1", beta=100.0)) == 999999.0


def differing(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """Hamming's distance: integers."""
    return sum(a != b for a, b in zip(x, y, strict=True))


@pytest.mark.usefixtures("_chunk")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_distance_that_counts_comes_back_as_floating_point(dtype: torch.dtype) -> None:
    x = torch.tensor([[0, 1, 2], [0, 1, 3], [5, 5, 5]], dtype=dtype)
    far = (x[:, None] != x).sum(-1).to(dtype)
    found = metrics.energy(x, metric=differing)
    assert found.dtype == dtype
    assert torch.allclose(found, -torch.logsumexp(-far, -1))
    values, index = metrics.knn(x, k=2, metric=differing, exclude_self=True)
    assert (values.dtype, values.tolist()) == (dtype, [[1, 3], [1, 3], [3, 3]])
    assert index.tolist() == [[1, 2], [0, 2], [0, 1]]
    nearest = metrics.nearest_distance(x, x[1:], metric=differing)
    assert (nearest.dtype, nearest.tolist()) == (dtype, [1, 0, 0])
    alone = metrics.energy(x, metric=differing, exclude_self=True)
    assert torch.isfinite(alone).all()


def test_distances_that_overflow_give_an_infinite_energy_not_nan() -> None:
    x, patterns = torch.tensor([[1e20], [0.0]]), torch.tensor([[0.0], [1.0]])
    found = metrics.energy(x, patterns, metric=fourth)
    assert found[0] == math.inf
    assert float(found[1]) == pytest.approx(-math.log(1 + math.exp(-1)))
    assert metrics.global_energy(x, [patterns, patterns[:1]], metric=fourth)[0] == math.inf
    down = metrics.energy(x, patterns, metric=lambda a, b: -fourth(a, b))
    assert down[0] == -math.inf


@pytest.mark.parametrize("name", ["l1", "euclidean", "linf"])
def test_second_derivatives_need_the_function_in_place_of_the_name(name: str) -> None:
    x, patterns = points(3, 5, 2, seed=4)
    x.requires_grad_()
    function = NAMED[name].distance
    assert torch.autograd.gradgradcheck(lambda v: metrics.energy(v, patterns, metric=function), (x,))
    (slope,) = torch.autograd.grad(metrics.energy(x, patterns, metric=name).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="not implemented"):
        torch.autograd.grad(slope.sum(), x)


def test_memory_does_not_grow_with_m_times_d(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "CHUNK", 1000)
    seen = []
    plain = metrics._distances

    def watched(x: torch.Tensor, patterns: torch.Tensor, metric: Any, own: Any = None) -> torch.Tensor:
        seen.append(len(x) * len(patterns))
        return plain(x, patterns, metric, own)

    monkeypatch.setattr(metrics, "_distances", watched)
    x, patterns = (v.requires_grad_() for v in points(40, 300, 2))
    metrics.energy(x, patterns, metric="l1").sum().backward()
    metrics.knn(x.detach(), patterns.detach(), 2, metric="l1")
    assert max(seen) <= 1000
    assert len(seen) > 3 * 12  # forward, once more for the gradient, and the search


@pytest.mark.parametrize(
    ("call", "error", "word"),
    [
        (lambda x: metrics.energy(x, metric="l3"), ValueError, "metric"),
        (lambda x: metrics.energy(x, metric=2), TypeError, "metric"),
        (lambda x: metrics.energy(x, metric=lambda a, b: 1.0), ValueError, "broadcast"),
        (lambda x: metrics.energy(x, metric=lambda a, b: a[0]), ValueError, "broadcast"),
        (lambda x: metrics.energy(x, metric=lambda a, b: (a[0] - b[0]) * 1j), ValueError, "real"),
        (lambda x: metrics.nearest_distance(x, x, metric=lambda a, b: (a[0] - b[0]) * 1j), ValueError, "real"),
        (lambda x: metrics.energy(x, metric="l1", beta=0.0), ValueError, "beta"),
        (lambda x: metrics.energy(x[:1], metric="l1", exclude_self=True), ValueError, "two rows"),
        (lambda x: metrics.energy(x, x.clone(), metric="l1", exclude_self=True), ValueError, "exclude_self"),
        (lambda x: metrics.energy(x, x[:, :1], metric="l1"), ValueError, "columns"),
        (lambda x: metrics.energy(x / 0, metric="l1"), ValueError, "finite"),
        (lambda x: metrics.knn(x, k=0, metric="l1"), ValueError, "k must"),
        (lambda x: metrics.knn(x, metric="cosine"), ValueError, "metric"),
        (lambda x: metrics.retrieve(x, metric="linf"), ValueError, "sqeuclidean"),
        (lambda x: metrics.retrieve(x, metric=fourth), ValueError, "l1"),
        (lambda x: metrics.global_energy(x, [], metric="l1"), ValueError, "layers"),
    ],
)
def test_bad_input_names_the_argument(call: Any, error: type[Exception], word: str) -> None:
    with pytest.raises(error, match=word):
        call(torch.ones(3, 2))
