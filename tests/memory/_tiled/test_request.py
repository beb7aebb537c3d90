"""The switches of a plan: what centering, exact lists and second looks are good for, and what a request derives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from assocmem.memory import Streamed
from assocmem.memory._tiled.answers import neighbors
from assocmem.memory._tiled.checks import check
from assocmem.memory._tiled.request import Plan, request_for
from assocmem.memory.streaming import WANTS, run
from hard_data import KINDS, PRECISIONS, activations, distances, errors, planned


def streamed(x: Tensor, patterns: Tensor, want: tuple[str, ...] = WANTS, **settings: Any) -> Streamed:
    """What `stream` returns, for a request whose plan is set."""
    return run(request_for(check(x, patterns), **settings), want)


@pytest.mark.parametrize("kind", KINDS)
def test_without_exact_lists_distances_and_energies_are_wrong(kind: str) -> None:
    x, patterns = activations(kind)
    result = streamed(x, patterns, k=10, precision="tf32", plan=Plan(refine=False))
    wrong = errors(result, x, patterns, 1.0, 10)
    assert not wrong["distance"] < 1e-4  # nan where a squared distance came out negative
    assert wrong["energy"] > 1e-2
    assert wrong["index"] > 0


@pytest.mark.parametrize("kind", ["clusters", "outliers"])
def test_without_exact_lists_even_ieee_products_are_wrong(kind: str) -> None:
    x, patterns = activations(kind)
    wrong = errors(streamed(x, patterns, k=10, plan=Plan(refine=False)), x, patterns, 1.0, 10)
    assert wrong["distance"] > 1e-4
    assert wrong["index"] > 0


@pytest.mark.parametrize("precision", PRECISIONS)
def test_without_centering_energies_are_lost_but_for_the_second_look(precision: str) -> None:
    x, patterns = activations("massive")

    def result(**switches: bool) -> Streamed:
        return streamed(x, patterns, beta=0.02, precision=precision, plan=Plan(**switches))

    plain = result()
    right = errors(plain, x, patterns, 0.02, 1)
    saved = result(center=False)
    wrong = errors(result(center=False, second_look=False), x, patterns, 0.02, 1)
    assert plain.redone == 0
    assert right["energy"] < 5e-3
    assert saved.redone > len(x) // 2
    assert errors(saved, x, patterns, 0.02, 1)["energy"] < 5e-3
    assert wrong["energy"] > max(0.02, 50 * right["energy"])
    assert wrong["retrieval"] > 10 * right["retrieval"]


def test_without_centering_neighbors_are_lost_but_for_the_second_look() -> None:
    x, patterns = activations("massive")
    true = distances(x, patterns).topk(10, largest=False).indices
    request = request_for(check(x, patterns), k=10, plan=Plan(center=False))
    saved = neighbors(request)
    assert torch.equal(saved.indices, true)
    assert saved.rescued > len(x) // 2
    lost = neighbors(replace(request, plan=Plan(center=False, second_look=False)))
    assert int((lost.indices != true).sum()) > 5


def test_clusters_far_out_get_their_soft_energies_from_better_products() -> None:
    make = torch.Generator().manual_seed(0)
    patterns = torch.randn(1000, 40, generator=make) + 300 * torch.randn(20, 40, generator=make).repeat(50, 1)
    x = patterns[::16] + 0.3 * torch.randn(63, 40, generator=make)
    plan = Plan(direct_limit=-1, tile=(512, 64))
    for precision in PRECISIONS:
        result = streamed(x, patterns, beta=0.05, precision=precision, plan=plan)
        assert result.redone > 30
        wrong = errors(result, x, patterns, 0.05, 1)
        assert wrong["energy"] < 1e-4
        assert wrong["retrieval"] < 1e-4
    lost = streamed(x, patterns, beta=0.05, plan=replace(plan, second_look=False))
    assert errors(lost, x, patterns, 0.05, 1)["energy"] > 1e-2


def test_a_plan_of_its_own_takes_the_place_of_the_default() -> None:
    x = torch.zeros(3, 2)
    with planned(direct_limit=-1, tile=(7, 9)):
        assert request_for(check(x, x)).tile_shape() == (7, 3)
        assert not request_for(check(x, x)).direct
        assert request_for(check(x, x), plan=Plan()).direct
    assert request_for(check(x, x)).direct


def test_what_is_small_is_direct_and_lists_are_no_longer_than_there_are_patterns() -> None:
    x = torch.zeros(4, 8)
    for limit, direct in ((4 * 8 * 4, True), (4 * 8 * 4 - 1, False)):
        assert request_for(check(x, x), plan=Plan(direct_limit=limit)).direct == direct
    assert request_for(check(x[:0], x), plan=Plan(direct_limit=-1)).direct
    many = torch.zeros(100, 1)
    assert [request_for(check(many, many), k=k).listed for k in (1, 2, 3, 90, 99)] == [8, 8, 9, 96, 100]
    assert request_for(check(many, many), k=2, precision="tf32").listed == 18
