"""``assocmem check``: recompute verdicts, of the paper's distance or of another.

Exit status 0: all computed verdicts agree with the stored ones; 1: some differ; 2: bad input.
With ``--distance`` the claims are asked of another distance, where differing is the point: 0, or 2 for bad input.
The ledger is imported when it is asked, because sympy takes a moment to load.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from assocmem.cli.errors import failure

if TYPE_CHECKING:
    from rich.console import Console

    from assocmem.claims import Claim, Evidence, Result
    from assocmem.theory.exact.distances import Distance

KINDS_HELP = "run one kind of check: symbolic, certified, search, measured, argument"
DISTANCE_HELP = "ask of another distance: sqeuclidean, l1, euclidean, linf, or module:function"


def _distance(text: str) -> Distance:
    """The distance of that name, or of ``module:function``, looked up in the current folder too."""
    import importlib

    from assocmem.theory.exact.distances import as_distance

    module, _, function = text.partition(":")
    try:
        if not function:
            return as_distance(text)
        sys.path.insert(0, "")
        return as_distance(getattr(importlib.import_module(module), function))
    except (ValueError, TypeError, ImportError, AttributeError) as error:
        raise failure(f"--distance got {text!r}: {error}") from None


def _chosen(ids: list[str] | None) -> list[Claim]:
    """The named claims, or all."""
    from assocmem.claims import UnknownClaimError, claims

    try:
        return [claims[name] for name in ids] if ids else list(claims.values())
    except UnknownClaimError as error:
        raise failure(str(error)) from None


def _console() -> Console:
    from rich.console import Console

    return Console(width=None if Console().is_terminal else 140)


def _print_survey(distance: Distance, ids: list[str] | None) -> None:
    from rich.table import Table

    from assocmem.claims import survey
    from assocmem.claims.verdicts import FIXED

    chosen = _chosen(ids)
    try:
        rows = survey(distance, [claim.id for claim in chosen])
    except TypeError as error:
        raise failure(f"--distance {distance.name}: {error}") from None
    table = Table("claim", "stored", f"with {distance.name}", "why", title="Claims of another distance")
    for row in rows:
        style = None if row.survives else "yellow" if row.verdict == "undecided" else "bold"
        table.add_row(row.id, row.stored, row.verdict, row.reason.replace("[", r"\["), style=style)
    for claim in chosen if ids else ():
        if not claim.takes_distance:
            table.add_row(claim.id, claim.verdict, FIXED, "", style="dim")
    console = _console()
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
    from assocmem.claims import decide

    if kind is None:
        return not result.agrees, result.verdict
    pool = [(e.check.kind, e.finding) for e in claim.check().evidence]
    return decide(pool) != claim.verdict, f"{result.verdict} ({kind} alone)"


def _print_findings(console: Console, claim: Claim, evidence: tuple[Evidence, ...]) -> None:
    """Each finding beside the lines that lead to it; one line each, however narrow the terminal, so that paths stay."""
    from assocmem.claims.views.locations import check_location, derivation

    def say(text: object, indent: int = 2) -> None:
        console.print(" " * indent + str(text), soft_wrap=True, markup=False, highlight=False)

    places = claim.locations()
    say(f"{claim.id}: {claim.title}", 0)
    for place in places.statement:
        say(f"statement  {place}")
    if claim.argued:
        say(f"argued: {claim.argued.basis}: {claim.argued.source}: {claim.reason}")
    for item in evidence:
        margin = "" if item.finding.margin is None else f" [margin: {item.finding.margin}]"
        say(f"{item.check.kind}: {item.finding.outcome}: {item.finding.text}{margin}")
        for made in item.finding.derivations:
            for line in str(made).splitlines():
                say(line, 6)
        for place in check_location(item.check):
            say(f"check      {place}", 4)
        for index, place in enumerate(derivation(item.check)):
            say(f"{'' if index else 'derivation':11}{place}", 4)
    for word in ("mutants", "tests", "page"):
        for place in getattr(places, word):
            say(f"{word:11}{place}")


def _print_verdicts(ids: list[str] | None, kind: str | None, verbose: bool) -> int:
    """Print a row for each claim that was treated, with its findings if ``verbose``; the number that differ."""
    from rich.table import Table

    from assocmem.claims.verdicts import KINDS, UNTREATED

    table = Table("claim", "title", "stored", "computed", "checks", title="Claims ledger")
    differ, ran, untreated, argued = 0, 0, 0, 0
    explained: list[tuple[Claim, tuple[Evidence, ...]]] = []
    for claim in _chosen(ids):
        if claim.verdict == UNTREATED and not claim.checks:
            untreated += 1
            if ids:
                table.add_row(claim.id, claim.title, claim.verdict, "-", "0")
            continue
        if claim.argued and kind is None:
            argued += 1
            table.add_row(claim.id, claim.title, claim.verdict, f"argued, {claim.argued.basis}", "0", style="dim")
            explained.append((claim, ()))
            continue
        result = claim.check(kinds=KINDS if kind is None else (kind,))
        if kind is not None and not result.evidence:
            continue
        ran += len(result.evidence)
        bad, computed = _judged(claim, result, kind)
        differ += bad
        style = "bold red" if bad else None
        table.add_row(claim.id, claim.title, claim.verdict, computed, str(len(result.evidence)), style=style)
        explained.append((claim, result.evidence))
    console = _console()
    console.print(table)
    for claim, evidence in explained if verbose else ():
        _print_findings(console, claim, evidence)
    console.print(
        f"{ran} checks ran; {differ} verdicts differ; {argued} claims are argued; {untreated} not yet treated"
    )
    return differ


def check(
    ids: Annotated[list[str] | None, typer.Argument(help="claim ids; all when none is given")] = None,
    kind: Annotated[str | None, typer.Option(help=KINDS_HELP)] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="print every finding, and where it comes from")
    ] = False,
    distance: Annotated[str | None, typer.Option(help=DISTANCE_HELP)] = None,
    metric: Annotated[str | None, typer.Option(help="the old name of --distance", hidden=True)] = None,
) -> None:
    """Recompute verdicts and compare them with those that the book prints.

    Raises
    ------
    typer.Exit
        With status 1 where a verdict differs, 2 for bad input.
    """
    from assocmem.claims.verdicts import KINDS

    if kind is not None and kind not in KINDS:
        raise failure(f"--kind got {kind!r}; takes one of {', '.join(KINDS)}")
    if distance is not None and metric is not None:
        raise failure(f"--distance got {distance!r} and --metric, its old name, {metric!r}; takes one of them")
    distance = metric if distance is None else distance
    if distance is None:
        if _print_verdicts(ids, kind, verbose):
            raise typer.Exit(1)
    elif kind is not None or verbose:
        raise failure("--distance prints what decides each claim; it goes with neither --kind nor --verbose")
    else:
        _print_survey(_distance(distance), ids)
