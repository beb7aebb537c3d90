"""The folder of a sweep says truly how far each cell is, and holds one process a cell."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assocmem.experiments.sweep.cells import Cell, Sweep
from assocmem.experiments.sweep.folder import CellState, SweepFolder
from assocmem.experiments.sweep.one_cell import run_cell

VALUES = {"data": "questions:measured", "steps": 4, "lines": 50, "held_out_tokens": 64, "save_every": 2}
GOOD, BAD = Cell("good", VALUES), Cell("bad", {**VALUES, "learning_rate": 1e12, "clip": 0, "log_every": 1})


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    return SweepFolder(tmp_path / "sweep", Sweep("train", "", "smoke", (GOOD, BAD)))


def quiet(line: str) -> None:
    """Says nothing."""


def test_a_cell_goes_from_not_begun_to_done_and_is_not_run_twice(folder: SweepFolder) -> None:
    assert folder.states() == {"good": CellState("not begun"), "bad": CellState("not begun")}
    record = run_cell(folder, GOOD, quiet)
    assert folder.states()["good"] == CellState("done")
    assert {name: one.series for name, one in folder.records().items()} == {"good": record.series}
    assert run_cell(folder, GOOD, quiet).date == record.date


def test_a_cell_that_fails_says_why_and_forgets_it_when_it_runs_again(folder: SweepFolder) -> None:
    with pytest.raises(FloatingPointError):
        run_cell(folder, BAD, quiet)
    state = folder.states()["bad"]
    assert state.state == "failed"
    assert "diverged" in str(state.reason)
    place = folder.cell(BAD)
    with place.held(BAD):
        assert place.state().state == "running"
    assert place.state().state == "stopped"


def test_a_cell_that_is_cut_off_is_stopped_at_its_last_update(folder: SweepFolder) -> None:
    place = folder.cell(GOOD)
    with place.held(GOOD):
        (place.run / "inner").mkdir(parents=True)
        lines = [json.dumps({"step": step, "loss": 1.0}) for step in (10, 20)]
        (place.run / "inner" / "metrics.jsonl").write_text("\n".join(lines) + '\n{"step": 30, "lo')
        assert place.state() == CellState("running", 20)
    assert place.state() == CellState("stopped", 20)
    assert str(place.state()) == "stopped at update 20"


def test_one_name_does_not_stand_for_two_sets_of_settings(folder: SweepFolder) -> None:
    run_cell(folder, GOOD, quiet)
    other = Cell("good", {**VALUES, "seed": 1})
    with pytest.raises(ValueError, match="a cell of other settings"):
        run_cell(folder, other, quiet)
    with pytest.raises(ValueError, match="a cell of other settings"):
        SweepFolder(folder.path, Sweep("train", "", "smoke", (other,))).open()


HOLD = """
import sys
from filelock import FileLock
lock = FileLock(sys.argv[1]); lock.acquire(); print("held", flush=True); sys.stdin.read()
"""


def test_a_cell_that_another_process_holds_is_refused_until_that_ends(
    folder: SweepFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assocmem.experiments.sweep.folder.PATIENCE", 0.05)
    place = folder.cell(GOOD)
    with place.held(GOOD):
        pass
    command = [sys.executable, "-c", HOLD, str(place.path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert place.state().state == "running"
        with pytest.raises(RuntimeError, match="held by another process"):
            run_cell(folder, GOOD, quiet)
        process.kill()
    assert place.state().state == "stopped"
    run_cell(folder, GOOD, quiet)


def test_a_damaged_file_is_named(folder: SweepFolder) -> None:
    place = folder.cell(GOOD)
    place.path.mkdir(parents=True)
    (place.path / "settings.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match=r"settings\.json is damaged"):
        place.check(GOOD)


def test_each_of_the_cells_at_once_sees_one_gpu(folder: SweepFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    from assocmem.experiments.sweep.one_cell import _one_gpu

    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,6")
    folder.path.mkdir()
    import os

    with _one_gpu(folder.path, 2):
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "4"
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,6")
        with _one_gpu(folder.path, 2):
            assert os.environ["CUDA_VISIBLE_DEVICES"] == "6"
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,6")
            with pytest.raises(RuntimeError, match="gpus=2: every one is held"), _one_gpu(folder.path, 2):
                pass
