"""The attention experiment: null models, records, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from assocmem.experiments import published, write
from assocmem.experiments.attention import run as experiment
from assocmem.experiments.attention.config import AttentionSearch
from assocmem.experiments.attention.measures import MEASURES
from assocmem.experiments.attention.run import SCALES, regime, run
from assocmem.figures.retrieval import heads
from assocmem.language import Captured, Layer
from tiny_language_model import model_folder, text_file


@pytest.mark.parametrize(("keys", "share", "name"), [(1, 0.5, "single"), (2, 0.5, "metastable"), (9, 0.51, "global")])
def test_regimes(keys: float, share: float, name: str) -> None:
    assert regime(keys, share) == name


@pytest.mark.parametrize("change", [{"first": 96}, {"texts": 1}, {"seeds": ()}])
def test_bad_configurations_name_the_argument(change: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        AttentionSearch(**change)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return model_folder(tmp_path)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return text_file(tmp_path)


def captured(keys: torch.Tensor) -> Captured:
    """One layer of one head with random queries."""
    queries = torch.randn(12, 3, generator=torch.Generator().manual_seed(7))
    weights = (queries @ keys.T).masked_fill(~torch.ones(12, 12).tril().bool(), -torch.inf).softmax(-1)
    return Captured((Layer(queries[None], keys[None], weights[None], torch.ones(12, 12).tril().bool(), 1.0, 1),), 0.0)


def test_foreign_keys_are_those_of_the_next_text_and_random_queries_meet_their_own() -> None:
    """Among keys of equal length every query agrees; among a few long ones few do."""
    equal = torch.nn.functional.normalize(torch.randn(12, 3, generator=torch.Generator().manual_seed(5)), dim=-1)
    unequal = equal * torch.logspace(0, 2, 12)[:, None]
    shares = experiment._null_agreement([captured(equal), captured(unequal)], 4, seed=0)
    assert shares["foreign_keys"].shape == (2, 1, 1)
    assert shares["foreign_keys"][1] == 1
    assert shares["foreign_keys"][0] < 1
    assert shares["random_queries"][0] == 1
    assert shares["random_queries"][1] < 1
    assert shares["foreign_angle"][1] == 1


def test_random_queries_have_the_mean_and_the_variance_of_each_coordinate() -> None:
    generator = torch.Generator().manual_seed(6)
    queries = torch.randn(20_000, 2, generator=generator) * torch.tensor([1.0, 5.0]) + torch.tensor([3.0, -2.0])
    made = experiment._gaussian_like(queries, generator)
    torch.testing.assert_close(made.mean(0), queries.mean(0), atol=0.15, rtol=0)
    torch.testing.assert_close(made.std(0), queries.std(0), rtol=0.03, atol=0)
    assert not torch.allclose(made, queries)


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
    with pytest.raises(ValueError, match="length got 50; only"):
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


def test_no_more_documents_are_read_than_are_asked_for(folder: Path) -> None:
    documents_read: list[str] = []

    class Words:
        bos_token_id = None

        def __call__(self, document: str, **_: object) -> dict:
            documents_read.append(document)
            return {"input_ids": [1] * len(document)}

    config = AttentionSearch(texts=2, length=4, first=1)
    assert len(experiment._texts(Words(), ["abcd", "ab", "abcde", "abcdef", "abcd"], config)) == 2
    assert documents_read == ["abcd", "ab", "abcde"]


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
