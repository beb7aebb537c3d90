"""Layers under any distance: the mixture is retrieval from all patterns, a path has the energies of its distance."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from assocmem.memory import global_energy, layered_path, mixture_step, nearest, retrieve, toward_nearest
from assocmem.memory.layers import RULES, Rule
from hard_data import fourth, points


@pytest.mark.parametrize("metric", ["sqeuclidean", "l1"])
def test_a_mixture_step_retrieves_from_all_layers(metric: str) -> None:
    x, patterns = points(6, 30, 3, seed=1)
    layers = [patterns[:4], patterns[4:5], patterns[5:]]
    whole = retrieve(x, patterns, metric=metric, beta=0.7)
    assert torch.allclose(mixture_step(x, layers, metric=metric, beta=0.7), whole, rtol=1e-12)


@pytest.mark.parametrize("metric", ["l1", "linf", fourth])
def test_the_metric_says_which_pattern_is_nearest_and_delta_how_far_a_step_goes(metric: Any) -> None:
    x = torch.tensor([[0.0, 0.0]], dtype=torch.float64)
    patterns = torch.tensor([[2.0, 2.0], [3.0, 0.1]], dtype=torch.float64)
    target = patterns[nearest(x, patterns, metric=metric)[1]]
    assert target.tolist() == ([[3.0, 0.1]] if metric == "l1" else [[2.0, 2.0]])
    moved = toward_nearest(x, patterns, 0.25, metric=metric)
    assert float(moved.norm()) == pytest.approx(0.5)
    assert torch.allclose(moved / moved.norm(), target / target.norm())
    assert torch.equal(toward_nearest(x, patterns, 100.0, metric=metric), target)


@pytest.mark.parametrize("metric", ["sqeuclidean", "l1"])
@pytest.mark.parametrize("rule", RULES)
def test_a_path_is_its_steps_and_has_the_energies_of_its_metric(rule: Rule, metric: str) -> None:
    x, patterns = points(5, 24, 3, seed=2)
    layers = [patterns[:9], patterns[9:]]
    path = layered_path(x, layers, rule=rule, steps=3, metric=metric, beta=1.5, delta=0.04)
    here = x
    for s, point in enumerate(path.points[1:]):
        here = {
            "nearest": lambda y, t=s: toward_nearest(y, layers[t % 2], 0.04, metric=metric),
            "in turn": lambda y, t=s: retrieve(y, layers[t % 2], metric=metric, beta=1.5),
            "mixture": lambda y, t=s: mixture_step(y, layers, metric=metric, beta=1.5),
        }[rule](here)
        assert torch.equal(here, point)
    expected = torch.stack([global_energy(y, layers, metric=metric, beta=1.5) for y in path.points])
    assert torch.equal(path.energy, expected)
    if rule == "mixture":
        assert not bool(path.rises.any())


def test_patterns_and_queries_are_read_once_however_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    from assocmem.memory._tiled import checks

    sizes: list[int] = []
    plain = checks.extent

    def counted(rows: Any) -> Any:
        sizes.append(rows.count)
        return plain(rows)

    monkeypatch.setattr(checks, "extent", counted)
    x, patterns = points(5, 24, 3, seed=3)
    for rule in RULES:
        sizes.clear()
        layered_path(x, [patterns[:9], patterns[9:]], rule=rule, steps=4)
        assert sorted(sizes) == [5, 9, 15]
