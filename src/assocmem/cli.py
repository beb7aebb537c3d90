"""The ``assocmem`` command: a thin face over the ledger.

Exit status 0: all computed verdicts agree with the stored ones; 1: some differ; 2: bad input.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from assocmem.claims import UnknownClaimError, claims
from assocmem.claims.model import KINDS, UNTREATED, decide

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)


def _fail(message: str) -> typer.Exit:
    Console(stderr=True).print(f"assocmem: {message}", style="red", highlight=False, soft_wrap=True)
    return typer.Exit(2)


@app.callback()
def face() -> None:
    """An executable, machine-checked book on transformers as associative memories."""


@app.command("check")
def check_command(
    ids: Annotated[list[str] | None, typer.Argument(help="claim ids; all when none is given")] = None,
    kind: Annotated[str | None, typer.Option(help=f"run one kind of check: {', '.join(KINDS)}")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="print every finding")] = False,
) -> None:
    """Recompute verdicts and compare them with those that the book prints."""
    if kind is not None and kind not in KINDS:
        raise _fail(f"--kind got {kind!r}; takes one of {', '.join(KINDS)}")
    try:
        chosen = [claims[name] for name in ids] if ids else list(claims.values())
    except UnknownClaimError as error:
        raise _fail(str(error)) from None
    table = Table("claim", "title", "stored", "computed", "checks", title="Claims ledger")
    differ, ran, untreated = 0, 0, 0
    for claim in chosen:
        if claim.verdict == UNTREATED and not claim.checks:
            untreated += 1
            if ids:
                table.add_row(claim.id, claim.title, claim.verdict, "-", "0")
            continue
        result = claim.check(kinds=KINDS if kind is None else (kind,))
        if kind is not None and not result.evidence:
            continue
        ran += len(result.evidence)
        # One kind alone need not force the verdict; it must only not contradict it.
        if kind is None:
            bad, computed = not result.agrees, result.verdict
        else:
            pool = [(e.check.kind, e.finding) for e in claim.check().evidence]
            bad, computed = decide(pool) != claim.verdict, f"{result.verdict} ({kind} alone)"
        differ += bad
        table.add_row(
            claim.id, claim.title, claim.verdict, computed, str(len(result.evidence)),
            style="bold red" if bad else None,
        )  # fmt: skip
        if verbose:
            for item in result.evidence:
                margin = "" if item.finding.margin is None else f" [margin: {item.finding.margin}]"
                text = f"{item.check.kind}: {item.finding.outcome}: {item.finding.text}{margin}"
                table.add_row("", text.replace("[", r"\["), "", "", "", style="dim")
    console = Console(width=None if Console().is_terminal else 140)
    console.print(table)
    console.print(f"{ran} checks ran; {differ} verdicts differ; {untreated} claims not yet treated")
    if differ:
        raise typer.Exit(1)


def main() -> None:
    """Entry point of the console script."""
    app()
