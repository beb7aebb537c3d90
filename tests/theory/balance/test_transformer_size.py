"""Parameter counts: formulas against the models that transformers builds, published totals, and brute force."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import CONFIG_MAPPING, GPTNeoXConfig, Qwen3Config

from assocmem.claims.balance.model_sizes import constant
from assocmem.claims.balance.model_sizes import counts as counts_checks
from assocmem.figures.balance import sizes
from assocmem.language.models.parameter_counts import build, configuration, counted, listed
from assocmem.theory.balance import transformer_laws
from assocmem.theory.balance.transformer_shapes import (
    GPT2,
    LLAMA,
    MEDIUM,
    OPENELM,
    PUBLISHED,
    GptShape,
    LlamaShape,
    OpenElmShape,
    divisible,
    openelm,
    spread,
)
from assocmem.theory.balance.transformer_size import BLOCKS, COMPONENTS, EMBEDDINGS, Block, Decoder

SMALL = settings(max_examples=15, deadline=None)
TOTALS = {
    "GPT-2 small": 124_439_808,
    "GPT-2 medium": 354_823_168,
    "GPT-2 large": 774_030_080,
    "GPT-2 XL": 1_557_611_200,
    "TinyLlama": 1_100_048_384,
    "LLaMA 7B": 6_738_415_616,
    "LLaMA 13B": 13_015_864_320,
    "Llama 3 8B": 8_030_261_248,
    "OpenELM 270M": 271_527_168,
    "OpenELM 450M": 457_179_136,
    "OpenELM 1.1B": 1_079_891_456,
    "OpenELM 3B": 3_036_647_424,
}
"""Numbers of parameters in the published checkpoints."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_formulas_give_the_published_totals(name: str) -> None:
    assert PUBLISHED[name].decoder().count() == TOTALS[name]


@pytest.mark.parametrize("shape", [*GPT2.values(), *LLAMA.values()], ids=[*GPT2, *LLAMA])
def test_formulas_give_the_library_s_counts_in_every_component(shape: GptShape | LlamaShape) -> None:
    assert counted(configuration(shape)) == shape.decoder().counts()


@SMALL
@given(
    layers=st.integers(1, 3),
    heads=st.integers(1, 4),
    head_dim=st.integers(1, 6),
    vocabulary=st.integers(2, 40),
    context=st.integers(1, 20),
    inner=st.one_of(st.none(), st.integers(1, 40)),
)
def test_gpt_of_any_shape(
    layers: int, heads: int, head_dim: int, vocabulary: int, context: int, inner: int | None
) -> None:
    shape = GptShape(layers, heads * head_dim, heads, inner, vocabulary, context)
    assert counted(configuration(shape)) == shape.decoder().counts()


@SMALL
@given(
    layers=st.integers(1, 3),
    width=st.integers(1, 12),
    kv_heads=st.integers(1, 3),
    group=st.integers(1, 3),
    half=st.integers(1, 4),
    inner=st.integers(1, 20),
    vocabulary=st.integers(2, 40),
    tied=st.booleans(),
)
def test_llama_of_any_shape(
    layers: int, width: int, kv_heads: int, group: int, half: int, inner: int, vocabulary: int, tied: bool
) -> None:
    heads = kv_heads * group
    shape = LlamaShape(layers, width * heads, heads, kv_heads, 2 * half, inner, vocabulary, tied)
    assert counted(configuration(shape)) == shape.decoder().counts()


@pytest.mark.parametrize("name", ["OpenELM 270M", "OpenELM 3B"])
def test_openelm_s_blocks_are_those_of_a_class_with_the_same_parts(name: str) -> None:
    """Qwen 3 has grouped keys, a gated feed-forward layer, normalized queries and keys, no biases: layer by layer."""
    shape = OPENELM[name]
    for q, kv, inner in set(zip(shape.heads, shape.kv_heads, shape.inner, strict=True)):
        like = Qwen3Config(
            num_hidden_layers=1,
            hidden_size=shape.width,
            num_attention_heads=q,
            num_key_value_heads=kv,
            head_dim=shape.head_dim,
            intermediate_size=inner,
            vocab_size=shape.vocabulary,
            tie_word_embeddings=True,
        )
        own = OpenElmShape(shape.width, (q,), (kv,), (inner,), shape.head_dim)
        assert counted(like) == own.decoder().counts()


def test_openelm_s_rules_on_its_smallest_model() -> None:
    shape = OPENELM["OpenELM 270M"]
    assert shape.heads == (*[12] * 5, *[16] * 7, *[20] * 4)
    assert shape.kv_heads == tuple(h // 4 for h in shape.heads)
    assert shape.inner[0] == 768
    assert shape.inner[-1] == 5120


def test_widths_are_made_divisible_without_losing_more_than_a_tenth() -> None:
    assert [divisible(v, 256) for v in (1, 127, 383, 385, 640, 659, 2000)] == [256, 256, 512, 512, 768, 768, 2048]
    for value in range(1, 3000, 7):
        rounded = divisible(value, 256)
        assert rounded % 256 == 0
        assert rounded >= 0.9 * value
        assert abs(rounded - value) <= 128 or rounded == 256 or rounded - 256 < 0.9 * value


@given(st.integers(1, 60), st.floats(0.1, 2), st.floats(0.1, 5))
def test_multipliers_are_numpy_s_equally_spaced_ones(layers: int, low: float, high: float) -> None:
    assert spread((low, high), layers) == [round(float(v), 2) for v in np.linspace(low, high, layers)]


def test_openelm_has_no_class_and_says_so() -> None:
    import_module("assocmem.language.models.openelm")  # Registers the book's own.
    assert [name for name in CONFIG_MAPPING if "openelm" in name] == ["assocmem_openelm"]
    with pytest.raises(TypeError, match="no class for OpenElmShape"):
        configuration(OPENELM["OpenELM 3B"])


def test_unequal_lists_of_layers_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        OpenElmShape(64, (1, 1), (1,), (64, 64)).decoder()


def test_a_tensor_of_an_unknown_component_is_not_passed_over() -> None:
    config = GPTNeoXConfig(num_hidden_layers=1, hidden_size=8, num_attention_heads=2, intermediate_size=8, vocab_size=5)
    with pytest.raises(ValueError, match="belongs to no known component"):
        counted(config)


def test_unknown_component_is_refused() -> None:
    with pytest.raises(KeyError):
        MEDIUM.decoder().count("heads")


def test_medium_is_built_without_values() -> None:
    model = build(configuration(MEDIUM))
    assert len(listed(model)) == 292
    assert all(p.is_meta for p in model.parameters())
    assert listed(model, "h.0.mlp.c_fc.weight") == {"transformer.h.0.mlp.c_fc.weight": (1024, 4096)}


def test_parts_of_the_figure_are_all_components() -> None:
    names = [name for components, *_ in sizes.PARTS.values() for name in components]
    assert sorted(names) == sorted(COMPONENTS)


@SMALL
@given(st.integers(1, 20), st.integers(1, 300), st.integers(1, 40), st.integers(1, 999), st.integers(1, 99))
def test_symbolic_laws_are_the_counts(layers: int, width: int, m: int, words: int, context: int) -> None:
    decoder = GptShape(layers, width, 1, m * width, words, context).decoder()
    assert decoder.constant() == transformer_laws.plain_constant().subs(
        {transformer_laws.m: m, transformer_laws.d: width}
    )
    plain = GptShape(layers, width, 1, None, words, context).decoder()
    known = {
        transformer_laws.l: layers,
        transformer_laws.d: width,
        transformer_laws.vocabulary: words,
        transformer_laws.context: context,
    }
    for law, part in (
        (transformer_laws.layers_majority(), transformer_laws.LAYERS),
        (transformer_laws.embedding_majority(), EMBEDDINGS),
    ):
        assert width * law.subs(known) == 2 * plain.count(*part) - plain.count()
        assert (law.subs(known) > 0) == (plain.share(*part) > sp.Rational(1, 2))


@SMALL
@given(st.integers(1, 9), st.integers(1, 4), st.integers(1, 4), st.integers(1, 8), st.integers(1, 30))
def test_gated_law_is_the_count(layers: int, kv: int, group: int, head_dim: int, m: int) -> None:
    width = 12
    shape = LlamaShape(layers, width, kv * group, kv, head_dim, m * width)
    ratios = {
        transformer_laws.e: sp.Rational(kv * group * head_dim, width),
        transformer_laws.g: sp.Rational(1, group),
        transformer_laws.m: m,
    }
    assert shape.decoder().constant() == transformer_laws.gated_constant().subs(
        {**ratios, transformer_laws.d: width, transformer_laws.k: 0}
    )


def test_unlike_blocks_have_the_mean_of_their_constants() -> None:
    assert transformer_laws.mean_residual(4) == 0
    shape = openelm(5, 256)
    own = [
        OpenElmShape(shape.width, (q,), (kv,), (f,)).decoder().constant()
        for q, kv, f in zip(shape.heads, shape.kv_heads, shape.inner, strict=True)
    ]
    assert shape.decoder().constant() == sum(own) / 5


def test_depth_leaves_no_trace_in_the_constant() -> None:
    assert (
        transformer_laws.l
        not in transformer_laws.plain_constant().free_symbols | transformer_laws.gated_constant().free_symbols
    )


def test_least_sizes_by_trying() -> None:
    for symbol, other, known in (
        (transformer_laws.l, transformer_laws.d, 768),
        (transformer_laws.d, transformer_laws.l, 12),
    ):
        values = {other: known, transformer_laws.vocabulary: 50257, transformer_laws.context: 1024}
        smallest = transformer_laws.least(symbol, values)
        signs = [
            bool(transformer_laws.layers_majority().subs({**values, symbol: n}) > 0) for n in (smallest - 1, smallest)
        ]
        assert signs == [False, True]
    with pytest.raises(ValueError, match="exceeds limit=5"):
        transformer_laws.least(
            transformer_laws.l,
            {transformer_laws.d: 768, transformer_laws.vocabulary: 50257, transformer_laws.context: 1024},
            limit=5,
        )


def test_inner_widths_and_depths_by_trying() -> None:
    rounded = [w for w in range(4000, 4200) if round(GptShape(24, 1024, 16, w).decoder().count() / 10**6) == 355]
    assert list(transformer_laws.inner_widths(355 * 10**6)) == rounded
    assert transformer_laws.depths(124 * 10**6, 768) == [12]
    assert transformer_laws.depths(355 * 10**6, 768) == []


def test_bounds_of_printed_numbers() -> None:
    own = transformer_laws.Printed("39.95", 954)
    assert own.range == (39_945_000, 39_955_000)
    assert transformer_laws.Printed("40", 954).range == (39_500_000, 40_500_000)
    assert own.constant[0] == Fraction(39_945_000, 8 * 954**2)
    assert own.factor[1] == Fraction(39_955_000, 954 * 1024)
    assert transformer_laws.spread_of([own.constant, own.constant]) == 1
    assert transformer_laws.spread_of([(Fraction(1), Fraction(2)), (Fraction(3), Fraction(4))]) == Fraction(3, 2)


def test_growth_is_one_where_width_alone_grows() -> None:
    narrow, wide = (Decoder(((3, Block(w, w, w, 4 * w, gated=True)),), 10) for w in (8, 16))
    assert transformer_laws.growth(narrow, wide) == 1
    assert transformer_laws.growth(GPT2["GPT-2 small"].decoder(), GPT2["GPT-2 small"].decoder()) == 1


def test_exact_lines_are_the_components() -> None:
    counts = MEDIUM.decoder().counts()
    assert sum(counts_checks.EXACT.values()) == sum(counts.values()) == 354_823_168
    assert {name for name in counts_checks.EXACT if name != "biases"} <= set(counts)
    assert MEDIUM.decoder().count(*BLOCKS) == 24 * (12 * 1024**2 + 13 * 1024)


def test_what_is_proved_with_a_condition_has_a_counterexample_outside_it() -> None:
    findings = [
        constant.constant_of_own_models(constant.PowerLaw()),
        constant.other_powers(constant.PowerLaw()),
        constant.not_most_of_own_models(constant.Majority()),
        counts_checks.with_its_biases(counts_checks.ATTENTION),
        counts_checks.with_its_biases(counts_checks.DENSE),
        constant.same_at_every_depth(frozenset({transformer_laws.l, transformer_laws.d})),
    ]
    assert all(finding.outcome == "fails" and finding.outside for finding in findings)


def test_a_rounded_number_is_right_only_to_its_digits() -> None:
    bounds = (Fraction(4834, 1000), Fraction(4835, 1000))
    assert constant._rounds("4.83", bounds)
    assert not constant._rounds("4.84", bounds)
    assert not constant._rounds("4.834", (Fraction(48338, 10000), Fraction(48346, 10000)))


def test_slider_has_a_state_for_each_depth_and_says_from_where_the_layers_hold_most() -> None:
    figure = sizes.explore(depths=(1, 12), first=1)
    assert figure.steps == ("1", "12")
    assert "50257 words, the layers hold more than half of all parameters from a width of 356 on" in (
        figure.frames[""]["12"].says
    )
    (curve,) = (curve for curve in figure.frames[""]["12"].curves if curve.name == "50257 words")
    width, share = np.asarray(curve.x), np.asarray(curve.y)
    assert width[share > 0.5].min() >= 356 > width[share <= 0.5].max()


def test_bars_add_up_to_one_and_the_words_name_the_ends() -> None:
    plate = sizes.shares({name: shape.decoder() for name, shape in GPT2.items()})
    bars = [container.datavalues for container in plate.figure.axes[0].containers]
    np.testing.assert_allclose(sum(bars), 1)
    assert "largest share in GPT-2 small, 32%, and the smallest in GPT-2 XL" in plate.alt
