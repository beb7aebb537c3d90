"""Attention against nearest-neighbor search: hand-made heads with known answers, null models, records, command."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from typer.testing import CliRunner

from assocmem.claims.registry import claims
from assocmem.claims.retrieval import real_attention as proofs
from assocmem.claims.verdicts import Finding
from assocmem.cli.attention import app
from assocmem.experiments import Record, published, write
from assocmem.experiments.attention import report
from assocmem.experiments.attention import run as experiment
from assocmem.experiments.attention.measures import MEASURES, MOVED_BY, agreement, identity_residual, measure_head
from assocmem.experiments.attention.run import SCALES, AttentionSearch, regime, run
from assocmem.figures.retrieval import heads
from assocmem.language import Captured, Layer
from assocmem.theory.exact.distances import PAPER

KEYS = torch.tensor([[1.0], [2.0], [-1.0]])
CAUSAL = torch.ones(3, 3).tril().bool()


def measured(queries: torch.Tensor, keys: torch.Tensor = KEYS, scale: float = 1.0, **change: torch.Tensor) -> dict:
    allowed = change.get("allowed", CAUSAL[-len(queries) :])
    return {name: value.tolist() for name, value in measure_head(queries, keys, allowed, scale).items()}


def test_a_query_that_is_a_stored_key_is_passed_over_for_a_longer_one() -> None:
    found = measured(torch.tensor([[1.0], [1.0], [1.0]]))
    assert found["nearest"] == [1, 0, 0]
    assert found["angle"] == [1, 0, 0]  # Keys 1 and 2 have the same direction; the first of equals is taken.
    assert found["first"] == [1, 0, 0]
    assert found["self"] == [1, 1, 0]
    assert found["previous"] == [0, 0, 1]
    assert found["nearest_first"] == [1, 1, 1]
    assert found["rank"] == [0, 1, 0.5]
    assert found["chance"] == pytest.approx([1, 1 / 2, 1 / 3])


def test_the_first_position_has_one_key_and_all_weight_on_it() -> None:
    found = measured(torch.tensor([[0.3], [1.0], [1.0]]))
    exact = {
        "nearest": 1,
        "nearest_weight": 1,
        "entropy_nats": 0,
        "kl_nats": 0,
        "total_variation": 0,
        "effective_keys": 1,
        "keys_for_90": 1,
        "share_for_90": 1,
        "ratio": 1,
        "bias_range_nats": 0,
    }
    assert {name: found[name][0] for name in exact} == pytest.approx(exact)


def test_weights_divergence_and_entropy_by_hand() -> None:
    """Query 1 over keys 1 and 2 at scale 1: attention (1, e)/(1+e), distance attention (1, e^-1/2)/(1+e^-1/2)."""
    attention = [1 / (1 + math.e), math.e / (1 + math.e)]
    distance = [1 / (1 + math.exp(-0.5)), math.exp(-0.5) / (1 + math.exp(-0.5))]
    found = measured(torch.tensor([[1.0]]), KEYS[:2], allowed=torch.ones(1, 2).bool())
    entropy = -sum(a * math.log(a) for a in attention)
    expected = {
        "nearest_weight": attention[0],
        "heaviest_weight": attention[1],
        "nearest_5_weight": 1.0,
        "kl_nats": sum(a * math.log(a / b) for a, b in zip(attention, distance, strict=True)),
        "total_variation": attention[1] - distance[1],
        "entropy_nats": entropy,
        "effective_keys": math.exp(entropy),
        "keys_for_90": 2,
        "share_for_90": 1,
        "bias_range_nats": 1.5,
        "nearest_5": 1,
        "rank": 1,
    }
    assert {name: found[name][0] for name in expected} == pytest.approx(expected)


def test_the_five_nearest_of_seven_keys_by_hand() -> None:
    keys = torch.arange(1.0, 8.0)[:, None]
    found = measured(torch.tensor([[1.0]]), keys, allowed=torch.ones(1, 7).bool())
    terms = [math.exp(k) for k in range(1, 8)]
    assert found["nearest_5_weight"] == pytest.approx([sum(terms[:5]) / sum(terms)])
    assert found["nearest_5"] == [0]


def test_ratio_is_of_distances_not_of_squares() -> None:
    found = measured(torch.tensor([[4 / 3]]), KEYS[:2], allowed=torch.ones(1, 2).bool())
    assert found["ratio"] == pytest.approx([2])


@pytest.mark.parametrize("shift", [torch.zeros(4), torch.tensor([3.0, -1.0, 0.5, 2.0])])
def test_equal_norms_make_the_heaviest_key_the_nearest_and_centering_sees_through_a_shift(shift: torch.Tensor) -> None:
    generator = torch.Generator().manual_seed(0)
    queries = torch.randn(40, 4, generator=generator, dtype=torch.float64)
    keys = torch.nn.functional.normalize(torch.randn(40, 4, generator=generator, dtype=torch.float64), dim=-1)
    keys = torch.cat([keys, -keys])  # Their mean is zero.
    everything = torch.ones(40, 80).bool()
    found = measure_head(queries, keys + shift, everything, 0.5)
    assert bool(found["centered"].all())
    assert bool(found["nearest"].all()) == (not bool(shift.any()))
    if not shift.any():
        assert float(found["kl_nats"].abs().max()) < 1e-12
        assert all(bool(where.all()) for where in agreement(queries, keys, everything))


def test_measures_do_not_look_at_masked_keys() -> None:
    generator = torch.Generator().manual_seed(1)
    queries, keys = torch.randn(6, 3, generator=generator), torch.randn(6, 3, generator=generator)
    allowed = torch.ones(6, 6).tril().bool()
    before = measure_head(queries, keys, allowed, 0.5)
    keys[-1] = 1000.0
    after = measure_head(queries, keys, allowed, 0.5)
    for name in set(MEASURES) - {"centered"}:  # The mean of the keys is a shift like any other.
        torch.testing.assert_close(before[name][:-1], after[name][:-1])


def test_leaving_out_rows_at_the_front_changes_nothing_in_the_others() -> None:
    generator = torch.Generator().manual_seed(2)
    queries, keys = torch.randn(6, 3, generator=generator), torch.randn(6, 3, generator=generator)
    allowed = torch.ones(6, 6).tril().bool()
    whole, part = measure_head(queries, keys, allowed, 0.5), measure_head(queries[2:], keys, allowed[2:], 0.5)
    for name in MEASURES:
        torch.testing.assert_close(whole[name][2:], part[name])


def test_the_identity_holds_for_true_weights_and_fails_for_others() -> None:
    generator = torch.Generator().manual_seed(3)
    queries, keys = torch.randn(5, 3, generator=generator), torch.randn(5, 3, generator=generator)
    allowed = torch.ones(5, 5).tril().bool()
    weights = (0.7 * queries @ keys.T).masked_fill(~allowed, -torch.inf).softmax(-1)
    assert identity_residual(queries, keys, allowed, 0.7, weights) < 1e-6
    assert identity_residual(queries, keys, allowed, 0.6, weights) > 1e-3
    assert identity_residual(queries, keys + 1.0, allowed, 0.7, weights) < 1e-6  # No weight sees a shift of all keys.


def test_what_a_change_of_coordinates_moves_is_what_is_said() -> None:
    """A shift of all keys, then a scale; attention is the same, and measures change exactly where they are said to."""
    generator = torch.Generator().manual_seed(8)
    queries, keys = (torch.randn(60, 4, generator=generator, dtype=torch.float64) for _ in range(2))
    keys = keys * torch.linspace(0.2, 2, 60, dtype=torch.float64)[:, None]
    allowed = torch.ones(60, 60).tril().bool()
    before = measure_head(queries, keys, allowed, 0.5)
    after = {
        "shift": measure_head(queries, keys + torch.tensor([2.0, -1.0, 0.5, 1.0]), allowed, 0.5),
        "scale": measure_head(queries / 4, 4 * keys, allowed, 0.5),
    }
    for name in MEASURES:
        moved = [kind for kind, found in after.items() if not torch.allclose(found[name], before[name], atol=1e-9)]
        assert (", ".join(moved) or "nothing") == MOVED_BY[name], name


def test_a_query_without_keys_is_refused() -> None:
    with pytest.raises(ValueError, match="allowed"):
        measured(torch.tensor([[1.0]]), KEYS, allowed=torch.zeros(1, 3).bool())


@pytest.mark.parametrize(("keys", "share", "name"), [(1, 0.5, "single"), (2, 0.5, "metastable"), (9, 0.51, "global")])
def test_regimes(keys: float, share: float, name: str) -> None:
    assert regime(keys, share) == name


@pytest.mark.parametrize("change", [{"first": 96}, {"texts": 1}, {"seeds": ()}])
def test_bad_configurations_name_the_argument(change: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        AttentionSearch(**change)


def captured(keys: torch.Tensor) -> Captured:
    """One layer of one head with random queries."""
    queries = torch.randn(12, 3, generator=torch.Generator().manual_seed(7))
    weights = (queries @ keys.T).masked_fill(~torch.ones(12, 12).tril().bool(), -torch.inf).softmax(-1)
    return Captured((Layer(queries[None], keys[None], weights[None], torch.ones(12, 12).tril().bool(), 1.0, 1),), 0.0)


def test_foreign_keys_are_those_of_the_next_text_and_random_queries_meet_their_own() -> None:
    """Among keys of equal length every query agrees; among a few long ones few do."""
    equal = torch.nn.functional.normalize(torch.randn(12, 3, generator=torch.Generator().manual_seed(5)), dim=-1)
    unequal = equal * torch.logspace(0, 2, 12)[:, None]
    found = experiment._null_agreement([captured(equal), captured(unequal)], 4, seed=0)
    assert found["foreign_keys"].shape == (2, 1, 1)
    assert found["foreign_keys"][1] == 1
    assert found["foreign_keys"][0] < 1
    assert found["random_queries"][0] == 1
    assert found["random_queries"][1] < 1
    assert found["foreign_angle"][1] == 1


def test_random_queries_have_the_mean_and_the_variance_of_each_coordinate() -> None:
    generator = torch.Generator().manual_seed(6)
    queries = torch.randn(20_000, 2, generator=generator) * torch.tensor([1.0, 5.0]) + torch.tensor([3.0, -2.0])
    made = experiment._gaussian_like(queries, generator)
    torch.testing.assert_close(made.mean(0), queries.mean(0), atol=0.15, rtol=0)
    torch.testing.assert_close(made.std(0), queries.std(0), rtol=0.03, atol=0)
    assert not torch.allclose(made, queries)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tiny random Llama with grouped keys and a tokenizer of words, as a reader would have it."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=32,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=64,
        initializer_range=0.4,
    )
    place = tmp_path / "Tiny_Llama"
    LlamaForCausalLM(config).save_pretrained(place)
    words = Tokenizer(models.WordLevel({f"w{i}": i for i in range(32)}, unk_token="w0"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(tokenizer_object=words).save_pretrained(place)
    return place


@pytest.fixture
def text(tmp_path: Path) -> Path:
    generator = torch.Generator().manual_seed(4)
    rows = torch.randint(32, (5, 40), generator=generator).tolist()
    path = tmp_path / "some text.txt"
    path.write_text("<|endoftext|>".join(" ".join(f"w{i}" for i in row) for row in rows) + "<|endoftext|>w1 w2")
    return path


def small(folder: Path, text: Path) -> AttentionSearch:
    return AttentionSearch(model=str(folder), text=text, texts=4, length=24, first=8, resamples=100, seeds=(3, 4))


def test_a_run_is_the_same_twice_and_names_no_path(folder: Path, text: Path, tmp_path: Path) -> None:
    record, again = run(small(folder, text)), run(small(folder, text))
    assert record.series == again.series
    assert record.summary == again.summary
    assert len(record.series) == 8  # One model, so one seed: 2 layers of 4 heads.
    assert {row["seed"] for row in record.series} == {3}
    path = write(record, tmp_path)
    assert path.name == "attention-search-tiny-llama-some-text-smoke.json"
    assert str(tmp_path) not in path.read_text()
    assert record.config["text"]["documents"] == 6
    assert record.config["models"][0]["texts"] == 4
    assert record.config["models"][0]["identity_residual"] < 1e-5
    for row in record.series:
        assert row["nearest_low"] <= row["nearest"] <= row["nearest_high"]
        assert row["nearest"] <= row["nearest_5"] <= 1
        assert row["kl_nats"] >= 0


def test_the_summary_is_the_mean_of_the_heads(folder: Path, text: Path) -> None:
    record = run(small(folder, text))
    for name in ("nearest", "kl_nats", "untrained", "foreign_keys", "random_queries"):
        mean = sum(row[name] for row in record.series) / len(record.series)
        assert record.summary[name]["mean"] == pytest.approx(mean, rel=1e-4)
        assert record.summary[name]["low"] <= record.summary[name]["mean"] <= record.summary[name]["high"]


def test_too_few_long_documents_are_named(folder: Path, text: Path) -> None:
    with pytest.raises(ValueError, match="length=50"):
        run(AttentionSearch(model=str(folder), text=text, length=50))


def test_the_figures_carry_the_numbers(folder: Path, text: Path) -> None:
    record = run(small(folder, text))
    figure = heads.grid({"tiny": record})
    shown = [t.get_text() for t in figure.axes[0].texts]
    assert shown == [f"{100 * row['nearest']:.0f}" for row in record.series]
    legend = heads.compare({"a": record, "b": record}, ["nearest", "chance"]).axes[0].get_legend()
    assert legend is not None
    assert [t.get_text() for t in legend.get_texts()] == ["a, 4 texts", "b, 4 texts"]
    with pytest.raises(ValueError, match="no measure"):
        heads.values(record, "wit")


def test_the_command_writes_a_record_and_refuses_in_one_line(folder: Path, text: Path, tmp_path: Path) -> None:
    command = CliRunner()
    asked = ["--model", str(folder), "--text", str(text), "--length", "24", "--out", str(tmp_path / "out")]
    done = command.invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert json.loads(next((tmp_path / "out").iterdir()).read_text())["scale"] == "smoke"
    for wrong in (["--scale", "huge"], ["--model", str(tmp_path / "nowhere")], ["--model", "some/model"]):
        refused = command.invoke(app, ["--text", str(text), *wrong])
        assert refused.exit_code == 2
        (line,) = (line for line in refused.stderr.splitlines() if not line.startswith("model "))  # Progress.
        assert line.startswith("assocmem: ")


def test_the_command_refuses_a_bad_folder_before_it_measures(
    folder: Path, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment, "run", lambda *_: pytest.fail("measured"))
    (tmp_path / "file").write_text("x")
    asked = ["--model", str(folder), "--text", str(text), "--out", str(tmp_path / "file")]
    refused = CliRunner().invoke(app, asked)
    assert refused.exit_code == 2, refused.exception
    assert refused.stderr.startswith("assocmem: --out")


def test_no_more_documents_are_read_than_are_asked_for(folder: Path) -> None:
    asked: list[str] = []

    class Words:
        bos_token_id = None

        def __call__(self, document: str, **_: object) -> dict:
            asked.append(document)
            return {"input_ids": [1] * len(document)}

    config = AttentionSearch(texts=2, length=4, first=1)
    assert len(experiment._texts(Words(), ["abcd", "ab", "abcde", "abcdef", "abcd"], config)) == 2
    assert asked == ["abcd", "ab", "abcde"]


def test_the_paper_scale_asks_for_the_model_of_the_paper_at_a_pinned_revision() -> None:
    from assocmem.language.pinned_revisions import ALIASES, PINNED

    assert len(PINNED[ALIASES[SCALES["paper"].model]]) == 40
    assert SCALES["paper"].length == 256
    assert SCALES["local"].model == experiment.BOOK
    assert len(SCALES["local"].seeds) >= 3


@pytest.mark.parametrize(
    "name",
    ["attention-search-book", "attention-search-stories260k-tinystories", "attention-search-stories260k-openwebtext"],
)
def test_published_records_are_whole(name: str) -> None:
    record = published(name, "local")
    assert {*MEASURES, *experiment.NULLS} <= set(record.summary)
    assert all(one["identity_residual"] < 1e-4 for one in record.config["models"])
    assert len(record.series) == record.summary["heads"]
    assert "/" not in json.dumps(record.config)


def made_up() -> Record:
    """Two heads whose shares are simple numbers."""
    shares = [{"nearest": 0.25, "centered": 0.75, "previous": 0.5}, {"nearest": 0.5, "centered": 0.5, "previous": 0.5}]
    found = {"mean": 0.5, "low": 0.25, "high": 0.75, "seed_min": 0.375, "seed_max": 0.625}
    summary = {"nearest": found, "first": found, "untrained": found, "heads": 2, "heads_below_a_null": 1}
    models = [{"texts": 9, "loss_nats": 1.0, "parameters": 3}, {"texts": 7, "loss_nats": 2.0, "parameters": 3}]
    return Record("made-up", "smoke", {"models": models}, 0, [{"seed": 0, **row} for row in shares], summary, 0.0)


def test_lines_of_a_record_say_counts_texts_and_what_coordinates_move() -> None:
    record = {"a": made_up()}
    assert list(report.counts(record)) == [
        "a, nearest: more than half of the queries in 0 of 2 heads, the best head 50.0%",
        "a, centered: more than half of the queries in 1 of 2 heads, the best head 75.0%",
    ]
    assert list(report.ahead(record, "centered", "previous")) == ["a: centered is at least previous in 2 of 2 heads"]
    assert list(report.ahead(record, "nearest", "previous")) == ["a: nearest is at least previous in 1 of 2 heads"]
    assert next(report.nulls(record)).endswith("in 1 of 2 heads")
    assert "7 texts" in next(report.models(record))
    assert next(report.spread(made_up(), ["nearest"])).endswith("over 7 texts, 0.375 to 0.625 over 2 seeds")
    assert list(report.means(record, ("nearest", "first", "untrained"))) == [
        "nearest: a 0.500; moved by shift, scale",
        "first: a 0.500; moved by nothing",
        "untrained: a 0.500; moved by shift, scale",
    ]


NN = claims["NN"].formal


@pytest.mark.parametrize(
    ("check", "change", "outcome"),
    [
        (proofs.within_the_tolerance, {}, "holds if"),
        (proofs.within_the_tolerance, {"score": proofs.minus_square}, "undecided"),
        (proofs.within_the_tolerance, {"score": proofs.minus_inner}, "undecided"),
        (proofs.within_the_tolerance, {"tolerance": Fraction(999, 1000)}, "undecided"),
        (proofs.within_the_tolerance_points, {}, "survived"),
        (proofs.within_the_tolerance_points, {"score": proofs.minus_square, "tolerance": Fraction(0)}, "survived"),
        (proofs.within_the_tolerance_points, {"tolerance": Fraction(9, 10)}, "fails"),
        (proofs.misses_an_exact_hit, {"reading": "factor"}, "fails"),
        (proofs.misses_an_exact_hit, {"reading": "factor", "score": proofs.minus_square}, "undecided"),
        (proofs.output_misses_an_exact_hit, {"reading": "factor"}, "fails"),
    ],
)
def test_each_check_of_the_search_looks_at_the_reading_the_score_and_the_tolerance(
    check: Callable[..., Finding], change: dict, outcome: str
) -> None:
    assert check(replace(NN, **change), PAPER).outcome == outcome


@pytest.mark.parametrize("check", [proofs.misses_an_exact_hit, proofs.output_misses_an_exact_hit])
def test_a_counterexample_to_another_reading_is_marked_as_outside(check: Callable[..., Finding]) -> None:
    assert check(NN, PAPER).outside
    assert check(replace(NN, tolerance=Fraction(1, 2)), PAPER).outcome == "undecided"
    assert not check(replace(NN, reading="factor"), PAPER).outside


@pytest.mark.parametrize("name", ["l1", "euclidean", "linf"])
def test_other_distances_do_not_have_the_bound(name: str) -> None:
    assert claims["NN"].check(distance=name).verdict == "refuted"


def test_a_record_that_is_not_there_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-local"):
        published("no-such", "local")
