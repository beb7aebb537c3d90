"""``assocmem check``: recompute verdicts, of the paper's distance or of another, and of altered statements.

Exit status 0: all computed verdicts agree with the stored ones; 1: some differ; 2: bad input; 3: the ledger's own files
are at fault. With ``--distance`` the claims are asked of another distance, where differing is the point: never 1.
The ledger is imported when it is asked, because sympy takes a moment to load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from assocmem.cli.errors import failure
from assocmem.cli.exit_status import Status
from assocmem.cli.tables import chosen_form

if TYPE_CHECKING:
    from assocmem.claims import Claim

KINDS_HELP = "run one kind of check: symbolic, certified, search, measured, argument"
DISTANCE_HELP = (
    "ask of another distance: sqeuclidean, l1, euclidean, linf, cosine, or module:name, a function of two points "
    "or a Distance"
)


def _chosen(ids: list[str] | None) -> list[Claim]:
    """The named claims, or all."""
    from assocmem.claims import LedgerError, UnknownClaimError, claims

    try:
        chosen = [claims[name] for name in ids] if ids else list(claims.values())
        for claim in chosen[:1]:
            claim.checks  # noqa: B018  # Loads all checks, so that what is wrong with them shows here.
    except UnknownClaimError as error:
        raise failure(str(error)) from None
    except LedgerError as error:
        raise failure(str(error), Status.LEDGER) from None
    return chosen


def check(
    ids: Annotated[list[str] | None, typer.Argument(help="claim ids; all when none is given")] = None,
    kind: Annotated[str | None, typer.Option(help=KINDS_HELP)] = None,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", help="print every finding with its scope, files and lines, and the formal shape"
        ),
    ] = False,
    mutations: Annotated[
        bool, typer.Option("--mutations", help="try the altered statements too, and print the verdict that each gets")
    ] = False,
    distance: Annotated[str | None, typer.Option(help=DISTANCE_HELP)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON in place of a table")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="print CSV in place of a table")] = False,
    metric: Annotated[str | None, typer.Option(help="the old name of --distance", hidden=True)] = None,
) -> None:
    """Recompute verdicts and compare them with those that the book prints.

    Examples:

    assocmem check P3 --verbose

    assocmem check --distance l1 --csv

    Raises
    ------
    typer.Exit
        With status 1 where a verdict differs, 2 for bad input, 3 where the ledger's own files are at fault.
    """
    from assocmem.claims.verdicts import KINDS, UNTREATED
    from assocmem.cli.other_distance import print_survey, read_distance
    from assocmem.cli.verdict_report import judge, report, unseen

    form = chosen_form(as_json, as_csv, verbose=verbose)
    if kind is not None and kind not in KINDS:
        raise failure(f"--kind got {kind!r}; takes one of {', '.join(KINDS)}")
    if distance is not None and metric is not None:
        raise failure(f"--distance got {distance!r} and --metric, its old name, {metric!r}; takes one of them")
    distance = metric if distance is None else distance
    if distance is not None:
        if kind is not None or verbose or mutations:
            raise failure(
                "--distance prints what decides each claim; it goes without --kind, --verbose and --mutations"
            )
        print_survey(read_distance(distance), _chosen(ids), form, named=bool(ids))
        return
    chosen = _chosen(ids)
    judged = list(judge(chosen, kind, named=bool(ids)))
    untreated = sum(claim.verdict == UNTREATED and not claim.checks for claim in chosen)
    report(judged, form, verbose=verbose, mutations=mutations, untreated=untreated)
    if any(one.differs for one in judged):
        raise typer.Exit(Status.DIFFERS)
    if mutations and (wrong := [one.claim.id for one in judged if unseen(one.claim)]):
        raise failure(f"altered statements that keep the verdict: {', '.join(wrong)}", Status.LEDGER)
