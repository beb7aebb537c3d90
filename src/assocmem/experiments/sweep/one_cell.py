"""Runs one cell of a sweep in this process: what Snakemake starts, and what one types to repeat one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from assocmem.experiments.records import Record, read, write_as
from assocmem.experiments.sweep.cells import Cell
from assocmem.experiments.sweep.folder import SweepFolder

__all__ = ["run_cell"]


def run_cell(folder: SweepFolder, cell: Cell, report: Callable[[str], None], *, gpus: int = 0) -> Record:
    """Run a cell, go on with it, or read its record.

    Parameters
    ----------
    folder : SweepFolder
        Of the sweep.
    cell : Cell
        One of its cells.
    report : Callable
        Told what is being done, a line at a time.
    gpus : int
        Of how many GPUs of this machine the cell takes one that no other cell of the sweep holds; with 0 it sees all.

    Returns
    -------
    Record
        Of the cell.

    Raises
    ------
    ValueError, OSError, RuntimeError, ArithmeticError
        What the experiment raises; the reason is noted in the cell's folder. A cell that is stopped notes none, and
        goes on at the next call.
    """
    place = folder.cell(cell)
    if place.record.is_file():
        place.check(cell)
        return read(place.record)
    with place.held(cell), _one_gpu(folder.path, gpus):
        try:
            record = folder.sweep.swept.run(folder.sweep.configured(cell), place.run, report)
        except Exception as error:
            place.fail(" ".join(str(error).split()) or type(error).__name__)
            raise
        write_as(record, place.record)
    return record


@contextmanager
def _one_gpu(folder: Path, gpus: int) -> Iterator[None]:
    """Show this process one GPU alone, held until the cell ends; before torch looks for any."""
    if gpus == 0:
        yield
        return
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    names = shown.split(",")[:gpus] if shown else [str(i) for i in range(gpus)]
    for name in names:
        lock = FileLock(folder / f"gpu-{name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        os.environ["CUDA_VISIBLE_DEVICES"] = name
        try:
            yield
        finally:
            lock.release()
        return
    raise RuntimeError(f"gpus={gpus}: every one is held by another cell of {folder}")
