"""What every public function does before its own work: batches, autocast, torch.compile and torch.export.

Batches of memories become one call or a loop; under autocast mixed types meet in float32; torch.compile leaves a call
alone, at the price of one graph break; torch.export gets an error that says so.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
import torch
from torch import Tensor

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

POINTS = ("x", "patterns", "vectors")
"""Arguments that have a row a point."""

CAST = (torch.float16, torch.bfloat16, torch.float32)
"""What autocast may change; torch's own rule leaves float64 alone."""


def public(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """A public function of one memory."""
    return _public(function, batched=False)


def batched(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """A public function that takes queries (..., m, n) and patterns (..., d, n), whose leading axes broadcast."""
    return _public(function, batched=True)


def _public(function: Callable[Arguments, Result], *, batched: bool) -> Callable[Arguments, Result]:
    signature = inspect.signature(function)
    recorded = (
        f"{getattr(function, '__name__', 'this function')} looks at the numbers that it gets, so torch.{{}} cannot "
        "record it; DistanceMemory can be recorded"
    )

    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        x = args[0] if args else kwargs.get("x")
        if not isinstance(x, Tensor):
            return function(*args, **kwargs)
        kind = x.device.type
        autocast = torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind)
        many = batched and not x.is_nested and any(getattr(v, "ndim", 0) > 2 for v in (*args, *kwargs.values()))
        if not (autocast or many):
            return function(*args, **kwargs)
        bound = signature.bind(*args, **kwargs)
        if autocast:
            _cast(bound.arguments)
        if many:
            return _batch(function, bound)  # type: ignore[no-any-return]
        return function(*bound.args, **bound.kwargs)

    @wraps(function)
    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        if torch.compiler.is_compiling():
            if torch.compiler.is_exporting():
                raise NotImplementedError(recorded.format("export"))
            alone: Any = torch.compiler.disable
            return alone(run)(*args, **kwargs)  # type: ignore[no-any-return]
        if torch._C._get_tracing_state() is not None:
            raise NotImplementedError(recorded.format("jit.trace"))
        return run(*args, **kwargs)

    return call


def _cast(arguments: dict[str, Any]) -> None:
    """Points of mixed types in float32, as under autocast the functions of torch that sum; float64 stays."""
    named = {name: [arguments[name]] for name in POINTS if isinstance(arguments.get(name), (Tensor, np.ndarray))}
    if isinstance(arguments.get("layers"), (list, tuple)):
        named["layers"] = list(arguments["layers"])
    every = [value for values in named.values() for value in values]
    dtypes = {getattr(value, "dtype", None) for value in every if isinstance(value, Tensor)}
    arrays = {value.dtype.name for value in every if isinstance(value, np.ndarray)}
    if not dtypes <= set(CAST) or len(dtypes | {getattr(torch, name, None) for name in arrays}) < 2:
        return
    done: dict[int, Any] = {}
    for name, values in named.items():
        cast = [done.setdefault(id(value), value.float()) if isinstance(value, Tensor) else value for value in values]
        arguments[name] = cast if name == "layers" else cast[0]


def _batch(function: Callable[..., Any], bound: inspect.BoundArguments) -> Any:
    """Queries of a batch that share their patterns at once, others one memory after the other."""
    arguments = bound.arguments
    points = {name: arguments[name] for name in POINTS if getattr(arguments.get(name), "ndim", 0) >= 2}
    short = [name for name in POINTS if isinstance(arguments.get(name), (Tensor, np.ndarray)) and name not in points]
    if short:
        raise ValueError(f"{short[0]} must have shape (..., rows, n), got {tuple(arguments[short[0]].shape)}")
    itself = arguments.get("patterns") is arguments["x"]
    try:
        lead = np.broadcast_shapes(*(tuple(value.shape[:-2]) for value in points.values()))
    except ValueError:
        shapes = " and ".join(f"{name} {tuple(value.shape)}" for name, value in points.items())
        raise ValueError(f"leading axes must broadcast, got {shapes}") from None

    def called(**replaced: Any) -> tuple[Any, ...]:
        arguments.update(replaced)
        result = function(*bound.args, **bound.kwargs)
        return result if isinstance(result, tuple) else (result,)

    def restored(parts: tuple[Any, ...], shape: tuple[int, ...], rows: tuple[int, ...] = ()) -> Any:
        out = tuple(part.reshape(*shape, *rows, *part.shape[1:]) for part in parts)
        return out if len(out) > 1 else out[0]

    if getattr(points.get("patterns"), "ndim", 0) == 2:
        per_query = {name: value for name, value in points.items() if name != "patterns"}
        rows = next(iter(per_query.values())).shape[-2]
        flat = {name: value.expand(*lead, *value.shape[-2:]).flatten(0, -2) for name, value in per_query.items()}
        return restored(called(**flat), tuple(lead), (rows,))
    wide = {
        name: value.expand(*lead, *value.shape[-2:])
        if isinstance(value, Tensor)
        else np.broadcast_to(value, (*lead, *value.shape[-2:]))
        for name, value in points.items()
    }
    places = list(np.ndindex(*lead))
    # Without any memory in the batch one of zeros says what shapes there would be.
    chosen = [{name: value[at] for name, value in wide.items()} for at in places] or [
        {name: torch.zeros(value.shape[-2:], dtype=arguments["x"].dtype) for name, value in wide.items()}
    ]
    if itself:
        chosen = [{**one, "patterns": one["x"]} for one in chosen]
    every = [called(**one) for one in chosen]
    stacked = tuple(torch.stack(column)[: len(places)] for column in zip(*every, strict=True))
    return restored(stacked, tuple(lead))
