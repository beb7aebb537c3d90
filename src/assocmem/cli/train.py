"""``assocmem train``: train a causal language model on one's own text, model and devices."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assocmem.cli.errors import writable
from assocmem.cli.options import takes_settings
from assocmem.experiments.training.config import TrainingRun, configure
from assocmem.language.training.ranks import is_first_process

if TYPE_CHECKING:
    from rich.table import Table

    from assocmem.experiments.records import Record


@takes_settings(TrainingRun, configure)
def train(
    settings: TrainingRun,
    scale: Annotated[str, typer.Option(help="preset: smoke (seconds), local (minutes) or paper (a GPU)")] = "smoke",
    out: Annotated[Path, typer.Option(help="folder of the record and the run with its model")] = Path("runs"),
    tokens: Annotated[Path | None, typer.Option(help="folder for token files; the cache if not given")] = None,
) -> None:
    """Train a causal language model from fresh weights and report its held-out loss, also in bits per byte.

    The same command goes on where a run was cut off. On several GPUs: torchrun --nproc-per-node=N -m assocmem train ...
    A part of the text is held out by document (by a hash of its text; of a single document, the tail).
    Rows of --context tokens overlap by one, so that each token is predicted once in a pass.
    Nothing is fetched unless gutenberg:NUMBERS or --download asks for it.

    Examples:

    assocmem train --scale local --data my_texts/ --layers 6 --width 256 --heads 4

    assocmem train --data stories.jsonl --schedule constant_with_warmup --patience 5 --evaluate-every 100
    """
    from rich.console import Console

    from assocmem.experiments.records import write
    from assocmem.experiments.training.run import run

    console = Console(stderr=True)

    def report(line: str) -> None:
        if is_first_process():
            console.print(line, style="dim", soft_wrap=True, highlight=False)

    with writable(out):
        record = run(settings, report, out=out, tokens=tokens, progress=console.is_terminal)
        if is_first_process():
            Console().print(_table(record))
            Console().print(f"model: {out / record.name / 'model'}", soft_wrap=True)
            Console().print(f"record: {write(record, out)}", soft_wrap=True)


def _table(record: Record) -> Table:
    from rich.table import Table

    table = Table("measure", "value", title=record.name)
    summary = record.summary
    rows = [
        ("held-out loss, nats per token", summary["held_out_nats"], ".4f"),
        ("the same, bits per byte of text", summary["bits_per_byte"], ".4f"),
        ("entropy of the grammar, nats per token", summary["floor_nats"], ".4f"),
        ("training loss, nats per token", summary["last_loss_nats"], ".4f"),
        ("tokens trained on till the held-out loss was least", summary["least_at"]["tokens"], ",d"),
        ("parameters", summary["parameters"], ",d"),
        ("tokens per word", summary["tokens_per_word"], ".3g"),
        ("passes over the training rows", summary["passes"], ".3g"),
        ("tokens per second", summary["tokens_per_second"], ",.0f"),
        ("model FLOP utilization", summary["mfu"], ".1%"),
    ]
    for name, value, form in rows:
        if value is not None:
            table.add_row(name, format(value, form))
    return table
