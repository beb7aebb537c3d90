"""The data of the tests of this room are as hard as they are said to be."""

from __future__ import annotations

import pytest

from hard_data import KINDS, activations, distances


@pytest.mark.parametrize("kind", KINDS)
def test_data_have_the_norms_and_distances_they_stand_for(kind: str) -> None:
    x, patterns = activations(kind)
    norms = patterns.norm(dim=-1)
    nearest = distances(x, patterns).topk(10, largest=False).values
    assert {"offset": 250, "massive": 2500, "clusters": 250, "outliers": 250}[kind] < float(norms.median())
    assert float(norms.max()) < 4000
    assert 9 < float(nearest[:, 0].median()) < 15
    assert 15 < float(nearest[:, 9].median()) < 35


@pytest.mark.parametrize("kind", KINDS)
def test_scores_alone_are_not_enough(kind: str) -> None:
    x, patterns = activations(kind)
    plain = x.square().sum(-1)[:, None] - 2 * x @ patterns.T + patterns.square().sum(-1)
    wrong = (plain.double() - distances(x, patterns).square()).abs().max()
    assert float(wrong) > 1e-3
