"""The folder of a sweep: a folder for each cell, with what says how far the cell is.

``cells/NAME`` holds ``settings.json`` (which cell it is), ``run`` (what the experiment writes while it works),
``log.txt``, and at the end ``record.json``, or ``failed.json`` with the reason. A cell is held by a lock of the
operating system while a process works on it, which ends with the process however that ends.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from assocmem.experiments.records import Record, read
from assocmem.experiments.sweep.cells import Cell, Sweep
from assocmem.language.files import write_json, write_text

__all__ = ["CellFolder", "CellState", "SweepFolder"]

PATIENCE = 2.0
"""Seconds for which a cell that is to be run waits for its lock: who only asks for its state holds it for a moment."""
State = Literal["not begun", "running", "stopped", "done", "failed"]


@dataclass(frozen=True)
class CellState:
    """How far a cell is.

    Attributes
    ----------
    state : str
        "not begun", "running", "stopped" (begun, and no process works on it), "done" or "failed".
    update : int or None
        The last update whose loss was logged, in a training that has begun.
    reason : str or None
        Why it failed, in one line.
    """

    state: State
    update: int | None = None
    reason: str | None = None

    def __str__(self) -> str:
        at = "" if self.update is None else f" at update {self.update:,}"
        return (
            self.state + (at if self.state in ("running", "stopped") else "") + (f": {self.reason}" * bool(self.reason))
        )


@dataclass(frozen=True)
class CellFolder:
    """The folder of one cell.

    Attributes
    ----------
    path : Path
        It need not be there.
    """

    path: Path

    @property
    def run(self) -> Path:
        """Where the experiment works."""
        return self.path / "run"

    @property
    def record(self) -> Path:
        """The record, once the cell is done."""
        return self.path / "record.json"

    @property
    def _failed(self) -> Path:
        return self.path / "failed.json"

    @property
    def _settings(self) -> Path:
        return self.path / "settings.json"

    def check(self, cell: Cell) -> None:
        """See that the folder is that of this cell, or not yet there.

        Parameters
        ----------
        cell : Cell
            The cell.

        Raises
        ------
        ValueError
            Where it holds another cell of the same name.
        """
        if self._settings.is_file() and _read_json(self._settings)["identity"] != cell.identity:
            raise ValueError(
                f"{self.path} holds a cell of other settings; name the cell otherwise, or give another folder"
            )

    @contextmanager
    def held(self, cell: Cell) -> Iterator[None]:
        """Hold the cell while this process works on it; what failed before is forgotten.

        Parameters
        ----------
        cell : Cell
            The cell.

        Raises
        ------
        ValueError
            Where it holds another cell.
        RuntimeError
            Where another process works on it.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / "lock")
        try:
            lock.acquire(timeout=PATIENCE)
        except Timeout:
            raise RuntimeError(f"{self.path} is held by another process, which works on this cell") from None
        try:
            self.check(cell)
            write_json(self._settings, {"identity": cell.identity, "settings": cell.values})
            self._failed.unlink(missing_ok=True)
            yield
        finally:
            lock.release()

    def fail(self, reason: str) -> None:
        """Note why the cell ended without a record.

        Parameters
        ----------
        reason : str
            In one line.
        """
        when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        write_json(self._failed, {"reason": reason, "date": when, "process": os.getpid()})

    def state(self) -> CellState:
        """How far the cell is.

        Returns
        -------
        CellState
            As the files and the lock say.

        Raises
        ------
        ValueError
            Naming a file that is damaged.
        """
        if self.record.is_file():
            return CellState("done")
        if not self._settings.is_file():
            return CellState("not begun")
        update = self._update()
        if self._is_held():
            return CellState("running", update)
        if self._failed.is_file():
            return CellState("failed", update, str(_read_json(self._failed)["reason"]))
        return CellState("stopped", update)

    def _is_held(self) -> bool:
        lock = FileLock(self.path / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        return False

    def _update(self) -> int | None:
        """The last update in the metrics of the run that is the farthest."""
        steps = [0]
        for metrics in self.run.rglob("metrics.jsonl"):
            lines = metrics.read_text(encoding="utf-8").splitlines()
            whole = [line for line in lines if line.endswith("}")]  # The last line may be half-written.
            steps += [int(json.loads(line)["step"]) for line in whole[-1:]]
        return max(steps) or None


@dataclass(frozen=True)
class SweepFolder:
    """The folder of a sweep.

    Attributes
    ----------
    path : Path
        It need not be there.
    sweep : Sweep
        Whose folder it is.
    """

    path: Path
    sweep: Sweep

    @property
    def file(self) -> Path:
        """The sweep with every cell listed, which the processes of the cells read."""
        return self.path / "sweep.yaml"

    def cell(self, cell: Cell) -> CellFolder:
        """The folder of a cell.

        Parameters
        ----------
        cell : Cell
            One of the sweep's.

        Returns
        -------
        CellFolder
            It need not be there.
        """
        return CellFolder(self.path / "cells" / cell.name)

    def open(self) -> None:
        """Make the folder and write the file into it, after a look at every cell that is there.

        Raises
        ------
        ValueError
            Where a cell of the same name has other settings.
        OSError
            Where nothing can be written.
        """
        for cell in self.sweep.cells:
            self.cell(cell).check(cell)
        self.path.mkdir(parents=True, exist_ok=True)
        write_text(self.file, self.sweep.as_yaml())

    def states(self) -> dict[str, CellState]:
        """How far each cell is.

        Returns
        -------
        dict
            By its name, in the order of the file.
        """
        return {cell.name: self.cell(cell).state() for cell in self.sweep.cells}

    def records(self) -> dict[str, Record]:
        """The records of the cells that are done.

        Returns
        -------
        dict
            By the name of the cell.
        """
        return {cell.name: read(path) for cell in self.sweep.cells if (path := self.cell(cell).record).is_file()}


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is damaged: {error}") from None
