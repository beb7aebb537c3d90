"""``assocmem attention``: measure how far the attention of a language model is from nearest-neighbor search."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from assocmem.cli.shared import check_folder, fail
from assocmem.experiments.attention.report import texts
from assocmem.experiments.records import Record, write

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
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


@app.command("attention")
def attention(
    scale: Annotated[str, typer.Option(help="smoke (seconds), local (minutes) or paper (GPT-2 medium)")] = "smoke",
    model: Annotated[str | None, typer.Option(help="folder or hub id; the book's own model by default")] = None,
    revision: Annotated[str | None, typer.Option(help="commit of a model of the hub")] = None,
    text: Annotated[Path | None, typer.Option(help="text file, documents separated by <|endoftext|>")] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1, mps")] = "cpu",
    seed: Annotated[list[int] | None, typer.Option(help="seed of book and null models; may be repeated")] = None,
    length: Annotated[int | None, typer.Option(help="tokens of each text")] = None,
    out: Annotated[Path, typer.Option(help="folder of the record")] = Path("results"),
) -> None:
    """Measure every head of a causal language model on real text and write a record."""
    from dataclasses import replace

    from assocmem.experiments.attention.run import SCALES, run

    console = Console(stderr=True)
    if scale not in SCALES:
        raise fail(console, f"--scale got {scale!r}; takes one of {', '.join(SCALES)}")
    asked: dict[str, Any] = {"model": model, "length": length, "seeds": tuple(seed) if seed else None}
    given = {name: value for name, value in asked.items() if value is not None}
    try:
        check_folder(out)
        config = replace(SCALES[scale], revision=revision, text=text, device=device, **given)
        record = run(config, lambda line: console.print(line, style="dim", soft_wrap=True))
    except (OSError, ValueError, RuntimeError) as error:
        raise fail(console, str(error)) from None
    Console().print(_table(record))
    Console().print(f"record: {write(record, out)}")


def _table(record: Record) -> Table:
    table = Table("measure", "mean over heads", f"95% over {texts(record)} texts", "what it is", title=record.name)
    for name in SHOWN:
        found = record.summary[name]
        interval = f"{found['low']:.3f} to {found['high']:.3f}"
        table.add_row(name, f"{found['mean']:.3f}", interval, record.summary["meaning"][name])
    return table
