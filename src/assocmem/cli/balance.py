"""``assocmem balance``: how many parameters each law of chapter 7 recommends."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from assocmem.cli.shared import fail
from assocmem.theory.balance.planner import Shape, laws, local_exponent
from assocmem.theory.balance.table_three import CONTEXT, LAYERS

ERRORS = Console(stderr=True)


def balance(
    tokens: Annotated[float, typer.Option(help="training tokens D, such as 1.4e12")],
    context: Annotated[int, typer.Option(help="tokens of a sequence, T_max")] = CONTEXT,
    layers: Annotated[int, typer.Option(help="layers l, where a law holds the depth fixed")] = LAYERS,
    factor: Annotated[float, typer.Option(help="A of equation (2), where a law holds the depth fixed")] = 12.0,
    aspect: Annotated[float, typer.Option(help="A l d_emb/T_max, where a law holds it fixed")] = Shape().aspect,
) -> None:
    """How many parameters each law of chapter 7 recommends for a number of tokens, and its exponent there."""
    if not tokens <= 1e30:
        raise fail(ERRORS, f"--tokens got {tokens}; takes a number of tokens up to 1e30")
    try:
        shape = Shape(context, layers, factor, aspect)
        table = Table("law", "parameters N", "N grows like D^p, p =", title=f"{tokens:.4g} tokens")
        for name, law in laws(shape).items():
            table.add_row(name, f"{float(law(tokens)):.4g}", f"{float(local_exponent(law, tokens)):.2f}")
    except (ValueError, OverflowError) as error:
        raise fail(ERRORS, str(error)) from None
    console = Console(width=None if Console().is_terminal else 140)
    console.print(table)
    console.print("The laws disagree by orders of magnitude; chapter 7 says what each rests on.", style="dim")
