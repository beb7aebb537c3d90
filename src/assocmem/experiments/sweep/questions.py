"""Question-Formation as a sweep: a cell for each training, and the one record that chapter 9 reads from all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from assocmem.experiments.question_formation.config import QuestionFormation
from assocmem.experiments.question_formation.run import joined, singles
from assocmem.experiments.records import Record, read
from assocmem.experiments.sweep.cells import Cell, Sweep
from assocmem.experiments.sweep.folder import SweepFolder
from assocmem.language.cache import cache_folder, fingerprint
from assocmem.settings import as_yaml

__all__ = ["question_folder", "question_record"]


def question_folder(config: QuestionFormation, runs: Path | None) -> SweepFolder:
    """The sweep of all trainings, in a folder that other depths, sizes and seeds of the same training share.

    Parameters
    ----------
    config : QuestionFormation
        What is trained on what.
    runs : Path or None
        Where the folder is; in the cache if None.

    Returns
    -------
    SweepFolder
        It need not be there.

    Raises
    ------
    ValueError
        Where a file that is to be read is not there.
    """
    if config.files is not None:
        for part in ("question.train", "question.dev"):
            if not (config.files / part).is_file():
                raise ValueError(f"files got {config.files}, which has no {part}")
    cells = tuple(Cell(name, _values(one)) for name, one in singles(config).items())
    shared = _values(replace(config, grammars=("measured",), lines=(1,), depths=(1,), seeds=(0,)))
    place = (runs or cache_folder() / "question-formation") / fingerprint([config.task, config.scale, shared])[:16]
    return SweepFolder(place, Sweep("questions", config.task, config.scale, cells))


def question_record(folder: SweepFolder, config: QuestionFormation) -> Record | None:
    """The record of all trainings.

    Parameters
    ----------
    folder : SweepFolder
        Of the sweep.
    config : QuestionFormation
        What was trained on what.

    Returns
    -------
    Record or None
        None while a cell has no record.
    """
    paths = [folder.cell(cell).record for cell in folder.sweep.cells]
    if not all(path.is_file() for path in paths):
        return None
    return joined(config, [read(path) for path in paths])


def _values(config: QuestionFormation) -> dict[str, Any]:
    """The settings as plain values, those of the sweep itself left out."""
    values: dict[str, Any] = yaml.safe_load(as_yaml(config))
    return {name: value for name, value in values.items() if name not in ("task", "scale")}
