"""What ``assocmem check`` prints: a row a claim, and with ``--verbose`` and ``--mutations`` what stands behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assocmem.cli.tables import console, print_rows

if TYPE_CHECKING:
    from rich.console import Console

    from assocmem.claims import Claim, Evidence


@dataclass(frozen=True)
class Judged:
    """A claim, how its verdict reads, whether it differs from the stored one, and the evidence."""

    claim: Claim
    computed: str
    differs: bool = False
    evidence: tuple[Evidence, ...] = ()
    style: str | None = None


def judge(chosen: list[Claim], kind: str | None, named: bool) -> Iterator[Judged]:
    """Run the checks of claims, of one kind or of all.

    One kind alone need not force the verdict; it must only not contradict it.

    Parameters
    ----------
    chosen : list[Claim]
        The claims.
    kind : str or None
        The kind of checks; claims without such a check are left out.
    named : bool
        Whether claims that nobody has treated are among those that are yielded.

    Yields
    ------
    Judged
        In their order.
    """
    from assocmem.claims import decide
    from assocmem.claims.verdicts import KINDS, UNTREATED

    for claim in chosen:
        if claim.verdict == UNTREATED and not claim.checks:
            if named:
                yield Judged(claim, "-")
        elif claim.argued:
            if kind is None:
                yield Judged(claim, f"argued, {claim.argued.basis}", style="dim")
        else:
            result = claim.check(kinds=KINDS if kind is None else (kind,))
            if kind is None:
                differs, computed = not result.agrees, result.verdict
            elif result.evidence:
                pool = [(e.check.kind, e.finding) for e in claim.check().evidence]
                differs, computed = decide(pool) != claim.verdict, f"{result.verdict} ({kind} alone)"
            else:
                continue
            yield Judged(claim, computed, differs, result.evidence, "bold red" if differs else None)


def unseen(claim: Claim) -> list[str]:
    """The mutants of a claim that its checks do not tell from it.

    These get its own verdict; or it is proved, they are only not decided, and none is marked as uncovered.
    """
    verdicts, proved = claim.mutant_verdicts, claim.verdict.startswith("proved")
    kept = {claim.verdict, "inconsistent"}
    missed = {one.name for one in claim.mutants if proved and not one.uncovered and verdicts[one.name] == "undecided"}
    return [name for name, verdict in verdicts.items() if verdict in kept or name in missed]


def as_rows(judged: list[Judged], mutations: bool) -> list[dict[str, Any]]:
    """The same as plain data.

    Parameters
    ----------
    judged : list[Judged]
        What was found.
    mutations : bool
        Whether a row is a mutant, with the verdict that it gets.

    Returns
    -------
    list[dict]
        With the same names in each.
    """
    if mutations:
        return [
            {"id": one.claim.id, "stored": one.claim.verdict, "altered": name, "verdict": verdict}
            for one in judged
            for name, verdict in one.claim.mutant_verdicts.items()
        ]
    return [
        {
            "id": one.claim.id,
            "title": one.claim.title,
            "stored": one.claim.verdict,
            "computed": one.computed,
            "differs": one.differs,
            "checks": len(one.evidence),
        }
        for one in judged
    ]


def report(judged: list[Judged], form: str, *, verbose: bool, mutations: bool, untreated: int) -> None:
    """Print what was found.

    Parameters
    ----------
    judged : list[Judged]
        What.
    form : str
        One of ``assocmem.cli.tables.FORMS``.
    verbose, mutations : bool
        Whether the findings are printed with it, and what the checks say of each mutant.
    untreated : int
        How many claims nobody has treated.
    """
    differ = sum(one.differs for one in judged)
    if form != "table":
        print_rows(form, as_rows(judged, mutations), differ=differ)
        return
    from rich.table import Table

    table = Table("claim", "title", "stored", "computed", "checks", title="Claims ledger")
    for one in judged:
        row = (one.claim.id, one.claim.title, one.claim.verdict, one.computed, str(len(one.evidence)))
        table.add_row(*row, style=one.style)
    shown = console()
    shown.print(table)
    for one in judged:
        if verbose and one.computed != "-":
            _print_findings(shown, one.claim, one.evidence)
        if mutations and one.claim.mutants:
            _print_mutants(shown, one.claim)
    ran, argued = sum(len(one.evidence) for one in judged), sum(one.claim.argued is not None for one in judged)
    tried = ""
    if mutations:
        kept = sum(len(unseen(one.claim)) for one in judged)
        tried = f"{sum(len(one.claim.mutants) for one in judged)} altered statements tried, {kept} not told apart; "
    shown.print(
        f"{ran} checks ran; {differ} verdicts differ; {tried}{argued} claims are argued; {untreated} not yet treated"
    )


def _say(shown: Console, text: object, indent: int = 2) -> None:
    """One line, however narrow the terminal, so that paths stay whole."""
    shown.print(" " * indent + str(text), soft_wrap=True, markup=False, highlight=False)


def _print_findings(shown: Console, claim: Claim, evidence: tuple[Evidence, ...]) -> None:
    """Each finding with its scope, beside the lines that lead to it, and the shape of the formal statement."""
    from assocmem.claims.views.locations import check_location, derivation

    places = claim.locations()
    _say(shown, f"{claim.id}: {claim.title}", 0)
    for place in places.statement:
        _say(shown, f"statement  {place}")
    if claim.argued:
        _say(shown, f"argued: {claim.argued.basis}: {claim.argued.source}: {claim.reason}")
    for item in evidence:
        margin = "" if item.finding.margin is None else f" [margin: {item.finding.margin}]"
        _say(shown, f"{item.check.kind}: {item.finding.outcome}: {item.finding.text}{margin}")
        for made in item.finding.derivations:
            for line in str(made).splitlines():
                _say(shown, line, 6)
        for place in check_location(item.check):
            _say(shown, f"check      {place}", 4)
        for index, place in enumerate(derivation(item.check)):
            _say(shown, f"{'' if index else 'derivation':11}{place}", 4)
        _say(shown, f"scope      {item.check.scope}", 4)
        if item.check.in_words:
            _say(shown, f"in words   {item.check.in_words}", 4)
    for word in ("mutants", "tests", "page"):
        for place in getattr(places, word):
            _say(shown, f"{word:11}{place}")
    if claim.formal is not None:
        for index, line in enumerate(claim.formal_help.splitlines()):
            _say(shown, f"{'' if index else 'formal':11}{line}")


def _print_mutants(shown: Console, claim: Claim) -> None:
    """What the checks say of each altered statement; the claim's own verdict would be a fault."""
    _say(shown, f"{claim.id}, {claim.verdict}, altered:", 0)
    wrong = unseen(claim)
    for mutant in claim.mutants:
        known = " (no counterexample is known)" if mutant.uncovered else ""
        mark = "NOT TOLD APART: " if mutant.name in wrong else ""
        _say(shown, f"{mark}{mutant.name}: {claim.mutant_verdicts[mutant.name]}{known}")
