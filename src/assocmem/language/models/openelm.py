"""OpenELM (Mehta et al., 2024) as a model of transformers, so that the Trainer, generate and safetensors work with it.

Pre-norm blocks: RMSNorm, attention with grouped keys, normalized queries and keys and rotary positions, then RMSNorm
and a gated feed-forward layer (SwiGLU). No biases. The token table also yields the logits.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import dropout as dropped
from torch.nn.functional import silu
from transformers import AutoConfig, AutoModelForCausalLM, DynamicCache, GenerationMixin, PreTrainedModel
from transformers import initialization as init
from transformers.cache_utils import Cache
from transformers.masking_utils import create_causal_mask
from transformers.modeling_layers import GradientCheckpointingLayer
from transformers.modeling_outputs import CausalLMOutputWithPast
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS
from transformers.utils.generic import can_return_tuple

from assocmem.language.models.openelm_config import OpenElmConfig

__all__ = ["OpenElmForCausalLM"]

Rotation = tuple[Float[Tensor, "#batch 1 length head_dim"], Float[Tensor, "#batch 1 length head_dim"]]
"""Cosines and sines."""


class OpenElmAttention(nn.Module):
    """Causal attention of one layer; query heads in equal groups, one key head and one value head to each.

    Any function of transformers' attention interface may do the work; the module's attributes are what these ask for.
    """

    is_causal = True

    def __init__(self, config: OpenElmConfig, layer: int) -> None:
        super().__init__()
        shape = config.shape()
        queries, keys = shape.heads[layer] * config.head_dim, shape.kv_heads[layer] * config.head_dim
        self.config, self.layer_idx, self.num_key_value_groups = config, layer, queries // keys
        self.q_proj = nn.Linear(config.hidden_size, queries, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, keys, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, keys, bias=False)
        self.o_proj = nn.Linear(queries, config.hidden_size, bias=False)
        self.q_norm = nn.RMSNorm(config.head_dim, eps=config.rms_norm_eps)
        self.k_norm = nn.RMSNorm(config.head_dim, eps=config.rms_norm_eps)

    def forward(
        self, x: Float[Tensor, "batch length d_emb"], rotation: Rotation, mask: Tensor | None, past: Cache | None
    ) -> tuple[Float[Tensor, "batch length d_emb"], Float[Tensor, "batch heads length keys"] | None]:
        """Attend from x to itself and to the past.

        Parameters
        ----------
        x : Float[Tensor, "batch length d_emb"]
            The rows.
        rotation : Rotation
            Of their positions.
        mask : Tensor or None
            What transformers' mask functions make for the attention function; without one, x is masked causally.
        past : Cache or None
            Keys and values of the tokens before; those of x are added.

        Returns
        -------
        Float[Tensor, "batch length d_emb"]
            What is added to the rows.
        Float[Tensor, "batch heads length keys"] or None
            The weights, where the attention function yields them.
        """
        values = self._heads(self.v_proj(x))
        queries = _rotated(_normed(self._heads(self.q_proj(x)), self.q_norm), rotation).to(values.dtype)
        keys = _rotated(_normed(self._heads(self.k_proj(x)), self.k_norm), rotation).to(values.dtype)
        if past is not None:
            keys, values = past.update(keys, values, self.layer_idx)
        attend = ALL_ATTENTION_FUNCTIONS.get_interface(self.config._attn_implementation, _eager)
        dropout = self.config.attention_dropout if self.training else 0.0
        scale = self.config.head_dim**-0.5
        out, weights = attend(self, queries, keys, values, mask, dropout=dropout, scaling=scale)
        return self.o_proj(out.flatten(2)), weights

    def _heads(self, x: Tensor) -> Tensor:
        """(batch, length, heads * head_dim) to (batch, heads, length, head_dim)."""
        return x.view(*x.shape[:-1], -1, self.config.head_dim).transpose(1, 2)


def _eager(
    module: OpenElmAttention,
    queries: Tensor,
    keys: Tensor,
    values: Tensor,
    mask: Tensor | None,
    *,
    scaling: float,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[Tensor, Tensor]:
    """Attention step by step, with its weights: (batch, length, heads, head_dim) and (batch, heads, length, keys)."""
    keys, values = (x.repeat_interleave(module.num_key_value_groups, 1) for x in (keys, values))
    scores = queries @ keys.mT * scaling
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf) if mask.dtype == torch.bool else scores + mask
    weights = dropped(scores.softmax(-1, dtype=torch.float32).to(values.dtype), dropout, module.training)
    return (weights @ values).transpose(1, 2), weights


class OpenElmFeedForward(nn.Module):
    """SwiGLU: down(silu(gate x) * up x)."""

    def __init__(self, config: OpenElmConfig, layer: int) -> None:
        super().__init__()
        inner = config.shape().inner[layer]
        self.gate_proj = nn.Linear(config.hidden_size, inner, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, inner, bias=False)
        self.down_proj = nn.Linear(inner, config.hidden_size, bias=False)

    def forward(self, x: Float[Tensor, "batch length d_emb"]) -> Float[Tensor, "batch length d_emb"]:
        """Each row by itself."""
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

    def forward(
        self,
        x: Float[Tensor, "batch length d_emb"],
        rotation: Rotation,
        mask: Tensor | None,
        past_key_values: Cache | None,
    ) -> tuple[Float[Tensor, "batch length d_emb"], Float[Tensor, "batch heads length keys"] | None]:
        """The rows after this layer, and the attention weights if there are any; arguments as of the attention."""
        attended, weights = self.self_attn(self.input_layernorm(x), rotation, mask, past_key_values)
        x = x + attended
        return x + self.mlp(self.post_attention_layernorm(x)), weights


class OpenElmForCausalLM(PreTrainedModel, GenerationMixin):
    """OpenELM with its token table as the head.

    At a "normal" start every matrix, the token table too, is normal with mean 0 and deviation ``initializer_range``,
    the 0.02 that the paper prints, and every RMSNorm weight is 1; no matrix is scaled by depth. With ``initialization``
    "corenet", as in the library that OpenELM comes from, the deviation is one over the root of the columns that a
    matrix is applied to, and for the matrices that write into the rows, the last of attention and of feed-forward,
    one over the root of ``2 l d_emb``, for ``l`` layers.
    Attention weights are returned with ``attn_implementation="eager"`` only: the default, torch's
    ``scaled_dot_product_attention``, does not yield them.

    Parameters
    ----------
    config : OpenElmConfig
        Shape and settings.
    """

    config_class = OpenElmConfig
    config: OpenElmConfig
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _supports_attention_backend = True
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

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        """Give a module its start; called by transformers for each."""
        if self.config.initialization == "normal" or not isinstance(module, nn.Linear | nn.Embedding):
            super()._init_weights(module)  # type: ignore[no-untyped-call]
            return
        fan = module.weight.shape[1]
        if any(module in (block.self_attn.o_proj, block.mlp.down_proj) for block in self._blocks()):
            fan = 2 * self.config.num_hidden_layers * self.config.hidden_size
        init.normal_(module.weight, mean=0.0, std=fan**-0.5)

    def _blocks(self) -> list[OpenElmBlock]:
        return [block for block in self.layers if isinstance(block, OpenElmBlock)]

    @can_return_tuple  # type: ignore[untyped-decorator]
    def forward(
        self,
        input_ids: Int[Tensor, "batch length"] | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Int[Tensor, "#batch length"] | None = None,
        past_key_values: Cache | None = None,
        labels: Int[Tensor, "batch length"] | None = None,
        use_cache: bool | None = None,
        output_hidden_states: bool | None = None,
        logits_to_keep: int | Int[Tensor, " positions"] = 0,
        inputs_embeds: Float[Tensor, "batch length d_emb"] | None = None,
        output_attentions: bool | None = None,
        **kwargs: Any,
    ) -> CausalLMOutputWithPast:
        """Logits, and the mean cross-entropy in nats where there are labels.

        Parameters
        ----------
        input_ids : Int[Tensor, "batch length"] or None
            The tokens.
        attention_mask : Tensor or None
            0 at padding, shape (batch, past + length); or what each position may look at, with four dimensions.
        position_ids : Int[Tensor, "#batch length"] or None
            Counted on from the past by default.
        past_key_values : Cache or None
            Keys and values of the tokens before.
        labels : Int[Tensor, "batch length"] or None
            The tokens again, shifted here by one; -100 is left out of the loss.
        use_cache : bool or None
            Whether keys and values are returned; by default when not training.
        output_hidden_states : bool or None
            Whether the embedding and the output of each layer are returned too, the last one normalized.
        logits_to_keep : int or Int[Tensor, "positions"]
            Logits of that many last positions only, or of the positions in a tensor; 0 for all.
        inputs_embeds : Float[Tensor, "batch length d_emb"] or None
            Rows in place of the table's, without ``input_ids``.
        output_attentions : bool or None
            Whether each layer's weights are returned too, shape (batch, heads, length, past + length).
        **kwargs : Any
            Of the loss: with ``num_items_in_batch`` it is the sum over that number, as the Trainer needs it where
            gradients are accumulated.

        Returns
        -------
        CausalLMOutputWithPast
            Its ``logits`` have shape (batch, length, vocabulary).

        Raises
        ------
        ValueError
            That names the argument.
        """
        if (input_ids is None) == (inputs_embeds is None):
            raise ValueError("give input_ids or inputs_embeds, and not both")
        x = self.dropout(self.embed_tokens(input_ids) if inputs_embeds is None else inputs_embeds)
        if use_cache is None:
            use_cache = self.config.use_cache and not self.training
        if use_cache and past_key_values is None:
            past_key_values = DynamicCache(config=self.config)
        states, weights = self._layers(
            x,
            attention_mask,
            position_ids,
            past_key_values,
            bool(self.config.output_hidden_states if output_hidden_states is None else output_hidden_states),
        )
        if output_attentions is None:
            output_attentions = self.config.output_attentions
        logits = self.lm_head(states[-1][:, _positions(logits_to_keep)])
        return CausalLMOutputWithPast(
            loss=None if labels is None else self._loss(logits, labels, **kwargs),
            logits=logits,
            past_key_values=past_key_values if use_cache else None,
            hidden_states=tuple(states) if len(states) > 1 else None,
            attentions=_all(weights) if output_attentions else None,
        )

    def _layers(
        self, x: Tensor, attention_mask: Tensor | None, positions: Tensor | None, past: Cache | None, every: bool
    ) -> tuple[list[Tensor], tuple[Tensor | None, ...]]:
        """The last state normalized, after those before it if ``every``; and the attention weights of each layer."""
        if positions is None:
            before = 0 if past is None else past.get_seq_length()
            positions = torch.arange(before, before + x.shape[1], device=x.device)[None]
        mask = create_causal_mask(self.config, x, attention_mask, past, positions)
        rotation = _rotation(positions, self.config, x.dtype)
        states, by_layer = [], []
        for layer in self.layers:
            if every:
                states.append(x)
            x, weights = layer(x, rotation, mask, past_key_values=past)
            by_layer.append(weights)
        return [*states, self.norm(x)], tuple(by_layer)

    def _loss(self, logits: Tensor, labels: Tensor, **kwargs: Any) -> Tensor:
        if labels.shape != logits.shape[:2]:
            raise ValueError(f"labels must have shape {tuple(logits.shape[:2])}, got {tuple(labels.shape)}")
        loss: Tensor = self.loss_function(logits=logits, labels=labels, vocab_size=self.config.vocab_size, **kwargs)
        return loss


def _all(weights: tuple[Tensor | None, ...]) -> tuple[Tensor, ...]:
    there = tuple(layer for layer in weights if layer is not None)
    if len(there) < len(weights):
        raise ValueError('output_attentions needs a model with attn_implementation="eager"')
    return there


def _positions(logits_to_keep: int | Tensor) -> slice | Tensor:
    if isinstance(logits_to_keep, Tensor):
        return logits_to_keep
    if logits_to_keep < 0:
        raise ValueError(f"logits_to_keep must not be negative, got {logits_to_keep}")
    return slice(-logits_to_keep, None)


def _normed(x: Tensor, norm: nn.RMSNorm) -> Tensor:
    """The norm in the type of its weight: under autocast x is in half precision, for which it has no fused kernel."""
    out: Tensor = norm(x.to(norm.weight.dtype))
    return out


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
