"""``assocmem grammar``: the exact entropy of each question grammar, and its corpus as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from assocmem.cli.shared import fail

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command("grammar")
def grammar(
    write: Annotated[Path | None, typer.Option(help="folder for question.train, .dev, .test and .gen")] = None,
    name: Annotated[str, typer.Option(help="which grammar to write")] = "measured",
    seed: Annotated[int, typer.Option(help="seed of the corpus")] = 0,
    train: Annotated[int, typer.Option(help="lines of the training part")] = 100_000,
) -> None:
    """Print the least loss that a language model can have on each grammar, or write one grammar's corpus."""
    from assocmem.language.questions.grammar import VARIANTS
    from assocmem.language.questions.pairs import SIZES, corpus, write_pairs

    errors = Console(stderr=True)
    if name not in VARIANTS:
        raise fail(errors, f"--name got {name!r}; takes one of {', '.join(VARIANTS)}")
    if write is None:
        Console().print(_table())
        return
    try:
        write.mkdir(parents=True, exist_ok=True)
        made = corpus(VARIANTS[name], seed, {**SIZES, "train": train})
        for part, ending in (("train", "train"), ("dev", "dev"), ("test", "test"), ("generalization", "gen")):
            lines = getattr(made, part)
            write_pairs(write / f"question.{ending}", lines)
            Console().print(f"{write / f'question.{ending}'}: {len(lines)} lines")
    except (OSError, ValueError) as error:
        raise fail(errors, str(error)) from None


def _table() -> Table:
    from assocmem.language.questions.entropy import entropy_floor
    from assocmem.language.questions.grammar import VARIANTS, vocabulary

    table = Table(
        "grammar",
        "words",
        "nats per line",
        "tokens per line",
        "nats per token",
        "without the end of line",
        title="Entropy of each grammar",
    )
    for name, law in VARIANTS.items():
        floor = entropy_floor(law)
        numbers = (floor.line, floor.per_token(), floor.per_token(eos=False))
        line, token, bare = (f"{float(value.mid()):.6f}" for value in numbers)
        table.add_row(name, str(len(vocabulary(law))), line, f"{float(floor.tokens):.4f}", token, bare)
    return table
