"""``assocmem attention``: measure how far the attention of a language model is from nearest-neighbor search."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assocmem.cli.errors import make_writable
from assocmem.cli.options import takes_settings
from assocmem.experiments.attention.config import AttentionSearch, configure

if TYPE_CHECKING:
    from rich.table import Table

    from assocmem.experiments.records import Record

SHOWN = (
    "nearest",
    "foreign_keys",
    "random_queries",
    "untrained",
    "chance",
    "angle",
    "random_angle",
    "centered",
    "rank",
    "nearest_weight",
    "effective_keys",
    "kl_nats",
    "total_variation",
)


@takes_settings(AttentionSearch, configure)
def attention(
    settings: AttentionSearch,
    scale: Annotated[str, typer.Option(help="smoke (seconds), local (minutes) or paper (GPT-2 medium)")] = "smoke",
    out: Annotated[
        Path, typer.Option(help="folder of the record, below the current one unless it is a full path")
    ] = Path("results"),
) -> None:
    """Measure every head of a causal language model on real text and write a record.

    The table compares attention with what a memory of distances would do: "distance attention" is the softmax of minus
    the squared distances of query and keys, which is attention without its preference for long keys.
    """
    from rich.console import Console

    from assocmem.experiments.attention.run import run
    from assocmem.experiments.records import write

    make_writable(out)
    console = Console(stderr=True)
    record = run(settings, lambda line: console.print(line, style="dim", soft_wrap=True))
    Console().print(_table(record))
    Console().print(f"record: {write(record, out)}")


def _table(record: Record) -> Table:
    from rich.table import Table

    from assocmem.experiments.attention.report import texts

    table = Table("measure", "mean over heads", f"95% over {texts(record)} texts", "what it is", title=record.name)
    for name in SHOWN:
        measure = record.summary[name]
        interval = f"{measure['low']:.3f} to {measure['high']:.3f}"
        table.add_row(name, f"{measure['mean']:.3f}", interval, record.summary["meaning"][name])
    return table
