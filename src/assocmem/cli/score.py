"""``assocmem score``: whether a trained model forms questions as their grammar does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assocmem.cli.options import one_line_errors


def score(
    model: Annotated[Path, typer.Argument(help="folder of a model trained on questions, with its tokenizer")],
    file: Annotated[Path, typer.Argument(help="sentences with their targets, such as question.gen")],
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1, mps")] = "cpu",
    batch: Annotated[int, typer.Option(help="lines that are read at once", min=1)] = 64,
) -> None:
    """How often a trained model forms the question of a sentence, word by word and as a whole.

    The file is one of the Question-Formation task. On its generalization part, whose sentences have a relative clause
    before the main verb, the first word says which auxiliary the model moves: that of the main clause, or the first.

    Examples:

    assocmem score runs/train-questions-measured-gpt2-1a2b3c4d/model question.gen

    assocmem score model question.test --device cuda
    """
    with one_line_errors([], ["model", "file", "device", "batch"]):
        from rich.console import Console
        from rich.table import Table

        from assocmem.language.machine import check_device
        from assocmem.language.questions.scoring import read_examples
        from assocmem.language.questions.scoring import score as scores

        check_device(device)
        examples = read_examples(file)
        trained, words = _opened(model)
        table = Table("task", "lines", "first word right", "first auxiliary first", "all words right", title=file.name)
        for task, one in scores(trained.to(device), words, examples, batch=batch).items():
            shares = (one.first_word, one.first_in_sentence, one.whole)
            table.add_row(task, f"{one.lines:,}", *(f"{share:.1%}" for share in shares))
        Console().print(table)


def _opened(folder: Path):  # type: ignore[no-untyped-def]  # Transformers is imported when it is needed.
    """Model and tokenizer of a folder; no code in it is run."""
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    import assocmem.language.models.openelm  # noqa: F401  # Makes the architecture known.
    from assocmem.language.silenced_transformers import silenced_transformers

    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise ValueError(f"model got {folder}, which has no {name}; takes the folder model of a finished run")
    with silenced_transformers():
        model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        return model, PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
