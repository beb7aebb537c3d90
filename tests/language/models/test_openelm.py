"""OpenELM as a model: exact counts, Qwen3 and numpy as independent implementations, cache, saving, training."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, Qwen3Config, Qwen3ForCausalLM, Trainer, TrainingArguments

from assocmem.language import capture
from assocmem.language.models.openelm import OpenElmBlock, OpenElmForCausalLM
from assocmem.language.models.openelm_config import (
    OpenElmConfig,
    from_shape,
)
from assocmem.language.models.parameter_counts import counted
from assocmem.language.silenced_transformers import silenced_transformers
from assocmem.theory.balance.transformer_shapes import OPENELM, OpenElmShape, openelm
from assocmem.theory.balance.transformer_size import BLOCKS
from openelm_shapes import TINY, meta_count

TOTALS = {
    "OpenELM 270M": 271_527_168,
    "OpenELM 450M": 457_179_136,
    "OpenELM 1.1B": 1_079_891_456,
    "OpenELM 3B": 3_036_647_424,
}
"""Parameters of the published checkpoints."""


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


@pytest.mark.parametrize("name", OPENELM)
def test_published_shapes_have_the_published_counts(name: str) -> None:
    decoder, config = OPENELM[name].decoder(), from_shape(OPENELM[name])
    assert sum(counted(config).values()) == meta_count(config) == TOTALS[name]
    assert counted(config) == decoder.counts()
    assert meta_count(config, "layers.") == decoder.count(*BLOCKS)
    if name == "OpenELM 270M":
        assert OpenElmConfig().shape() == OPENELM[name]


@settings(max_examples=10, deadline=None)
@given(
    layers=st.integers(1, 4),
    width=st.integers(1, 40),
    half=st.integers(1, 5),
    groups=st.integers(1, 3),
    divisor=st.integers(1, 16),
    high=st.floats(0.5, 4),
    vocabulary=st.integers(2, 50),
)
def test_random_shapes_have_the_counts_of_the_formulas(
    layers: int, width: int, half: int, groups: int, divisor: int, high: float, vocabulary: int
) -> None:
    config = OpenElmConfig(
        num_hidden_layers=layers,
        hidden_size=width,
        head_dim=2 * half,
        num_gqa_groups=groups,
        ffn_dim_divisor=divisor,
        ffn_multipliers=(0.5, high),
        vocab_size=vocabulary,
    )
    shape = openelm(
        layers, width, ffn=(0.5, high), head_dim=2 * half, groups=groups, divisor=divisor, vocabulary=vocabulary
    )
    assert config.shape() == OpenElmShape(width, tuple(shape.heads), shape.kv_heads, shape.inner, 2 * half, vocabulary)
    assert meta_count(config) == shape.decoder().count()


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_logits_are_those_of_qwen3_with_the_same_weights(groups: int) -> None:
    width, inner, layers, heads = 24, 40, 2, 4
    theirs = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=61,
            hidden_size=width,
            intermediate_size=inner,
            num_hidden_layers=layers,
            head_dim=8,
            num_attention_heads=heads,
            num_key_value_heads=heads // groups,
            tie_word_embeddings=True,
            rms_norm_eps=1e-6,
            rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
            attn_implementation="eager",
        )
    ).train(False)
    ours = tiny(
        hidden_size=width,
        num_hidden_layers=layers,
        num_query_heads=[heads] * layers,
        num_kv_heads=[heads // groups] * layers,
        intermediate_sizes=[inner] * layers,
    )
    weights = {name if "lm_head" in name else f"model.{name}": w for name, w in ours.state_dict().items()}
    theirs.load_state_dict(weights)
    ids = tokens(length=40)
    with torch.no_grad():
        expected, out = theirs(ids, labels=ids), ours(ids, labels=ids)
    torch.testing.assert_close(out.logits, expected.logits, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(out.loss, expected.loss)


def reference(model: OpenElmForCausalLM, ids: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Logits of one row, and attention weights by layer, in double precision and without torch: loops over heads."""
    config = model.config
    weights = {name: w.detach().double().numpy() for name, w in model.state_dict().items()}
    size, length = config.head_dim, len(ids)

    def normed(x: np.ndarray, name: str) -> np.ndarray:
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + config.rms_norm_eps) * weights[f"{name}.weight"]

    def turned(x: np.ndarray) -> np.ndarray:
        """Row t as complex numbers x_i + i x_(i + size/2), each turned by t theta^(-2 i/size)."""
        rates = config.rope_theta ** (-2 * np.arange(size // 2) / size)
        z = (x[:, : size // 2] + 1j * x[:, size // 2 :]) * np.exp(1j * np.outer(np.arange(length), rates))
        return np.concatenate((z.real, z.imag), axis=1)

    x, by_head = weights["embed_tokens.weight"][ids], []
    for layer, (heads, shared) in enumerate(zip(config.num_query_heads, config.num_kv_heads, strict=True)):
        own = {name.split(".", 2)[2]: w for name, w in weights.items() if name.startswith(f"layers.{layer}.")}
        h, outs = normed(x, f"layers.{layer}.input_layernorm"), []
        for head in range(heads):
            mine = slice(head * size, (head + 1) * size)
            group = head // (heads // shared)
            theirs = slice(group * size, (group + 1) * size)
            q = turned(normed(h @ own["self_attn.q_proj.weight"][mine].T, f"layers.{layer}.self_attn.q_norm"))
            k = turned(normed(h @ own["self_attn.k_proj.weight"][theirs].T, f"layers.{layer}.self_attn.k_norm"))
            scores = np.where(np.tri(length), np.exp(q @ k.T / np.sqrt(size)), 0)
            by_head.append(scores / scores.sum(1, keepdims=True))
            outs.append(by_head[-1] @ (h @ own["self_attn.v_proj.weight"][theirs].T))
        x = x + np.concatenate(outs, axis=1) @ own["self_attn.o_proj.weight"].T
        h = normed(x, f"layers.{layer}.post_attention_layernorm")
        gate = h @ own["mlp.gate_proj.weight"].T
        x = x + (gate / (1 + np.exp(-gate)) * (h @ own["mlp.up_proj.weight"].T)) @ own["mlp.down_proj.weight"].T
    return normed(x, "norm") @ weights["embed_tokens.weight"].T, by_head


@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"num_kv_heads": [1, 1, 2]},
        {"num_kv_heads": [2, 4, 6]},
        {"rope_theta": 50.0, "rms_norm_eps": 0.1},
    ],
)
def test_logits_and_weights_are_those_of_a_reference_in_numpy(implementation: str, changes: dict[str, Any]) -> None:
    model, ids = tiny(attn_implementation=implementation, **changes), tokens(length=17)
    with torch.no_grad():
        out = model(ids, output_attentions=implementation == "eager")
    for row in range(2):
        logits, weights = reference(model, ids[row].numpy())
        np.testing.assert_allclose(out.logits[row], logits, rtol=1e-5, atol=1e-5)
        if implementation == "eager":
            heads = [head for layer in out.attentions for head in layer[row].numpy()]
            np.testing.assert_allclose(heads, weights, rtol=1e-4, atol=1e-6)


def test_attention_weights_can_be_captured() -> None:
    model, ids = tiny(attn_implementation="eager"), tokens(batch=1)
    captured = capture(model, ids[0])
    with torch.no_grad():
        out = model(ids, labels=ids, output_attentions=True)
    for layer, weights in zip(captured.layers, out.attentions, strict=True):
        torch.testing.assert_close(layer.weights, weights[0])
    assert captured.loss_nats == pytest.approx(out.loss.item(), rel=1e-5)
    assert [layer.shared for layer in captured.layers] == [2, 2, 2]


def test_attention_weights_come_with_eager_attention_only_and_when_asked_for() -> None:
    ids = tokens()
    with pytest.raises(ValueError, match="output_attentions"):
        tiny()(ids, output_attentions=True)
    eager = tiny(attn_implementation="eager")
    assert eager(ids).attentions is None
    eager.config.output_attentions = True
    assert len(eager(ids).attentions) == 3
    eager.train(True)
    eager.config.attention_dropout = 0.5
    weights = eager(ids).attentions
    assert all(bool((layer.sum(-1) - 1).abs().max() > 0.1) for layer in weights)


@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
def test_a_mask_of_its_own_is_kept_to(implementation: str) -> None:
    model, ids = tiny(attn_implementation=implementation), tokens()
    near = torch.ones(11, 11, dtype=torch.bool).tril().triu(-2)[None, None].expand(2, 1, 11, 11)
    added = torch.zeros(near.shape).masked_fill(~near, torch.finfo(torch.float32).min)
    other = ids.clone()
    other[:, 0] = (other[:, 0] + 1) % 61
    with torch.no_grad():
        masked, same = model(ids, attention_mask=near).logits, model(ids, attention_mask=added).logits
        reached = model(other, attention_mask=near).logits
    torch.testing.assert_close(masked, same)
    torch.testing.assert_close(reached[:, 7:], masked[:, 7:])
    assert not torch.allclose(reached[:, 6], masked[:, 6])


def test_embedded_rows_may_stand_for_ids() -> None:
    model, ids = tiny(), tokens(length=5)
    rows = model.embed_tokens(ids).detach()
    with torch.no_grad():
        assert torch.equal(model(inputs_embeds=rows).logits, model(ids).logits)
    options = {"max_new_tokens": 6, "do_sample": False, "pad_token_id": 0}
    with silenced_transformers():
        assert torch.equal(model.generate(inputs_embeds=rows, **options), model.generate(ids, **options)[:, 5:])
    for both in ({}, {"input_ids": ids, "inputs_embeds": rows}):
        with pytest.raises(ValueError, match="input_ids or inputs_embeds"):
            model(**both)


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
    with torch.no_grad():
        assert model(ids[:, cut:], past_key_values=past, use_cache=False).past_key_values is None


def test_servers_of_models_may_bring_their_own_attention() -> None:
    assert tiny().is_backend_compatible()


@pytest.mark.parametrize("padded", [False, True])
def test_generation_is_the_same_with_and_without_cache(padded: bool) -> None:
    model, ids = tiny(), tokens(length=5)
    mask = torch.ones_like(ids)
    if padded:
        mask[0, :2] = 0
    options = {"attention_mask": mask, "max_new_tokens": 12, "do_sample": False, "pad_token_id": 0}
    with silenced_transformers():
        cached, plain = (model.generate(ids, use_cache=use, **options) for use in (True, False))
    assert cached.shape == (2, 17)
    assert torch.equal(cached, plain)


@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
@pytest.mark.parametrize("cache", ["dynamic", "static"])
def test_generation_does_not_see_padding(implementation: str, cache: str) -> None:
    model, ids = tiny(attn_implementation=implementation), tokens(batch=1, length=4)
    padded = torch.cat((torch.tensor([[7, 7, 7], [5, 9, 11]]), ids.expand(2, 4)), dim=1)
    mask = torch.tensor([[0] * 3 + [1] * 4, [1] * 7])
    options = {"max_new_tokens": 12, "do_sample": False, "pad_token_id": 0}
    with silenced_transformers():
        rows = model.generate(padded, attention_mask=mask, cache_implementation=cache, **options)
        for row, alone in ((rows[0, 3:], ids), (rows[1], padded[1:])):
            assert torch.equal(row, model.generate(alone, **options)[0])


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
    predicted = targets != -100
    expected = -logs.gather(-1, targets.clamp(min=0)[..., None])[..., 0][predicted].mean()
    torch.testing.assert_close(out.loss, expected)
    assert len(out.hidden_states) == 4
    torch.testing.assert_close(out.hidden_states[-1] @ model.embed_tokens.weight.T, out.logits)


def test_saved_models_return_equal(tmp_path: Path) -> None:
    model, ids = tiny(attention_dropout=0.1), tokens()
    with silenced_transformers():
        model.save_pretrained(tmp_path)
        again = AutoModelForCausalLM.from_pretrained(tmp_path, trust_remote_code=False)
    assert {p.suffix for p in tmp_path.iterdir()} == {".json", ".safetensors"}
    assert isinstance(again, OpenElmForCausalLM)
    assert again.config.shape() == model.config.shape()
    assert again.config.attention_dropout == 0.1
    assert again.lm_head.weight is again.embed_tokens.weight
    with torch.no_grad():
        assert torch.equal(again(ids).logits, model(ids).logits)


def test_kept_logits_are_the_last_or_the_ones_asked_for() -> None:
    model, ids = tiny(), tokens()
    with torch.no_grad():
        whole = model(ids).logits
        torch.testing.assert_close(model(ids, logits_to_keep=3).logits, whole[:, -3:])
        torch.testing.assert_close(model(ids, logits_to_keep=torch.tensor([0, 7])).logits, whole[:, [0, 7]])
    with pytest.raises(ValueError, match="logits_to_keep"):
        model(ids, logits_to_keep=-1)


def test_labels_of_another_shape_are_refused() -> None:
    model, ids = tiny(), tokens(batch=2, length=6)
    for wrong in (ids[:, :3], ids.view(3, 4)):
        with pytest.raises(ValueError, match="labels must have shape"):
            model(ids, labels=wrong)


def test_results_may_be_tuples_and_follow_the_configuration() -> None:
    model, ids = tiny(), tokens()
    with torch.no_grad():
        whole = model(ids, labels=ids, use_cache=False)
        loss, logits = model(ids, labels=ids, use_cache=False, return_dict=False)
        assert torch.equal(loss, whole.loss)
        assert torch.equal(logits, whole.logits)
        assert whole.hidden_states is whole.past_key_values is None
        assert model(ids).past_key_values is not None
        assert model.train(True)(ids).past_key_values is None
        model.config.use_cache, model.config.output_hidden_states = False, True
        out = model.train(False)(ids)
    assert out.past_key_values is None
    torch.testing.assert_close(out.hidden_states[0], model.embed_tokens(ids))
    x, _ = model.layers[0](out.hidden_states[0], *_inputs(model, ids), past_key_values=None)
    torch.testing.assert_close(out.hidden_states[1], x)


def _inputs(model: OpenElmForCausalLM, ids: torch.Tensor) -> tuple[Any, None]:
    """Rotations and mask, as the first layer gets them."""
    inputs: list[Any] = []
    hook = model.layers[0].register_forward_pre_hook(lambda _, values: inputs.extend(values))
    model(ids)
    hook.remove()
    return inputs[1], inputs[2]


def test_a_resized_vocabulary_stays_tied_and_keeps_its_rows() -> None:
    model, ids = tiny(), tokens()
    before = model(ids, labels=ids).logits
    with silenced_transformers():
        model.resize_token_embeddings(70)
    out = model(ids, labels=ids)
    assert model.lm_head.weight is model.embed_tokens.weight
    assert (model.config.vocab_size, model.config.shape().vocabulary, out.logits.shape[-1]) == (70, 70, 70)
    torch.testing.assert_close(out.logits[..., :61], before)


def test_half_precision_stays_close_and_keeps_its_type(tmp_path: Path) -> None:
    whole, ids = tiny(initializer_range=0.1), tokens()
    with silenced_transformers():
        whole.save_pretrained(tmp_path)
        half = AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.bfloat16, trust_remote_code=False)
    with torch.no_grad():
        expected, out = whole(ids, labels=ids), half(ids, labels=ids)
    assert out.logits.dtype == half.embed_tokens.weight.dtype == torch.bfloat16
    torch.testing.assert_close(out.logits.float(), expected.logits, rtol=0.05, atol=0.05)
    assert half.generate(ids, max_new_tokens=3, pad_token_id=0).shape == (2, 14)


@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
def test_autocast_trains_float_weights_through_half_precision(implementation: str) -> None:
    model, ids = tiny(attn_implementation=implementation).train(True), tokens()
    plain = model(ids, labels=ids).loss
    with torch.autocast("cpu", torch.bfloat16):
        out = model(ids, labels=ids, use_cache=True)
    out.loss.backward()
    torch.testing.assert_close(out.loss, plain, rtol=0.02, atol=0)
    kinds = [x.dtype for layer in out.past_key_values.layers for x in (layer.keys, layer.values)]
    assert kinds == [torch.bfloat16] * 6
    assert all(p.grad is not None and p.grad.dtype == torch.float32 for p in model.parameters())


def test_blocks_are_what_sharding_keeps_whole() -> None:
    assert list(tiny()._no_split_modules) == [OpenElmBlock.__name__]
    assert all(isinstance(layer, OpenElmBlock) for layer in tiny().layers)


def test_the_loss_over_a_number_of_tokens_is_the_sum_over_it() -> None:
    model, ids = tiny(), tokens()
    with torch.no_grad():
        mean, over = model(ids, labels=ids).loss, model(ids, labels=ids, num_items_in_batch=7).loss
    torch.testing.assert_close(over * 7, mean * 20)


class Uneven(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    """Four rows with 10, 5, 2 and 1 predicted tokens."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        ids = tokens(batch=1, seed=index)[0]
        labels = ids.clone()
        labels[(11, 6, 3, 2)[index] :] = -100
        return {"input_ids": ids, "labels": labels}


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_accumulated_gradients_weigh_tokens_alike(tmp_path: Path) -> None:
    """The Trainer reaches the same weights by one batch of four rows and by four of one."""
    weights = []
    for micro in (4, 1):
        model = tiny()
        arguments = TrainingArguments(
            output_dir=str(tmp_path),
            max_steps=2,
            per_device_train_batch_size=micro,
            learning_rate=0.1,
            gradient_accumulation_steps=4 // micro,
            optim="sgd",
            max_grad_norm=0.0,
            use_cpu=True,
            report_to="none",
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=True,
            dataloader_pin_memory=False,
        )
        with silenced_transformers():
            Trainer(model=model, args=arguments, train_dataset=Uneven()).train()
        weights.append({name: p.detach().clone() for name, p in model.named_parameters()})
    torch.testing.assert_close(weights[0], weights[1], rtol=1e-4, atol=1e-5)
    start = dict(tiny().named_parameters())
    assert all(not torch.allclose(w, start[name], atol=1e-5) for name, w in weights[0].items())


def test_training_lowers_the_loss() -> None:
    torch.manual_seed(0)
    model, ids = OpenElmForCausalLM(OpenElmConfig(**(TINY | {"initializer_range": 0.02}))), tokens()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(40):
        loss = model(ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(np.log(61), abs=0.1)
    assert losses[-1] < 0.5 * losses[0]


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
    with silenced_transformers():
        whole.save_pretrained(tmp_path)
        again = OpenElmForCausalLM.from_pretrained(tmp_path)
    resumed = torch.optim.AdamW(again.parameters(), lr=1e-3)
    resumed.load_state_dict(deepcopy(optimizer.state_dict()))
    assert steps(again, range(3, 6), resumed) == steps(whole, range(3, 6), optimizer)


@pytest.mark.slow
def test_compiled_without_a_break_the_loss_and_gradients_are_equal() -> None:
    """By the backend that traces the gradient too; it first traces the model as the plain one does."""
    model, ids = tiny(**SHORT).train(True), tokens()
    plain = model(ids, labels=ids).loss
    gradient = torch.autograd.grad(plain, model.embed_tokens.weight)[0]
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
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
    checked = []
    model.layers[0].mlp.register_forward_pre_hook(lambda *_: checked.append(1))
    model(ids, labels=ids).loss.backward()
    assert len(checked) == 2  # Forward, and again on the way back.
    assert all(layer.gradient_checkpointing for layer in model.layers)
    torch.testing.assert_close(gradients[0], gradients[1])


@pytest.mark.parametrize("implementation", ["sdpa", "eager"])
def test_dropout_acts_in_training_only(implementation: str) -> None:
    ids = tokens()
    for name in ("attention_dropout", "embedding_dropout"):
        model = tiny(attn_implementation=implementation, **{name: 0.5})
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


def test_the_start_of_corenet_has_its_deviations() -> None:
    """One over the root of the columns; of what writes into the rows, of 2 l d_emb, whatever its own columns are."""
    shape: dict[str, Any] = {"hidden_size": 96, "intermediate_sizes": [64, 128, 224], "vocab_size": 300}
    torch.manual_seed(0)
    model = OpenElmForCausalLM(OpenElmConfig(**(TINY | shape | {"initialization": "corenet"})))
    for name, weight in model.named_parameters():
        if weight.ndim == 1:
            assert torch.equal(weight, torch.ones_like(weight))
            continue
        writes = "o_proj" in name or "down_proj" in name
        fan = 2 * 3 * 96 if writes else weight.shape[1]
        allowed = 4 / (2 * weight.numel()) ** 0.5  # Four deviations of the deviation.
        assert float(weight.detach().std() * fan**0.5) == pytest.approx(1, abs=allowed), name
        assert float(weight.detach().mean()) == pytest.approx(0, abs=4 * (fan * weight.numel()) ** -0.5)
    plain = OpenElmForCausalLM(OpenElmConfig(**(TINY | shape)))
    deviation = float(plain.layers[0].mlp.down_proj.weight.detach().std())
    assert deviation == pytest.approx(plain.config.initializer_range, rel=0.05)
    with pytest.raises(ValueError, match="initialization must be 'normal' or 'corenet', got 'zero'"):
        OpenElmConfig(**(TINY | {"initialization": "zero"}))
