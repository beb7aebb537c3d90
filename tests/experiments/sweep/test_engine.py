"""Sweeps on the engine: what fails stops nothing, what is stopped goes on, and the numbers are those of single runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from assocmem.cli import app
from assocmem.experiments.question_formation.config import configure
from assocmem.experiments.question_formation.run import run
from assocmem.experiments.records import read
from assocmem.experiments.sweep.cells import read_sweep
from assocmem.experiments.sweep.estimate import estimate
from assocmem.experiments.sweep.folder import SweepFolder
from assocmem.experiments.sweep.one_cell import run_cell
from assocmem.experiments.sweep.questions import question_folder, question_record

pytestmark = pytest.mark.slow
SHARED = {"data": "questions:measured", "steps": 4, "lines": 50, "held_out_tokens": 64, "log_every": 1}


def written(folder: Path, **parts: object) -> Path:
    path = folder / "trial.yaml"
    path.write_text(
        yaml.safe_dump({"experiment": "train", "settings": SHARED, **parts}, sort_keys=False), encoding="utf-8"
    )
    return path


def test_a_cell_that_fails_stops_no_other(tmp_path: Path) -> None:
    cells = {"bad": {"learning_rate": 1e12, "clip": 0}, "good": {}}
    file = written(tmp_path, cells=cells)
    words = ["sweep", str(file), "--out", str(tmp_path)]
    done = CliRunner().invoke(app, [*words, "--at-once", "2"])
    assert done.exit_code == 5, done.output
    assert "cells without a record: bad" in done.output
    folder = SweepFolder(tmp_path / "trial", read_sweep(file))
    assert [one.state for one in folder.states().values()] == ["failed", "done"]
    again = CliRunner().invoke(app, words)
    assert (again.exit_code, "0 of 2 cells are to be run" in again.output) == (5, True)


def test_a_sweep_that_is_stopped_goes_on_and_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    cells = {"long": {"steps": 200, "save_every": 20, "log_every": 20}}
    file = written(tmp_path, cells=cells)
    command = [sys.executable, "-m", "assocmem", "sweep", str(file), "--out"]
    process = subprocess.Popen([*command, str(tmp_path)], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    folder = SweepFolder(tmp_path / "trial", read_sweep(file))
    ends = time.monotonic() + 60
    while not list(folder.path.rglob("checkpoint-*/DONE")) and time.monotonic() < ends:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(60) == 143
    assert folder.states()["long"].state == "stopped"
    assert subprocess.run([*command, str(tmp_path)], check=False, capture_output=True).returncode == 0
    record = read(folder.path / "cells" / "long" / "record.json")
    undisturbed = SweepFolder(tmp_path / "whole", folder.sweep)
    whole = run_cell(undisturbed, folder.sweep.cell("long"), lambda _: None)
    assert (record.summary["resumed"], whole.summary["resumed"]) == (True, False)
    assert record.series == whole.series


def test_questions_as_a_sweep_make_the_record_of_one_run(tmp_path: Path) -> None:
    small = {"training": {"steps": 4}, "lines": ["20"], "held_out": "20", "seeds": ["0", "1"], "depths": ["1"]}
    config = configure("plateau", "smoke", small)
    folder = question_folder(config, tmp_path / "runs")
    assert question_record(folder, config) is None
    words = ["--steps", "4", "--lines", "20", "--held-out", "20", "--seed", "0", "--seed", "1", "--depth", "1"]
    places = ["--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, ["questions", *words, *places, "--at-once", "2"])
    assert done.exit_code == 0, done.output
    swept = read(tmp_path / "out" / "question-plateau-smoke.json")
    whole = run(config, folder=tmp_path / "whole")
    assert swept.series == whole.series
    assert swept.summary == whole.summary
    assert swept.config["data"] == whole.config["data"]
    assert [one["seed"] for one in swept.config["runs"]] == [0, 1]


def test_an_estimate_measures_each_kind_of_cell_once_and_scales_with_the_updates(tmp_path: Path) -> None:
    cells = {"short": {}, "long": {"steps": 400}, "wide": {"width": 128}, "bad": {"learning_rate": 1e12, "clip": 0}}
    said: list[str] = []
    works = estimate(read_sweep(written(tmp_path, cells=cells)), said.append)
    assert said == [f"{name}: measure a few updates" for name in ("short", "wide", "bad")]
    short, long, wide = works["short"], works["long"], works["wide"]
    assert short is not None
    assert long is not None
    assert wide is not None
    assert works["bad"] is None
    assert long.flop == pytest.approx(100 * short.flop)
    assert long.seconds == pytest.approx(100 * short.seconds)
    assert wide.flop > short.flop
    assert short.disk > 4 * short.parameters


def test_what_does_not_train_has_no_estimate(tmp_path: Path) -> None:
    file = written(tmp_path, experiment="attention", settings={})
    done = CliRunner().invoke(app, ["sweep", str(file), "--estimate"])
    assert done.exit_code == 2
    assert "does not train" in done.output
