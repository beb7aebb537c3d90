"""The ``assocmem`` command: a thin face over the ledger and the experiments.

Exit status 0: all computed verdicts agree with the stored ones; 1: some differ; 2: bad input.
With ``--metric`` the claims are asked of another distance, where differing is the point: 0, or 2 for bad input.
"""

from __future__ import annotations

import importlib
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from assocmem.claims import Claim, Result, UnknownClaimError, claims, survey
from assocmem.claims.model import FIXED, KINDS, UNTREATED, decide
from assocmem.cli.attention import attention
from assocmem.cli.grammar import grammar
from assocmem.cli.questions import questions
from assocmem.cli.train import train
from assocmem.theory.balance.planner import Shape, laws, local_exponent
from assocmem.theory.balance.table_three import CONTEXT, LAYERS
from assocmem.theory.exact.distances import NAMED, Distance, as_distance

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
app.command("attention")(attention)
app.command("grammar")(grammar)
app.command("questions")(questions)
app.command("train")(train)


def _fail(message: str) -> typer.Exit:
    Console(stderr=True).print(f"assocmem: {message}", style="red", highlight=False, soft_wrap=True)
    return typer.Exit(2)


def _metric(text: str) -> Distance:
    """The distance of a named metric, or of ``module:function``, looked up in the current folder too."""
    module, _, function = text.partition(":")
    try:
        if not function:
            return as_distance(text)
        sys.path.insert(0, "")
        return as_distance(getattr(importlib.import_module(module), function))
    except (ValueError, TypeError, ImportError, AttributeError) as error:
        raise _fail(f"--metric got {text!r}: {error}") from None


def _print_survey(distance: Distance, ids: list[str] | None) -> None:
    try:
        rows = survey(distance, ids)
    except UnknownClaimError as error:
        raise _fail(str(error)) from None
    except TypeError as error:
        raise _fail(f"--metric {distance.name}: {error}") from None
    table = Table("claim", "stored", f"with {distance.name}", "found", title="Claims of another distance")
    for row in rows:
        style = None if row.survives else "yellow" if row.verdict == "undecided" else "bold"
        table.add_row(row.id, row.stored, row.verdict, row.found.replace("[", r"\["), style=style)
    fixed = [name for name in ids or () if not claims[name].takes_distance]
    for name in fixed:
        table.add_row(name, claims[name].verdict, FIXED, "", style="dim")
    console = Console(width=None if Console().is_terminal else 140)
    console.print(table)
    same, open_ = sum(r.survives for r in rows), sum(r.verdict == "undecided" for r in rows)
    console.print(
        f"{len(rows)} claims can be asked: {same} keep their verdict, {open_} undecided, "
        f"{len(rows) - same - open_} change it"
    )


def _judged(claim: Claim, result: Result, kind: str | None) -> tuple[bool, str]:
    """Whether the computed verdict differs from the stored one, and how it is printed.

    One kind alone need not force the verdict; it must only not contradict it.
    """
    if kind is None:
        return not result.agrees, result.verdict
    pool = [(e.check.kind, e.finding) for e in claim.check().evidence]
    return decide(pool) != claim.verdict, f"{result.verdict} ({kind} alone)"


@app.callback()
def face() -> None:
    """An executable, machine-checked book on transformers as associative memories."""


@app.command("check")
def check_command(
    ids: Annotated[list[str] | None, typer.Argument(help="claim ids; all when none is given")] = None,
    kind: Annotated[str | None, typer.Option(help=f"run one kind of check: {', '.join(KINDS)}")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="print every finding")] = False,
    metric: Annotated[
        str | None, typer.Option(help=f"ask of another distance: {', '.join(NAMED)}, or module:function")
    ] = None,
) -> None:
    """Recompute verdicts and compare them with those that the book prints."""
    if kind is not None and kind not in KINDS:
        raise _fail(f"--kind got {kind!r}; takes one of {', '.join(KINDS)}")
    if metric is not None:
        if kind is not None or verbose:
            raise _fail("--metric prints what decides each claim; it goes with neither --kind nor --verbose")
        _print_survey(_metric(metric), ids or None)
        return
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
        bad, computed = _judged(claim, result, kind)
        differ += bad
        table.add_row(
            claim.id,
            claim.title,
            claim.verdict,
            computed,
            str(len(result.evidence)),
            style="bold red" if bad else None,
        )
        for item in result.evidence if verbose else ():
            margin = "" if item.finding.margin is None else f" [margin: {item.finding.margin}]"
            text = f"{item.check.kind}: {item.finding.outcome}: {item.finding.text}{margin}"
            table.add_row("", text.replace("[", r"\["), "", "", "", style="dim")
    console = Console(width=None if Console().is_terminal else 140)
    console.print(table)
    console.print(f"{ran} checks ran; {differ} verdicts differ; {untreated} claims not yet treated")
    if differ:
        raise typer.Exit(1)


@app.command()
def balance(
    tokens: Annotated[float, typer.Option(help="training tokens D, such as 1.4e12")],
    context: Annotated[int, typer.Option(help="tokens of a sequence, T_max")] = CONTEXT,
    layers: Annotated[int, typer.Option(help="layers l, where a law holds the depth fixed")] = LAYERS,
    factor: Annotated[float, typer.Option(help="A of equation (2), where a law holds the depth fixed")] = 12.0,
    aspect: Annotated[float, typer.Option(help="A l d_emb/T_max, where a law holds it fixed")] = Shape().aspect,
) -> None:
    """How many parameters each law of chapter 7 recommends for a number of tokens, and its exponent there."""
    if not tokens <= 1e30:
        raise _fail(f"--tokens got {tokens}; takes a number of tokens up to 1e30")
    try:
        shape = Shape(context, layers, factor, aspect)
        table = Table("law", "parameters N", "N grows like D^p, p =", title=f"{tokens:.4g} tokens")
        for name, law in laws(shape).items():
            table.add_row(name, f"{float(law(tokens)):.4g}", f"{float(local_exponent(law, tokens)):.2f}")
    except (ValueError, OverflowError) as error:
        raise _fail(str(error)) from None
    console = Console(width=None if Console().is_terminal else 140)
    console.print(table)
    console.print("The laws disagree by orders of magnitude; chapter 7 says what each rests on.", style="dim")


def main() -> None:
    """Entry point of the console script."""
    app()
