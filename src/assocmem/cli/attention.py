"""``assocmem attention``: measure how far the attention of a language model is from nearest-neighbor search."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assocmem.cli.errors import writable
from assocmem.cli.options import takes_settings
from assocmem.cli.progress import tracked
from assocmem.experiments.attention.config import AttentionSearch, configure

if TYPE_CHECKING:
    from rich.console import Console

    from assocmem.experiments.records import Record


@takes_settings(AttentionSearch, configure)
def attention(
    settings: AttentionSearch,
    scale: Annotated[str, typer.Option(help="smoke (seconds), local (minutes) or paper (GPT-2 medium)")] = "smoke",
    out: Annotated[
        Path, typer.Option(help="folder of the record, below the current one unless it is a full path")
    ] = Path("results"),
) -> None:
    """Measure every head of a causal language model on real text and write a record.

    The tables have every measure with and without the first position, which many heads attend to when they have nothing
    to look for, and what it is compared with: other keys, random queries, fresh weights. Texts are measured one by one,
    layer by layer, so memory beside the model does not grow with their number.

    Examples:

    assocmem attention --scale local

    assocmem attention --model gpt2 --revision 607a30d783dfa663caf39e06633721c8d4cfcd7e --text my_text.txt
    """
    from rich.console import Console

    from assocmem.experiments.attention.run import run
    from assocmem.experiments.records import write

    console = Console(stderr=True)

    def report(line: str) -> None:
        console.print(line, style="dim", soft_wrap=True)

    with writable(out):
        record = run(settings, report, partial(tracked, console, "text"))
        _print(record, Console())
        Console().print(f"record: {write(record, out)}", soft_wrap=True)


def _print(record: Record, console: Console) -> None:
    """The comparison, all measures, the counts of heads, and what has to be known beside them."""
    from rich.table import Table

    from assocmem.experiments.attention import report

    parts = ("nearest", "smallest angle", "nearest, mean key off")
    heads = [words for part in parts for words in (part, f"{part}, without the first")]
    table = Table("heaviest key is the", *heads, title=f"{record.name}: share of queries, mean over heads")
    for row in report.compared(record):
        table.add_row(*row)
    console.print(table)
    over = f"95% over {report.texts(record)} texts"
    table = Table("measure", "mean over heads", over, "without the first position", "in the record")
    for line in report.shown(record):
        table.add_row(*line)
    console.print(table)
    for words, many in report.counts(record):
        console.print(f"{words}: {many}", soft_wrap=True)
    for note in report.notes(record):
        console.print(note)
