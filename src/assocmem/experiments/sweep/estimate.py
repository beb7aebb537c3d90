"""What a sweep will take, before it is begun: operations, hours and disk, from twenty updates of each kind of cell."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assocmem.experiments.records import Record
from assocmem.experiments.sweep.cells import Sweep
from assocmem.experiments.sweep.swept import Work

__all__ = ["estimate"]


def estimate(sweep: Sweep, report: Callable[[str], None]) -> dict[str, Work | None]:
    """Measure the speed of each kind of cell on this machine, and reckon what every cell takes at it.

    Cells that differ in their seed or length alone are one kind. A cell is reckoned as if it ran by itself.

    Parameters
    ----------
    sweep : Sweep
        What is to be run.
    report : Callable
        Told what is being done, a line at a time.

    Returns
    -------
    dict
        The work of each cell, by its name; None for one whose training diverges within the measured updates.

    Raises
    ------
    ValueError
        For an experiment that does not train.
    """
    probe, work = sweep.swept.probe, sweep.swept.work
    if probe is None or work is None:
        raise ValueError(f"{sweep.experiment} does not train, so there are no updates whose speed could be measured")
    probed: list[tuple[Any, Record | None]] = []
    works: dict[str, Work | None] = {}
    for cell in sweep.cells:
        config = sweep.configured(cell)
        few = probe(config)
        if all(few != other for other, _ in probed):
            report(f"{cell.name}: measure a few updates")
            probed.append((few, _probed(sweep, few)))
        record = next(record for other, record in probed if other == few)
        works[cell.name] = None if record is None else work(config, record)
    return works


def _probed(sweep: Sweep, config: Any) -> Record | None:
    with TemporaryDirectory() as folder, suppress(ArithmeticError):
        return sweep.swept.run(config, Path(folder), lambda _: None)
    return None
