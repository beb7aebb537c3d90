"""The Question-Formation experiment: what it asks for, and what its records say."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from assocmem.experiments.question_formation import floors
from assocmem.experiments.question_formation import report as say
from assocmem.experiments.question_formation import run as experiment
from assocmem.experiments.question_formation.config import QuestionFormation
from assocmem.experiments.question_formation.run import TASKS, run
from assocmem.experiments.records import Record
from assocmem.figures.question_formation import plateaus
from assocmem.language.questions.entropy import entropy_floor, memorization_floor
from assocmem.language.questions.grammar import MEASURED, VARIANTS
from assocmem.language.questions.pairs import corpus, write_pairs
from assocmem.language.questions.rows import QuestionRows

SMOKE = TASKS["plateau"]["smoke"]
TINY = replace(
    SMOKE,
    training=replace(SMOKE.training, steps=6, warmup=1, log_every=2, evaluate_every=3, save_every=3),
    grammars=("no target", "one structure"),
    depths=(1,),
    lines=(30, 60),
    seeds=(0, 1),
    held_out=20,
    width=8,
    heads=2,
)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return run(TINY, folder=tmp_path_factory.mktemp("runs"))


def test_every_grammar_size_depth_and_seed_is_run_once(record: Record) -> None:
    cells = [(r["grammar"], r["lines"], r["layers"], r["seed"]) for r in record.config["runs"]]
    assert cells == [(c.grammar, c.lines, c.layers, c.seed) for c in TINY.cells()]
    assert len(set(cells)) == len(cells) == 8
    steps = [row["step"] for row in record.series if row["seed"] == 0 and row["lines"] == 30 and "loss" in row]
    assert max(steps) == 6


def test_a_plateau_is_the_mean_of_the_last_tenth_of_the_updates(record: Record) -> None:
    for one in record.config["runs"]:
        same = [r for r in record.series if all(r[k] == one[k] for k in ("grammar", "lines", "layers", "seed"))]
        late = [row["loss"] for row in same if row.get("loss") and row["step"] > 5.4]
        assert one["plateau"] == pytest.approx(sum(late) / len(late), rel=1e-5)
        held = [row["held_out"] for row in same if "held_out" in row]
        assert one["held_out"] == pytest.approx(held[-1], rel=1e-5)
        assert one["least_held_out"] == pytest.approx(min(held), rel=1e-5)


def test_groups_hold_mean_and_sample_deviation_over_seeds(record: Record) -> None:
    for group in record.summary["groups"]:
        values = [
            r["plateau"]
            for r in record.config["runs"]
            if (r["grammar"], r["lines"]) == (group["grammar"], group["lines"])
        ]
        assert group["seeds"] == len(values) == 2
        assert group["plateau"] == pytest.approx(sum(values) / 2, rel=1e-5)
        assert group["plateau_sd"] == pytest.approx(abs(values[0] - values[1]) / math.sqrt(2), rel=1e-4)


def test_floors_are_those_of_the_grammar_and_of_the_training_file(record: Record) -> None:
    for floor in record.summary["floors"]:
        grammar = VARIANTS[floor["grammar"]]
        assert floor["entropy"] == pytest.approx(float(entropy_floor(grammar).per_token().mid()), rel=1e-5)
        rows = QuestionRows(corpus(grammar, 0, {"train": floor["lines"]}).train, grammar)
        tokens = sum(len(row) - 1 for row in rows.rows)
        assert floor["memorization"] == pytest.approx(floor["lines"] * math.log(floor["lines"]) / tokens, rel=1e-5)
        assert floor["memorization"] < floor["training"]


def test_a_finished_run_is_read_and_not_repeated(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(TINY, grammars=("no target",), lines=(30,), seeds=(0,))
    first = run(small, folder=tmp_path)
    same = [r for r in record.series if r["grammar"] == "no target" and r["lines"] == 30 and r["seed"] == 0]
    assert [{k: row[k] for k in ("step", *({"loss", "held_out"} & set(row)))} for row in first.series] == [
        {k: row[k] for k in ("step", *({"loss", "held_out"} & set(row)))} for row in same
    ]
    monkeypatch.setattr(experiment, "vanilla", None)  # No model can be made any more.
    again = run(small, folder=tmp_path)
    assert again.series == first.series
    with pytest.raises(TypeError):
        run(replace(small, seeds=(5,)), folder=tmp_path)


def test_published_files_take_the_place_of_generated_lines(tmp_path: Path) -> None:
    made = corpus(MEASURED, 7, {"train": 40, "dev": 20})
    write_pairs(tmp_path / "question.train", made.train)
    write_pairs(tmp_path / "question.dev", made.dev)
    config = replace(TINY, grammars=("measured",), lines=(40,), seeds=(0,), files=tmp_path)
    record = run(config, folder=tmp_path / "runs")
    assert record.config["data"][0]["source"] == "published files"
    assert record.config["data"][0]["train"] == QuestionRows(made.train, MEASURED).identity
    assert str(tmp_path) not in json.dumps(record.config)
    with pytest.raises(ValueError, match=r"question\.train has 40 lines, fewer than the 41"):
        run(replace(config, lines=(41,)), folder=tmp_path / "runs")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"grammars": ()}, "grammars must name"),
        ({"seeds": (1, 1)}, "seeds must name"),
        ({"grammars": ("klingon",)}, "klingon"),
        ({"depths": ()}, "depths must name"),
        ({"depths": (0,)}, "depths got 0"),
        ({"lines": (-1,)}, "lines got -1"),
        ({"held_out": 0}, "held_out got 0"),
        ({"longer": (("measured", 0),)}, "longer got 0"),
        ({"longer": (("klingon", 2),)}, "longer takes names .* got klingon"),
        ({"width": 0}, "width got 0"),
        ({"dropout": 1.0}, "dropout got 1.0"),
        ({"grammars": ("no target",), "files": Path("x")}, "measured"),
    ],
)
def test_a_bad_field_is_named(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(TINY, **change)


def test_the_three_scales_differ_in_size_alone() -> None:
    for scales in TASKS.values():
        assert list(scales) == ["smoke", "local", "paper"]
        for scale, config in scales.items():
            assert config.scale == scale
            assert isinstance(config, QuestionFormation)
    paper = TASKS["plateau"]["paper"]
    assert (paper.width, paper.norm, paper.dropout, paper.depths) == (512, "after", 0.1, (6, 10))
    assert len(TASKS["plateau"]["local"].seeds) >= 3
    floors = [float(entropy_floor(VARIANTS[name]).per_token().mid()) for name in TASKS["plateau"]["local"].grammars]
    assert min(floors) < 0.8
    assert max(floors) > 1.2


def test_memorization_floor_is_below_the_entropy_where_lines_are_few() -> None:
    tokens = entropy_floor(MEASURED).tokens
    for lines in TASKS["memorization"]["local"].lines:
        assert memorization_floor(lines, tokens) < 0.6 * float(entropy_floor(MEASURED).per_token().mid())


def test_tables_of_the_report_and_pictures_quote_the_record(record: Record) -> None:
    text = "\n".join(map(repr, (say.settings(record), say.losses(record), say.by_lines(record))))
    for group in record.summary["groups"]:
        assert f"{group['plateau']:.4f}" in text
    with pytest.raises(ValueError, match="no floor"):
        say.floor_of(record, {"grammar": "measured", "lines": 1})
    one = replace(record, series=[r for r in record.series if r["lines"] == 30])
    for figure in (plateaus.curves(one), plateaus.curves(one, "held_out"), plateaus.against_lines(record)):
        assert figure.figure.axes


def test_hours_add_up_what_all_runs_took(record: Record) -> None:
    timed = replace(record, config=record.config | {"runs": [{"seconds": 1800}, {"seconds": 5400.0}]})
    assert say.hours(timed) == 2


def test_floors_of_what_was_measured_are_the_record_s_and_in_batches_lower(record: Record) -> None:
    """A loss is set against the entropy, and against the floor of its file and its way of averaging."""
    floor = {"grammar": "measured", "lines": 9, "entropy": 0.992, "training": 0.996, "unseen": 0.9954}
    runs = [{"grammar": "measured", "lines": 9, "plateau": 1.0 + k, "held_out": 2.0 + k} for k in (0, 1)]
    config = record.config | {"runs": runs, "training": {"batch": 8}}
    table = floors.above_floors(replace(record, config=config, summary={"floors": [floor]}))
    assert table.rows == [
        ("the paper's grammar", "training", "1.5000", "0.5080", "0.9952", "0.5048"),
        ("the paper's grammar", "held out", "2.5000", "1.5080", "0.9954", "1.5046"),
    ]


@pytest.mark.slow
def test_the_live_runs_of_the_pages_settle_at_the_entropy_and_at_what_is_known_by_heart() -> None:
    plateau, heart = experiment.live("plateau"), experiment.live("memorization")
    for group in plateau.summary["groups"]:
        assert 0 < group["held_out"] - say.floor_of(plateau, group)["entropy"] < 0.15
    for group in heart.summary["groups"]:
        floor = say.floor_of(heart, group)
        assert 2 * group["plateau"] < floor["memorization"] + floor["entropy"]
        assert group["held_out"] > floor["entropy"]
