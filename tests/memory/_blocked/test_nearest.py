"""Neighbors by other distances: duplicates, ties and what is missing."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from assocmem.memory import knn
from hard_data import fourth


@pytest.mark.parametrize("metric", ["l1", "linf", fourth])
def test_duplicates_are_at_zero_and_ties_go_to_the_lower_index(metric: Any) -> None:
    x = torch.tensor([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]])
    values, index = knn(x, k=4, metric=metric, exclude_self=True)
    assert index.tolist() == [[1, 2, -1, -1], [0, 2, -1, -1], [0, 1, -1, -1]]
    assert values[:, :2].eq(0).all()
    assert values[:, 2:].isinf().all()
