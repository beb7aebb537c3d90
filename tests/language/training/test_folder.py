"""A run's folder is held by one process, and what is missing or damaged in it is said or made again, never missed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import training_runs as runs
from assocmem.language.training.folder import DamagedRunError, HeldRunError, RunFolder
from assocmem.language.training.stopped import StoppedError

PLAN = runs.with_plan(steps=10)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; its last checkpoint is that of update 9, the one before that of update 6."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    runs.run(folder, PLAN)
    return folder


@pytest.fixture
def cut_off(finished: Path, tmp_path: Path) -> Path:
    """The same run as it was before it ended."""
    folder = tmp_path / "run"
    shutil.copytree(finished, folder)
    (folder / "report.json").unlink()
    shutil.rmtree(folder / "model")
    return folder


FILES = ["model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json", "config.json"]


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    text = bytearray(path.read_bytes())
    text[len(text) // 2] ^= 1
    path.write_bytes(text)


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (Path.unlink, "is missing"),
    "empty": (lambda path: path.write_bytes(b""), "has 0 bytes of"),
    "cut off": (halve, "bytes of"),
    "one bit": (flip, "is not what was written"),
}


@pytest.mark.parametrize(("file", "kind"), [(FILES[i], kind) for i, kind in zip((0, 1, 3, 4), DAMAGE, strict=True)])
def test_a_damaged_checkpoint_is_passed_over_for_an_older_one(
    file: str, kind: str, cut_off: Path, finished: Path
) -> None:
    spoil, why = DAMAGE[kind]
    spoil(cut_off / "checkpoint-9" / file)
    said: list[str] = []
    assert runs.run(cut_off, PLAN, zeros=True, report=said.append).report["resumed"]
    assert len(said) == 1
    assert f"checkpoint-9 is passed over: {file} " in said[0]
    assert why in said[0]
    assert said[0].endswith("goes on from checkpoint-6")
    runs.assert_same(cut_off, finished)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("kind", DAMAGE)
def test_every_file_of_a_checkpoint_is_looked_at(file: str, kind: str, cut_off: Path) -> None:
    place = RunFolder(cut_off, {})
    assert place.newest(lambda _: None) == cut_off / "checkpoint-9"
    spoil, why = DAMAGE[kind]
    spoil(cut_off / "checkpoint-9" / file)
    said: list[str] = []
    assert place.newest(said.append) == cut_off / "checkpoint-6"
    assert f"checkpoint-9 is passed over: {file} " in said[0]
    assert why in said[0]


def test_where_no_checkpoint_is_whole_nothing_is_begun_anew(cut_off: Path) -> None:
    (cut_off / "checkpoint-9" / "optimizer.pt").unlink()
    (cut_off / "checkpoint-6" / "DONE").write_bytes(b"")
    before = sorted(cut_off.rglob("*"))
    with pytest.raises(DamagedRunError, match=r"checkpoint-9: optimizer\.pt is missing; checkpoint-6: DONE cannot be"):
        runs.run(cut_off, PLAN)
    assert [path for path in before if not path.exists()] == []


@pytest.mark.parametrize("kind", DAMAGE)
@pytest.mark.parametrize("file", ["metrics.jsonl", "model/model.safetensors", "model/config.json"])
def test_a_finished_run_that_is_damaged_is_refused(file: str, kind: str, finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(finished, folder)
    assert runs.run(folder, PLAN).metrics
    spoil, why = DAMAGE[kind]
    spoil(folder / file)
    with pytest.raises(DamagedRunError, match=rf"finished run that is damaged: {file} .*{why}"):
        runs.run(folder, PLAN)


@pytest.mark.parametrize("file", ["plan.json", "report.json"])
@pytest.mark.parametrize("text", ["", '{"plan"', "[1]"])
def test_a_plan_or_report_that_cannot_be_read_is_named(file: str, text: str, finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(finished, folder)
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(DamagedRunError, match=rf"{file} cannot be read"):
        runs.run(folder, PLAN)


def test_a_run_without_its_plan_is_refused(cut_off: Path) -> None:
    (cut_off / "plan.json").unlink()
    with pytest.raises(DamagedRunError, match=r"a run without plan\.json"):
        runs.run(cut_off, PLAN)


HOLD = """
import sys
from pathlib import Path
from assocmem.language.training.folder import RunFolder
with RunFolder(Path(sys.argv[1]), {}).held():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
def test_a_folder_that_another_process_holds_is_refused_and_left_as_it_is(cut_off: Path, finished: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(cut_off)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        before = {path: path.stat().st_mtime_ns for path in cut_off.rglob("*")}
        with pytest.raises(HeldRunError, match=rf"is held by process {process.pid} on .* since 20.*Z: "):
            runs.run(cut_off, PLAN)
        assert {path: path.stat().st_mtime_ns for path in cut_off.rglob("*")} == before
        process.kill()
    runs.run(cut_off, PLAN, zeros=True)
    runs.assert_same(cut_off, finished)


@pytest.mark.slow
def test_sigterm_writes_a_checkpoint_at_the_next_logged_loss_and_the_run_ends_as_if_it_had_not_come(
    finished: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    updates = 0

    class Told(runs.Lines):
        """Rows, the fifth of which comes with a signal to this process."""

        def __getitem__(self, index: int) -> dict[str, object]:  # type: ignore[override]
            nonlocal updates
            updates += 1
            if updates == 7:
                os.kill(os.getpid(), signal.SIGTERM)
            return super().__getitem__(index)  # type: ignore[return-value]

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(StoppedError, match="signal 15"):
        runs.run(folder, PLAN, lines=Told)
    assert signal.getsignal(signal.SIGTERM) == before
    (left,) = [path.name for path in folder.glob("checkpoint-*")]
    assert json.loads((folder / left / "trainer_state.json").read_text())["global_step"] % PLAN.log_every == 0
    assert not (folder / "holder.json").exists()
    assert runs.run(folder, PLAN, zeros=True).report["resumed"]
    runs.assert_same(folder, finished)


def test_the_mark_of_a_checkpoint_names_every_other_file(cut_off: Path) -> None:
    checkpoint = cut_off / "checkpoint-9"
    named = json.loads((checkpoint / "DONE").read_text(encoding="utf-8"))
    assert set(named) == {path.name for path in checkpoint.iterdir()} - {"DONE"}
    assert set(FILES) <= set(named)
