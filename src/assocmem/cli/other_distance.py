"""``assocmem check --distance``: which claims keep their verdict with another distance, and what decides each."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

from assocmem.cli.errors import failure
from assocmem.cli.tables import console, print_rows

if TYPE_CHECKING:
    from assocmem.claims import Claim, Surveyed
    from assocmem.theory.exact.distances import Distance


def read_distance(text: str) -> Distance:
    """The distance of that name, or of ``module:name``, a function or a Distance, looked up in the current folder too.

    Raises
    ------
    typer.Exit
        For what is no distance, or one that is granted what it certainly lacks.
    """
    from assocmem.theory.exact.distances import as_distance
    from assocmem.theory.exact.properties import refuse_false_grants

    module, _, name = text.partition(":")
    try:
        if name:
            sys.path.insert(0, "")
            distance = as_distance(getattr(importlib.import_module(module), name))
        else:
            distance = as_distance(text)
        refuse_false_grants(distance)
    except (ValueError, TypeError, ImportError, AttributeError) as error:
        raise failure(f"--distance got {text!r}: {error}") from None
    return distance


def print_survey(distance: Distance, chosen: list[Claim], form: str, named: bool) -> None:
    """Print a row for each claim that can be asked; where claims are named, also for those that cannot.

    Parameters
    ----------
    distance : Distance
        Which.
    chosen : list[Claim]
        The claims.
    form : str
        One of ``assocmem.cli.tables.FORMS``.
    named : bool
        Whether they were named one by one.

    Raises
    ------
    typer.Exit
        For a distance that fails at some point.
    """
    from assocmem.claims import survey
    from assocmem.claims.verdicts import FIXED

    try:
        rows = survey(distance, [claim.id for claim in chosen])
    except TypeError as error:
        raise failure(f"--distance {distance.name}: {error}") from None
    fixed = [claim for claim in chosen if named and not claim.takes_distance]
    if form != "table":
        said = [{"id": r.id, "stored": r.stored, "verdict": r.verdict, "why": r.reason} for r in rows]
        said += [{"id": claim.id, "stored": claim.verdict, "verdict": FIXED, "why": ""} for claim in fixed]
        domain = distance.domain.text if distance.domain else None
        print_rows(form, said, distance=distance.name, granted=sorted(distance.properties), domain=domain)
        return
    _print_table(distance, rows, fixed)


def _print_table(distance: Distance, rows: list[Surveyed], fixed: list[Claim]) -> None:
    from rich.table import Table

    from assocmem.claims.verdicts import FIXED

    table = Table("claim", "stored", f"with {distance.name}", "why", title="Claims of another distance")
    for row in rows:
        style = None if row.survives else "yellow" if row.verdict == "undecided" else "bold"
        table.add_row(row.id, row.stored, row.verdict, row.reason.replace("[", r"\["), style=style)
    for claim in fixed:
        table.add_row(claim.id, claim.verdict, FIXED, "", style="dim")
    shown = console()
    shown.print(table)
    same, open_ = sum(r.survives for r in rows), sum(r.verdict == "undecided" for r in rows)
    shown.print(
        f"{len(rows)} claims can be asked: {same} keep their verdict, {open_} undecided, "
        f"{len(rows) - same - open_} change it"
    )
    granted = ", ".join(sorted(distance.properties)) or "no property, so most proofs stay undecided"
    where = f"; it is defined for {distance.domain.text}" if distance.domain else ""
    shown.print(f"granted to {distance.name}: {granted}{where}", style="dim", highlight=False)
