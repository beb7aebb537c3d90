"""OpenELM as a model: exact counts, Qwen3 as an independent implementation, causality, cache, saving, compilation."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, Qwen3Config, Qwen3ForCausalLM

from assocmem.language.openelm import OpenElmForCausalLM
from assocmem.language.openelm_config import PRINTED_SIZES, OpenElmConfig, from_shape, paper_config, size_table
from assocmem.language.quiet import quiet
from assocmem.theory.transformer_shapes import OPENELM, OpenElmShape, openelm
from assocmem.theory.transformer_size import BLOCKS

TINY: dict[str, Any] = {
    "vocab_size": 61, "hidden_size": 20, "num_hidden_layers": 3, "head_dim": 8, "num_query_heads": [2, 4, 6],
    "num_kv_heads": [1, 2, 3], "intermediate_sizes": [12, 24, 40], "initializer_range": 0.3,
}  # fmt: skip
SHORT = {"num_hidden_layers": 2, "num_query_heads": [2, 4], "num_kv_heads": [1, 2], "intermediate_sizes": [12, 24]}


def tiny(seed: int = 0, **changes: Any) -> OpenElmForCausalLM:
    """A small model with different layers and norms that are not 1, in evaluation mode."""
    torch.manual_seed(seed)
    model = OpenElmForCausalLM(OpenElmConfig(**(TINY | changes)))
    for name, weight in model.named_parameters():
        if "norm" in name:
            torch.nn.init.uniform_(weight, 0.5, 1.5)
    return model.train(False)


def tokens(batch: int = 2, length: int = 11, seed: int = 1) -> torch.Tensor:
    return torch.randint(0, 61, (batch, length), generator=torch.Generator().manual_seed(seed))


def meta_count(config: OpenElmConfig, within: str = "") -> int:
    with torch.device("meta"):
        model = OpenElmForCausalLM(config)
    return sum(p.numel() for name, p in model.named_parameters() if within in name)


@pytest.mark.parametrize("name", OPENELM)
def test_published_shapes_have_the_counts_of_the_formulas(name: str) -> None:
    decoder = OPENELM[name].decoder()
    config = from_shape(OPENELM[name])
    assert meta_count(config) == decoder.count()
    assert meta_count(config, "layers.") == decoder.count(*BLOCKS)
    if name == "OpenELM 270M":
        assert meta_count(OpenElmConfig()) == 271_527_168


@settings(max_examples=10, deadline=None)
@given(
    layers=st.integers(1, 4), width=st.integers(1, 40), half=st.integers(1, 5), groups=st.integers(1, 3),
    divisor=st.integers(1, 16), high=st.floats(0.5, 4), vocabulary=st.integers(2, 50),
)  # fmt: skip
def test_random_shapes_have_the_counts_of_the_formulas(
    layers: int, width: int, half: int, groups: int, divisor: int, high: float, vocabulary: int
) -> None:
    config = OpenElmConfig(
        num_hidden_layers=layers, hidden_size=width, head_dim=2 * half, num_gqa_groups=groups,
        ffn_dim_divisor=divisor, ffn_multipliers=(0.5, high), vocab_size=vocabulary,
    )  # fmt: skip
    shape = openelm(
        layers, width, ffn=(0.5, high), head_dim=2 * half, groups=groups, divisor=divisor, vocabulary=vocabulary
    )
    assert config.shape() == OpenElmShape(width, tuple(shape.heads), shape.kv_heads, shape.inner, 2 * half, vocabulary)
    assert meta_count(config) == shape.decoder().count()


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_logits_are_those_of_qwen3_with_the_same_weights(groups: int) -> None:
    width, inner, layers, heads = 24, 40, 2, 4
    theirs = Qwen3ForCausalLM(Qwen3Config(
        vocab_size=61, hidden_size=width, intermediate_size=inner, num_hidden_layers=layers, head_dim=8,
        num_attention_heads=heads, num_key_value_heads=heads // groups, tie_word_embeddings=True, rms_norm_eps=1e-6,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0}, attn_implementation="eager",
    )).train(False)  # fmt: skip
    ours = tiny(
        hidden_size=width, num_hidden_layers=layers, num_query_heads=[heads] * layers,
        num_kv_heads=[heads // groups] * layers, intermediate_sizes=[inner] * layers,
    )  # fmt: skip
    weights = {name if "lm_head" in name else f"model.{name}": w for name, w in ours.state_dict().items()}
    theirs.load_state_dict(weights)
    ids = tokens(length=40)
    with torch.no_grad():
        expected, found = theirs(ids, labels=ids), ours(ids, labels=ids)
    torch.testing.assert_close(found.logits, expected.logits, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(found.loss, expected.loss)


def test_the_future_does_not_change_the_past() -> None:
    model, ids = tiny(), tokens()
    other = ids.clone()
    other[:, 6:] = (other[:, 6:] + 1) % 61
    with torch.no_grad():
        first, second = model(ids).logits, model(other).logits
    torch.testing.assert_close(first[:, :6], second[:, :6])
    assert not torch.allclose(first[:, 6:], second[:, 6:])


@pytest.mark.parametrize("cut", [1, 5, 10])
def test_a_cache_gives_the_logits_of_the_whole(cut: int) -> None:
    model, ids = tiny(), tokens()
    with torch.no_grad():
        past = model(ids[:, :cut], use_cache=True).past_key_values
        rest = model(ids[:, cut:], past_key_values=past, use_cache=True).logits
        whole = model(ids, use_cache=False)
    assert whole.past_key_values is None
    torch.testing.assert_close(rest, whole.logits[:, cut:], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("padded", [False, True])
def test_generation_is_the_same_with_and_without_cache(padded: bool) -> None:
    model, ids = tiny(), tokens(length=5)
    mask = torch.ones_like(ids)
    if padded:
        mask[0, :2] = 0
    asked = {"attention_mask": mask, "max_new_tokens": 12, "do_sample": False, "pad_token_id": 0}
    with quiet():
        cached, plain = (model.generate(ids, use_cache=use, **asked) for use in (True, False))
    assert cached.shape == (2, 17)
    assert torch.equal(cached, plain)


def test_padding_on_the_left_changes_nothing() -> None:
    model, ids = tiny(), tokens(batch=1, length=6)
    padded = torch.cat((torch.zeros(1, 3, dtype=ids.dtype), ids), dim=1)
    mask = torch.tensor([[0] * 3 + [1] * 6])
    with torch.no_grad():
        alone, beside = model(ids).logits, model(padded, attention_mask=mask).logits
    torch.testing.assert_close(beside[:, 3:], alone, rtol=1e-4, atol=1e-4)


def test_loss_is_the_shifted_cross_entropy_without_ignored_labels() -> None:
    model, ids = tiny(), tokens()
    labels = ids.clone()
    labels[0, 4:8] = -100
    with torch.no_grad():
        out = model(ids, labels=labels, output_hidden_states=True)
    logs, targets = out.logits[:, :-1].log_softmax(-1), labels[:, 1:]
    kept = targets != -100
    expected = -logs.gather(-1, targets.clamp(min=0)[..., None])[..., 0][kept].mean()
    torch.testing.assert_close(out.loss, expected)
    assert len(out.hidden_states) == 4
    torch.testing.assert_close(out.hidden_states[-1] @ model.embed_tokens.weight.T, out.logits)


def test_saved_models_return_equal(tmp_path: Path) -> None:
    model, ids = tiny(attention_dropout=0.1), tokens()
    with quiet():
        model.save_pretrained(tmp_path)
        again = AutoModelForCausalLM.from_pretrained(tmp_path, trust_remote_code=False)
    assert {p.suffix for p in tmp_path.iterdir()} == {".json", ".safetensors"}
    assert isinstance(again, OpenElmForCausalLM)
    assert again.config.shape() == model.config.shape()
    assert again.config.attention_dropout == 0.1
    assert again.lm_head.weight is again.embed_tokens.weight
    with torch.no_grad():
        assert torch.equal(again(ids).logits, model(ids).logits)


def steps(model: torch.nn.Module, seeds: range, optimizer: torch.optim.Optimizer) -> list[float]:
    """Losses of a few steps of training, one batch to each seed."""
    losses = []
    for seed in seeds:
        ids = tokens(seed=seed)
        loss = model(ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


def test_training_resumed_from_a_saved_model_has_the_same_losses(tmp_path: Path) -> None:
    whole = tiny()
    optimizer = torch.optim.AdamW(whole.parameters(), lr=1e-3)
    steps(whole, range(3), optimizer)
    with quiet():
        whole.save_pretrained(tmp_path)
        again = OpenElmForCausalLM.from_pretrained(tmp_path)
    resumed = torch.optim.AdamW(again.parameters(), lr=1e-3)
    resumed.load_state_dict(deepcopy(optimizer.state_dict()))
    assert steps(again, range(3, 6), resumed) == steps(whole, range(3, 6), optimizer)


def test_compiled_without_a_break_the_loss_and_gradients_are_equal() -> None:
    model, ids = tiny(**SHORT).train(True), tokens()
    plain = model(ids, labels=ids).loss
    gradient = torch.autograd.grad(plain, model.embed_tokens.weight)[0]
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    loss = compiled(ids, labels=ids).loss
    torch.testing.assert_close(loss, plain)
    torch.testing.assert_close(torch.autograd.grad(loss, model.embed_tokens.weight)[0], gradient)


@pytest.mark.filterwarnings("ignore:.gradient_checkpointing_enable. is deprecated")
def test_checkpointed_gradients_are_equal() -> None:
    model, ids = tiny().train(True), tokens()
    gradients = []
    for _ in range(2):
        model.zero_grad()
        model(ids, labels=ids).loss.backward()
        gradients.append({name: p.grad.clone() for name, p in model.named_parameters()})
        model.gradient_checkpointing_enable()
    assert all(layer.gradient_checkpointing for layer in model.layers)
    torch.testing.assert_close(gradients[0], gradients[1])


def test_dropout_acts_in_training_only() -> None:
    ids = tokens()
    for name in ("attention_dropout", "embedding_dropout"):
        model = tiny(**{name: 0.5})
        assert torch.equal(model(ids).logits, model(ids).logits)
        model.train(True)
        assert not torch.equal(model(ids).logits, model(ids).logits)


def test_weights_start_as_documented() -> None:
    torch.manual_seed(0)
    model = OpenElmForCausalLM(OpenElmConfig(**(TINY | {"hidden_size": 200, "initializer_range": 0.05})))
    for name, weight in model.named_parameters():
        if "norm" in name:
            assert torch.equal(weight, torch.ones_like(weight)), name
        else:
            assert weight.std().item() == pytest.approx(0.05, rel=0.1), name
            assert abs(weight.mean().item()) < 0.005, name


@pytest.mark.parametrize(("model", "blocks"), [(1, 39_946_912), (2, 60_232_704), (3, 80_203_264)])
def test_the_paper_s_models_come_near_the_printed_sizes(model: int, blocks: int) -> None:
    config = paper_config(model)
    assert meta_count(config, "layers.") == config.shape().decoder().count(*BLOCKS) == blocks
    assert blocks == pytest.approx(PRINTED_SIZES[model] * 1e6, rel=5e-4)
    for step in (-8, 8):
        other = paper_config(model, [inner + step for inner in config.intermediate_sizes]).shape().decoder()
        assert abs(other.count(*BLOCKS) - PRINTED_SIZES[model] * 1e6) > abs(blocks - PRINTED_SIZES[model] * 1e6)
    assert config.num_query_heads == [2 * k for k in config.num_kv_heads]
    assert f"{PRINTED_SIZES[model]:.2f}" in size_table()


def test_one_multiplier_for_all_three_misses_by_two_percent() -> None:
    counts = [paper_config(m, "constant").shape().decoder().count(*BLOCKS) / 1e6 for m in PRINTED_SIZES]
    assert counts == pytest.approx([39.95, 61.46, 79.10], abs=0.01)


@pytest.mark.parametrize(("argument", "value"), [
    ("vocab_size", 0), ("hidden_size", -1), ("num_hidden_layers", 0), ("head_dim", 7), ("head_dim", 2.0),
    ("num_gqa_groups", 0), ("ffn_dim_divisor", 0), ("max_position_embeddings", True), ("qkv_multipliers", (0.5,)),
    ("ffn_multipliers", (0.0, 1.0)), ("num_query_heads", [2, 4]), ("num_query_heads", [2, 4, 0]),
    ("num_kv_heads", [1, 2, 4]), ("num_kv_heads", [1, 2]), ("intermediate_sizes", [1, 2, 3, 4]),
    ("intermediate_sizes", [1, 2, -3]), ("rope_theta", 0.0), ("rms_norm_eps", float("nan")),
    ("initializer_range", float("inf")), ("attention_dropout", 1.0), ("embedding_dropout", -0.1),
    ("tie_word_embeddings", False),
])  # fmt: skip
def test_bad_values_are_named(argument: str, value: object) -> None:
    with pytest.raises(ValueError, match=argument):
        OpenElmConfig(**(TINY | {argument: value}))


def test_other_bad_requests_are_named() -> None:
    with pytest.raises(ValueError, match="num_gqa_groups"):
        OpenElmConfig(**(TINY | {"num_kv_heads": None}))
    with pytest.raises(ValueError, match="model"):
        paper_config(4)
    with pytest.raises(ValueError, match="inner"):
        paper_config(1, "other")
    with pytest.raises(ValueError, match="gated"):
        from_shape(OpenElmShape(8, (1,), (1,), (8,), 8, 10, gated=False))
