"""Input is checked once on every path: queries and patterns are read for their limits one time each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from assocmem import memory
from assocmem.memory._tiled import checks
from hard_data import planned

CALLS: dict[str, Callable[[Tensor, Tensor], Any]] = {
    "energy": memory.energy,
    "energy by l1": lambda x, p: memory.energy(x, p, metric="l1"),
    "energy_and_gradient": memory.energy_and_gradient,
    "energy_and_gradient by l1": lambda x, p: memory.energy_and_gradient(x, p, metric="l1"),
    "retrieve": memory.retrieve,
    "retrieve by l1": lambda x, p: memory.retrieve(x, p, metric="l1"),
    "mchn_energy": memory.mchn_energy,
    "hessian_vector_product": lambda x, p: memory.hessian_vector_product(x, x, p),
    "knn": memory.knn,
    "knn by l1": lambda x, p: memory.knn(x, p, metric="l1"),
    "nearest": memory.nearest,
    "nearest_distance": memory.nearest_distance,
    "nearest_distance by l1": lambda x, p: memory.nearest_distance(x, p, metric="l1"),
    "nearest_sq_distance": memory.nearest_sq_distance,
    "squared_distances": memory.squared_distances,
    "toward_nearest": lambda x, p: memory.toward_nearest(x, p, 1.0),
    "fixed_point": memory.fixed_point,
    "fixed_point by l1": lambda x, p: memory.fixed_point(x, p, metric="l1"),
    "stream": memory.stream,
}


@pytest.mark.parametrize("live", [True, False], ids=["gradient", "no gradient"])
@pytest.mark.parametrize("dense_limit", [1 << 20, -1], ids=["dense", "streamed"])
@pytest.mark.parametrize("name", CALLS)
def test_queries_and_patterns_are_read_once(
    name: str, live: bool, dense_limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []
    plain = checks.extent

    def counted(rows: Any) -> Any:
        counts.append(rows.count)
        return plain(rows)

    monkeypatch.setattr(checks, "extent", counted)
    x, patterns = torch.randn(5, 3, requires_grad=live), torch.randn(9, 3, requires_grad=live)
    with planned(dense_limit=dense_limit):
        value = CALLS[name](x, patterns)
        if isinstance(value, Tensor) and value.requires_grad:
            value.sum().backward()
    assert sorted(counts) == [5, 9]


def test_layers_share_their_queries() -> None:
    x = torch.zeros(2, 3)
    first, second = checks.check_layers(x, [torch.ones(4, 3), torch.full((1, 3), -2.0)])
    assert first.queries is second.queries
    whole = checks.together([first, second])
    assert (whole.rows.count, whole.extent.count) == (5, 5)
    for name in ("total", "low", "high"):
        assert torch.equal(getattr(whole.extent, name), getattr(checks.check(x, whole.rows.whole()).extent, name))
    with pytest.raises(ValueError, match="x must be finite"):
        checks.check_layers(x / 0, [x, x])
    with pytest.raises(ValueError, match="patterns must be finite"):
        checks.check_layers(x, [x, x / 0])
    with pytest.raises(ValueError, match="layers must hold"):
        checks.check_layers(x, [])
