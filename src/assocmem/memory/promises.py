"""What can be differentiated, in what and how often: one table, from which the guide is made and over which tests run.

It holds for every kind of input alike: tensors, parameters, views, numpy arrays and memmaps (which have no gradient of
their own, and leave that of the queries), half, single and double precision, and at any size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Promise", "Surrounding", "promises", "surroundings", "tolerances"]

Order = int | Literal["any"]
"""The highest order of a derivative; 0 where none is recorded."""

SQUARED, NAMED, FUNCTION = "sqeuclidean", "l1, euclidean, linf", "a function of two points"
ALL = f"{SQUARED}, {NAMED}, {FUNCTION}"


@dataclass(frozen=True)
class Promise:
    """What a function promises for some metrics.

    Attributes
    ----------
    function : str
        A name of ``assocmem.memory``.
    metrics : str
        For which distances; empty where the function has none to choose.
    arguments : tuple of str
        In what it can be differentiated.
    order : int or "any"
        How often, with mixed derivatives counted; 0 for not at all.
    transforms : bool
        Whether it runs inside torch.func (grad, vjp, jvp, jacrev, jacfwd, hessian, vmap), to the same order.
    batches : bool
        Whether leading axes of queries (..., m, n) and patterns (..., d, n) are taken, and broadcast.
    """

    function: str
    metrics: str
    arguments: tuple[str, ...]
    order: Order
    transforms: bool
    batches: bool


@dataclass(frozen=True)
class Surrounding:
    """What every function does in some surrounding of torch."""

    name: str
    what: str


_SUMS = ("x", "patterns", "beta")
_POINTS = ("x", "patterns")
_PROMISES = (
    Promise("energy", SQUARED, _SUMS, "any", True, True),
    Promise("energy", NAMED, _SUMS, 1, False, True),
    Promise("energy", FUNCTION, _SUMS, "any", True, True),
    Promise("mchn_energy", "", _SUMS, "any", True, True),
    Promise("layer_energies", SQUARED, _SUMS, "any", True, False),
    Promise("layer_energies", NAMED, _SUMS, 1, False, False),
    Promise("layer_energies", FUNCTION, _SUMS, "any", True, False),
    Promise("global_energy", SQUARED, _SUMS, "any", True, False),
    Promise("global_energy", NAMED, _SUMS, 1, False, False),
    Promise("global_energy", FUNCTION, _SUMS, "any", True, False),
    Promise("retrieve", SQUARED, _SUMS, "any", True, True),
    Promise("retrieve", "l1", ("patterns",), "any", False, True),
    Promise("mixture_step", SQUARED, _SUMS, "any", True, False),
    Promise("mixture_step", "l1", ("patterns",), "any", False, False),
    Promise("hessian_vector_product", "", ("x", "vectors", "patterns", "beta"), "any", True, True),
    Promise("squared_distances", "", _POINTS, "any", True, True),
    Promise("nearest_sq_distance", "", _POINTS, "any", True, True),
    Promise("nearest_distance", ALL, _POINTS, "any", True, True),
    Promise("nearest", ALL, _POINTS, "any", True, True),
    Promise("knn", ALL, _POINTS, "any", True, True),
    Promise("metrics.knn", ALL, _POINTS, "any", True, True),
    Promise("toward_nearest", ALL, _POINTS, "any", True, False),
    Promise("energy_and_gradient", ALL, (), 0, False, True),
    Promise("fixed_point", f"{SQUARED}, l1", (), 0, False, False),
    Promise("layered_path", ALL, (), 0, False, False),
    Promise("stream", "", (), 0, False, False),
    Promise("ShardedMemory", "", (), 0, False, False),
)
_SURROUNDINGS = (
    Surrounding("a change in place between forward and backward", "RuntimeError, as torch raises it"),
    Surrounding("torch.autocast", "half and single precision meet in float32, in which the result comes"),
    Surrounding("torch.compile", "the same results, with one graph break for each call; fullgraph=True is an error"),
    Surrounding("torch.export and torch.jit.trace", "NotImplementedError"),
    Surrounding("sparse and nested tensors", "TypeError that says how to make them dense"),
    Surrounding("is_grads_batched or vectorize=True", "NotImplementedError above a small size; use torch.func"),
    Surrounding("no derivative inside torch.func", "NotImplementedError from functions that record none"),
)


def promises() -> tuple[Promise, ...]:
    """What each function can be differentiated in, and how often.

    Returns
    -------
    tuple of Promise
        Function by function.
    """
    return _PROMISES


def surroundings() -> tuple[Surrounding, ...]:
    """What all functions do under autocast, torch.compile and their likes.

    Returns
    -------
    tuple of Surrounding
        One by one.
    """
    return _SURROUNDINGS


def tolerances() -> dict[str, float]:
    """How far a first derivative may be from that of the plain formula in float64, relative to its largest entry.

    They hold for derivatives in queries, patterns and beta, and for the gradient that ``energy_and_gradient`` returns;
    of :class:`assocmem.memory.DistanceMemory` as far as its scores do, which are rounded as those of attention are.
    Half precision rounds the derivative itself. In float32 the retrieval is rounded where it lies, so that far from the
    origin a steep derivative of it loses digits.

    Returns
    -------
    dict of str to float
        By the type of queries and patterns.
    """
    return {
        "float64": 1e-9,
        "float32": 2e-5,
        "float32, at norms of thousands with a beta of 100": 5e-3,
        "float16": 4e-3,
        "bfloat16": 3e-2,
    }
