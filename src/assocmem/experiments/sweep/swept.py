"""The experiments that a sweep can run, each behind the same three calls: settings, one run, a run of a few updates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assocmem.experiments.attention.config import AttentionSearch
from assocmem.experiments.attention.config import configure as configure_attention
from assocmem.experiments.question_formation.config import QuestionFormation
from assocmem.experiments.question_formation.config import configure as configure_questions
from assocmem.experiments.radius.config import RadiusRun
from assocmem.experiments.radius.config import configure as configure_radius
from assocmem.experiments.records import Record
from assocmem.experiments.size_grid.config import GridCell
from assocmem.experiments.size_grid.config import configure as configure_grid
from assocmem.experiments.training.config import TrainingRun
from assocmem.experiments.training.config import configure as configure_training

__all__ = ["EXPERIMENTS", "Swept", "Work"]

REPORT = Callable[[str], None]
PROBED = 20
"""Updates that an estimate measures."""


@dataclass(frozen=True)
class Work:
    """What a cell takes, reckoned from a run of a few updates.

    Attributes
    ----------
    parameters : int
        Of the model.
    updates : int
        Of the whole cell.
    flop : float
        Floating-point operations of all its updates, as :func:`assocmem.language.training.throughput.flop_per_token`
        counts them.
    seconds : float
        Of its updates at the measured speed, without evaluations and checkpoints.
    disk : int
        Bytes of the checkpoints that stay and of the trained model, in float32 with two moments.
    """

    parameters: int
    updates: int
    flop: float
    seconds: float
    disk: int


@dataclass(frozen=True)
class Swept:
    """An experiment as a sweep sees it.

    Attributes
    ----------
    configure : Callable
        Settings from a task ("" where there is none), a scale and the values of a cell.
    run : Callable
        Runs settings in a folder of its own, with a function that is told what is being done.
    probe : Callable or None
        The same settings for so few updates that their speed can be measured, of one seed; None for what does not
        train.
    work : Callable or None
        What settings take, from the record of their probe.
    tasks : tuple[str, ...]
        Names of the tasks, for an experiment that has several.
    """

    configure: Callable[[str, str, Mapping[str, Any]], Any]
    run: Callable[[Any, Path, REPORT], Record]
    probe: Callable[[Any], Any] | None = None
    work: Callable[[Any, Record], Work] | None = None
    tasks: tuple[str, ...] = ("",)


def _train(config: TrainingRun, folder: Path, report: REPORT) -> Record:
    from assocmem.experiments.training.run import run

    return run(config, report, out=folder)


def _questions(config: QuestionFormation, folder: Path, report: REPORT) -> Record:
    from assocmem.experiments.question_formation.run import run

    return run(config, report, folder=folder)


def _attention(config: AttentionSearch, folder: Path, report: REPORT) -> Record:
    from assocmem.experiments.attention.run import run

    return run(config, report)


def _grid_cell(config: GridCell, folder: Path, report: REPORT) -> Record:
    from assocmem.experiments.size_grid.run import run

    return run(config, report)


def _radius(config: RadiusRun, folder: Path, report: REPORT) -> Record:
    from assocmem.experiments.radius.run import run

    record = run(config, report)
    assert record is not None, "a cell is one process"
    return record


def _few_updates(config: TrainingRun) -> TrainingRun:
    few: dict[str, Any] = {"evaluate_every": None, "save_every": None, "log_every": PROBED // 2, "warmup": 0}
    few |= {"steps": PROBED, "tokens_budget": None, "held_out_tokens": min(2048, config.held_out_tokens), "seed": 0}
    return replace(config, **few)


def _training_work(config: TrainingRun, probe: Record) -> Work:
    speed = probe.summary
    tokens = speed["tokens_per_second"] / speed["updates_per_second"]
    updates = config.steps or max(1, round((config.tokens_budget or 0) / tokens))
    return _work(speed, updates, config.keep if config.save_every else 0)


def _few_question_updates(config: QuestionFormation) -> QuestionFormation:
    few: dict[str, Any] = {
        "steps": PROBED,
        "evaluate_every": None,
        "save_every": None,
        "log_every": PROBED // 2,
        "warmup": 0,
    }
    training, held_out = replace(config.training, **few), min(100, config.held_out)
    return replace(config, training=training, longer=(), held_out=held_out, seeds=(0,))


def _question_work(config: QuestionFormation, probe: Record) -> Work:
    """Of all runs of the settings, one after another."""
    speeds = {(run["grammar"], run["lines"], run["layers"]): run for run in probe.config["runs"]}
    keep = config.training.keep if config.training.save_every else 0
    parts = [
        _work(speeds[cell.grammar, cell.lines, cell.layers], config.plan(cell).steps, keep) for cell in config.cells()
    ]
    total = {name: sum(getattr(part, name) for part in parts) for name in ("updates", "flop", "seconds", "disk")}
    return Work(max(part.parameters for part in parts), **total)


def _work(speed: Mapping[str, Any], updates: int, checkpoints: int) -> Work:
    """From what the report of a probe says of its speed."""
    tokens = speed["tokens_per_second"] / speed["updates_per_second"]
    return Work(
        speed["parameters"],
        updates,
        updates * tokens * speed["flop_per_token"],
        updates / speed["updates_per_second"],
        4 * speed["parameters"] * (3 * checkpoints + 1),
    )


EXPERIMENTS: dict[str, Swept] = {
    "attention": Swept(lambda task, scale, values: configure_attention(scale, values), _attention),
    "questions": Swept(
        configure_questions, _questions, _few_question_updates, _question_work, ("plateau", "memorization")
    ),
    "radius": Swept(lambda task, scale, values: configure_radius(scale, values), _radius),
    "size-grid": Swept(lambda task, scale, values: configure_grid(scale, values), _grid_cell),
    "train": Swept(lambda task, scale, values: configure_training(scale, values), _train, _few_updates, _training_work),
}
"""By the name of their command; ``size-grid`` has none of its own, each of its runs is a cell."""
