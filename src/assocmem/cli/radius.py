"""``assocmem radius``: nearest-neighbor distances between the activations of a language model, with controls."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assocmem.cli.errors import writable
from assocmem.cli.options import takes_settings
from assocmem.cli.progress import tracked
from assocmem.experiments.radius.config import RadiusRun, configure

if TYPE_CHECKING:
    from rich.console import Console

    from assocmem.experiments.records import Record


@takes_settings(RadiusRun, configure)
def radius(
    settings: RadiusRun,
    scale: Annotated[str, typer.Option(help="smoke (seconds), local (minutes) or paper (GPT-2 medium)")] = "smoke",
    out: Annotated[
        Path, typer.Option(help="folder of the record, below the current one unless it is a full path")
    ] = Path("results"),
) -> None:
    """Capture activations of a causal language model, a vector a chunk of text, and measure their distances.

    All layers come from one pass through the model, each before its head. Vectors are kept in shards of a folder; the
    same command goes on where it was cut off. The record has distances of every layer with their intervals, subsets,
    controls, the dimension of the cloud, and what each rule decides.

    Examples:

    assocmem radius --scale local

    assocmem radius --scale local --model smollm2 --data my_text.txt
    """
    from rich.console import Console

    from assocmem.experiments.radius.run import run
    from assocmem.experiments.records import write

    console = Console(stderr=True)

    def report(line: str) -> None:
        console.print(line, style="dim", soft_wrap=True)

    with writable(out):
        record = run(settings, report, partial(tracked, console, "shard"))
        if record is not None:
            _print(record, Console())
            Console().print(f"record: {write(record, out)}", soft_wrap=True)


def _print(record: Record, console: Console) -> None:
    """Distances, controls and decisions, and what has to be known beside them."""
    from rich.table import Table

    from assocmem.experiments.radius import report

    for title, made in report.tables(record).items():
        table = Table(*made.head, title=title)
        for row in made.rows:
            table.add_row(*row)
        console.print(table)
    for note in report.notes(record):
        console.print(note)
