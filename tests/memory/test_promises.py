"""Each line of the table of promises, for every kind of input and below and above every size limit.

The reference is autograd through the plain formula in float64, of the numbers that the input holds after rounding.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from assocmem import memory
from assocmem.memory import Promise, metrics, promises, tolerances
from hard_data import fourth, tiled

BETA = 0.7
METRICS = {"sqeuclidean": "sqeuclidean", "l1": "l1", "euclidean": "euclidean", "linf": "linf"}
FUNCTION = "a function of two points"
SIZES: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "small": nullcontext,
    "large": lambda: tiled(4, 2, dense_limit=-1, block_limit=16),
}
TOLERANCE = {getattr(torch, name): value for name, value in tolerances().items() if name.isalnum()}
"""Of a derivative, relative to its largest entry."""


def formula_costs(x: Tensor, patterns: Tensor, metric: Any) -> Tensor:
    """Costs (m, d) as plain tensor expressions."""
    gaps = x[:, None] - patterns
    if metric is fourth:
        return (gaps**4).sum(-1)
    return {
        "sqeuclidean": lambda: gaps.square().sum(-1),
        "l1": lambda: gaps.abs().sum(-1),
        "euclidean": lambda: gaps.square().sum(-1).sqrt(),
        "linf": lambda: gaps.abs().amax(-1),
    }[metric]()


def plain_energy(x: Tensor, patterns: Tensor, beta: Any, metric: Any) -> Tensor:
    return -torch.logsumexp(-beta * formula_costs(x, patterns, metric), -1) / beta


def plain_mchn(x: Tensor, patterns: Tensor, beta: Any, metric: Any) -> Tensor:
    lse = torch.logsumexp(beta * x @ patterns.T, -1) / beta
    return x.square().sum(-1) / 2 - lse + math.log(len(patterns)) / beta + patterns.square().sum(-1).max() / 2


def plain_mean(x: Tensor, patterns: Tensor, beta: Any, metric: Any) -> Tensor:
    if metric == "l1":  # The lower weighted median of each coordinate.
        weights = torch.softmax(-beta * formula_costs(x, patterns, "l1"), -1)
        ordered, order = patterns.sort(dim=0, stable=True)
        share = weights[:, order].cumsum(1)
        return (ordered * torch.nn.functional.one_hot((share >= 0.5).long().argmax(1), len(patterns)).mT).sum(1)
    return torch.softmax(-beta * formula_costs(x, patterns, metric), -1) @ patterns


def plain_product(x: Tensor, patterns: Tensor, beta: Any, metric: Any) -> Tensor:
    (slope,) = torch.autograd.grad(plain_energy(x, patterns, beta, metric).sum(), x, create_graph=True)
    return torch.autograd.grad((slope * vectors(x)).sum(), x, create_graph=True)[0]


def plain_nearest(x: Tensor, patterns: Tensor, beta: Any, metric: Any, k: int = 1) -> Tensor:
    return formula_costs(x, patterns, metric).topk(k, largest=False).values


def plain_step(x: Tensor, patterns: Tensor, beta: Any, metric: Any) -> Tensor:
    away = patterns[formula_costs(x, patterns, metric).argmin(-1)] - x
    return x + 0.2 * away / away.norm(dim=-1, keepdim=True)


def vectors(x: Tensor) -> Tensor:
    return torch.linspace(-1, 2, x.shape[-2:].numel(), dtype=x.dtype).view(x.shape[-2:]).expand(x.shape)


def halves(patterns: Any) -> list[Any]:
    return [patterns[:3], patterns[3:]]


def plain_layers(x: Tensor, patterns: Tensor, beta: Any, metric: Any) -> Tensor:
    return torch.stack([plain_energy(x, part, beta, metric) for part in halves(patterns)], -1)


def roots(x: Tensor, patterns: Tensor, beta: Any, metric: Any, k: int = 1) -> Tensor:
    near = plain_nearest(x, patterns, beta, metric, k)
    return near.sqrt() if metric == "sqeuclidean" else near


PAIRS: dict[str, tuple[Callable[..., Tensor], Callable[..., Tensor]]] = {
    "energy": (lambda x, p, b, m: memory.energy(x, p, beta=b, metric=m), plain_energy),
    "mchn_energy": (lambda x, p, b, m: memory.mchn_energy(x, p, beta=b), plain_mchn),
    "layer_energies": (lambda x, p, b, m: memory.layer_energies(x, halves(p), beta=b, metric=m), plain_layers),
    "global_energy": (lambda x, p, b, m: memory.global_energy(x, halves(p), beta=b, metric=m), plain_energy),
    "retrieve": (lambda x, p, b, m: memory.retrieve(x, p, beta=b, metric=m), plain_mean),
    "mixture_step": (lambda x, p, b, m: memory.mixture_step(x, halves(p), beta=b, metric=m), plain_mean),
    "hessian_vector_product": (
        lambda x, p, b, m: memory.hessian_vector_product(x, vectors(x), p, beta=b),
        plain_product,
    ),
    "squared_distances": (lambda x, p, b, m: memory.squared_distances(x, p), lambda x, p, b, m: formula_costs(x, p, m)),
    "nearest_sq_distance": (
        lambda x, p, b, m: memory.nearest_sq_distance(x, p),
        lambda x, p, b, m: plain_nearest(x, p, b, m)[:, 0],
    ),
    "nearest_distance": (
        lambda x, p, b, m: memory.nearest_distance(x, p, metric=m),
        lambda x, p, b, m: plain_nearest(x, p, b, m)[:, 0],
    ),
    "nearest": (lambda x, p, b, m: memory.nearest(x, p, metric=m)[0], lambda x, p, b, m: roots(x, p, b, m)[:, 0]),
    "knn": (lambda x, p, b, m: memory.knn(x, p, 3, metric=m)[0], lambda x, p, b, m: roots(x, p, b, m, 3)),
    "metrics.knn": (
        lambda x, p, b, m: metrics.knn(x, p, 3, metric=m)[0],
        lambda x, p, b, m: plain_nearest(x, p, b, m, 3),
    ),
    "toward_nearest": (lambda x, p, b, m: memory.toward_nearest(x, p, 0.04, metric=m), plain_step),
}
WITHOUT: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "energy_and_gradient": lambda x, p: torch.cat([v.flatten() for v in memory.energy_and_gradient(x, p)]),
    "fixed_point": lambda x, p: memory.fixed_point(x, p, max_steps=2).points,
    "layered_path": lambda x, p: memory.layered_path(x, halves(p), rule="mixture", steps=2).energy,
    "energy_and_gradient by l1": lambda x, p: memory.energy_and_gradient(x, p, metric="l1")[1],
    "fixed_point by l1": lambda x, p: memory.fixed_point(x, p, max_steps=2, metric="l1").points,
    "layered_path by l1": lambda x, p: memory.layered_path(x, halves(p), rule="nearest", steps=2, metric="l1").energy,
    "stream": lambda x, p: memory.stream(x, p).energy,  # type: ignore[dict-item, return-value]
}
ONLY_TENSORS = ("squared_distances", "toward_nearest")
SELF = ("energy", "retrieve", "hessian_vector_product", "nearest", "knn", "metrics.knn")


def cases() -> list[Any]:
    """Each promise of a derivative with each metric that it names."""
    out = []
    for promise in promises():
        if promise.order == 0:
            continue
        for name in promise.metrics.split(", ") if promise.metrics else ["sqeuclidean"]:
            metric = fourth if name == FUNCTION else METRICS[name]
            out.append(pytest.param(promise, metric, id=f"{promise.function} {name}"))
    return out


CASES = cases()


def points(dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Queries and patterns that are distinct in every coordinate."""
    make = torch.Generator().manual_seed(4)
    return torch.randn(5, 3, generator=make).to(dtype), torch.randn(9, 3, generator=make).to(dtype)


def derivatives(value: Tensor, leaves: Sequence[Tensor], orders: int) -> list[Tensor]:
    """Derivatives of each order of fixed combinations; zeros where an order does not reach."""
    out: list[Tensor] = []
    for order in range(orders):
        outer = torch.linspace(1, 2, value.numel(), dtype=torch.float64).sin().view(value.shape).to(value.dtype)
        total = (value * outer).sum()
        last = order + 1 == orders
        if not total.requires_grad:
            break
        parts = torch.autograd.grad(total, list(leaves), create_graph=not last, materialize_grads=True)
        out += parts
        weights = [torch.linspace(1, 3, part.numel(), dtype=torch.float64).cos() for part in parts]
        value = torch.cat([(part.flatten().double() * w) for part, w in zip(parts, weights, strict=True)]).sin()
    return out


def close(result: Sequence[Tensor], true: Sequence[Tensor], dtype: torch.dtype, order: int = 1) -> None:
    """Agreement with the reference, relative to its largest entry."""
    assert len(result) == len(true)
    for got, want in zip(result, true, strict=True):
        scale = max(float(want.detach().abs().max()), 1e-3)
        assert float((got.detach().double() - want.detach().double()).abs().max()) < order * TOLERANCE[dtype] * scale


def leaf(value: Tensor) -> Tensor:
    return value.detach().clone().requires_grad_()


def test_the_table_names_every_public_function() -> None:
    functions = {name for name in memory.__all__ if name.islower()} | {"metrics.knn", "ShardedMemory"}
    others = {"compiled", "connect", "promises", "surroundings", "tolerances"}
    assert {p.function for p in promises()} == functions - others
    assert {p.function for p in promises() if p.order == 0} == {name.split()[0] for name in WITHOUT} | {"ShardedMemory"}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("promise", "metric"), CASES)
def test_every_order_that_is_promised_is_that_of_the_formula(promise: Promise, metric: Any, size: str) -> None:
    function, formula = PAIRS[promise.function]
    x, patterns = points()
    orders = 3 if promise.order == "any" else promise.order
    results = []
    for call, where in ((function, SIZES[size]), (formula, nullcontext)):
        leaves = {"x": leaf(x), "patterns": leaf(patterns), "beta": leaf(torch.tensor(BETA, dtype=torch.float64))}
        with where():
            value = call(leaves["x"], leaves["patterns"], leaves["beta"], metric)
            wanted = [leaves[name] for name in ("x", "patterns", "beta") if name in promise.arguments]
            results.append([value.detach(), *derivatives(value, wanted, orders)])
    close(*results, torch.float64, 100)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("promise", "metric"), [c for c in CASES if c.values[0].order == 1])
def test_an_order_above_the_promised_one_is_an_error_that_says_what_to_do(
    promise: Promise, metric: Any, size: str
) -> None:
    x, patterns = (leaf(v) for v in points())
    with SIZES[size]():
        value = PAIRS[promise.function][0](x, patterns, BETA, metric)
        (slope,) = torch.autograd.grad(value.sum(), x, create_graph=True)
        with pytest.raises(NotImplementedError, match=r"second derivative.*function of two points"):
            slope.square().sum().backward()


KINDS = ["array", "memmap", "parameter", "view", "float32", "float16", "bfloat16", "big endian"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("promise", "metric"), CASES)
def test_every_kind_of_input_has_the_same_derivative(
    promise: Promise, metric: Any, kind: str, size: str, tmp_path: Path
) -> None:
    dtype = getattr(torch, kind) if kind in ("float32", "float16", "bfloat16") else torch.float64
    rows, stored = points(dtype)
    function, formula = PAIRS[promise.function]
    x, patterns, array = leaf(rows), leaf(stored), None
    if kind == "parameter":
        x, patterns = torch.nn.Parameter(rows), torch.nn.Parameter(stored)
    given_x, given = x, patterns
    if kind == "view":
        x, patterns = leaf(rows.T.contiguous()), leaf(stored.repeat_interleave(2, 0))
        given_x, given = x.T, patterns[::2]
    if kind in ("array", "memmap", "big endian"):
        if promise.function in ONLY_TENSORS or promise.arguments == ("patterns",):
            return
        array = stored.numpy().astype(">f8") if kind == "big endian" else stored.numpy()
        if kind == "memmap":
            np.save(tmp_path / "patterns.npy", array)
            array = np.load(tmp_path / "patterns.npy", mmap_mode="r")
    with SIZES[size]():
        value = function(given_x, given if array is None else array, BETA, metric)
        leaves = [x, patterns] if array is None else [x]
        if promise.arguments == ("patterns",):
            leaves = [patterns]
        result = derivatives(value, leaves, 1)
    true_x, true = (leaf(v.detach().double()) for v in (rows, stored))
    truth = {id(x): true_x, id(patterns): true}
    expected = derivatives(formula(true_x, true, BETA, metric), [truth[id(v)] for v in leaves], 1)
    if kind == "view":
        result = [r.T if r.shape == (3, 5) else r[::2] for r in result]
    else:
        assert [r.dtype for r in result] == [v.dtype for v in leaves]
    close(result, expected, dtype)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SELF)
def test_excluding_self_leaves_the_derivative_of_the_formula_without_the_diagonal(name: str, size: str) -> None:
    rows = points()[1]
    call = {
        "energy": lambda x: memory.energy(x, beta=BETA, exclude_self=True),
        "retrieve": lambda x: memory.retrieve(x, x, beta=BETA, exclude_self=True),
        "hessian_vector_product": lambda x: memory.hessian_vector_product(x, vectors(x), beta=BETA, exclude_self=True),
        "nearest": lambda x: memory.nearest(x, exclude_self=True)[0],
        "knn": lambda x: memory.knn(x, k=3, exclude_self=True)[0],
        "metrics.knn": lambda x: metrics.knn(x, k=3, metric="sqeuclidean", exclude_self=True)[0],
    }[name]

    def formula(x: Tensor) -> Tensor:
        costs = formula_costs(x, x, "sqeuclidean").masked_fill(torch.eye(len(x), dtype=torch.bool), math.inf)
        if name == "energy":
            return -torch.logsumexp(-BETA * costs, -1) / BETA
        if name == "retrieve":
            return torch.softmax(-BETA * costs, -1) @ x
        if name == "hessian_vector_product":  # In the queries alone: patterns are held.
            other = x.detach() if not x.requires_grad else x
            query = x + 0
            far = (query[:, None] - other).square().sum(-1)
            weights = torch.softmax(-BETA * far.masked_fill(torch.eye(len(x), dtype=torch.bool), math.inf), -1)
            mean = weights @ other
            along = ((other - mean[:, None]) * vectors(x)[:, None]).sum(-1)
            return 2 * vectors(x) - 4 * BETA * ((weights * along)[..., None] * (other - mean[:, None])).sum(1)
        near = costs.topk(1 if name == "nearest" else 3, largest=False).values
        near = near if name == "metrics.knn" else near.sqrt()
        return near[:, 0] if name == "nearest" else near

    one, other = leaf(rows), leaf(rows)
    with SIZES[size]():
        value = call(one)
        result = [value.detach(), *derivatives(value, [one], 2)]
    truth = formula(other)
    close(result, [truth.detach(), *derivatives(truth, [other], 2)], torch.float64, 100)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("promise", "metric"), CASES)
def test_transforms_of_torch_func_give_what_autograd_gives_or_refuse(promise: Promise, metric: Any, size: str) -> None:
    function = PAIRS[promise.function][0]
    x, patterns = points()
    with SIZES[size]():
        if not promise.transforms:
            if promise.arguments == ("patterns",):
                with pytest.raises(NotImplementedError, match=r"torch\.func"):
                    torch.func.grad(lambda p: function(x, p, BETA, metric).sum())(patterns)
                return
            query = leaf(x)
            (true,) = torch.autograd.grad(function(query, patterns, BETA, metric).sum(), query)
            close([torch.func.grad(lambda v: function(v, patterns, BETA, metric).sum())(x)], [true], torch.float64)
            with pytest.raises(RuntimeError):
                torch.func.hessian(lambda v: function(v, patterns, BETA, metric).sum())(x)
            return
        query = leaf(x)
        (true,) = torch.autograd.grad(function(query, patterns, BETA, metric).sin().sum(), query)
        result = torch.func.grad(lambda v: function(v, patterns, BETA, metric).sin().sum())(x)
        close([result], [true], torch.float64)
        pairs = torch.stack([x, x + 1]), torch.stack([patterns, 2 * patterns])
        each = torch.stack([function(a, b, BETA, metric) for a, b in zip(*pairs, strict=True)])
        close([torch.func.vmap(lambda a, b: function(a, b, BETA, metric))(*pairs)], [each], torch.float64)
        shared = torch.func.vmap(lambda a: function(a, patterns, BETA, metric))(pairs[0])
        close([shared], [torch.stack([function(a, patterns, BETA, metric) for a in pairs[0]])], torch.float64)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["energy", "retrieve", "mchn_energy"])
def test_jacobians_hessians_and_tangents_are_those_of_the_formula(name: str, size: str) -> None:
    function, formula = PAIRS[name]
    x, patterns = (v[:4, :2] for v in points())
    beta = torch.tensor(BETA, dtype=torch.float64)
    every: list[Callable[[Callable[..., Tensor]], Tensor]] = [
        lambda f: torch.func.hessian(lambda v: f(v, patterns, beta, "sqeuclidean").sin().sum())(x),
        lambda f: torch.func.jacrev(lambda v: f(x, v, beta, "sqeuclidean"))(patterns),
        lambda f: torch.func.jacfwd(lambda v: f(x, patterns, v, "sqeuclidean"))(beta),
        lambda f: torch.func.jvp(lambda *a: f(*a, "sqeuclidean"), (x, patterns, beta), (patterns, x, beta))[1],
        lambda f: torch.func.vmap(
            torch.func.grad(lambda p, v: f(v[None], p, beta, "sqeuclidean").sin().sum()), in_dims=(None, 0)
        )(patterns, x),
        lambda f: torch.func.vmap(lambda b: f(x, patterns, b, "sqeuclidean"))(torch.stack([beta, 2 * beta])),
    ]
    for transform in every:
        with SIZES[size]():
            result = transform(function)
        close([result], [transform(formula)], torch.float64)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", WITHOUT)
def test_functions_without_a_gradient_say_so_and_refuse_torch_func(name: str, size: str) -> None:
    x, patterns = points()
    documentation = (getattr(memory, name.split()[0]).__doc__ or "").split("Parameters")[0]
    assert "o gradient" in documentation
    with SIZES[size]():
        assert not WITHOUT[name](leaf(x), leaf(patterns)).requires_grad
        with pytest.raises(NotImplementedError, match=r"torch\.func"):
            torch.func.grad(lambda v: WITHOUT[name](v, patterns).sum())(x)
        with pytest.raises(NotImplementedError, match=r"torch\.func"):
            torch.func.vmap(lambda v: WITHOUT[name](v, patterns))(x[None])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("promise", "metric"), CASES)
def test_a_batch_of_memories_is_each_of_them_alone(promise: Promise, metric: Any, size: str) -> None:
    function = PAIRS[promise.function][0]
    x, patterns = points()
    batch = [torch.stack([v, v + 1, 2 * v]).view(3, 1, *v.shape).expand(3, 2, *v.shape) for v in (x, patterns)]
    with SIZES[size]():
        if not promise.batches:
            with pytest.raises(ValueError, match="shape"):
                function(*batch, BETA, metric)
            return
        one = leaf(batch[0])
        value = function(one, batch[1], BETA, metric)
        shared = function(batch[0], patterns, BETA, metric)
        alone = {at: function(batch[0][at], batch[1][at], BETA, metric) for at in itertools.product(range(3), range(2))}
        for at, true in alone.items():
            close([value[at]], [true], torch.float64)
            close([shared[at]], [function(batch[0][at], patterns, BETA, metric)], torch.float64)
        if "x" in promise.arguments:
            (slope,) = torch.autograd.grad(value.sum(), one)
            query = leaf(batch[0][1, 0])
            (true,) = torch.autograd.grad(function(query, batch[1][1, 0], BETA, metric).sum(), query)
            close([slope[1, 0]], [true], torch.float64)
        none = function(batch[0][:0], batch[1][:0], BETA, metric)
        assert none.shape == (0, *value.shape[1:])


def test_far_from_the_origin_a_steep_derivative_keeps_its_tolerance() -> None:
    make = torch.Generator().manual_seed(0)
    x, patterns = (torch.randn(count, 64, generator=make) for count in (40, 1500))
    x[:, 0] += 3000
    patterns[:, 0] += 3000
    far = tolerances()["float32, at norms of thousands with a beta of 100"]
    for call, formula in ((memory.energy, plain_energy), (memory.retrieve, plain_mean)):
        leaves, wide = [leaf(v) for v in (x, patterns)], [leaf(v.double()) for v in (x, patterns)]
        result = derivatives(call(*leaves, beta=100.0), leaves, 1)
        true = derivatives(formula(*wide, 100.0, "sqeuclidean"), wide, 1)
        for got, want in zip(result, true, strict=True):
            assert float((got.double() - want).abs().max()) < far * float(want.abs().max())
