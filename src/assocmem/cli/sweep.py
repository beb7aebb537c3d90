"""``assocmem sweep``: many runs of one experiment, each with a record or a reason."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assocmem.cli.errors import CellsWithoutRecordError, writable
from assocmem.cli.options import one_line_errors

if TYPE_CHECKING:
    from assocmem.experiments.sweep.cells import Sweep
    from assocmem.experiments.sweep.folder import CellState, SweepFolder

GIGA = 1e9


def sweep(
    file: Annotated[Path, typer.Argument(help="YAML file of the sweep", show_default=False)],
    out: Annotated[Path, typer.Option(help="folder in which the sweep gets one of its file's name")] = Path("sweeps"),
    folder: Annotated[Path | None, typer.Option(help="folder of the sweep itself, in place of --out")] = None,
    at_once: Annotated[int, typer.Option(help="how many cells run at once", min=1)] = 1,
    gpus: Annotated[
        int, typer.Option(help="GPUs of this machine, one a cell; 0: cells take what they find", min=0)
    ] = 0,
    profile: Annotated[Path | None, typer.Option(help="folder of a Snakemake profile, for a cluster")] = None,
    cell: Annotated[str | None, typer.Option(help="run this cell alone, in this process")] = None,
    retry: Annotated[bool, typer.Option("--retry", help="try cells again that have failed")] = False,
    list_: Annotated[bool, typer.Option("--list", help="print the cells with their states, and stop")] = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="measure a few updates, print the cost, stop")] = False,
) -> None:
    """Run all cells of a sweep, or go on with them: many runs of one experiment, each with its record.

    A cell that fails stops no other. The same command goes on where it was cut off, and passes over what is done and
    what has failed. SIGINT and SIGTERM stop the cells too; a training writes a checkpoint first.

    Examples:

    assocmem sweep balance.yaml --estimate

    assocmem sweep balance.yaml --at-once 2
    """
    with one_line_errors([], ["file", "out", "folder", "at_once", "gpus", "profile", "cell"]):
        from assocmem.experiments.sweep.cells import read_sweep
        from assocmem.experiments.sweep.folder import SweepFolder

        read = read_sweep(file)
        place = SweepFolder(out / file.stem if folder is None else folder, read)
        if list_:
            print_states(place.states())
        elif estimate:
            print_estimate(read)
        elif cell is not None:
            _run_one(place, cell, gpus)
        else:
            run_cells(place, at_once=at_once, gpus=gpus, profile=profile, retry=retry)
            typer.echo(f"records: {place.path / 'cells'}")


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _run_one(place: SweepFolder, name: str, gpus: int) -> None:
    from assocmem.experiments.sweep.one_cell import run_cell

    with writable(place.path):
        cell = place.sweep.cell(name)
        run_cell(place, cell, _say, gpus=gpus)
    typer.echo(f"record: {place.cell(cell).record}")


def run_cells(
    place: SweepFolder, *, at_once: int = 1, gpus: int = 0, profile: Path | None = None, retry: bool = False
) -> None:
    """Run the cells of a sweep and print their states.

    Parameters
    ----------
    place : SweepFolder
        Of the sweep.
    at_once, gpus, profile, retry
        As :func:`assocmem.experiments.sweep.engine.run_sweep` takes them.

    Raises
    ------
    CellsWithoutRecordError
        Where some cell has none at the end.
    """
    from assocmem.experiments.sweep.engine import run_sweep

    with writable(place.path):
        states = run_sweep(place, _say, at_once=at_once, gpus=gpus, profile=profile, retry=retry)
    print_states(states)
    left = [name for name, one in states.items() if one.state != "done"]
    if left:
        raise CellsWithoutRecordError(f"cells without a record: {', '.join(left)}")


def print_states(states: dict[str, CellState]) -> None:
    """Print a line for each cell.

    Parameters
    ----------
    states : dict
        By the name of the cell.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table("cell", "state")
    for name, state in states.items():
        table.add_row(name, str(state))
    Console().print(table)


def print_estimate(sweep: Sweep) -> None:
    """Measure a few updates of each kind of cell, and print what all will take.

    Parameters
    ----------
    sweep : Sweep
        What is to be run.
    """
    from rich.console import Console
    from rich.table import Table

    from assocmem.experiments.sweep.estimate import estimate

    works = estimate(sweep, _say)
    table = Table("cell", "parameters", "updates", "FLOP", "hours", "GB of disk")
    for name, work in works.items():
        if work is None:
            table.add_row(name, "diverges at once", *[""] * 4)
            continue
        numbers = f"{work.flop:.2e}", f"{work.seconds / 3600:.3g}", f"{work.disk / GIGA:.3g}"
        table.add_row(name, f"{work.parameters:,}", f"{work.updates:,}", *numbers)
    whole = [work for work in works.values() if work is not None]
    flop, seconds, disk = (sum(getattr(work, name) for work in whole) for name in ("flop", "seconds", "disk"))
    table.add_row("all, one after another", "", "", f"{flop:.2e}", f"{seconds / 3600:.3g}", f"{disk / GIGA:.3g}")
    Console().print(table)
