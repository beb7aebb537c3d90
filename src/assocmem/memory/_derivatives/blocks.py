"""Programs over all queries, block by block, as functions of autograd whose gradient is such a program again.

Nothing of size m x d is held, nor saved for a later backward pass: each order forms its blocks anew, in float64. So any
derivative exists at any size, also inside torch.func. Patterns are held in float64 meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from assocmem.memory._derivatives.case import Case, unchanged
from assocmem.memory._derivatives.programs import BETA, PATTERNS, Gradient, Program, Setting, Shape, X
from assocmem.memory._tiled.checks import check_beta
from assocmem.memory._tiled.precision import matmul_precision
from assocmem.memory._tiled.rows import extent
from assocmem.memory._tiled.wrapped import apply

SIZE = 1 << 19
"""Numbers of one table of costs where there are not more patterns; some thirty such are held at once."""

Inputs = Sequence[Tensor | float | None]


class Blocks(torch.autograd.Function):
    """The outputs of a program, in float64, from the inputs that it takes; None for patterns of an array."""

    @staticmethod
    def forward(case: Case, program: Program, *inputs: Tensor | float | None) -> tuple[Tensor, ...]:
        """Block by block."""
        return summed(case, program, inputs)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
        """Keep the inputs."""
        ctx.case, ctx.program, *values = inputs
        keep(ctx, values)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor | None) -> tuple[Any, ...]:
        """The next program."""
        plain(outer)
        return None, None, *backward_of(ctx.case, ctx.program, kept(ctx), ctx.needs_input_grad[2:], outer)

    @staticmethod
    def jvp(ctx: Any, _case: None, _program: None, *tangents: Tensor | None) -> tuple[Tensor, ...]:
        """How outputs move with the inputs."""
        return pushed(ctx.case, ctx.program, kept(ctx), tangents)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *arguments: Any) -> tuple[Any, Any]:
        """One after the other."""
        return looped(Blocks, info, in_dims, arguments)


def keep(ctx: Any, values: Sequence[Any]) -> None:
    """Save tensors as autograd wants them saved, and remember the rest."""
    ctx.set_materialize_grads(False)
    tensors = [v if isinstance(v, Tensor) else None for v in values]
    ctx.others = [None if isinstance(v, Tensor) else v for v in values]
    ctx.save_for_backward(*tensors)
    ctx.save_for_forward(*tensors)


def kept(ctx: Any) -> list[Any]:
    """What `keep` saved; autograd raises an error here if a tensor was changed in place since."""
    return [other if saved is None else saved for saved, other in zip(ctx.saved_tensors, ctx.others, strict=True)]


def plain(outer: Sequence[Tensor | None]) -> None:
    """NotImplementedError for a batch of outer gradients of the kind that ``is_grads_batched`` makes."""
    if any(isinstance(o, Tensor) and torch._C._functorch.is_legacy_batchedtensor(o) for o in outer):
        raise NotImplementedError(
            "batched outer gradients (is_grads_batched=True, or vectorize=True in torch.autograd.functional) are not "
            "implemented for input of this size; use torch.func.jacrev or torch.func.hessian"
        )


def applied(case: Case, program: Program, inputs: Inputs) -> tuple[Tensor, ...]:
    """`Blocks`, typed."""
    value: tuple[Tensor, ...] = apply(Blocks, case, program, *inputs)
    return value


def backward_of(
    case: Case, program: Program, inputs: Inputs, needs: Sequence[bool], outer: Sequence[Tensor | None]
) -> list[Tensor | None]:
    """Gradients in all inputs of a program, None where none is needed."""
    given = tuple(g for g, value in enumerate(outer) if value is not None)
    wanted = tuple(w for w, need in enumerate(needs) if need)
    result: list[Tensor | None] = [None] * len(inputs)
    if given and wanted:
        parts = applied(case, Gradient(program, given, wanted), [*inputs, *(outer[g] for g in given)])
        for w, part in zip(wanted, parts, strict=True):
            like = inputs[w]
            assert isinstance(like, Tensor)
            result[w] = part.to(like.device, like.dtype)
    return result


def pushed(case: Case, program: Program, inputs: Inputs, tangents: Sequence[Tensor | None]) -> tuple[Tensor, ...]:
    """Tangents of a program's outputs: its gradient is linear in the outer gradients, and their slopes are these."""
    moving = tuple(i for i, tangent in enumerate(tangents) if tangent is not None)
    every = tuple(range(len(program.gives)))
    back = Gradient(program, every, moving)
    count = len(inputs)
    forward = Gradient(back, tuple(range(len(moving))), tuple(range(count, count + len(every))))
    return applied(case, forward, [*inputs, *(None for _ in every), *(tangents[i] for i in moving)])


def looped(function: Any, info: Any, in_dims: Sequence[int | None], arguments: Sequence[Any]) -> tuple[Any, Any]:
    """A function of autograd for each element of a batch, as its rule for vmap."""
    every = [
        apply(
            function, *(a.select(at, i) if isinstance(at, int) else a for a, at in zip(arguments, in_dims, strict=True))
        )
        for i in range(info.batch_size)
    ]
    stacked = tuple(torch.stack(column) for column in zip(*every, strict=True))
    return stacked, (0,) * len(stacked)


@torch.no_grad()
def summed(case: Case, program: Program, inputs: Inputs) -> tuple[Tensor, ...]:
    """The outputs of a program in float64, block of queries by block; an outer gradient that is None counts as 0."""
    x, stored, beta = inputs[X], inputs[PATTERNS], inputs[BETA]
    assert isinstance(x, Tensor)
    assert stored is None or isinstance(stored, Tensor)
    number = check_beta(beta)  # type: ignore[arg-type]
    rows, center, direct = case.geometry(x, stored, number)
    if case.array is not None:
        unchanged(case, extent(rows))
    m, wide = len(x), center.dtype
    shapes: dict[Shape, tuple[int, ...]] = {"m": (m,), "m n": (m, rows.n), "d n": (rows.count, rows.n), "": ()}
    whole = [_wide(value, shapes[shape], x, wide) for value, shape in zip(inputs, program.takes, strict=True)]
    whole[PATTERNS] = rows.whole().to(wide) - center
    whole[BETA] = torch.tensor(number, dtype=wide, device=x.device)
    totals = [center.new_zeros(shapes[shape]) for shape in program.gives]
    step = max(1, SIZE // max(1, rows.count * (rows.n if direct else 1)))
    with matmul_precision(x.device, "ieee"):
        for top in range(0, m, step):
            part = slice(top, min(top + step, m))
            block = [v[part] if _by_query(shape) else v for v, shape in zip(whole, program.takes, strict=True)]
            block = [value.to(wide) for value in block]
            block[X] = block[X] - center
            outputs = program(Setting(case.dot, direct, _own(case, part, rows.count, x.device)), block, again=False)
            for shape, total, output in zip(program.gives, totals, outputs, strict=True):
                target = total[part] if _by_query(shape) else total
                target += output.detach()
    return tuple(totals)


def _wide(value: Tensor | float | None, shape: tuple[int, ...], x: Tensor, wide: torch.dtype) -> Tensor:
    """An input on the queries' device; what has a row for each query is widened block by block."""
    if isinstance(value, Tensor):
        return value.detach().to(x.device)
    return torch.zeros((), dtype=wide, device=x.device).expand(shape)


def _by_query(shape: Shape) -> bool:
    return shape in ("m", "m n")


def _own(case: Case, part: slice, count: int, device: torch.device) -> Tensor | None:
    """Where queries of a block meet themselves (r, d)."""
    if not case.own:
        return None
    return torch.arange(part.start, part.stop, device=device)[:, None] == torch.arange(count, device=device)
