"""``assocmem questions``: train plain decoders on question grammars and set their loss against the exact entropy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assocmem.cli.errors import make_writable
from assocmem.cli.options import takes_settings
from assocmem.experiments.question_formation.config import QuestionFormation, configure
from assocmem.language.training.ranks import is_first_process

if TYPE_CHECKING:
    from rich.table import Table

    from assocmem.experiments.records import Record


@takes_settings(QuestionFormation, configure)
def questions(
    settings: QuestionFormation,
    task: Annotated[str, typer.Option(help="plateau (Figure 2, bottom left) or memorization")] = "plateau",
    scale: Annotated[str, typer.Option(help="smoke (seconds), local (hours of one core) or paper (a GPU)")] = "smoke",
    runs: Annotated[Path | None, typer.Option(help="folder of the runs; the cache by default")] = None,
    out: Annotated[
        Path, typer.Option(help="folder of the record, below the current one unless it is a full path")
    ] = Path("results"),
) -> None:
    """Train, or go on with training, and write a record; finished runs are not repeated.

    With --device cpu there is float32 and no compilation unless they are named; with --steps at most a tenth of them is
    warmup unless that is named.
    """
    from rich.console import Console

    from assocmem.experiments.question_formation.run import run
    from assocmem.experiments.records import write

    make_writable(out)
    console = Console(stderr=True)
    record = run(
        settings,
        lambda line: console.print(line, style="dim", soft_wrap=True),
        folder=runs,
        progress=console.is_terminal,
    )
    if is_first_process():
        Console().print(_table(record))
        Console().print(f"record: {write(record, out)}")


def _table(record: Record) -> Table:
    from rich.table import Table

    table = Table(
        "grammar",
        "lines",
        "layers",
        "seeds",
        "training loss",
        "held-out loss",
        "entropy",
        "by heart",
        title="Nats per token, mean and standard deviation over seeds",
    )
    floors = {(row["grammar"], row["lines"]): row for row in record.summary["floors"]}
    for group in record.summary["groups"]:
        floor = floors[group["grammar"], group["lines"]]
        losses = (_spread(group, name) for name in ("plateau", "held_out"))
        table.add_row(
            group["grammar"],
            *(str(group[name]) for name in ("lines", "layers", "seeds")),
            *losses,
            f"{floor['entropy']:.3f}",
            f"{floor['memorization']:.3f}",
        )
    return table


def _spread(group: dict[str, Any], name: str) -> str:
    spread = group[f"{name}_sd"]
    return f"{group[name]:.3f}" + ("" if spread is None else f" ± {spread:.3f}")
