"""Counts the parameters of the model that transformers builds from a configuration: no weights, no memory, no download.

The model is built on torch's "meta" device, where a tensor has a shape and nothing else. These counts are the witness
for the formulas of ``theory.balance.transformer_size``, which know nothing of the library.
"""

from __future__ import annotations

import re

import torch
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig, PretrainedConfig, PreTrainedModel

from assocmem.language.silenced_transformers import silenced_transformers
from assocmem.theory.balance.transformer_shapes import GptShape, LlamaShape, OpenElmShape
from assocmem.theory.balance.transformer_size import COMPONENTS, FEED_FORWARD, FINAL_NORM, NORMS, OUTPUT, QKV

__all__ = ["build", "configuration", "counted", "listed"]

NAMES = (
    (r"wte\.weight|embed_tokens\.weight", "token embedding"),
    (r"wpe\.weight", "position embedding"),
    (r"lm_head\.weight", "unembedding"),
    (r"ln_f\.weight|norm\.weight", FINAL_NORM[0]),
    (r"ln_f\.bias", FINAL_NORM[1]),
    (r"ln_[12]\.weight|(input|post_attention)_layernorm\.weight|self_attn\.[qk]_norm\.weight", NORMS[0]),
    (r"ln_[12]\.bias", NORMS[1]),
    (r"attn\.c_attn\.weight|self_attn\.[qkv]_proj\.weight", QKV),
    (r"attn\.c_attn\.bias", f"{QKV}: biases"),
    (r"attn\.c_proj\.weight|self_attn\.o_proj\.weight", OUTPUT),
    (r"attn\.c_proj\.bias", f"{OUTPUT}: biases"),
    (r"mlp\.c_(fc|proj)\.weight|mlp\.(gate|up|down)_proj\.weight", FEED_FORWARD),
    (r"mlp\.c_(fc|proj)\.bias", f"{FEED_FORWARD}: biases"),
)
"""What the end of a parameter's name says of its component."""


def configuration(shape: GptShape | LlamaShape | OpenElmShape) -> PretrainedConfig:
    """The transformers configuration of a shape.

    Parameters
    ----------
    shape : GptShape or LlamaShape or OpenElmShape
        Layers, widths, heads and vocabulary.

    Returns
    -------
    PretrainedConfig
        Of the library's GPT-2 or Llama.

    Raises
    ------
    TypeError
        For OpenELM, of which the library has no class; :func:`~assocmem.language.models.openelm_config.from_shape`
        gives that of the book's own, which :func:`~assocmem.language.models.parameter_counts.counted` takes too.
    """
    if isinstance(shape, GptShape):
        return GPT2Config(
            n_layer=shape.layers,
            n_embd=shape.width,
            n_head=shape.heads,
            n_inner=shape.inner,
            vocab_size=shape.vocabulary,
            n_positions=shape.context,
            bos_token_id=0,
            eos_token_id=0,
        )
    if isinstance(shape, LlamaShape):
        return LlamaConfig(
            num_hidden_layers=shape.layers,
            hidden_size=shape.width,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.kv_heads,
            head_dim=shape.head_dim,
            intermediate_size=shape.inner,
            vocab_size=shape.vocabulary,
            tie_word_embeddings=shape.tied,
            bos_token_id=0,
            eos_token_id=0,
        )
    raise TypeError(f"transformers has no class for {type(shape).__name__}; its counts come from the formulas alone")


def build(config: PretrainedConfig) -> PreTrainedModel:
    """The causal language model of a configuration, on the meta device: shapes only."""
    with silenced_transformers(), torch.device("meta"):
        model: PreTrainedModel = AutoModelForCausalLM.from_config(  # type: ignore[no-untyped-call]
            config, trust_remote_code=False
        )
    return model


def listed(model: PreTrainedModel, within: str = "") -> dict[str, tuple[int, ...]]:
    """Shapes of the parameters whose names contain ``within``, by name; tied parameters appear once."""
    return {name: tuple(p.shape) for name, p in model.named_parameters() if within in name}


def counted(config: PretrainedConfig) -> dict[str, int]:
    """Parameters by component of the model that transformers builds.

    Parameters
    ----------
    config : PretrainedConfig
        Of a causal language model.

    Returns
    -------
    dict of int
        By the names of ``assocmem.theory.balance.transformer_size.COMPONENTS``.

    Raises
    ------
    ValueError
        For a parameter whose name belongs to no component.
    """
    out = dict.fromkeys(COMPONENTS, 0)
    for name, parameter in build(config).named_parameters():
        out[_component(name)] += parameter.numel()
    return out


def _component(name: str) -> str:
    for pattern, component in NAMES:
        if re.search(rf"(^|\.)({pattern})$", name):
            return component
    raise ValueError(f"parameter {name!r} belongs to no known component")
