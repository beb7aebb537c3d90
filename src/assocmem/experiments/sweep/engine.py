"""Runs the cells of a sweep with Snakemake: how many at once, on which machines, and which is next, is its business.

Of the engines at hand two were tried on one sweep of six trainings, one of which fails, on two cores. Snakemake kept to
two at a time, went on past the failed one, and ran at the next call what was left. submitit started all six at once,
since its local executor has no limit, and keeps what it runs as pickles. Both reach Slurm; Snakemake reaches other
clusters too, by plugins that a profile names.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path

from filelock import FileLock, Timeout

from assocmem.experiments.sweep.folder import CellState, SweepFolder
from assocmem.language.files import write_json

__all__ = ["run_sweep"]

LOOKED = 1.0
"""Seconds from one look at the cells to the next."""


def run_sweep(
    folder: SweepFolder,
    report: Callable[[str], None],
    *,
    at_once: int = 1,
    gpus: int = 0,
    profile: Path | None = None,
    retry: bool = False,
) -> dict[str, CellState]:
    """Run all cells that are not done; a cell that fails stops no other.

    Stopped by SIGINT or SIGTERM, it stops the cells, whose trainings write a checkpoint, and passes the signal on. The
    next call goes on with them.

    Parameters
    ----------
    folder : SweepFolder
        Of the sweep.
    report : Callable
        Told of each cell that changes its state.
    at_once : int
        How many cells run at once.
    gpus : int
        How many GPUs of this machine the cells share, one each; 0 leaves the devices as they are.
    profile : Path or None
        A profile of Snakemake, for a cluster; how many cells run at once is then its business too.
    retry : bool
        Whether cells that have failed are tried again.

    Returns
    -------
    dict
        The state of each cell, by its name.

    Raises
    ------
    ValueError
        Where the folder holds other cells of the same names.
    RuntimeError
        Without Snakemake, where another process runs this sweep, and where Snakemake itself fails.
    """
    if importlib.util.find_spec("snakemake") is None:
        raise RuntimeError("a sweep needs Snakemake: pip install 'assocmem[sweep]'")
    folder.open()
    with _held(folder):
        states = folder.states()
        begun = [name for name, one in states.items() if one.state != "done" and (retry or one.state != "failed")]
        report(f"{len(begun)} of {len(states)} cells are to be run, {at_once} at once: {folder.path}")
        if begun:
            _run(folder, report, begun, at_once, gpus, profile)
        return folder.states()


@contextmanager
def _held(folder: SweepFolder) -> Iterator[None]:
    lock = FileLock(folder.path / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise RuntimeError(f"{folder.path} is held by another process, which runs this sweep") from None
    try:
        yield
    finally:
        lock.release()


def _run(
    folder: SweepFolder,
    report: Callable[[str], None],
    cells: list[str],
    at_once: int,
    gpus: int,
    profile: Path | None,
) -> None:
    path = folder.path.resolve()
    command = [sys.executable, "-m", "assocmem", "sweep", str(path / folder.file.name), "--folder", str(path)]
    settings = {"cells": cells, "gpus": gpus, "command": shlex.join([*command, *(["--gpus", str(gpus)] * bool(gpus))])}
    write_json(path / "engine.json", settings, indent=1)
    with resources.as_file(resources.files(__package__) / "cells.smk") as workflow:
        engine = [sys.executable, "-m", "snakemake", "--snakefile", str(workflow), "--directory", str(path)]
        engine += ["--configfile", str(path / "engine.json"), "--keep-going", "--rerun-incomplete", "--nolock"]
        engine += ["--rerun-triggers", "mtime", "--quiet", "all"]
        engine += ["--profile", str(profile)] if profile else ["--cores", str(at_once)]
        engine += ["--resources", f"gpu={gpus}"] if gpus and not profile else []
        with (path / "engine.log").open("ab") as log:
            process = subprocess.Popen(engine, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
            with _passing_signals_on(process):
                _follow(folder, process, report)
    unfinished = [name for name, one in folder.states().items() if name in cells and one.state == "not begun"]
    if process.returncode and process.returncode < 0:
        report(f"Snakemake was killed (signal {-process.returncode}); cells that still run end by themselves")
    elif process.returncode and len(unfinished) == len(cells):
        raise RuntimeError(f"Snakemake could not begin: {path / 'engine.log'} says why")


def _follow(folder: SweepFolder, process: subprocess.Popen[bytes], report: Callable[[str], None]) -> None:
    """Report each change of a cell's state until the engine ends."""
    known = folder.states()
    ended = False
    while not ended:
        try:
            process.wait(LOOKED)
            ended = True
        except subprocess.TimeoutExpired:
            pass
        for name, state in folder.states().items():
            if state.state != known[name].state:
                done = sum(one.state == "done" for one in folder.states().values())
                report(f"{name}: {state} ({done} of {len(known)} done)")
            known[name] = state


@contextmanager
def _passing_signals_on(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stop the engine and its cells when this process is told to stop, and wait for them."""

    def stop(number: int, _: object) -> None:
        for handled in (signal.SIGINT, signal.SIGTERM):
            signal.signal(handled, signal.SIG_IGN)
        _signal_cells(process.pid, signal.SIGTERM)
        process.wait()
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _signal_cells(group: int, number: int) -> None:
    """Send a signal to the engine and to all that it has started, which are of its process group."""
    with suppress(ProcessLookupError):  # They may all have ended by themselves.
        os.killpg(group, number)
