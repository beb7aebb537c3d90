"""Texts one by one: null models, the first position left out, and memory that does not grow with texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch.multiprocessing.reductions import StorageWeakRef
from transformers import GPT2Config, GPT2LMHeadModel, Qwen3Config, Qwen3ForCausalLM

from assocmem.experiments.attention import streamed
from assocmem.experiments.attention.measures import measure_head
from assocmem.experiments.attention.nulls import KEPT, NULLS, WITHOUT_FIRST
from assocmem.experiments.attention.streamed import over_texts, untrained_over_texts
from assocmem.language import Layer, capture

CAUSAL = torch.ones(12, 12).tril().bool()


def through(texts: list[torch.Tensor], _: str) -> list[torch.Tensor]:
    return texts


def layer(keys: torch.Tensor) -> Layer:
    """A layer of one head with random queries."""
    queries = torch.randn(12, 3, generator=torch.Generator().manual_seed(7))
    weights = (queries @ keys.T).masked_fill(~CAUSAL, -torch.inf).softmax(-1)
    return Layer(queries[None], keys[None], weights[None], CAUSAL, 1.0, 1)


def made_up(monkeypatch: pytest.MonkeyPatch, keys: list[torch.Tensor]) -> list[torch.Tensor]:
    """Texts whose one layer has these keys, whatever model is asked."""

    def visit(_: object, text: torch.Tensor, see: Callable[[Layer], None]) -> float:
        see(layer(keys[int(text)]))
        return 0.0

    monkeypatch.setattr(streamed, "visit", visit)
    return [torch.tensor(number) for number in range(len(keys))]


EQUAL = torch.nn.functional.normalize(torch.randn(12, 3, generator=torch.Generator().manual_seed(5)), dim=-1)
UNEQUAL = EQUAL * torch.logspace(0, 2, 12)[:, None]


def test_foreign_keys_are_those_of_the_next_text_and_the_others_meet_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among keys of equal length every query agrees; among a few long ones few do. The last text meets the first."""
    shares = over_texts(None, made_up(monkeypatch, [EQUAL, UNEQUAL, UNEQUAL]), 4, 0, through).values  # type: ignore[arg-type]
    assert shares["foreign_keys"].shape == (3, 1, 1)
    assert [bool(one == 1) for one in shares["foreign_keys"].ravel()] == [False, False, True]
    for name in ("random_queries", "shuffled_keys", "nearest"):
        assert [bool(one == 1) for one in shares[name].ravel()] == [True, False, False], name
    assert shares["foreign_angle"][2] == 1
    of_fresh = {name for name in NULLS if name.startswith("untrained")}
    left = {*NULLS, *(f"{name}{WITHOUT_FIRST}" for name in (*KEPT, *NULLS))} - set(shares)
    assert left == of_fresh | {f"{name}{WITHOUT_FIRST}" for name in of_fresh}


def test_without_the_first_position_its_key_is_seen_by_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key at the first position that draws all weight changes every measure with it, and none without it."""
    keys = EQUAL * torch.linspace(0.5, 1.5, 12)[:, None]
    sink = torch.cat([1000 * layer(keys).queries.mean((0, 1))[None], keys[1:]])
    before, after = (
        over_texts(None, made_up(monkeypatch, [one, one]), 4, 0, through).values  # type: ignore[arg-type]
        for one in (keys, sink)
    )
    own = [name for name in before if name.endswith(WITHOUT_FIRST) and not name.startswith("shuffled")]
    assert len(own) > len(KEPT)
    for name in own:  # Keys in another order: which rows see which keys is decided with the first one among them.
        assert (before[name] == after[name]).all(), name
    assert (after["first"] > before["first"]).all()
    for name in ("effective_keys", "random_queries", "centered", "rank"):
        assert (before[name] != after[name]).any(), name


def test_random_queries_have_the_mean_and_the_variance_of_each_coordinate() -> None:
    generator = torch.Generator().manual_seed(6)
    queries = torch.randn(20_000, 2, generator=generator) * torch.tensor([1.0, 5.0]) + torch.tensor([3.0, -2.0])
    made = streamed._gaussian_like(queries, generator)
    torch.testing.assert_close(made.mean(0), queries.mean(0), atol=0.15, rtol=0)
    torch.testing.assert_close(made.std(0), queries.std(0), rtol=0.03, atol=0)
    assert not torch.allclose(made, queries)


def gpt2(layers: int = 3) -> GPT2LMHeadModel:
    torch.manual_seed(0)
    return GPT2LMHeadModel(GPT2Config(vocab_size=40, n_positions=32, n_embd=32, n_layer=layers, n_head=4)).eval()


def texts(many: int) -> list[torch.Tensor]:
    return list(torch.randint(40, (many, 24), generator=torch.Generator().manual_seed(1)))


def test_heads_measured_side_by_side_are_those_measured_alone() -> None:
    model, rows = gpt2(), texts(2)
    values = over_texts(model, rows, 5, 0, through).values
    for number, row in enumerate(rows):
        for level, one in enumerate(capture(model, row).layers):
            for head in range(4):
                alone = measure_head(one.queries[head, 5:], one.keys[head], one.allowed[5:], one.scale)
                for name in ("nearest", "kl_nats", "rank", "centered", "bias_range_nats"):
                    assert values[name][number, level, head] == pytest.approx(float(alone[name].mean()), abs=1e-12)
                assert values["ratio"][number, level, head] == pytest.approx(float(alone["ratio"].median()), abs=1e-12)


@pytest.mark.parametrize("measure", ["trained", "fresh"])
def test_no_more_than_a_layer_of_weights_is_held_however_many_texts_and_layers(
    measure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each matrix of weights is gone when the next layer comes, and queries are held once for each layer."""
    weights: list[StorageWeakRef] = []
    queries: list[StorageWeakRef] = []
    held: list[tuple[int, int]] = []
    real = streamed.visit

    def visit(model: object, text: torch.Tensor, see: Callable[[Layer], None]) -> float:
        def watched(one: Layer) -> None:
            held.append(tuple(sum(not ref.expired() for ref in refs) for refs in (weights, queries)))  # type: ignore[arg-type]
            see(one)
            weights.append(StorageWeakRef(one.weights.untyped_storage()))
            queries.append(StorageWeakRef(one.queries.untyped_storage()))

        return real(model, text, watched)  # type: ignore[arg-type]

    monkeypatch.setattr(streamed, "visit", visit)
    if measure == "trained":
        over_texts(gpt2(), texts(5), 5, 0, through)
    else:
        untrained_over_texts(gpt2(), texts(5), 5, through)
    assert len(held) == 15
    assert max(w for w, _ in held) == 0
    assert max(q for _, q in held) == (3 if measure == "trained" else 0)


def qwen(layers: int = 2) -> Qwen3ForCausalLM:
    """A model that norms its keys."""
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": layers, "head_dim": 8}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2}
    return Qwen3ForCausalLM(Qwen3Config(vocab_size=40, max_position_embeddings=32, **shape, **heads)).eval()


def test_fresh_weights_behind_a_norm_of_the_keys_agree_by_algebra_and_this_is_said() -> None:
    shares, trivial = untrained_over_texts(qwen(), texts(2), 5, through)
    assert trivial
    assert (shares["untrained"] == 1).all()
    assert (shares["untrained_centered"] < 1).any()
    _, trivial = untrained_over_texts(gpt2(), texts(2), 5, through)
    assert not trivial


def test_fresh_weights_that_agree_by_chance_are_no_matter_of_algebra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Far out, queries find the nearest key among keys of any lengths; there the comparison still says something."""
    far = replace(layer(UNEQUAL), queries=1e6 * layer(UNEQUAL).queries)

    def visit(_: object, __: torch.Tensor, see: Callable[[Layer], None]) -> float:
        see(far)
        return 0.0

    monkeypatch.setattr(streamed, "visit", visit)
    shares, trivial = untrained_over_texts(None, texts(2), 4, through)  # type: ignore[arg-type]
    assert (shares["untrained"] == 1).all()
    assert not trivial


def test_a_tie_that_rounding_decides_makes_no_comparison_of_what_is_algebra(monkeypatch: pytest.MonkeyPatch) -> None:
    """One query of very many between two keys of nearly one length misses the nearest by rounding."""
    near = agreement_in_all_but_one()
    monkeypatch.setattr(streamed, "agreement", near)
    shares, trivial = untrained_over_texts(qwen(), texts(20), 5, through)
    assert shares["untrained"].min() < 1
    assert trivial


def agreement_in_all_but_one() -> Callable[..., dict[str, torch.Tensor]]:
    real, calls = streamed.agreement, []

    def near(*words: torch.Tensor) -> dict[str, torch.Tensor]:
        values = real(*words)
        calls.append(1)
        if len(calls) == 1:
            values["nearest"][0, 0] = False
        return values

    return near
