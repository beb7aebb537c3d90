"""The plain decoders against torch's own encoder layers, and what OPT does at the edges: positions, padding, counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, OPTForCausalLM

from assocmem.language.models.vanilla import vanilla
from assocmem.language.silenced_transformers import silenced_transformers

SHAPE: dict[str, Any] = {"vocabulary": 23, "layers": 2, "width": 12, "heads": 3, "context": 9, "inner": 20}
NORMS = pytest.mark.parametrize("norm", ["before", "after"])


def made(**changes: Any) -> OPTForCausalLM:
    """A small model in evaluation mode, none of whose weights has a value that would hide its absence."""
    torch.manual_seed(0)
    model = vanilla(**(SHAPE | changes)).train(False)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.3)
    return model


def ids(batch: int = 2, length: int = 9, seed: int = 1) -> Tensor:
    return torch.randint(2, 23, (batch, length), generator=torch.Generator().manual_seed(seed))


def reference(model: OPTForCausalLM, tokens: Tensor, heads: int, *, first: bool) -> Tensor:
    """Logits from torch's layers with the same weights; nothing of transformers computes here."""
    decoder, width = model.model.decoder, model.config.hidden_size
    length = tokens.shape[1]
    x = decoder.embed_tokens.weight[tokens] + decoder.embed_positions.weight[2 : 2 + length]
    mask = nn.Transformer.generate_square_subsequent_mask(length)
    for theirs in decoder.layers:
        attention = theirs.self_attn
        layer = nn.TransformerEncoderLayer(
            width, heads, theirs.fc1.out_features, 0.0, "relu", batch_first=True, norm_first=first
        ).train(False)
        projections = (attention.q_proj, attention.k_proj, attention.v_proj)
        layer.load_state_dict(
            {
                "self_attn.in_proj_weight": torch.cat([one.weight for one in projections]),
                "self_attn.in_proj_bias": torch.cat([one.bias for one in projections]),
                **{
                    f"{name}.{part}": getattr(module, part)
                    for part in ("weight", "bias")
                    for name, module in (
                        ("self_attn.out_proj", attention.out_proj),
                        ("linear1", theirs.fc1),
                        ("linear2", theirs.fc2),
                        ("norm1", theirs.self_attn_layer_norm),
                        ("norm2", theirs.final_layer_norm),
                    )
                },
            }
        )
        x = layer(x, src_mask=mask)
    if first:
        x = nn.functional.layer_norm(x, (width,), decoder.final_layer_norm.weight, decoder.final_layer_norm.bias)
    return x @ decoder.embed_tokens.weight.T


@NORMS
@pytest.mark.parametrize("heads", [1, 3])
def test_logits_are_those_of_torch_s_layers(norm: str, heads: int) -> None:
    model, tokens = made(norm=norm, heads=heads), ids()
    with torch.no_grad():
        expected = reference(model, tokens, heads, first=norm == "before")
        torch.testing.assert_close(model(tokens).logits, expected, rtol=1e-5, atol=1e-5)
    assert (model.model.decoder.final_layer_norm is None) == (norm == "after")


@settings(max_examples=12, deadline=None)
@given(
    vocabulary=st.integers(2, 40),
    layers=st.integers(1, 3),
    heads=st.integers(1, 3),
    each=st.integers(1, 5),
    context=st.integers(1, 20),
    inner=st.one_of(st.none(), st.integers(1, 30)),
    norm=st.sampled_from(["before", "after"]),
)
def test_parameters_are_as_many_as_documented(
    vocabulary: int, layers: int, heads: int, each: int, context: int, inner: int | None, norm: str
) -> None:
    w = heads * each
    with torch.device("meta"):
        model = vanilla(
            vocabulary=vocabulary, layers=layers, width=w, heads=heads, context=context, inner=inner, norm=norm
        )
    w_ff = 4 * w if inner is None else inner
    blocks = layers * (4 * w**2 + 9 * w + 2 * w * w_ff + w_ff)
    expected = w * (vocabulary + context + 2) + blocks + (2 * w if norm == "before" else 0)
    assert sum(p.numel() for p in model.parameters()) == expected


@NORMS
def test_weights_start_as_documented(norm: str) -> None:
    torch.manual_seed(3)
    shape = {"vocabulary": 60, "layers": 1, "width": 64, "heads": 2, "context": 60, "norm": norm, "pad": 4, "end": 7}
    model = vanilla(**shape)
    for name, weight in model.named_parameters():
        if "norm" in name:
            assert torch.equal(weight, torch.full_like(weight, float(name.endswith("weight")))), name
        elif name.endswith("bias"):
            assert not weight.any(), name
        else:
            assert weight.std().item() == pytest.approx(0.02, rel=0.1), name
    table = model.model.decoder.embed_tokens
    assert table.padding_idx == 4
    assert table.weight.any(dim=1).logical_not().nonzero().tolist() == [[4]]
    assert model.lm_head.weight is table.weight
    assert (model.config.pad_token_id, model.config.bos_token_id, model.config.eos_token_id) == (4, 7, 7)
    torch.manual_seed(3)
    again = vanilla(**shape)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))


def test_the_default_ids_are_those_of_the_rows() -> None:
    config = made().config
    assert (config.pad_token_id, config.bos_token_id, config.eos_token_id) == (0, 1, 1)
    assert vanilla(**(SHAPE | {"inner": None})).config.ffn_dim == 48


def test_the_longest_row_has_as_many_ids_as_the_context() -> None:
    model = made()
    assert model(ids(length=9)).logits.shape == (2, 9, 23)
    with pytest.raises(IndexError):
        model(ids(length=10))


@NORMS
def test_the_future_does_not_change_the_past(norm: str) -> None:
    model, tokens = made(norm=norm), ids()
    other = tokens.clone()
    other[:, 5:] = other[:, 5:].roll(1, 0)
    with torch.no_grad():
        first, second = model(tokens).logits, model(other).logits
    torch.testing.assert_close(first[:, :5], second[:, :5])
    assert not torch.allclose(first[:, 5:], second[:, 5:], atol=1e-3)


@pytest.mark.parametrize("side", ["right", "right without a mask", "left"])
def test_padding_changes_nothing(side: str) -> None:
    model, tokens = made(), ids(batch=1, length=5)
    fill, ones = torch.zeros(1, 3, dtype=torch.long), torch.ones(1, 5, dtype=torch.long)
    left = side == "left"
    padded = torch.cat((fill, tokens) if left else (tokens, fill), 1)
    mask = None if "without" in side else torch.cat((fill, ones) if left else (ones, fill), 1)
    with torch.no_grad():
        alone, beside = model(tokens).logits, model(padded, attention_mask=mask).logits
    torch.testing.assert_close(beside[:, 3:] if left else beside[:, :5], alone, rtol=1e-4, atol=1e-5)


def test_without_a_mask_padding_on_the_left_moves_the_positions() -> None:
    model, tokens = made(), ids(batch=1, length=5)
    padded = torch.cat((torch.zeros(1, 3, dtype=torch.long), tokens), 1)
    with torch.no_grad():
        assert not torch.allclose(model(padded).logits[:, 3:], model(tokens).logits, atol=1e-2)


def test_the_loss_is_the_mean_over_predicted_tokens_of_all_rows() -> None:
    model, tokens = made(), ids()
    labels = tokens.clone()
    labels[0, 4:] = -100
    padded = tokens.masked_fill(labels == -100, 0)
    with torch.no_grad():
        loss = model(padded, labels=labels).loss
        short, whole = model(tokens[:1, :4]).logits[0, :-1], model(tokens[1:]).logits[0, :-1]
    nats = [-x.log_softmax(-1).gather(-1, y[:, None]) for x, y in ((short, tokens[0, 1:4]), (whole, tokens[1, 1:]))]
    torch.testing.assert_close(loss, torch.cat(nats).mean())


def test_dropout_acts_in_training_only_and_no_layer_is_dropped() -> None:
    tokens = ids()
    none, some = made(), made(dropout=0.5)
    assert some.config.layerdrop == 0
    assert all(layer.dropout == layer.self_attn.dropout == 0.5 for layer in some.model.decoder.layers)
    with torch.no_grad():
        plain = none(tokens).logits
        torch.testing.assert_close(some(tokens).logits, plain)
        torch.testing.assert_close(none.train(True)(tokens).logits, plain)
        some.train(True)
        assert not torch.allclose(some(tokens).logits, some(tokens).logits)


@NORMS
def test_training_lowers_the_loss(norm: str) -> None:
    torch.manual_seed(0)
    model, tokens = vanilla(**(SHAPE | {"norm": norm})), ids()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(40):
        loss = model(tokens, labels=tokens).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(torch.tensor(23.0).log().item(), abs=0.2)
    assert losses[-1] < 0.5 * losses[0]


def test_saved_models_return_equal_and_write_on(tmp_path: Path) -> None:
    model, tokens = made(norm="after"), ids(length=4)
    with silenced_transformers():
        model.save_pretrained(tmp_path)
        again = AutoModelForCausalLM.from_pretrained(tmp_path, trust_remote_code=False)
        options = {"max_new_tokens": 5, "min_new_tokens": 5, "do_sample": False}
        longer = [again.generate(tokens, use_cache=use, **options) for use in (True, False)]
    with torch.no_grad():
        assert torch.equal(again(tokens).logits, model(tokens).logits)
    assert longer[0].shape == (2, 9)
    assert torch.equal(longer[0], longer[1])


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("vocabulary", 0),
        ("vocabulary", 2.5),
        ("layers", 0),
        ("layers", True),
        ("width", 0),
        ("width", 13),
        ("heads", 0),
        ("heads", -3),
        ("context", 0),
        ("inner", 0),
        ("inner", 1.5),
        ("norm", "both"),
        ("dropout", 1.0),
        ("dropout", -0.1),
        ("dropout", float("nan")),
        ("dropout", "0"),
        ("dropout", True),
        ("pad", 23),
        ("pad", -1),
        ("end", 23),
        ("end", -1),
        ("end", 0),
        ("end", 1.0),
    ],
)
def test_bad_values_are_named(argument: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{argument} "):
        vanilla(**(SHAPE | {argument: value}))


def test_the_smallest_values_are_taken() -> None:
    tiny = {"vocabulary": 2, "layers": 1, "width": 1, "heads": 1, "context": 1, "inner": 1, "pad": 1, "end": 0}
    model = vanilla(**tiny, dropout=0)
    assert model(torch.zeros(1, 1, dtype=torch.long)).logits.shape == (1, 1, 2)
