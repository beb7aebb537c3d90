"""``assocmem grammar``: the exact entropy of each question grammar, and its corpus as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assocmem.cli.errors import writable
from assocmem.cli.options import takes_settings
from assocmem.settings import Whole, read, setting, settings_class

if TYPE_CHECKING:
    from rich.table import Table

ENDINGS = {"train": "train", "dev": "dev", "test": "test", "generalization": "gen"}
"""Of the files of a corpus, by part."""


@settings_class()
class QuestionCorpus:
    """The corpus that is written. A call raises ValueError that begins with the name of the setting."""

    name: Annotated[str, setting("which grammar to write")] = "measured"
    seed: Annotated[Whole, setting("of the corpus")] = 0
    train: Annotated[Whole, setting("lines of the training part", ge=0)] = 100_000

    def fit_together(self) -> None:
        """Check the name.

        Raises
        ------
        ValueError
            For a grammar that there is not.
        """
        from assocmem.language.questions.grammar import VARIANTS

        if self.name not in VARIANTS:
            raise ValueError(f"name got {self.name!r}; takes one of {', '.join(VARIANTS)}")


def configure(overrides: Mapping[str, Any]) -> QuestionCorpus:
    """The settings of a corpus.

    Parameters
    ----------
    overrides : Mapping
        Values by the name of the setting.

    Returns
    -------
    QuestionCorpus
        The settings, checked.
    """
    return read(QuestionCorpus, {}, overrides)


@takes_settings(QuestionCorpus, configure)
def grammar(
    settings: QuestionCorpus,
    write: Annotated[Path | None, typer.Option(help="folder for question.train, .dev, .test and .gen")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="files of these names may be replaced")] = False,
) -> None:
    """Print the least loss that a language model can have on each grammar, or write one grammar's corpus.

    Examples:

    assocmem grammar

    assocmem grammar --name "two words" --train 20000 --write data/two-words

    Raises
    ------
    ValueError
        Where the folder has files of these names.
    """
    from rich.console import Console

    from assocmem.language.questions.grammar import VARIANTS
    from assocmem.language.questions.pairs import SIZES, corpus, write_pairs

    if write is None:
        Console().print(_table())
        return
    files = {part: write / f"question.{ending}" for part, ending in ENDINGS.items()}
    there = [path.name for path in files.values() if path.exists()]
    if there and not overwrite:
        raise ValueError(f"write got {write}, which has {', '.join(there)}; take another folder or give --overwrite")
    parts = corpus(VARIANTS[settings.name], settings.seed, {**SIZES, "train": settings.train})
    with writable(write):
        for part, path in files.items():
            lines = getattr(parts, part)
            write_pairs(path, lines)
            Console().print(f"{path}: {len(lines)} lines")


def _table() -> Table:
    from rich.table import Table

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
