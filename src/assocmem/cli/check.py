"""``assocmem check``: recompute verdicts, of the paper's distance or of another.

Exit status 0: all computed verdicts agree with the stored ones; 1: some differ; 2: bad input.
With ``--distance`` the claims are asked of another distance, where differing is the point: 0, or 2 for bad input.
"""

from __future__ import annotations

import importlib
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from assocmem.claims import Claim, Result, UnknownClaimError, claims, survey
from assocmem.claims.evidence import Evidence
from assocmem.claims.locations import check_location, derivation
from assocmem.claims.verdicts import FIXED, KINDS, UNTREATED, decide
from assocmem.cli.shared import fail
from assocmem.theory.exact.distances import NAMED, Distance, as_distance

ERRORS = Console(stderr=True)


def _distance(text: str) -> Distance:
    """The distance of that name, or of ``module:function``, looked up in the current folder too."""
    module, _, function = text.partition(":")
    try:
        if not function:
            return as_distance(text)
        sys.path.insert(0, "")
        return as_distance(getattr(importlib.import_module(module), function))
    except (ValueError, TypeError, ImportError, AttributeError) as error:
        raise fail(ERRORS, f"--distance got {text!r}: {error}") from None


def _print_survey(distance: Distance, ids: list[str] | None) -> None:
    try:
        rows = survey(distance, ids)
    except UnknownClaimError as error:
        raise fail(ERRORS, str(error)) from None
    except TypeError as error:
        raise fail(ERRORS, f"--distance {distance.name}: {error}") from None
    table = Table("claim", "stored", f"with {distance.name}", "why", title="Claims of another distance")
    for row in rows:
        style = None if row.survives else "yellow" if row.verdict == "undecided" else "bold"
        table.add_row(row.id, row.stored, row.verdict, row.reason.replace("[", r"\["), style=style)
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


def _print_findings(console: Console, claim: Claim, evidence: tuple[Evidence, ...]) -> None:
    """Each finding beside the lines that lead to it; one line each, however narrow the terminal, so that paths stay."""

    def say(text: object, indent: int = 2) -> None:
        console.print(" " * indent + str(text), soft_wrap=True, markup=False, highlight=False)

    places = claim.locations()
    say(f"{claim.id}: {claim.title}", 0)
    for place in places.statement:
        say(f"statement  {place}")
    for item in evidence:
        margin = "" if item.finding.margin is None else f" [margin: {item.finding.margin}]"
        say(f"{item.check.kind}: {item.finding.outcome}: {item.finding.text}{margin}")
        for place in check_location(item.check):
            say(f"check      {place}", 4)
        for index, place in enumerate(derivation(item.check)):
            say(f"{'' if index else 'derivation':11}{place}", 4)
    for word in ("mutants", "tests", "page"):
        for place in getattr(places, word):
            say(f"{word:11}{place}")


def check(
    ids: Annotated[list[str] | None, typer.Argument(help="claim ids; all when none is given")] = None,
    kind: Annotated[str | None, typer.Option(help=f"run one kind of check: {', '.join(KINDS)}")] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="print every finding, and where it comes from")
    ] = False,
    distance: Annotated[
        str | None, typer.Option(help=f"ask of another distance: {', '.join(NAMED)}, or module:function")
    ] = None,
    metric: Annotated[str | None, typer.Option(help="the old name of --distance", hidden=True)] = None,
) -> None:
    """Recompute verdicts and compare them with those that the book prints."""
    if kind is not None and kind not in KINDS:
        raise fail(ERRORS, f"--kind got {kind!r}; takes one of {', '.join(KINDS)}")
    if distance is not None and metric is not None:
        raise fail(ERRORS, f"--distance got {distance!r} and --metric, its old name, {metric!r}; takes one of them")
    distance = metric if distance is None else distance
    if distance is not None:
        if kind is not None or verbose:
            raise fail(ERRORS, "--distance prints what decides each claim; it goes with neither --kind nor --verbose")
        _print_survey(_distance(distance), ids or None)
        return
    try:
        chosen = [claims[name] for name in ids] if ids else list(claims.values())
    except UnknownClaimError as error:
        raise fail(ERRORS, str(error)) from None
    table = Table("claim", "title", "stored", "computed", "checks", title="Claims ledger")
    differ, ran, untreated = 0, 0, 0
    shown: list[tuple[Claim, tuple[Evidence, ...]]] = []
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
        if verbose:
            shown.append((claim, result.evidence))
    console = Console(width=None if Console().is_terminal else 140)
    console.print(table)
    for claim, evidence in shown:
        _print_findings(console, claim, evidence)
    console.print(f"{ran} checks ran; {differ} verdicts differ; {untreated} claims not yet treated")
    if differ:
        raise typer.Exit(1)
