"""``assocmem questions``: train plain decoders on question grammars and set their loss against the exact entropy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from assocmem.cli.shared import check_folder, fail
from assocmem.experiments.ranks import is_first

if TYPE_CHECKING:
    from assocmem.experiments.records import Record

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command("questions")
def questions(
    task: Annotated[str, typer.Option(help="plateau (Figure 2, bottom left) or memorization")] = "plateau",
    scale: Annotated[str, typer.Option(help="smoke (seconds), local (hours of one core) or paper (a GPU)")] = "smoke",
    grammar: Annotated[list[str] | None, typer.Option(help="grammar; may be repeated (see assocmem grammar)")] = None,
    depth: Annotated[list[int] | None, typer.Option(help="layers; may be repeated")] = None,
    lines: Annotated[list[int] | None, typer.Option(help="lines of the training file; may be repeated")] = None,
    seed: Annotated[list[int] | None, typer.Option(help="seed; may be repeated")] = None,
    steps: Annotated[int | None, typer.Option(help="updates of each run")] = None,
    device: Annotated[str | None, typer.Option(help="cpu or cuda; on the cpu float32 and no compilation")] = None,
    files: Annotated[Path | None, typer.Option(help="folder with the published question.train and .dev")] = None,
    runs: Annotated[Path | None, typer.Option(help="folder of the runs; the cache by default")] = None,
    out: Annotated[Path, typer.Option(help="folder of the record")] = Path("results"),
) -> None:
    """Train, or go on with training, and write a record; finished runs are not repeated."""
    from assocmem.experiments.question_formation.run import TASKS, run
    from assocmem.experiments.records import write

    console = Console(stderr=True)
    if task not in TASKS:
        raise fail(console, f"--task got {task!r}; takes one of {', '.join(TASKS)}")
    if scale not in TASKS[task]:
        raise fail(console, f"--scale got {scale!r}; takes one of {', '.join(TASKS[task])}")
    asked: dict[str, Any] = {"grammars": grammar, "depths": depth, "lines": lines, "seeds": seed}
    given: dict[str, Any] = {name: tuple(values) for name, values in asked.items() if values}
    config = TASKS[task][scale]
    try:
        check_folder(out)
        plan = config.training if device is None else replace(config.training, device=device)
        if device == "cpu":
            plan = replace(plan, precision="float32", compile=False)
        if steps is not None:
            plan = replace(plan, steps=steps, warmup=min(plan.warmup, steps // 10))
        config = replace(config, training=plan, files=files, **given)
        record = run(
            config,
            lambda line: console.print(line, style="dim", soft_wrap=True),
            folder=runs,
            progress=console.is_terminal,
        )
        if is_first():
            Console().print(_table(record))
            Console().print(f"record: {write(record, out)}")
    except (OSError, ValueError, ArithmeticError, RuntimeError) as error:
        raise fail(console, str(error)) from None


def _table(record: Record) -> Table:
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
