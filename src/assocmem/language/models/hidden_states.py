"""What every layer of a causal language model computes at the last position of each text, from one forward pass.

Hooks keep one vector a layer and text while the model runs, so that many layers cost no more memory than one, and the
head over the vocabulary is not run. Models need not be known here: their layers are the list of as many modules as the
configuration says.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from transformers import PreTrainedModel

__all__ = ["NORM", "context_of", "layer_names", "layer_vectors"]

NORM = "norm"
"""What the model hands to its head: behind the final normalization, where it has one."""


def layer_names(model: PreTrainedModel) -> list[str]:
    """What the vectors of :func:`layer_vectors` are called.

    Parameters
    ----------
    model : PreTrainedModel
        A causal language model.

    Returns
    -------
    list[str]
        "0", the input of the first layer; "1" and so on, the output of each layer; "norm".

    Raises
    ------
    ValueError
        For a model in which no layers can be recognized.
    """
    return [str(number) for number in range(len(_layers(model)) + 1)] + [NORM]


def context_of(model: PreTrainedModel) -> int | None:
    """The most tokens that a model takes, by its configuration; None where that does not say."""
    most = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return most if isinstance(most, int) else None


@torch.inference_mode()
def layer_vectors(
    model: PreTrainedModel, tokens: Int[Tensor, "b T"], last: Int[Tensor, " b"], *, whole: bool = False
) -> Float[Tensor, "b layers n"]:
    """The vectors of all layers at one position of each text.

    Parameters
    ----------
    model : PreTrainedModel
        A causal language model in evaluation mode.
    tokens : Int[Tensor, "b T"]
        Texts, filled up behind their ends with any id: no position looks ahead.
    last : Int[Tensor, "b"]
        The position of each text, its last one.
    whole : bool
        Whether to take all T positions of the last vector alone instead, one after another: n is then T times the
        width, and there is one layer, "norm".

    Returns
    -------
    Float[Tensor, "b layers n"]
        In float32, on the model's device, in the order of :func:`layer_names`.

    Raises
    ------
    ValueError
        For a model that hands out no hidden states.
    """
    layers, rows = _layers(model), torch.arange(len(tokens), device=model.device)
    tokens, last = tokens.to(model.device), last.to(model.device)
    found: list[Tensor] = []

    def see(state: Tensor) -> None:
        if not whole:
            found.append(state[rows, last].float())

    with _watched(layers, see):
        state = _last_state(model, tokens)
    if whole:
        return state.float().flatten(1)[:, None]
    see(state)
    if len(found) != len(layers) + 2:
        raise ValueError(f"model {type(model).__name__} ran {len(found) - 2} of its {len(layers)} layers once")
    return torch.stack(found, 1)


def _layers(model: PreTrainedModel) -> nn.ModuleList:
    depth = getattr(model.config.get_text_config(), "num_hidden_layers", None)
    lists = [module for module in model.modules() if isinstance(module, nn.ModuleList) and len(module) == depth]
    if not lists:
        raise ValueError(f"model {type(model).__name__} has no list of layers, so its hidden states cannot be captured")
    return lists[0]


@contextmanager
def _watched(layers: nn.ModuleList, see: Callable[[Tensor], None]) -> Iterator[None]:
    """Show the input of the first layer and the output of each."""

    def before(module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        see(args[0] if args else named["hidden_states"])

    def after(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        see(output if isinstance(output, Tensor) else output[0])

    handles = [layers[0].register_forward_pre_hook(before, with_kwargs=True)]
    handles += [layer.register_forward_hook(after) for layer in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _last_state(model: PreTrainedModel, tokens: Tensor) -> Tensor:
    """What the head is given; the model without its head is run where it has one such part."""
    body = model.base_model
    if body is not model:
        state = getattr(body(tokens, use_cache=False), "last_hidden_state", None)
    else:
        options: dict[str, Any] = {"use_cache": False, "output_hidden_states": True}
        if "logits_to_keep" in inspect.signature(model.forward).parameters:
            options["logits_to_keep"] = 1
        states = getattr(model(tokens, **options), "hidden_states", None)
        state = states[-1] if states else None
    if not isinstance(state, Tensor):
        raise ValueError(f"model {type(model).__name__} hands out no hidden states")
    return state
