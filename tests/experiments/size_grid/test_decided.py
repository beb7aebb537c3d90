"""A grid whose cells have planted gaps is read as it was planted, and the command prints what was decided."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from assocmem.cli import app
from assocmem.experiments.records import Record, write_as
from assocmem.experiments.size_grid import decided as module
from assocmem.experiments.size_grid.config import configure
from assocmem.experiments.size_grid.controls import Control, control, flow_gap
from assocmem.experiments.size_grid.decided import decided, replayed
from assocmem.experiments.size_grid.fits import Exponent


def cell(width: int, tokens: int, seed: int, gap: float, *, censored: bool = False, **config: Any) -> Record:
    """A cell whose losses are a gap below the least held-out loss, 2, from update 50 on; clean rows too."""
    settings = {"alphabet": "letters", "order": "pieces", "schedule": "constant", "dropout": 0.0, "rows": 16}
    settings |= {"context": 64, "layers": 2, "evaluate_every": 50, "width": width, "tokens": tokens}
    rows = [
        {
            "step": 50 * (i + 1),
            "held_out": 2.0 if i == 0 else 2.1,
            "train_clean": 2.0 - gap,
            "held_out_mean": 2.0,
            "train_clean_mean": 2.0 - gap,
            "losses": [2.0 - gap] * 50,
        }
        for i in range(22)
    ]
    counts = {"blocks": 24 * width**2, "norms": 5 * width, "table": 27 * width}
    summary = {"least_held_out_nats": 2.0, "least_at": 50, "updates": 1100, "passes": 3.0, "censored": censored}
    whole = settings | {"data": {"source": "books"}} | config
    return Record("size-grid-cell", "local", whole, seed, rows, counts | summary, 1.0)


def planted(p: float, **config: Any) -> list[Record]:
    made = []
    for width in (8, 16, 32, 64, 128):
        star = math.log(24 * width**2) / p + 4
        for step in (-1.0, -0.3, 0.4, 1.1):
            for seed in range(3):
                gap = 0.2 * math.exp(-0.4 * step + 0.02 * math.sin(seed + 7 * step + width))
                made.append(cell(width, round(math.exp(star + step)), seed, gap, **config))
    return made


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        module, "control", lambda seed: Control(Exponent(1.0, 0.95, 1.05), Exponent(2.0, 1.9, 2.1)), raising=True
    )


def test_a_planted_exponent_is_found_in_every_reading_and_decided_about() -> None:
    two, one = decided(planted(2.0)), decided(planted(1.0))
    assert two.summary["exponent"]["value"] == pytest.approx(2.0, rel=0.01)
    assert (two.summary["decision"]["verdict"], one.summary["decision"]["verdict"]) == ("supported", "refuted")
    values = [row["exponent"]["value"] for row in two.summary["by_reading"] if row["count"] == "blocks"]
    assert values == pytest.approx([2.0] * len(values), rel=0.01)
    assert two.summary["rivals"]["p = 2"] < 4 < two.summary["rivals"]["p = 1"]
    assert set(two.summary["without"]) == {str(24 * width**2) for width in (8, 16, 32, 64, 128)}
    assert two.summary["short_patience"]["value"] == pytest.approx(2.0, rel=0.01)
    assert len(two.series) == 60
    assert two.series[0]["gaps"]["after"] == pytest.approx(two.series[0]["gaps"]["before"], rel=0.01)


def test_censored_cells_count_and_are_not_used() -> None:
    spoiled = [*planted(2.0), *(cell(8, 5000, 9 + i, 5.0, censored=True) for i in range(3))]
    record = decided(spoiled)
    assert record.summary["censored"] == 3
    assert record.summary["exponent"]["value"] == pytest.approx(2.0, rel=0.01)
    many = [*planted(2.0), *(cell(8, 5000, 9 + i, 5.0, censored=True) for i in range(7))]
    assert decided(many).summary["decision"]["verdict"] == "invalid"


def test_cells_of_two_grids_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in dropout"):
        decided([*planted(2.0), cell(8, 5000, 0, 0.2, dropout=0.1)])
    with pytest.raises(ValueError, match="got none"):
        decided([])


def test_a_replay_with_short_patience_ends_sooner_and_may_miss_the_minimum() -> None:
    held_out = [3.0, 2.5, 2.4, *[2.45] * 30, 2.0, *[2.1] * 60]
    rows = [{"held_out": nats} for nats in held_out]
    assert len(replayed(rows, 50, 5000)) == len(rows)
    short = replayed(rows, 50, 500)
    assert min(row["held_out"] for row in short) == 2.4
    assert len(short) == 15 + 20  # Ten evaluations after the running median was first least, and the window.
    assert [row["held_out"] for row in short[15:]] == [math.inf] * 20


def test_regression_has_the_exponents_that_it_has_by_construction() -> None:
    import numpy as np

    found = [control(seed, features=(24, 48, 96), seeds=4) for seed in range(6)]
    assert sum(one.plain.holds(1.0) for one in found) >= 4
    assert not any(one.plain.holds(2.0) or one.relabeled.holds(1.0) for one in found)
    assert all(one.relabeled.value == pytest.approx(2 * one.plain.value) for one in found)
    draw = np.random.default_rng(0)
    gaps = [np.mean([flow_gap(32, samples, draw) for _ in range(40)]) for samples in (64, 160, 640)]
    exact = [(32 / (samples - 33) + 32 / samples) / 2 for samples in (64, 160, 640)]  # Of least squares, per noise.
    assert gaps[1:] == pytest.approx(exact[1:], rel=0.15)
    assert gaps[0] < exact[0]  # Stopping helps where there is little data.


def test_the_command_prints_the_protocol_and_what_cells_decide(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["grid", "--protocol", "docstrings", "--variant", "dropout"])
    assert done.exit_code == 0
    listed = yaml.safe_load(done.output)
    assert configure(listed["scale"], {**listed["settings"], **next(iter(listed["cells"].values()))}).dropout == 0.1
    for number, record in enumerate(planted(2.0)):
        place = tmp_path / "sweep" / "cells" / str(number)
        place.mkdir(parents=True)
        write_as(record, place / "record.json")
    read = CliRunner().invoke(app, ["grid", str(tmp_path / "sweep"), "--out", str(tmp_path / "out")])
    assert read.exit_code == 0, read.output
    assert "supported: The exponent is 2.0" in read.output
    assert (tmp_path / "out" / "size-grid-local.json").is_file()
    for words, said in (
        ([], "takes the folder of a sweep"),
        ([str(tmp_path)], "has no record of a cell"),
        (["--protocol", "docstrings", "--variant", "odd"], "--variant got 'odd'"),
    ):
        bad = CliRunner().invoke(app, ["grid", *words, "--out", str(tmp_path / "none")])
        assert (bad.exit_code, said in bad.stderr) == (2, True), bad.stderr
    assert not (tmp_path / "none").exists()
