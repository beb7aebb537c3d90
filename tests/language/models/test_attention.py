"""The captured queries, keys and weights are those that transformers itself reports, for several architectures."""

from __future__ import annotations

import pytest
import torch
from transformers import (
    BloomConfig,
    BloomForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedModel,
)

from assocmem.language import capture
from assocmem.language.models.attention import _recording_attention

TOKENS = torch.tensor([3, 14, 15, 9, 2, 6, 5, 35, 8, 9, 7, 9])
GROUPED = {
    "vocab_size": 40,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 32,
    "initializer_range": 0.3,
}


def gpt2(**change: object) -> PreTrainedModel:
    torch.manual_seed(0)
    shape = {"vocab_size": 40, "n_positions": 32, "n_embd": 32, "n_layer": 3, "n_head": 4, "initializer_range": 0.3}
    return GPT2LMHeadModel(GPT2Config(**shape, **change)).eval()  # type: ignore[arg-type]


def llama() -> PreTrainedModel:
    torch.manual_seed(0)
    return LlamaForCausalLM(LlamaConfig(**GROUPED)).eval()  # type: ignore[arg-type]


def windowed() -> PreTrainedModel:
    torch.manual_seed(0)
    return MistralForCausalLM(MistralConfig(**GROUPED, head_dim=8, sliding_window=4)).eval()  # type: ignore[arg-type]


def eager(model: PreTrainedModel) -> tuple[tuple[torch.Tensor, ...], torch.Tensor]:
    before = model.config._attn_implementation
    model.set_attn_implementation("eager")
    with torch.no_grad():
        out = model(TOKENS[None], labels=TOKENS[None], output_attentions=True, use_cache=False)
    model.set_attn_implementation(before)
    return tuple(a[0] for a in out.attentions), out.loss


MODELS = {
    "gpt2": gpt2,
    "gpt2 scaled by layer": lambda: gpt2(scale_attn_by_inverse_layer_idx=True),
    "llama": llama,
    "window": windowed,
}


@pytest.mark.parametrize("name", MODELS)
def test_weights_and_loss_are_those_of_transformers(name: str) -> None:
    model = MODELS[name]()
    expected, loss = eager(model)
    captured = capture(model, TOKENS)
    assert len(captured.layers) == 3
    for layer, weights in zip(captured.layers, expected, strict=True):
        torch.testing.assert_close(layer.weights, weights, rtol=1e-5, atol=1e-6)
    assert captured.loss_nats == pytest.approx(float(loss), rel=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_weights_are_the_softmax_of_the_captured_queries_and_keys(name: str) -> None:
    model = MODELS[name]()
    for layer in capture(model, TOKENS).layers:
        scores = layer.scale * layer.queries.double() @ layer.keys.double().transpose(-1, -2)
        again = scores.masked_fill(~layer.allowed, -torch.inf).softmax(-1)
        torch.testing.assert_close(again.float(), layer.weights, rtol=1e-4, atol=1e-6)


def test_queries_come_after_the_rotation() -> None:
    """Equal tokens at different positions have the same query before the rotation, in the first layer."""
    layer = capture(llama(), TOKENS).layers[0]
    first, later = layer.queries[:, 3], layer.queries[:, 9]
    assert not torch.allclose(first, later, atol=1e-3)
    torch.testing.assert_close(first.norm(dim=-1), later.norm(dim=-1))


def test_grouped_heads_share_their_keys() -> None:
    layer = capture(llama(), TOKENS).layers[0]
    assert layer.shared == 2
    assert torch.equal(layer.keys[0], layer.keys[1])
    assert not torch.allclose(layer.keys[1], layer.keys[2])


def test_the_mask_is_causal_and_the_window_is_kept() -> None:
    causal = torch.ones(12, 12).tril().bool()
    assert torch.equal(capture(gpt2(), TOKENS).layers[0].allowed, causal)
    assert torch.equal(capture(windowed(), TOKENS).layers[0].allowed, causal & ~torch.ones(12, 12).tril(-4).bool())


def test_the_model_is_left_as_it_was() -> None:
    model = gpt2().train()
    before = model.config._attn_implementation
    capture(model, TOKENS)
    assert model.config._attn_implementation == before
    assert model.training


def test_models_that_change_the_scores_are_refused() -> None:
    torch.manual_seed(0)
    capped = Gemma2ForCausalLM(Gemma2Config(**GROUPED, head_dim=8))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="softcap"):
        capture(capped, TOKENS)


@pytest.mark.parametrize("name", ["s_aux", "sinks", "block_indices", "never_heard_of"])
def test_arguments_that_are_not_known_are_refused_unless_they_are_none(name: str) -> None:
    rows, mask = torch.randn(1, 2, 3, 4), torch.ones(1, 1, 3, 3).tril().bool()
    _recording_attention(torch.nn.Identity(), rows, rows, rows, mask, sliding_window=4, **{name: None})
    with pytest.raises(ValueError, match=name):
        _recording_attention(torch.nn.Identity(), rows, rows, rows, mask, **{name: torch.zeros(2)})


def test_models_outside_the_interface_are_refused() -> None:
    model = BloomForCausalLM(BloomConfig(vocab_size=40, hidden_size=32, n_layer=1, n_head=4))
    with pytest.raises(ValueError, match="interface"):
        capture(model, TOKENS)


def test_tokens_must_be_one_row() -> None:
    with pytest.raises(ValueError, match="tokens"):
        capture(gpt2(), TOKENS[None])
