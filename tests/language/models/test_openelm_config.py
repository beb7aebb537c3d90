"""Configurations of OpenELM: the paper's three models, what they assume, and values that make no model."""

from __future__ import annotations

import json

import pytest
from transformers import AutoModelForCausalLM

from assocmem.language.models.openelm import OpenElmForCausalLM
from assocmem.language.models.openelm_config import (
    PRINTED_SIZES,
    OpenElmConfig,
    from_shape,
    paper_config,
)
from assocmem.theory.balance.transformer_shapes import OPENELM, OpenElmShape, openelm
from assocmem.theory.balance.transformer_size import BLOCKS
from openelm_shapes import TINY, meta_count


def test_models_come_from_a_configuration_that_went_through_json() -> None:
    for config in (OpenElmConfig(**TINY), paper_config(2), from_shape(OPENELM["OpenELM 3B"])):
        again = OpenElmConfig.from_dict(json.loads(config.to_json_string()))
        assert again.to_dict() == config.to_dict()
        assert again.shape() == config.shape()
    model = AutoModelForCausalLM.from_config(OpenElmConfig(**TINY), trust_remote_code=False)
    assert isinstance(model, OpenElmForCausalLM)
    assert sum(p.numel() for p in model.parameters()) == OpenElmConfig(**TINY).shape().decoder().count()


@pytest.mark.parametrize(("model", "blocks"), [(1, 39_946_912), (2, 60_232_704), (3, 80_203_264)])
def test_one_width_for_all_layers_comes_near_the_printed_sizes(model: int, blocks: int) -> None:
    config = paper_config(model, "nearest")
    assert meta_count(config, "layers.") == config.shape().decoder().count(*BLOCKS) == blocks
    assert blocks == pytest.approx(PRINTED_SIZES[model] * 1e6, rel=5e-4)
    for step in (-8, 8):
        other = paper_config(model, [inner + step for inner in config.intermediate_sizes]).shape().decoder()
        assert abs(other.count(*BLOCKS) - PRINTED_SIZES[model] * 1e6) > abs(blocks - PRINTED_SIZES[model] * 1e6)
    assert config.num_query_heads == [2 * k for k in config.num_kv_heads]
    assert config.intermediate_sizes == [config.intermediate_sizes[0]] * 8
    assert config.intermediate_sizes[0] % 8 == 0


@pytest.mark.parametrize("model", PRINTED_SIZES)
def test_widths_that_grow_have_the_printed_sizes_to_all_digits(model: int) -> None:
    config = paper_config(model)
    blocks = meta_count(config, "layers.")
    assert round(blocks / 1e6, 2) == round(config.shape().decoder().count(*BLOCKS) / 1e6, 2)
    assert abs(blocks / 1e6 - PRINTED_SIZES[model]) < 5e-3
    inner = config.intermediate_sizes
    assert inner == sorted(inner)
    assert inner[0] == pytest.approx(config.hidden_size / 2, rel=0.1)
    assert inner[-1] > 3.5 * inner[0]


def test_the_paper_s_settings_are_those_printed() -> None:
    for model, width in ((1, 954), (2, 1280), (3, 1440)):
        config = paper_config(model, use_cache=False)
        assert (config.hidden_size, config.num_hidden_layers, config.head_dim) == (width, 8, 64)
        assert (config.vocab_size, config.max_position_embeddings, config.initializer_range) == (50257, 1024, 0.02)
        assert config.attention_dropout == config.embedding_dropout == 0.1
        assert (config.rope_theta, config.rms_norm_eps, config.use_cache) == (10000.0, 1e-6, False)
        assert config.num_query_heads == [6, 6, 6, *([8, 8, 8, 10, 10] if model == 3 else [6, 8, 8, 8, 10])]
        assert config.num_kv_heads == [heads // 2 for heads in config.num_query_heads]
        assert paper_config(model, [8] * 8).intermediate_sizes == [8] * 8


def test_what_is_assumed_is_true() -> None:
    for model in PRINTED_SIZES:
        config = paper_config(model)
        by_rule = openelm(8, config.hidden_size, qkv=(0.5, 1.0), groups=2)
        assert list(by_rule.heads) != config.num_query_heads
        blocks = config.shape().decoder().count(*BLOCKS)
        with_table = blocks + config.vocab_size * config.hidden_size
        assert with_table > 1.8 * PRINTED_SIZES[model] * 1e6
    assert paper_config(1).hidden_size % 64


def test_one_multiplier_for_all_three_misses_by_two_percent() -> None:
    counts = [paper_config(m, "constant").shape().decoder().count(*BLOCKS) / 1e6 for m in PRINTED_SIZES]
    assert counts == pytest.approx([39.95, 61.46, 79.10], abs=0.01)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("vocab_size", 0),
        ("hidden_size", -1),
        ("num_hidden_layers", 0),
        ("head_dim", 7),
        ("head_dim", 2.0),
        ("num_gqa_groups", 0),
        ("ffn_dim_divisor", 0),
        ("max_position_embeddings", True),
        ("qkv_multipliers", (0.5,)),
        ("ffn_multipliers", (0.0, 1.0)),
        ("num_query_heads", [2, 4]),
        ("num_query_heads", [2, 4, 0]),
        ("num_kv_heads", [1, 2, 4]),
        ("num_kv_heads", [1, 2]),
        ("intermediate_sizes", [1, 2, 3, 4]),
        ("intermediate_sizes", [1, 2, -3]),
        ("rope_theta", 0.0),
        ("rms_norm_eps", float("nan")),
        ("initializer_range", float("inf")),
        ("attention_dropout", 1.0),
        ("embedding_dropout", -0.1),
        ("tie_word_embeddings", False),
        ("attention_dropout", "0.1"),
        ("embedding_dropout", None),
        ("rope_theta", "1"),
        ("rms_norm_eps", True),
        ("initializer_range", 0.0),
        ("rope_theta", float("inf")),
        ("qkv_multipliers", 1.0),
        ("qkv_multipliers", (0.5, "1")),
        ("ffn_multipliers", (0.5, float("inf"))),
        ("num_query_heads", 4),
        ("num_kv_heads", 2),
        ("intermediate_sizes", 12),
        ("intermediate_sizes", [12, 24, 40.0]),
        ("num_kv_heads", [1, 2, True]),
        ("attention_dropout", float("nan")),
    ],
)
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
