"""Every update's loss stands in the metrics, and a training without a new minimum ends: both the same after a break."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import training_runs as runs
from assocmem.language.training.folder import since_least
from assocmem.language.training.train import METRICS, Training

OVERFITS = replace(runs.PLAN, steps=60, learning_rate=3e-2, patience=3, schedule="constant_with_warmup")
"""On rows that have nothing to do with those held out the loss of the latter soon rises."""


class Breaks(runs.Lines):
    """The power fails when so many rows have been taken; the evaluations take rows of their own."""

    left = 0

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        type(self).left -= 1
        if type(self).left == 0:
            raise OSError("no power")
        return super().__getitem__(index)


def broken(folder: Path, plan: Training, rows: int) -> dict[str, Any]:
    """The report of a run that was broken off after so many rows, and gone on with."""
    Breaks.left = rows
    with pytest.raises(OSError, match="no power"):
        runs.run(folder, plan, lines=Breaks)
    assert not (folder / "report.json").exists()
    return runs.run(folder, plan, lines=Breaks).report


def losses(metrics: list[dict[str, Any]]) -> list[float]:
    return [loss for row in metrics if "loss" in row for loss in row["losses"]]


def test_every_update_has_its_loss(tmp_path: Path) -> None:
    """As a run has them that logs each of them, bit for bit in single precision; the mean of a block is what is logged.

    Passes of 27 rows, so that some updates have fewer; two micro-batches an update; evaluations between the logs.
    """
    plan = runs.with_plan(log_every=5)
    coarse = runs.run(tmp_path / "coarse", plan).metrics
    fine = runs.run(tmp_path / "fine", replace(plan, log_every=1)).metrics
    alone = [row["loss"] for row in fine if "loss" in row]
    assert len(alone) == plan.steps
    assert [np.float32(loss) for loss in losses(coarse)] == [np.float32(loss) for loss in alone]
    assert len(set(alone)) == plan.steps
    for row in coarse:
        if "loss" in row:
            assert row["loss"] == pytest.approx(np.mean(row["losses"]), rel=1e-6)
    assert [len(row["losses"]) for row in coarse if "loss" in row] == [3, 1, 1, 1, 2, 1, 1, 2, 3, 1]


def test_losses_are_the_same_after_a_break(tmp_path: Path) -> None:
    runs.run(tmp_path / "whole")
    assert broken(tmp_path / "cut", runs.PLAN, 33)["resumed"]
    runs.assert_same(tmp_path / "cut", tmp_path / "whole")


def test_a_training_without_a_new_minimum_ends(tmp_path: Path) -> None:
    """At the evaluation that the whole curve says, with the metrics that the longer run has until there."""
    longer = runs.run(tmp_path / "longer", replace(OVERFITS, patience=None))
    held = [row["held_out"] for row in longer.metrics if "held_out" in row]
    counts = [since_least(held[: end + 1]) for end in range(len(held))]
    assert 3 in counts, held
    end = (1 + counts.index(3)) * 4
    shorter = runs.run(tmp_path / "shorter", OVERFITS)
    assert shorter.metrics == [row for row in longer.metrics if row["step"] <= end]
    assert (shorter.report["updates"], shorter.report["stopped_by"]) == (end, "patience")
    assert (longer.report["updates"], longer.report["stopped_by"]) == (60, "steps")
    exactly = runs.run(tmp_path / "exactly", replace(OVERFITS, steps=end))
    assert (exactly.report["updates"], exactly.report["stopped_by"]) == (end, "patience")
    patient = runs.run(tmp_path / "patient", replace(OVERFITS, patience=15))
    assert (patient.report["updates"], patient.report["stopped_by"]) == (60, "steps")


def test_an_end_by_patience_is_the_same_after_a_break(tmp_path: Path) -> None:
    """Broken off before the end, with evaluations behind it that count; checkpoints where evaluations are."""
    plan = replace(OVERFITS, save_every=4)
    end = runs.run(tmp_path / "whole", plan).report["updates"]
    assert broken(tmp_path / "cut", plan, (end - 1) * 27 // 7)["resumed"]
    runs.assert_same(tmp_path / "cut", tmp_path / "whole")
    lines = (tmp_path / "cut" / METRICS).read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[-1])["step"] == end
    assert not (tmp_path / "whole" / f"checkpoint-{end}").exists()


@given(st.lists(st.integers(0, 9).map(float), max_size=12))
def test_evaluations_since_the_least(values: list[float]) -> None:
    since = 0
    for number in range(1, len(values)):
        since = 0 if values[number] < min(values[:number]) else since + 1
    assert since_least(values) == since


def test_the_cosine_to_a_tenth_ends_there(tmp_path: Path) -> None:
    plan = runs.with_plan(schedule="cosine", least_rate=0.1, log_every=1)
    rates = [row["learning_rate"] for row in runs.run(tmp_path / "run", plan).metrics if "loss" in row]
    assert max(rates) == plan.learning_rate
    along = np.arange(1, plan.steps - plan.warmup) / (plan.steps - plan.warmup)
    wanted = plan.learning_rate * (0.1 + 0.9 * (1 + np.cos(np.pi * along)) / 2)
    assert rates[plan.warmup + 1 :] == pytest.approx(wanted)
