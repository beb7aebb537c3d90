"""A language model of the reader's own, as small as the experiments take it: one layer of attention, no feed-forward.

What makes it measurable is that attention goes through transformers' interface, and what makes its folder loadable is
that the two last lines register it.
"""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, PretrainedConfig, PreTrainedModel
from transformers.masking_utils import create_causal_mask
from transformers.modeling_outputs import CausalLMOutput
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS


class OwnConfig(PretrainedConfig):  # type: ignore[no-untyped-call]
    """The sizes of the model: of the vocabulary, of a row of tokens, of a state, and the number of heads."""

    model_type = "assocmem-own"
    vocab_size: int = 1024
    hidden_size: int = 32
    num_attention_heads: int = 2
    num_hidden_layers: int = 1
    max_position_embeddings: int = 64


class OwnAttention(nn.Module):
    """Causal attention; the attributes are what transformers' attention functions ask for."""

    is_causal = True

    def __init__(self, config: OwnConfig) -> None:
        super().__init__()
        self.config, self.num_key_value_groups, self.layer_idx = config, 1, 0
        self.parts = nn.Linear(config.hidden_size, 3 * config.hidden_size)

    def forward(self, x: Float[Tensor, "rows length n"], mask: Tensor | None) -> Float[Tensor, "rows length n"]:
        """What each position takes from those before it."""
        heads = (*x.shape[:2], self.config.num_attention_heads, -1)
        queries, keys, values = (part.view(heads).transpose(1, 2) for part in self.parts(x).chunk(3, -1))
        attend = ALL_ATTENTION_FUNCTIONS.get_interface(self.config._attn_implementation, _attend)
        out: Tensor = attend(self, queries, keys, values, mask, scaling=queries.shape[-1] ** -0.5)[0]
        return out.flatten(2)


def _attend(
    module: nn.Module, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, **others: Any
) -> tuple[Tensor, None]:
    """Attention where transformers names no function for it."""
    causal = torch.ones(queries.shape[-2], keys.shape[-2], dtype=torch.bool, device=queries.device).tril()
    scores = (queries @ keys.mT * others["scaling"]).masked_fill(~causal, -torch.inf)
    return (scores.softmax(-1) @ values).transpose(1, 2), None


class OwnModel(PreTrainedModel):
    """Tokens and positions as vectors, one layer of attention, and a logit for each token.

    Parameters
    ----------
    config : OwnConfig
        The sizes.
    """

    config_class = OwnConfig
    config: OwnConfig
    _supports_sdpa = True
    _supports_attention_backend = True

    def __init__(self, config: OwnConfig) -> None:
        super().__init__(config)
        self.tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.positions = nn.Embedding(config.max_position_embeddings, config.hidden_size)
        self.attention = OwnAttention(config)
        self.logits = nn.Linear(config.hidden_size, config.vocab_size)
        self.post_init()  # type: ignore[no-untyped-call]

    def forward(
        self,
        input_ids: Int[Tensor, "rows length"],
        attention_mask: Tensor | None = None,
        labels: Int[Tensor, "rows length"] | None = None,
        **others: Any,
    ) -> CausalLMOutput:
        """Logits, and the mean loss in nats where there are labels.

        Parameters
        ----------
        input_ids : Int[Tensor, "rows length"]
            The tokens.
        attention_mask : Tensor or None
            0 at padding.
        labels : Int[Tensor, "rows length"] or None
            The tokens again; -100 is left out of the loss.
        **others : Any
            Of the loss; what else the experiments pass is not used.

        Returns
        -------
        CausalLMOutput
            Its ``logits`` have shape (rows, length, vocabulary).
        """
        places = torch.arange(input_ids.shape[1], device=input_ids.device)[None]
        x = self.tokens(input_ids) + self.positions(places)
        mask = create_causal_mask(self.config, x, attention_mask, None, places)
        logits = self.logits(x + self.attention(x, mask))
        loss = None
        if labels is not None:
            counted = {"num_items_in_batch": others.get("num_items_in_batch")}
            loss = self.loss_function(logits=logits, labels=labels, vocab_size=self.config.vocab_size, **counted)
        return CausalLMOutput(loss=loss, logits=logits)


AutoConfig.register(OwnConfig.model_type, OwnConfig, exist_ok=True)
AutoModelForCausalLM.register(OwnConfig, OwnModel, exist_ok=True)

__all__ = ["OwnAttention", "OwnConfig", "OwnModel"]
