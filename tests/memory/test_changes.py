"""What is changed in place between a forward and a backward pass is an error, never another gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import Tensor

from assocmem import memory
from hard_data import planned

CALLS: dict[str, Callable[[Tensor, Any], Tensor]] = {
    "energy": memory.energy,
    "energy by l1": lambda x, p: memory.energy(x, p, metric="l1"),
    "energy by euclidean": lambda x, p: memory.energy(x, p, metric="euclidean"),
    "mchn_energy": memory.mchn_energy,
    "retrieve": memory.retrieve,
    "mixture_step": lambda x, p: memory.mixture_step(x, [p[:3], p[3:]]),
    "hessian_vector_product": lambda x, p: memory.hessian_vector_product(x, torch.ones_like(x), p),
}
LIMITS = {"small": nullcontext, "large": lambda: planned(dense_limit=-1, direct_limit=-1)}


def points() -> tuple[Tensor, Tensor]:
    make = torch.Generator().manual_seed(0)
    return torch.randn(4, 3, generator=make), torch.randn(7, 3, generator=make)


def check(backward: Callable[[], Sequence[Tensor]], true: Sequence[Tensor], *, must_fail: bool) -> None:
    """An error that says what happened, or the gradient of the numbers before the change."""
    try:
        result = backward()
    except RuntimeError as problem:
        if "inplace" not in str(problem) and "in place" not in str(problem):
            raise
        return
    if must_fail:
        pytest.fail("a change in place was not noticed")
    assert all(torch.allclose(r, t) for r, t in zip(result, true, strict=True))


@pytest.mark.parametrize("size", LIMITS)
@pytest.mark.parametrize("what", ["x", "patterns"])
@pytest.mark.parametrize("name", CALLS)
def test_a_change_in_place_before_the_backward_pass_is_an_error_unless_the_pass_has_copies(
    name: str, what: str, size: str
) -> None:
    x, patterns = (v.requires_grad_() for v in points())
    with LIMITS[size]():
        true = torch.autograd.grad(CALLS[name](x, patterns).square().sum(), (x, patterns))
        value = CALLS[name](x, patterns).square().sum()
        with torch.no_grad():
            (x if what == "x" else patterns).mul_(0.5)
        check(lambda: torch.autograd.grad(value, (x, patterns)), true, must_fail=size == "large")


@pytest.mark.parametrize("size", LIMITS)
@pytest.mark.parametrize("name", ["energy", "retrieve", "mchn_energy"])
def test_a_change_before_the_second_backward_pass_is_one_too(name: str, size: str) -> None:
    x, patterns = (v.requires_grad_() for v in points())

    def penalty() -> Tensor:
        (slope,) = torch.autograd.grad(CALLS[name](x, patterns).square().sum(), x, create_graph=True)
        return slope.square().sum()

    with LIMITS[size]():
        true = torch.autograd.grad(penalty(), (x, patterns))
        value = penalty()
        with torch.no_grad():
            patterns.add_(1)
        check(lambda: torch.autograd.grad(value, (x, patterns)), true, must_fail=size == "large")


@pytest.mark.parametrize("size", LIMITS)
@pytest.mark.parametrize("metric", ["sqeuclidean", "l1"])
def test_a_change_of_beta_is_one_too(metric: str, size: str) -> None:
    (x, patterns), beta = points(), torch.tensor(0.5, requires_grad=True)
    x.requires_grad_()
    with LIMITS[size]():
        true = torch.autograd.grad(memory.energy(x, patterns, metric=metric, beta=beta).sum(), (x, beta))
        value = memory.energy(x, patterns, metric=metric, beta=beta).sum()
        with torch.no_grad():
            beta.mul_(3)
        check(lambda: torch.autograd.grad(value, (x, beta)), true, must_fail=size == "large")


@pytest.mark.parametrize("size", LIMITS)
@pytest.mark.parametrize("name", ["retrieve", "hessian_vector_product"])
def test_an_array_that_changed_is_an_error_or_was_copied(name: str, size: str) -> None:
    x, patterns = points()
    array = patterns.numpy().copy()
    query = x.clone().requires_grad_()
    with LIMITS[size]():
        (true,) = torch.autograd.grad(CALLS[name](query, patterns).square().sum(), query)
        value = CALLS[name](query, array)
        array[0] += 1
        check(lambda: torch.autograd.grad(value.square().sum(), query), [true], must_fail=False)


@pytest.mark.parametrize("size", LIMITS)
@pytest.mark.parametrize("name", CALLS)
def test_a_result_may_be_changed_in_place_as_may_that_of_the_formula(name: str, size: str) -> None:
    x, patterns = (v.requires_grad_() for v in points())
    with LIMITS[size]():
        plain, changed = CALLS[name](x, patterns), CALLS[name](x, patterns)
        (true,) = torch.autograd.grad((2 * plain).square().sum(), x)
        (result,) = torch.autograd.grad(changed.mul_(2).square().sum(), x)
    assert torch.allclose(result, true)


@pytest.mark.parametrize("name", ["energy", "retrieve", "mchn_energy"])
def test_hooks_for_saved_tensors_see_every_one(name: str) -> None:
    x, patterns = (v.requires_grad_() for v in points())
    with LIMITS["large"]():
        true = torch.autograd.grad(CALLS[name](x, patterns).square().sum(), (x, patterns))
        # What comes back from the hooks is what counts: here not the same storage, as after a stay on disk.
        with torch.autograd.graph.saved_tensors_hooks(lambda t: t.clone(), lambda t: t.clone()):
            value = CALLS[name](x, patterns).square().sum()
        with torch.no_grad():
            x.zero_()
            patterns.zero_()
        result = torch.autograd.grad(value, (x, patterns))
    assert all(torch.allclose(r, t) for r, t in zip(result, true, strict=True))
