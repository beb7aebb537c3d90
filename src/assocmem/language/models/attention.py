"""Queries, keys and weights of every attention head of a causal language model, as the model uses them.

The model is pointed at a recording attention function through transformers' public extension point, so queries and keys
come after any position encoding, keys are repeated for grouped heads, and the model need not be known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.masking_utils import eager_mask

__all__ = ["Captured", "Layer", "capture", "visit"]

NAME = "assocmem_recording"
HARMLESS = frozenset(
    {
        "cache_position",
        "is_causal",
        "output_attentions",
        "output_hidden_states",
        "output_router_logits",
        "position_ids",
        "return_dict",
        "sliding_window",
        "use_cache",
    }
)
"""Arguments that leave the weights the softmax of scaled inner products over the mask; a window is in the mask already.

Any other one may change them (caps, sinks, biases, blocks) and is refused."""


@dataclass(frozen=True)
class Layer:
    """One attention layer on one text of T tokens: h heads of size n.

    Attributes
    ----------
    queries, keys : Float[Tensor, "h T n"]
        Of each head, after any position encoding.
    weights : Float[Tensor, "h T T"]
        The softmax over the keys of ``scale * queries @ keys.T`` where it is allowed.
    allowed : Bool[Tensor, "T T"]
        True where a query (row) may look at a key (column).
    scale : float
        What inner products are multiplied by.
    shared : int
        Query heads per key head.
    """

    queries: Float[Tensor, "h T n"]
    keys: Float[Tensor, "h T n"]
    weights: Float[Tensor, "h T T"]
    allowed: Bool[Tensor, "T T"]
    scale: float
    shared: int


@dataclass(frozen=True)
class Captured:
    """What all attention layers computed on one text, and the loss there.

    Attributes
    ----------
    layers : tuple of Layer
        In the order of the model.
    loss_nats : float
        The model's loss on the text in nats per predicted token.
    """

    layers: tuple[Layer, ...]
    loss_nats: float


_RECORDING: ContextVar[Callable[[Layer], None] | None] = ContextVar("recording", default=None)
"""What is told of each layer while a model is looked into."""


def capture(model: PreTrainedModel, tokens: Int[Tensor, " T"]) -> Captured:
    """Run a model on one text and return what its attention layers computed.

    Parameters
    ----------
    model : PreTrainedModel
        A causal language model; it is left as it was.
    tokens : Int[Tensor, "T"]
        The text, two tokens or more.

    Returns
    -------
    Captured
        The layers, on the model's device.

    Raises
    ------
    ValueError
        For tokens of another shape, and for models whose attention cannot be recorded: those that do not go through
        transformers' attention interface, and those that hand it anything not known to leave the scores alone, such as
        biases, caps or sinks.
    """
    layers: list[Layer] = []
    loss = visit(model, tokens, layers.append)
    return Captured(tuple(layers), loss)


@torch.no_grad()
def visit(model: PreTrainedModel, tokens: Int[Tensor, " T"], see: Callable[[Layer], None]) -> float:
    """Run a model on one text and hand over each attention layer as it is computed; none is kept.

    Where a layer is reduced to its numbers at once, the memory beside the model is that of one layer.

    Parameters
    ----------
    model : PreTrainedModel
        A causal language model; it is left as it was.
    tokens : Int[Tensor, "T"]
        The text, two tokens or more.
    see : Callable
        Called with each layer, in the order of the model, on the model's device.

    Returns
    -------
    float
        The model's loss on the text in nats per predicted token.

    Raises
    ------
    ValueError
        As :func:`~assocmem.language.models.attention.capture` does.
    """
    if tokens.ndim != 1 or len(tokens) < 2:
        raise ValueError(f"tokens must have shape (T,) with T >= 2, got {tuple(tokens.shape)}")
    seen = 0

    def counted(layer: Layer) -> None:
        nonlocal seen
        seen += 1
        see(layer)

    token = _RECORDING.set(counted)
    try:
        with _recorded(model):
            logits = model(tokens[None].to(model.device), use_cache=False).logits[0, :-1]
    finally:
        _RECORDING.reset(token)
    if not seen:
        raise ValueError(f"{type(model).__name__} does not use transformers' attention interface; nothing was recorded")
    loss = functional.cross_entropy(logits.float(), tokens[1:].to(logits.device))
    return float(loss)


@contextmanager
def _recorded(model: PreTrainedModel) -> Iterator[None]:
    before, training = model.config._attn_implementation, model.training
    model.train(False)
    model.set_attn_implementation(NAME)
    try:
        yield
    finally:
        model.set_attn_implementation(before)
        model.train(training)


def _recording_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **others: Any,
) -> tuple[Tensor, Tensor]:
    """Attention as transformers defines it; its inputs and weights are shown to who looks into the model."""
    unknown = sorted(name for name, value in others.items() if value is not None and name not in HARMLESS)
    if unknown:
        name = type(module).__name__
        raise ValueError(f"{name} may change the scores by {', '.join(unknown)}; it cannot be recorded")
    scale = query.shape[-1] ** -0.5 if scaling is None else float(scaling)
    shared = query.shape[1] // key.shape[1]
    keys, values = key.repeat_interleave(shared, 1), value.repeat_interleave(shared, 1)
    allowed = _allowed(attention_mask, query)
    scores = (query @ keys.transpose(-1, -2)).float() * scale
    weights = scores.masked_fill(~allowed, -torch.inf).softmax(-1)
    see = _RECORDING.get()
    if see is not None:
        see(Layer(query[0], keys[0], weights[0], allowed[0, 0], scale, shared))
    return (weights.to(values.dtype) @ values).transpose(1, 2).contiguous(), weights


def _allowed(mask: Tensor | None, query: Tensor) -> Tensor:
    """The mask (b, 1, T, T) as booleans; ValueError where it is missing or holds anything but 0 and "never"."""
    if mask is None:
        raise ValueError("the model gave its attention no causal mask; it cannot be recorded")
    if mask.dtype == torch.bool:
        return mask
    open_ = mask == 0
    if not bool((open_ | (mask <= torch.finfo(query.dtype).min / 2)).all()):
        raise ValueError("the model adds a bias to its scores through the mask; it cannot be recorded")
    return open_


AttentionInterface.register(NAME, _recording_attention)
AttentionMaskInterface.register(NAME, eager_mask)
