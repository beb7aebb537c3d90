"""The vectors of all layers are those that transformers hands out, for several architectures, padding or not."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    OPTConfig,
    OPTForCausalLM,
    PreTrainedModel,
)

from assocmem.language.models.hidden_states import NORM, context_of, layer_names, layer_vectors
from assocmem.language.models.openelm import OpenElmForCausalLM
from assocmem.language.models.openelm_config import OpenElmConfig

TOKENS = torch.tensor([[3, 14, 15, 9, 2, 6], [5, 35, 8, 9, 0, 0]])
LAST = torch.tensor([5, 3])


def models() -> list[PreTrainedModel]:
    torch.manual_seed(0)
    small = {"vocab_size": 40, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4}
    return [
        GPT2LMHeadModel(GPT2Config(vocab_size=40, n_positions=32, n_embd=32, n_layer=3, n_head=4)).eval(),
        LlamaForCausalLM(LlamaConfig(**small, intermediate_size=48, max_position_embeddings=32)).eval(),
        OPTForCausalLM(OPTConfig(**small, word_embed_proj_dim=32, ffn_dim=64, max_position_embeddings=32)).eval(),
        OpenElmForCausalLM(
            OpenElmConfig(
                vocab_size=40, hidden_size=32, num_hidden_layers=3, num_gqa_groups=1, head_dim=8, ffn_dim_divisor=16
            )
        ).eval(),
    ]


@pytest.mark.parametrize("model", models(), ids=lambda model: type(model).__name__)
def test_vectors_are_those_of_a_text_alone(model: PreTrainedModel) -> None:
    found = layer_vectors(model, TOKENS, LAST)
    names = layer_names(model)
    assert names == ["0", "1", "2", "3", NORM]
    assert found.shape == (2, 5, 32)
    for row, last in enumerate(LAST.tolist()):
        with torch.no_grad():
            out = model(TOKENS[row : row + 1, : last + 1], output_hidden_states=True)
            head = model.get_output_embeddings()(found[row, -1].clone())
        states = [state[0, -1] for state in out.hidden_states]
        torch.testing.assert_close(found[row, :3], torch.stack(states[:3]), atol=2e-5, rtol=1e-4)
        torch.testing.assert_close(found[row, -1], states[-1], atol=2e-5, rtol=1e-4)
        torch.testing.assert_close(head, out.logits[0, -1], atol=1e-4, rtol=1e-3)


def test_the_vector_before_the_norm_gives_the_one_behind_it() -> None:
    model = models()[1]
    found = layer_vectors(model, TOKENS, LAST)
    torch.testing.assert_close(model.model.norm(found[:, -2]), found[:, -1])
    assert not torch.allclose(found[:, -2], found[:, -1])


def test_whole_sequences_are_all_positions_one_after_another() -> None:
    model = models()[0]
    found = layer_vectors(model, TOKENS, torch.tensor([5, 5]), whole=True)
    assert found.shape == (2, 1, 6 * 32)
    torch.testing.assert_close(found[:, 0, -32:], layer_vectors(model, TOKENS, torch.tensor([5, 5]))[:, -1])


def test_the_head_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    model = models()[0]
    monkeypatch.setattr(model.lm_head, "forward", lambda *_: pytest.fail("the head was run"))
    layer_vectors(model, TOKENS, LAST)


def test_a_model_without_layers_is_refused_and_no_hook_stays() -> None:
    model = models()[0]
    assert context_of(model) == 32
    layer_vectors(model, TOKENS, LAST)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    model.transformer.h = nn.Sequential(*model.transformer.h)  # No list of layers.
    with pytest.raises(ValueError, match="GPT2LMHeadModel has no list of layers"):
        layer_vectors(model, TOKENS, LAST)
