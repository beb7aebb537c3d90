"""OpenELM (Mehta et al., 2024) as a model of transformers, so that the Trainer, generate and safetensors work with it.

Pre-norm blocks: RMSNorm, attention with grouped keys, normalized queries and keys and rotary positions, then RMSNorm
and a gated feed-forward layer (SwiGLU). No biases. The token table also yields the logits.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention, silu
from transformers import AutoConfig, AutoModelForCausalLM, DynamicCache, GenerationMixin, PreTrainedModel
from transformers.cache_utils import Cache
from transformers.masking_utils import create_causal_mask
from transformers.modeling_layers import GradientCheckpointingLayer
from transformers.modeling_outputs import CausalLMOutputWithPast
from transformers.utils.generic import can_return_tuple

from assocmem.language.openelm_config import OpenElmConfig

__all__ = ["OpenElmForCausalLM"]

Rotation = tuple[Tensor, Tensor]
"""Cosines and sines, each (batch or 1, 1, length, head_dim)."""


class OpenElmAttention(nn.Module):
    """Causal attention of one layer; query heads in equal groups, one key head and one value head to each."""

    def __init__(self, config: OpenElmConfig, layer: int) -> None:
        super().__init__()
        shape = config.shape()
        queries, keys = shape.heads[layer] * config.head_dim, shape.kv_heads[layer] * config.head_dim
        self.layer, self.head_dim, self.dropout = layer, config.head_dim, config.attention_dropout
        self.q_proj = nn.Linear(config.hidden_size, queries, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, keys, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, keys, bias=False)
        self.o_proj = nn.Linear(queries, config.hidden_size, bias=False)
        self.q_norm = nn.RMSNorm(config.head_dim, eps=config.rms_norm_eps)
        self.k_norm = nn.RMSNorm(config.head_dim, eps=config.rms_norm_eps)

    def forward(self, x: Tensor, rotation: Rotation, mask: Tensor | None, past: Cache | None) -> Tensor:
        """Attend from x (batch, length, d_emb) to itself and to the past. Without a mask, x is masked causally."""
        queries = _rotated(self.q_norm(self._heads(self.q_proj(x))), rotation)
        keys = _rotated(self.k_norm(self._heads(self.k_proj(x))), rotation)
        values = self._heads(self.v_proj(x))
        if past is not None:
            keys, values = past.update(keys, values, self.layer)
        out = scaled_dot_product_attention(
            queries, keys, values, attn_mask=mask, dropout_p=self.dropout if self.training else 0.0,
            is_causal=mask is None and x.shape[1] > 1, enable_gqa=queries.shape[1] != keys.shape[1],
        )  # fmt: skip
        attended: Tensor = self.o_proj(out.transpose(1, 2).flatten(2))
        return attended

    def _heads(self, x: Tensor) -> Tensor:
        """(batch, length, heads * head_dim) to (batch, heads, length, head_dim)."""
        return x.view(*x.shape[:-1], -1, self.head_dim).transpose(1, 2)


class OpenElmFeedForward(nn.Module):
    """SwiGLU: down(silu(gate x) * up x)."""

    def __init__(self, config: OpenElmConfig, layer: int) -> None:
        super().__init__()
        inner = config.shape().inner[layer]
        self.gate_proj = nn.Linear(config.hidden_size, inner, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, inner, bias=False)
        self.down_proj = nn.Linear(inner, config.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, d_emb) to the same shape."""
        out: Tensor = self.down_proj(silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class OpenElmBlock(GradientCheckpointingLayer):  # type: ignore[no-untyped-call]
    """One layer: attention and feed-forward, each behind an RMSNorm and added to its input."""

    def __init__(self, config: OpenElmConfig, layer: int) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.self_attn = OpenElmAttention(config, layer)
        self.post_attention_layernorm = nn.RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.mlp = OpenElmFeedForward(config, layer)

    def forward(self, x: Tensor, rotation: Rotation, mask: Tensor | None, past_key_values: Cache | None) -> Tensor:
        """(batch, length, d_emb) to the same shape."""
        x = x + self.self_attn(self.input_layernorm(x), rotation, mask, past_key_values)
        out: Tensor = x + self.mlp(self.post_attention_layernorm(x))
        return out


class OpenElmForCausalLM(PreTrainedModel, GenerationMixin):
    """OpenELM with its token table as the head.

    At the start every matrix, the token table too, is normal with mean 0 and deviation ``initializer_range`` (the 0.02
    that the paper prints), and every RMSNorm weight is 1; no matrix is scaled by depth.
    Attention weights are not returned: `scaled_dot_product_attention` does not yield them.
    """

    config_class = OpenElmConfig
    config: OpenElmConfig
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _can_compile_fullgraph = True
    _no_split_modules = ["OpenElmBlock"]  # noqa: RUF012  # The base class declares it.
    _tied_weights_keys = {"lm_head.weight": "embed_tokens.weight"}  # noqa: RUF012  # The base class declares it.

    def __init__(self, config: OpenElmConfig) -> None:
        super().__init__(config)
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.dropout = nn.Dropout(config.embedding_dropout)
        self.layers = nn.ModuleList(OpenElmBlock(config, layer) for layer in range(config.num_hidden_layers))
        self.norm = nn.RMSNorm(config.hidden_size, eps=config.rms_norm_eps)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.post_init()  # type: ignore[no-untyped-call]

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        past_key_values: Cache | None = None,
        labels: Tensor | None = None,
        use_cache: bool | None = None,
        output_hidden_states: bool | None = None,
        logits_to_keep: int = 0,
        **kwargs: Any,
    ) -> CausalLMOutputWithPast:
        """Logits (batch, length, vocabulary), and the mean cross-entropy in nats where ``labels`` are given.

        input_ids : (batch, length). attention_mask : (batch, past + length), 0 at padding.
        labels : (batch, length), shifted here by one; -100 is left out of the loss.
        past_key_values, use_cache : keys and values of the tokens before; kept by default when not training.
        output_hidden_states : also return the embedding and the output of each layer, the last one normalized.
        logits_to_keep : logits of that many last positions only; 0 for all.
        """
        if use_cache is None:
            use_cache = self.config.use_cache and not self.training
        if use_cache and past_key_values is None:
            past_key_values = DynamicCache(config=self.config)
        x = self.dropout(self.embed_tokens(input_ids))
        if position_ids is None:
            before = 0 if past_key_values is None else past_key_values.get_seq_length()
            position_ids = torch.arange(before, before + x.shape[1], device=x.device)[None]
        mask = create_causal_mask(self.config, x, attention_mask, past_key_values, position_ids)
        rotation = _rotation(position_ids, self.config, x.dtype)
        states = [x]
        for layer in self.layers:
            x = layer(x, rotation, mask, past_key_values=past_key_values)
            states.append(x)
        x = self.norm(x)
        logits = self.lm_head(x[:, -logits_to_keep:])
        loss = None
        if labels is not None:
            loss = self.loss_function(logits=logits, labels=labels, vocab_size=self.config.vocab_size, **kwargs)
        return CausalLMOutputWithPast(
            loss=loss, logits=logits, past_key_values=past_key_values if use_cache else None,
            hidden_states=(*states[:-1], x) if output_hidden_states else None,
        )  # fmt: skip


def _rotation(positions: Tensor, config: OpenElmConfig, dtype: torch.dtype) -> Rotation:
    """Angles position / theta^(2 i / head_dim) for the pairs (i, i + head_dim/2), computed in single precision."""
    halves = torch.arange(0, config.head_dim, 2, device=positions.device, dtype=torch.float32) / config.head_dim
    angles = positions[:, None, :, None].float() * config.rope_theta**-halves
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos().to(dtype), angles.sin().to(dtype)


def _rotated(x: Tensor, rotation: Rotation) -> Tensor:
    """Every pair (i, i + head_dim/2) of x turned by its angle."""
    cosines, sines = rotation
    first, second = x.chunk(2, dim=-1)
    return x * cosines + torch.cat((-second, first), dim=-1) * sines


AutoConfig.register(OpenElmConfig.model_type, OpenElmConfig, exist_ok=True)
AutoModelForCausalLM.register(OpenElmConfig, OpenElmForCausalLM, exist_ok=True)
