"""The attention experiment: null models, records, and what it refuses."""

from __future__ import annotations

import gc
import json
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assocmem.experiments import published, write
from assocmem.experiments.attention import report
from assocmem.experiments.attention import run as experiment
from assocmem.experiments.attention.config import AttentionSearch
from assocmem.experiments.attention.measures import MEASURES
from assocmem.experiments.attention.nulls import KEPT, NULLS, WITHOUT_FIRST
from assocmem.experiments.attention.run import SCALES, at_or_below, regime, run
from assocmem.figures.retrieval import heads
from tiny_language_model import model_folder, text_file


@pytest.mark.parametrize(("keys", "share", "name"), [(1, 0.5, "single"), (2, 0.5, "metastable"), (9, 0.51, "global")])
def test_regimes(keys: float, share: float, name: str) -> None:
    assert regime(keys, share) == name


@pytest.mark.parametrize("change", [{"first": 96}, {"first": 0}, {"texts": 1}, {"seeds": ()}])
def test_bad_configurations_name_the_argument(change: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        AttentionSearch(**change)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return model_folder(tmp_path)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return text_file(tmp_path)


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
    (model,) = record.config["models"]
    emptied = replace(record, config={**record.config, "models": [{**model, "untrained_is_trivial": True}]})
    drawn = [line.get_xdata() for line in heads.compare({"a": emptied}, ["nearest", "untrained"]).axes[0].get_lines()]
    assert [bool(np.isnan(value)) for value in drawn[0]] == [False, True]
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


PUBLISHED = (
    "attention-search-book",
    "attention-search-stories260k-tinystories",
    "attention-search-stories260k-openwebtext",
    "attention-search-smollm2-openwebtext",
    "attention-search-gemma3-openwebtext",
)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_records_are_whole(name: str) -> None:
    record = published(name, "local")
    measured = {*MEASURES, *NULLS, *(f"{one}{WITHOUT_FIRST}" for one in (*KEPT, *NULLS))}
    assert measured <= set(record.summary)
    assert measured <= set(record.series[0])
    assert all(one["identity_residual"] < 1e-4 for one in record.config["models"])
    assert len(record.series) == record.summary["heads"]
    assert "/" not in json.dumps(record.config)
    assert record.commit.isalnum(), "not of a commit alone"
    trivial = any(one["untrained_is_trivial"] for one in record.config["models"])
    assert record.summary["heads_at_or_below"] == at_or_below(record.series, trivial=trivial)


def test_the_records_of_quantized_models_say_so() -> None:
    for name in PUBLISHED[3:]:
        (model,) = published(name, "local").config["models"]
        assert model["origin"]["quantized"].startswith("4 bits")
        assert "OpenWebText" in published(name, "local").config["source"]


def test_heads_at_or_below_a_null_are_counted_by_head_and_a_trivial_one_is_left_out() -> None:
    """Three heads: above all nulls, below the foreign keys alone, as often as fresh weights alone."""
    nulls = {"foreign_keys": 0.1, "shuffled_keys": 0.1, "random_queries": 0.1, "untrained": 0.1}
    rows = [{"nearest": 0.5, **nulls}, {"nearest": 0.5, **nulls, "foreign_keys": 0.6}]
    rows += [{"nearest": 0.5, **nulls, "untrained": 0.5}]
    rows = [row | {f"{name}{WITHOUT_FIRST}": value / 2 for name, value in row.items()} for row in rows]
    counts = at_or_below(rows, trivial=False)["all keys"]
    assert counts == {"foreign_keys": 1, "shuffled_keys": 0, "random_queries": 0, "untrained": 1, "any": 2}
    left = at_or_below(rows, trivial=True)["without the first position"]
    assert left == {"foreign_keys": 1, "shuffled_keys": 0, "random_queries": 0, "any": 1}


def test_without_fresh_weights_nothing_else_changes(folder: Path, text: Path) -> None:
    whole = run(small(folder, text))
    part = run(replace(small(folder, text), untrained=False))
    fresh = {name for name in whole.series[0] if name.startswith("untrained")}
    assert fresh
    assert part.series == [{name: row[name] for name in row if name not in fresh} for row in whole.series]
    assert "untrained_is_trivial" not in part.config["models"][0]
    assert "fresh weights" not in [row[0] for row in report.compared(part)]
    assert "fresh weights" in [row[0] for row in report.compared(whole)]


def test_the_model_is_gone_when_one_with_fresh_weights_is_made(
    folder: Path, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models: list[weakref.ref[object]] = []
    real_load, real_fresh = experiment.load_causal_lm, experiment.untrained_like

    def load(*words: object, **options: object) -> object:
        language = real_load(*words, **options)  # type: ignore[arg-type]
        models.append(weakref.ref(language.model))
        return language

    def fresh(*words: object) -> object:
        gc.collect()
        assert [one() for one in models] == [None]
        return real_fresh(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(experiment, "load_causal_lm", load)
    monkeypatch.setattr(experiment, "untrained_like", fresh)
    run(small(folder, text))
    assert len(models) == 1
