"""The ``assocmem`` command: a thin face over the ledger and the experiments, one file a command.

Exit status 0: done, and for ``check`` all computed verdicts agree with the stored ones; 1: some differ; 2: bad input.
"""

from __future__ import annotations

import typer

from assocmem.cli.attention import attention
from assocmem.cli.balance import balance
from assocmem.cli.check import check
from assocmem.cli.grammar import grammar
from assocmem.cli.questions import questions
from assocmem.cli.train import train

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
for command in (attention, balance, check, grammar, questions, train):
    app.command(command.__name__)(command)


@app.callback()
def face() -> None:
    """An executable, machine-checked book on transformers as associative memories."""


def main() -> None:
    """Entry point of the console script."""
    app()
