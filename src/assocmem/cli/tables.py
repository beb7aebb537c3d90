"""Rows as they are asked for: a table for the eye, JSON or CSV for a program."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assocmem.cli.errors import failure

if TYPE_CHECKING:
    from rich.console import Console

FORMS = ("table", "json", "csv")


def chosen_form(as_json: bool, as_csv: bool, **others: bool) -> str:
    """Which of ``FORMS`` the options ask for.

    Parameters
    ----------
    as_json, as_csv : bool
        Whether ``--json`` and ``--csv`` are given.
    **others : bool
        Options that only a table goes with, by name, and whether they are given.

    Returns
    -------
    str
        One of ``FORMS``.

    Raises
    ------
    typer.Exit
        For two forms, or a form with what does not go with it.
    """
    if as_json and as_csv:
        raise failure("--json and --csv are given; takes one of them")
    form = "json" if as_json else "csv" if as_csv else "table"
    for name, given in others.items():
        if given and form != "table":
            raise failure(f"--{form} goes without --{name}, which is for the eye")
    return form


def print_rows(form: str, rows: Sequence[Mapping[str, Any]], **head: Any) -> None:
    """Print rows as JSON, under ``rows`` beside what else is said, or as CSV with a line of names.

    Parameters
    ----------
    form : {'json', 'csv'}
        Which.
    rows : Sequence[Mapping]
        Each with the same names.
    **head : Any
        What JSON says beside them.
    """
    if form == "json":
        print(json.dumps({**head, "rows": rows}, indent=1, ensure_ascii=False))
    elif rows:
        writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def console() -> Console:
    """A console as wide as the terminal, or wide enough for a line where there is none."""
    from rich.console import Console

    return Console(width=None if Console().is_terminal else 140)
