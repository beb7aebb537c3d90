"""``assocmem questions``: train plain decoders on question grammars and set their loss against the exact entropy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assocmem.cli.errors import writable
from assocmem.cli.options import takes_settings
from assocmem.experiments.question_formation.config import QuestionFormation, configure

if TYPE_CHECKING:
    from rich.table import Table

    from assocmem.experiments.records import Record


@takes_settings(QuestionFormation, configure)
def questions(
    settings: QuestionFormation,
    task: Annotated[str, typer.Option(help="plateau (Figure 2, bottom left) or memorization")] = "plateau",
    scale: Annotated[str, typer.Option(help="smoke (seconds), local (hours of one core) or paper (a GPU)")] = "smoke",
    runs: Annotated[Path | None, typer.Option(help="folder of the runs; the cache by default")] = None,
    out: Annotated[Path, typer.Option(help="folder of the record, below the current one unless it is a full path")] = (
        Path("results")
    ),
    at_once: Annotated[int, typer.Option(help="how many models are trained at once", min=1)] = 1,
    gpus: Annotated[int, typer.Option(help="GPUs of this machine, one a model; 0: models take what they find")] = 0,
    retry: Annotated[bool, typer.Option("--retry", help="train models again that have failed")] = False,
    list_: Annotated[bool, typer.Option("--list", help="print the models with their states, and stop")] = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="measure a few updates, print the cost, stop")] = False,
) -> None:
    """Train, or go on with training, and write a record; finished runs are not repeated.

    It is a sweep with a cell for each model, so that one that diverges stops no other; see assocmem sweep.
    With --device cpu there is float32 and no compilation unless they are named; with --steps at most a tenth of them is
    warmup unless that is named.

    Examples:

    assocmem questions --scale local --estimate

    assocmem questions --scale local --seeds 0 --seeds 1 --at-once 2
    """
    from rich.console import Console

    from assocmem.cli.sweep import print_estimate, print_states, run_cells
    from assocmem.experiments.records import write
    from assocmem.experiments.sweep.questions import question_folder, question_record

    place = question_folder(settings, runs)
    if list_:
        print_states(place.states())
    elif estimate:
        print_estimate(place.sweep)
    else:
        with writable(out):
            run_cells(place, at_once=at_once, gpus=gpus, retry=retry)
            record = question_record(place, settings)
            if record is not None:
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
