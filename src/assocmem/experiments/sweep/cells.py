"""A sweep as its file says it: one experiment, settings that all cells share, and what varies from cell to cell.

The file is YAML ::

    experiment: train
    scale: local
    settings: {data: "questions:measured", steps: 500}   # as in a file for --config
    cells:                                               # listed settings, each with a name; may be left out
      narrow: {width: 64, learning_rate: 3.0e-3}
      wide: {width: 128, learning_rate: 1.0e-3}
    grid:                                                # every combination of these values; may be left out
      seed: [0, 1, 2]

Each listed set of settings is combined with each point of the grid. A dot reaches a setting within another, as in
``training.steps``. All cells are checked when the file is read, so that none fails hours later for a typing error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from assocmem.experiments.records import SCALES
from assocmem.experiments.sweep.swept import EXPERIMENTS, Swept
from assocmem.language.cache import fingerprint

__all__ = ["Cell", "Sweep", "read_sweep"]

KEYS = ("experiment", "task", "scale", "settings", "cells", "grid")
LONGEST = 80
"""Characters of a cell's name, which is the name of its folder."""


@dataclass(frozen=True)
class Cell:
    """One run of a sweep.

    Attributes
    ----------
    name : str
        Lowercase words joined by hyphens; its folder has this name.
    values : dict
        Settings by name, over those of the scale.
    """

    name: str
    values: dict[str, Any]

    @property
    def identity(self) -> str:
        """What tells whether a folder holds this cell or another of the same name."""
        return fingerprint(self.values)


@dataclass(frozen=True)
class Sweep:
    """The cells of one experiment.

    Attributes
    ----------
    experiment : str
        One of :data:`assocmem.experiments.sweep.swept.EXPERIMENTS`.
    task : str
        Of the experiment; "" where it has none.
    scale : str
        smoke, local or paper.
    cells : tuple[Cell, ...]
        At least one, of different names.
    """

    experiment: str
    task: str
    scale: str
    cells: tuple[Cell, ...]

    @property
    def swept(self) -> Swept:
        """The experiment."""
        return EXPERIMENTS[self.experiment]

    def cell(self, name: str) -> Cell:
        """The cell of a name.

        Parameters
        ----------
        name : str
            As ``assocmem sweep FILE --list`` prints it.

        Returns
        -------
        Cell
            The cell.

        Raises
        ------
        ValueError
            That lists the names, for one that there is not.
        """
        for cell in self.cells:
            if cell.name == name:
                return cell
        raise ValueError(f"cell got {name!r}; takes one of {', '.join(cell.name for cell in self.cells)}")

    def configured(self, cell: Cell) -> Any:
        """The settings of a cell, checked.

        Parameters
        ----------
        cell : Cell
            One of the sweep's.

        Returns
        -------
        Any
            An object of the experiment's settings class.

        Raises
        ------
        ValueError
            That names the cell and the setting.
        """
        try:
            return self.swept.configure(self.task, self.scale, cell.values)
        except ValueError as error:
            raise ValueError(f"cell {cell.name}: {error}") from None

    def as_yaml(self) -> str:
        """The sweep with every cell listed, as a file that reads as the same sweep.

        Returns
        -------
        str
            YAML.
        """
        listed: dict[str, Any] = {"experiment": self.experiment}
        listed |= {"task": self.task} if self.task else {}
        listed |= {"scale": self.scale, "cells": {cell.name: cell.values for cell in self.cells}}
        return yaml.safe_dump(listed, sort_keys=False)


def read_sweep(path: Path) -> Sweep:
    """Read the file of a sweep and check all of its cells.

    Parameters
    ----------
    path : Path
        A YAML file.

    Returns
    -------
    Sweep
        With at least one cell.

    Raises
    ------
    ValueError
        In one line that names the file and what is wrong in it.
    OSError
        Where it cannot be read.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not YAML: {str(error).splitlines()[0]}") from None
    except OSError as error:
        raise OSError(f"{path} cannot be read: {error.strerror}") from None
    try:
        sweep = _sweep(_mapping("the file", raw))
        for cell in sweep.cells:
            sweep.configured(cell)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return sweep


def _sweep(raw: Mapping[str, Any]) -> Sweep:
    unknown = sorted(set(raw) - set(KEYS))
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}; takes {', '.join(KEYS)}")
    experiment, scale = raw.get("experiment"), raw.get("scale", "smoke")
    if experiment not in EXPERIMENTS:
        raise ValueError(f"experiment got {experiment!r}; takes one of {', '.join(EXPERIMENTS)}")
    if scale not in SCALES:
        raise ValueError(f"scale got {scale!r}; takes one of {', '.join(SCALES)}")
    tasks = EXPERIMENTS[experiment].tasks
    task = raw.get("task", tasks[0])
    if task not in tasks:
        takes = f"takes one of {', '.join(tasks)}" if tasks != ("",) else f"{experiment} has none"
        raise ValueError(f"task got {task!r}; {takes}")
    cells = tuple(_cells(raw))
    names = [cell.name for cell in cells]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise ValueError(f"two cells are called {double}; a name stands for one set of settings")
    return Sweep(experiment, task, scale, cells)


def _cells(raw: Mapping[str, Any]) -> Iterator[Cell]:
    """Each listed set of settings at each point of the grid."""
    shared = _mapping("settings", raw.get("settings") or {})
    listed = _mapping("cells", raw.get("cells") or {"": {}})
    grid = _mapping("grid", raw.get("grid") or {})
    for name, points in grid.items():
        if not isinstance(points, list) or not points:
            raise ValueError(f"grid: {name} got {points!r}; takes a list of values")
    for name, own in listed.items():
        for point in product(*grid.values()):
            varied = dict(zip(grid, point, strict=True))
            values: dict[str, Any] = {}
            for part in (shared, _mapping(f"cell {name}", own or {}), varied):
                for key, value in part.items():
                    _put(values, str(key), value)
            yield Cell(_name(name, varied), values)


def _put(values: dict[str, Any], key: str, value: Any) -> None:
    """Set a setting by its dotted name; a mapping is merged into one that is there."""
    if isinstance(value, Mapping):
        for inner, one in value.items():
            _put(values, f"{key}.{inner}", one)
        return
    *outer, last = key.split(".")
    place = values
    for part in outer:
        place = place.setdefault(part, {})
    place[last] = deepcopy(value)


def _name(name: str, varied: Mapping[str, Any]) -> str:
    words = [name, *(f"{key.rsplit('.', 1)[-1]}-{_word(value)}" for key, value in varied.items())]
    slug = re.sub(r"[^a-z0-9.]+", "-", " ".join(words).lower()).strip("-.")
    if len(slug) > LONGEST:
        slug = f"{slug[:LONGEST]}-{fingerprint([name, dict(varied)])[:8]}"
    return slug or "only"


def _word(value: Any) -> str:
    if isinstance(value, list):
        return "-".join(map(_word, value))
    return f"minus {-value}" if isinstance(value, int | float) and value < 0 else str(value)


def _mapping(what: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} got {value!r}; takes names with their values")
    return value
