"""Training on two ranks: the same rows, losses and held-out loss as one process; resume; a rank that dies.

One update takes the same rows whatever the number of ranks, so that losses agree up to the order of sums, as long as
the passes over the data divide into whole updates. Where they do not, one process takes the rows that are left and
several ranks fill up with rows from the start of the pass.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

import training_runs as runs
from assocmem.language.training.train import Trained
from training_runs import mean, sums

pytestmark = pytest.mark.slow
DDP = runs.with_plan(steps=9, micro=1)


def metrics(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def assert_close(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    assert [row.keys() for row in one] == [row.keys() for row in other]
    for first, second in zip(one, other, strict=True):
        for name, value in first.items():
            assert value == pytest.approx(second[name], rel=1e-4)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two ranks, two micro-batches of one row each, with dropout, on 27 rows, undisturbed."""
    folder = tmp_path_factory.mktemp("two") / "run"
    assert runs.finish(runs.start(folder, DDP, 2)) == [0, 0], runs.errors(folder)
    return folder


def test_two_ranks_learn_what_one_process_learns(tmp_path: Path) -> None:
    folder = tmp_path / "two"
    assert runs.finish(runs.start(folder, DDP, 2, dropout=0.0, rows=24)) == [0, 0], runs.errors(folder)
    alone = runs.run(tmp_path / "one", runs.with_plan(steps=9, micro=None), dropout=0.0, rows=24)
    assert_close(metrics(folder), alone.metrics)
    assert json.loads((folder / "report.json").read_text())["ranks"] == 2


def test_held_out_rows_count_once(two: Path) -> None:
    """Eleven rows in batches of two, one a rank: a rank without a row of its own must not count."""
    model = transformers.AutoModelForCausalLM.from_pretrained(two / "model")
    with torch.no_grad():
        wanted = float(mean(sums(model, runs.Lines(11, seed=1))))
    assert metrics(two)[-1]["held_out"] == pytest.approx(wanted, rel=1e-5)


def test_two_ranks_go_on_exactly(two: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    ended = runs.finish(runs.start(folder, DDP, 2, die=("optimizer", 2)))  # In the second save; the first is whole.
    assert ended[1] == -signal.SIGKILL
    assert ended[0] != 0
    assert not (folder / "report.json").exists()
    assert runs.finish(runs.start(folder, DDP, 2, zeros=True)) == [0, 0], runs.errors(folder)
    runs.assert_same(folder, two)
    assert json.loads((folder / "report.json").read_text())["resumed"]


def test_shards_learn_what_copies_learn(two: Path, tmp_path: Path) -> None:
    """FSDP over gloo, forced on: agrees with DDP, and goes on exactly from its own checkpoints."""
    plan, whole, cut = runs.with_plan(steps=9, micro=1, shard="full"), tmp_path / "whole", tmp_path / "cut"
    assert runs.finish(runs.start(whole, plan, 2)) == [0, 0], runs.errors(whole)
    assert list(whole.glob("checkpoint-*/pytorch_model_fsdp.bin")), "nothing was sharded"
    assert_close(metrics(whole), metrics(two))
    assert runs.finish(runs.start(cut, plan, 2, die=("optimizer", 2)))[1] == -signal.SIGKILL
    assert runs.finish(runs.start(cut, plan, 2, zeros=True)) == [0, 0], runs.errors(cut)
    runs.assert_same(cut, whole)
    assert json.loads((whole / "report.json").read_text())["parameters"] == runs.tiny().num_parameters()


def test_sharding_on_cpus_is_refused() -> None:
    with pytest.raises(ValueError, match="shard='full' needs device='cuda'"):
        runs.with_plan(shard="full").arguments(Path("unused"), 2, progress=False, held_out=False)


def test_torchrun_ends_when_a_rank_dies(two: Path, tmp_path: Path) -> None:
    """Rank 1 is killed in its second save; torchrun ends rank 0 and fails; what is left can be gone on with."""
    folder, began = tmp_path / "run", time.monotonic()
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node=2",
        str(Path(runs.__file__)),
        str(folder),
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert ended.returncode != 0
    assert "Signal 9" in ended.stderr, ended.stderr
    assert time.monotonic() - began < 800
    assert runs.finish(runs.start(folder, DDP, 2, zeros=True)) == [0, 0], runs.errors(folder)
    runs.assert_same(folder, two)


def test_a_finished_run_of_two_ranks_is_read_by_one(two: Path) -> None:
    trained = runs.run(two, DDP)
    assert isinstance(trained, Trained)
    assert trained.report["ranks"] == 2
