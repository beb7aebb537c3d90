"""What is said of a claim wherever it is shown: badge, source, reason, its relatives, tables of one line a claim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from urllib.parse import urlencode

from docutils import nodes

from assocmem.claims import claims
from assocmem.claims.registry import Claim
from assocmem.claims.views.errors import causes, is_false
from assocmem.figures.graph import style
from bookext.links import claim_link, place_link
from bookext.provenance import REPOSITORY, bibtex

CONDITIONS = {"degenerate": "degenerate case excluded", "hypothesis": "hypothesis added"}
"""What a condition does, in the words of the badge."""
VERSIONS = {"both": "both versions", "submission": "the submission only", "later": "the later version only"}
WORDINGS = {"verbatim": "as printed", "paraphrase": "in our words", "implied": "implied, not printed"}
SENTENCE = re.compile(r"(?<=[.!?)])\s+(?=[A-Z$({])")
"""Where a sentence ends: an approximation for notes, which have no ``why`` of their own yet."""


def slug(verdict: str) -> str:
    """The CSS class of a verdict."""
    return "v-" + verdict.replace(" ", "-")


def badge(verdict: str) -> nodes.inline:
    """The verdict as a sign and words on a plate; the words alone carry the meaning, color only helps."""
    return nodes.inline("", f"{style(verdict).sign}\u00a0{verdict}".strip(), classes=["verdict", slug(verdict)])


def claim_badge(claim: Claim) -> nodes.inline:
    """A claim's badge: the verdict; what its condition does, that it is argued, that an error follows or is a slip."""
    plate = badge(claim.verdict)
    words = [CONDITIONS[claim.condition_kind]] if claim.condition_kind else []
    words += ["argued"] if claim.argued else []
    words += [error_kind(claim)] if claim.origin == "paper" and error_kind(claim) not in ("", "root") else []
    if words:
        plate += nodes.Text(f" ({', '.join(words)})")
    if claim.argued:
        plate["classes"].append("argued")
    return plate


def error_kind(claim: Claim) -> str:
    """Of a false statement whether it is a ``slip``, a ``consequence`` of another, or a ``root``; else nothing."""
    if not is_false(claim):
        return ""
    return "slip" if claim.weight == "slip" else "consequence" if causes(claim.id, claims) else "root"


@cache
def dependents() -> dict[str, tuple[str, ...]]:
    """For each claim, those that name it among what they rest on."""
    users_of: dict[str, list[str]] = {name: [] for name in claims}
    for claim in claims.values():
        for basis in claim.depends_on:
            users_of[claims[basis].id].append(claim.id)
    return {name: tuple(users) for name, users in users_of.items()}


@cache
def corrects() -> dict[str, tuple[str, ...]]:
    """For each claim, those that it corrects or sharpens."""
    corrections: dict[str, list[str]] = {name: [] for name in claims}
    for claim in claims.values():
        for name in claim.corrected:
            corrections[claims[name].id].append(claim.id)
    return {name: tuple(users) for name, users in corrections.items()}


def replaces(claim: Claim) -> bool:
    """Whether what ``corrected`` names stands in place of the claim; otherwise it says more than the claim does."""
    return is_false(claim) or claim.verdict in ("empty", "ill-defined")


def line(label: str, names: Iterable[str], *, short: bool = False, most: int = 0) -> list[nodes.Node]:
    """A paragraph with links to claims, or nothing when there are none; ``most`` of them, if it is not 0."""
    chosen = list(names)
    if not chosen:
        return []
    out = nodes.paragraph("", "", nodes.strong("", f"{label}: "))
    for index, name in enumerate(chosen[:most] if most else chosen):
        claim = claims[name]
        if index:
            out += nodes.Text(", " if short else "; ")
        out += claim_link(claim)
        if not short:
            out += [nodes.Text(f" ({claim.title}) "), claim_badge(claim)]
    left = len(chosen) - most if most else 0
    out += nodes.Text(f" and {left} more." if left > 0 else ".")
    return [out]


def source(claim: Claim) -> str:
    """Where the statement stands, in which versions, how near to the print."""
    if claim.origin == "book":
        return claim.source
    return f"{claim.source}; in {VERSIONS[claim.versions]}; {WORDINGS[claim.wording or 'implied']}"


def quotation(claim: Claim) -> str:
    """The printed words or formula; of the later version where it has them."""
    return next((claim.quote[version] for version in ("later", "submission") if version in claim.quote), "")


def why(claim: Claim) -> str:
    """The reason in two sentences at most: the claim's own, or the beginning of its note while it has none."""
    return claim.why or " ".join(SENTENCE.split(claim.note or "")[:2])


def evidence_kinds(claim: Claim) -> tuple[str, ...]:
    """The kinds of its evidence, each once."""
    return ("argued",) if claim.argued else tuple(dict.fromkeys(check.kind for check in claim.checks))


def permanent(anchor: str) -> nodes.raw:
    """Behind a title: the sign that holds its permanent link, and a button that copies it (shown by the script)."""
    link = f'<a class="headerlink" href="#{anchor}" title="Permanent link">#</a>'
    sign = '<i class="fa-regular fa-copy" aria-hidden="true"></i>'
    words = 'aria-label="Copy link" title="Copy link"'
    button = f'<button type="button" class="copy sign" data-copy-link="#{anchor}" {words} hidden>{sign}</button>'
    return nodes.raw("", link + button, format="html")


def cite(claim: Claim) -> nodes.raw:
    """The BibTeX entry with a button that copies it; its address is that of the claim's page on the site."""
    button = '<button type="button" class="copy" data-copy hidden>Copy BibTeX</button>'
    text = f'<div class="claim-cite">{button}<pre>{escape(bibtex(claim))}</pre></div>'
    return nodes.raw("", text, format="html", classes=["no-local"])


def dispute(claim: Claim) -> nodes.paragraph:
    """How to say that the verdict is wrong: a form with the id filled in, and the page that says what helps."""
    words = urlencode({"template": "dispute.yml", "title": f"Dispute: {claim.id}", "claim": claim.id})
    form = nodes.reference("", "Dispute this", refuri=f"{REPOSITORY}/issues/new?{words}", internal=False)
    out = nodes.paragraph("", "", form, nodes.Text(" with your reading, a counterexample or a proof; "))
    out += [place_link("what decides", "book/dispute", ""), nodes.Text(".")]
    return out


def fold(summary: str, content: Sequence[nodes.Node], css: str) -> nodes.container:
    """Content behind a line that opens it, without any script; the search does not look into it."""
    start = nodes.raw("", f'<details class="{css}"><summary>{escape(summary)}</summary>', format="html")
    return nodes.container("", start, *content, nodes.raw("", "</details>", format="html"), classes=["no-search"])


def table(head: Sequence[str], rows: Iterable[nodes.row], css: str) -> nodes.table:
    """A table whose rows are given; the search does not look into it."""
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in head), cols=len(head))
    group += nodes.thead("", nodes.row("", *(nodes.entry("", nodes.paragraph("", text)) for text in head)))
    group += nodes.tbody("", *rows)
    return nodes.table("", group, classes=[css, "no-search", "colwidths-auto"])


def row(cells: Iterable[Sequence[nodes.Node]], **attributes: list[str]) -> nodes.row:
    """A row of a table; each cell is what stands in one paragraph."""
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells), **attributes)
