"""A training that is killed, anywhere and again and again, ends as if it had not been."""

from __future__ import annotations

import json
import random
import shutil
import signal
import time
from pathlib import Path

import pytest
import torch

import training_runs as runs

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody disturbed: dropout, more than two passes over the data, two micro-batches an update."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    assert not runs.run(folder).report["resumed"]
    return folder


def newest(folder: Path) -> int:
    marked = [int(path.parent.name.rsplit("-", 1)[1]) for path in folder.glob("checkpoint-*/DONE")]
    return max(marked, default=0)


def assert_finished(folder: Path, whole: Path) -> None:
    runs.assert_same(folder, whole)
    assert not list(folder.rglob("training_args.bin"))
    assert json.loads((folder / "report.json").read_text())["resumed"]


DEATHS = [
    (("metrics", 1), 0),
    (("mark", 1), 0),
    (("weights", 2), 3),
    (("optimizer", 6), 6),
    (("state", 1), 6),
    (("deletion", 2), 6),
    (("metrics", 4), 9),
    (("model", 3), 15),
    (("report", 1), 15),
]
"""Where a process dies in its time, one after the other, and the newest checkpoint that is then whole."""


def test_killed_at_every_stage_in_turn(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    for number, (die, left) in enumerate(DEATHS):
        # Weights that the first process did not begin with: from now on they must come from a checkpoint.
        ended = runs.finish(runs.start(folder, die=die, zeros=newest(folder) > 0))
        assert ended == [-signal.SIGKILL], (number, die, runs.errors(folder))
        assert newest(folder) == left, (number, die)
        assert not (folder / "report.json").exists()
    assert runs.finish(runs.start(folder, zeros=True)) == [0], runs.errors(folder)
    assert_finished(folder, whole)


def test_killed_at_random_times(whole: Path, tmp_path: Path) -> None:
    folder, seed = tmp_path / "run", random.randrange(2**32)
    print(f"times from seed {seed}")
    times = random.Random(seed)
    for _ in range(5):
        process = runs.start(folder)[0]
        stop = time.monotonic() + 300
        while not (folder / "metrics.jsonl").exists() and time.monotonic() < stop:
            time.sleep(0.01)
        process.join(times.uniform(0.0, 0.8))
        process.kill()
        process.join()
    assert runs.finish(runs.start(folder)) == [0], runs.errors(folder)
    runs.assert_same(folder, whole)


def test_a_checkpoint_without_its_mark_is_not_used(whole: Path, tmp_path: Path) -> None:
    for name, spoil in {
        "lacks a file": lambda torn: (torn / "trainer_state.json").unlink(),
        "cut off": lambda torn: (torn / "model.safetensors").write_bytes(b"half"),
    }.items():
        folder = tmp_path / name
        shutil.copytree(whole, folder)
        (folder / "report.json").unlink()
        torn = folder / "checkpoint-15"
        (torn / "DONE").unlink()
        spoil(torn)
        runs.run(folder, zeros=True)
        assert_finished(folder, whole)


def test_resuming_loads_no_pickle(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, load, kinds = tmp_path / "run", torch.load, []

    def watched(path: Path, *values: object, **named: object) -> object:
        kinds.append((Path(path).name, named.get("weights_only")))
        return load(path, *values, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(torch, "load", watched)
    shutil.copytree(whole, folder)
    (folder / "report.json").unlink()
    runs.run(folder, zeros=True)
    assert sorted(kinds) == [("optimizer.pt", True), ("rng_state.pth", True), ("scheduler.pt", True)]
    assert_finished(folder, whole)


def test_other_data_order_would_be_seen(whole: Path, tmp_path: Path) -> None:
    """The comparison above can fail: with other random numbers the weights differ."""
    runs.run(tmp_path / "run", runs.with_plan(seed=1))
    with pytest.raises(AssertionError):
        runs.assert_same(tmp_path / "run", whole)
