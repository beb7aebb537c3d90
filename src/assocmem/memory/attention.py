"""A memory as a module: what an attention layer retrieves, with the key bias that makes its softmax that of distances.

``softmax(-beta |x - rho|^2) = softmax(2 beta x.rho - beta |rho|^2)``, so one call of ``scaled_dot_product_attention``
does it in O(m + d) memory. Distances do not change when the patterns' mean is taken off queries and keys; logits get
smaller.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from assocmem.memory._tiled.checks import check_beta, check_precision
from assocmem.memory._tiled.precision import Precision, matmul_precision
from assocmem.memory._tiled.rows import FLOATS, work_dtype
from assocmem.memory.energy import energy

__all__ = ["DistanceMemory"]

ROOM = 0.9
"""Part of a type's range that scores may fill; rounding has the rest."""


class DistanceMemory(nn.Module):
    """Retrieval ``sum_i softmax_i(-beta |x - rho_i|^2) v_i`` from fixed or learned patterns and values.

    What is learned is a parameter (beta by its logarithm); otherwise patterns and values are buffers. The result has
    the type of the patterns.

    float32 and float64 take the key bias as an attention mask, or where it has a gradient as one more key column.
    bfloat16 takes it as three more columns that add up to it, which lets the flash kernels run; so does float16, as
    long as its range holds the scores, and else attention is computed in float32. Scores beyond the range of float32
    are computed in float64. Whether a type holds them is looked up with ``check_finite``; without that, float16 is
    always computed in float32, and float32 is taken to suffice. As fast as attention, and as exact: scores are not
    refined, so use :func:`assocmem.memory.retrieve` where float32 distances must be right at norms of thousands.

    What is given is copied. The state dict holds a fixed beta too, under ``_extra_state``. It can be made on the meta
    device, and runs in one graph under torch.compile, torch.export and torch.func, where queries are not searched for
    nan and the caller's settings of precision hold. A second derivative needs
    ``torch.nn.attention.sdpa_kernel(SDPBackend.MATH)``; without it torch raises an error.

    Parameters
    ----------
    patterns : Float[Tensor, "d n"] or Float[Tensor, "h d n"]
        Stored patterns, of each head.
    values : Float[Tensor, "d p"] or Float[Tensor, "h d p"], optional
        What is returned in their place; the patterns, unless they are set.
    beta : float
        Inverse temperature, or where it starts.
    learn_patterns : bool
        Whether patterns are a parameter.
    learn_values : bool
        Whether values are a parameter.
    learn_beta : bool
        Whether beta is a parameter.
    precision : {"ieee", "tf32"}, optional
        Of the products of a forward pass; None leaves the caller's settings.
    check_finite : bool
        Whether queries are searched for nan and infinity, which costs a synchronization a call.

    Raises
    ------
    TypeError
        If an argument has another type, or patterns and values differ in type.
    ValueError
        If an argument has another shape or value, naming it.

    Examples
    --------
    >>> import torch
    >>> from assocmem.memory import DistanceMemory
    >>> memory = DistanceMemory(torch.tensor([[0.0, 0.0], [2.0, 0.0]]), beta=100.0)
    >>> memory(torch.tensor([[[1.5, 5.0]]])).tolist()
    [[[2.0, 0.0]]]
    >>> block = torch.nn.Sequential(torch.nn.Linear(8, 2), memory)
    >>> block(torch.zeros(4, 7, 8)).shape
    torch.Size([4, 7, 2])
    """

    def __init__(
        self,
        patterns: Float[Tensor, "*h d n"],
        values: Float[Tensor, "*h d p"] | None = None,
        *,
        beta: float = 1.0,
        learn_patterns: bool = False,
        learn_values: bool = False,
        learn_beta: bool = False,
        precision: Precision | None = "ieee",
        check_finite: bool = True,
    ) -> None:
        super().__init__()
        _check_stored("patterns", patterns)
        if values is not None:
            _check_stored("values", values)
            if values.shape[:-1] != patterns.shape[:-1]:
                raise ValueError(f"values must have shape {(*patterns.shape[:-1], 'p')}, got {tuple(values.shape)}")
            if values.dtype != patterns.dtype:
                raise TypeError(f"values have dtype {values.dtype} and patterns {patterns.dtype}; they must agree")
        elif learn_values:
            raise ValueError("learn_values needs values, got None")
        if precision is not None:
            check_precision(precision)
        beta = check_beta(beta)
        self.patterns: Tensor
        self.values: Tensor | None
        self._store("patterns", patterns, learn_patterns)
        if values is None:
            self.values = None
        else:
            self._store("values", values, learn_values)
        self._fixed_beta = beta
        log_beta = torch.tensor(math.log(beta), dtype=work_dtype(patterns.dtype), device=patterns.device)
        self.log_beta = nn.Parameter(log_beta) if learn_beta else None
        self.precision: Precision | None = precision
        self.check_finite = check_finite

    def _store(self, name: str, value: Tensor, learned: bool) -> None:
        if learned:
            self.register_parameter(name, nn.Parameter(value.detach().clone()))
        else:
            self.register_buffer(name, value.detach().clone())

    @property
    def beta(self) -> float | Float[Tensor, ""]:
        """Inverse temperature: a float, or a tensor with a gradient where it is learned."""
        return self._fixed_beta if self.log_beta is None else self.log_beta.exp()

    def get_extra_state(self) -> Tensor:
        """Beta as it is now, for the state dict.

        Returns
        -------
        Float64[Tensor, ""]
            On the CPU; nan for a learned beta on the meta device.
        """
        on_meta = self.log_beta is not None and self.log_beta.is_meta
        return torch.tensor(math.nan if on_meta else self._number(), dtype=torch.float64)

    def set_extra_state(self, state: Tensor) -> None:
        """Take a fixed beta from a state dict; a learned one comes with the parameters.

        Parameters
        ----------
        state : Float64[Tensor, ""]
            As ``get_extra_state`` gives it.

        Raises
        ------
        ValueError
            For what is no positive finite number.
        """
        if self.log_beta is None:
            self._fixed_beta = check_beta(float(state))

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
        """As torch does, and a file from before beta was kept in it leaves beta as it is, with a word."""
        key = f"{prefix}_extra_state"
        if key not in state_dict:
            if self.log_beta is None:
                text = f"the state has no beta ({key}), as before it was kept there; beta={self._fixed_beta:g} stays"
                warnings.warn(text, stacklevel=2)
            state_dict[key] = self.get_extra_state()
        super()._load_from_state_dict(state_dict, prefix, *rest)

    def _number(self) -> float:
        return self._fixed_beta if self.log_beta is None else math.exp(float(self.log_beta.detach()))

    def forward(self, x: Float[Tensor, "... m n"]) -> Float[Tensor, "... m p"]:
        """Retrieve.

        Parameters
        ----------
        x : Float[Tensor, "... m n"]
            Queries; with heads, the last axis of the batch is theirs.

        Returns
        -------
        Float[Tensor, "... m p"]
            Weighted means of values (of patterns, where there are none).

        Raises
        ------
        TypeError
            If the queries are no tensor of the patterns' type.
        ValueError
            If they have another shape or device or are not finite, or no type here holds the scores.
        """
        x = self._queries(x)
        lead, n = x.shape[:-1], x.shape[-1]
        if x.numel() == 0:
            return x.new_zeros(*lead, n if self.values is None else self.values.shape[-1])
        heads = self.patterns.ndim == 3
        flat = x.reshape(-1, *x.shape[-3:]) if heads else x.reshape(1, 1, -1, n)
        if self.precision is None or _recorded(x):
            out = self._attend(flat)
        else:
            with matmul_precision(x.device, self.precision):
                out = self._attend(flat)
        return out.reshape(*lead, out.shape[-1])

    def energy(self, x: Float[Tensor, "*batch n"]) -> Float[Tensor, "*batch"]:
        """E_beta of queries by :func:`assocmem.memory.energy`, for patterns without heads.

        Differentiable in queries, patterns and a learned beta, as often as wanted.

        Parameters
        ----------
        x : Float[Tensor, "... n"]
            Queries.

        Returns
        -------
        Float[Tensor, "..."]
            Energies in float32 or float64.

        Raises
        ------
        TypeError
            If the queries are no tensor of the patterns' type.
        ValueError
            If they have another shape or device, or are not finite, or the patterns have heads.
        """
        if self.patterns.ndim != 2:
            raise ValueError(f"energy needs patterns (d, n), got {tuple(self.patterns.shape)}")
        x = self._queries(x)
        return energy(x.reshape(-1, x.shape[-1]), self.patterns, beta=self.beta).reshape(x.shape[:-1])

    def extra_repr(self) -> str:
        """Shape of the patterns, beta and precision."""
        beta = self.get_extra_state().item()
        return f"patterns={tuple(self.patterns.shape)}, beta={beta:g}, precision={self.precision}"

    def _queries(self, x: Tensor) -> Tensor:
        """x of the right shape and device; cast to the patterns' dtype only under autocast."""
        if not isinstance(x, Tensor):
            raise TypeError(f"x must be a torch.Tensor, got {type(x).__name__}")
        least = self.patterns.ndim
        if x.ndim < least or x.shape[-1] != self.patterns.shape[-1]:
            raise ValueError(f"x must have shape (..., m, {self.patterns.shape[-1]}), got {tuple(x.shape)}")
        if least == 3 and x.shape[-3] != self.patterns.shape[0]:
            raise ValueError(f"x must have {self.patterns.shape[0]} heads in axis -3, got {tuple(x.shape)}")
        if x.device != self.patterns.device:
            raise ValueError(f"x is on {x.device} and patterns on {self.patterns.device}; they must agree")
        if x.dtype != self.patterns.dtype:
            if not (x.is_floating_point() and torch.is_autocast_enabled(x.device.type)):
                raise TypeError(f"x has dtype {x.dtype} and patterns {self.patterns.dtype}; they must agree")
            x = x.to(self.patterns.dtype)
        return x

    def _attend(self, x: Tensor, wide: torch.dtype | None = None) -> Tensor:
        """Attention of centered queries (b, h, m, n) over centered keys, with the bias ``-beta |rho|^2``."""
        wide = work_dtype(x.dtype) if wide is None else wide
        patterns, beta = self.patterns.to(wide), self.beta
        center = patterns.detach().mean(-2, keepdim=True)
        keys = (patterns - center).reshape(1, -1, *patterns.shape[-2:])
        query = x.to(wide) - center
        bias = -beta * keys.square().sum(-1)
        largest = self._largest(query, keys, bias)
        if largest is not None and not largest < ROOM * torch.finfo(wide).max:
            self._refuse(x, wide)
            return self._attend(x, torch.float64)
        values = keys if self.values is None else self.values.reshape(1, -1, *self.values.shape[-2:])
        keys, values = (t.expand(len(x), *t.shape[1:]) for t in (keys, values))
        held = largest is not None and largest < ROOM * torch.finfo(x.dtype).max
        if wide != torch.float64 and (x.dtype == torch.bfloat16 or (x.dtype == torch.float16 and held)):
            out = _with_columns(query * (2 * beta), keys, values, _parts(bias, x.dtype), x.dtype)
        elif bias.requires_grad:  # A mask with a gradient would be formed for every query, m x d.
            out = _with_columns(query * (2 * beta), keys, values, [bias], wide)
        else:
            query, scale = (query, 2 * beta) if isinstance(beta, float) else (query * (2 * beta), 1.0)
            mask = bias[:, :, None, :]
            out = functional.scaled_dot_product_attention(query, keys, values.to(wide), attn_mask=mask, scale=scale)
        return (out.to(wide) + center).to(x.dtype) if self.values is None else out.to(x.dtype)

    @torch.no_grad()
    def _largest(self, query: Tensor, keys: Tensor, bias: Tensor) -> float | None:
        """A bound of scores, their parts and factors, not finite where these are not; None where nobody may look."""
        if not self.check_finite or _recorded(query):
            return None
        longest, key = (torch.linalg.vector_norm(t, dim=-1).amax().double() for t in (query, keys))
        return float(2 * self.beta * longest.clamp(min=1.0) * key.clamp(min=1.0) - bias.amin())

    def _refuse(self, x: Tensor, wide: torch.dtype) -> None:
        """ValueError for queries that are not finite, and for scores that no wider type holds."""
        if not bool(torch.isfinite(x).all()):
            raise ValueError("x must be finite, got nan or infinity")
        if wide == torch.float64 or x.device.type == "mps":
            raise ValueError(f"x, patterns and beta give scores beyond the range of {wide}; scale them down")


def _recorded(x: Tensor) -> bool:
    """Whether torch records the calls, so that no number may be looked at."""
    return torch.compiler.is_compiling() or x.is_meta or torch._C._functorch.is_functorch_wrapped_tensor(x)


def _parts(bias: Tensor, dtype: torch.dtype) -> list[Tensor]:
    """High, middle and low part, which add up to the bias."""
    parts, remainder = [], bias
    for _ in range(3):
        parts.append(remainder.to(dtype))
        remainder = remainder - parts[-1].to(remainder.dtype)
    return parts


def _with_columns(query: Tensor, keys: Tensor, values: Tensor, bias: list[Tensor], dtype: torch.dtype) -> Tensor:
    """Attention in a type, with the parts of the bias as key columns."""
    count = len(bias)
    columns = torch.stack(bias, -1).expand(*keys.shape[:-1], count)
    ones = torch.ones(*query.shape[:-1], count, dtype=dtype, device=query.device)
    width = -(-max(keys.shape[-1] + count, values.shape[-1]) // 8) * 8  # Equal widths, a multiple of 8: else no flash.
    full = (torch.cat([query.to(dtype), ones], -1), torch.cat([keys.to(dtype), columns], -1), values.to(dtype))
    q, k, v = (functional.pad(t, (0, width - t.shape[-1])) for t in full)
    return functional.scaled_dot_product_attention(q, k, v, scale=1.0)[..., : values.shape[-1]]


def _check_stored(name: str, value: Tensor) -> None:
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, got {type(value).__name__}")
    if value.dtype not in FLOATS:
        raise TypeError(f"{name} must be floating point, got {value.dtype}")
    if value.ndim not in (2, 3):
        raise ValueError(f"{name} must have shape (d, n) or (h, d, n), got {tuple(value.shape)}")
    if value.shape[-2] == 0:
        raise ValueError(f"{name} must hold at least one row, got an empty tensor")
    if not value.is_meta and not bool(torch.isfinite(value).all()):
        raise ValueError(f"{name} must be finite, got nan or infinity")
