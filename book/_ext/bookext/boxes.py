"""Claims in the text: boxes, tables of one line a claim, and names that lead to the claim's own page."""

from __future__ import annotations

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from assocmem.claims import claims
from assocmem.claims.registry import Claim
from assocmem.claims.verdicts import UNTREATED
from assocmem.claims.views.addresses import anchor
from bookext.links import NOTEBOOK, claim_link, find, places
from bookext.parts import (
    cite,
    claim_badge,
    corrects,
    dependents,
    dispute,
    evidence_kinds,
    fold,
    is_false,
    line,
    permanent,
    quotation,
    replaces,
    row,
    slug,
    source,
    table,
    why,
)

LOG = logging.getLogger(__name__)
FEW = 5
"""So few lines are not worth a fold."""
MOST = 6
"""Of long lists a box shows so many; the claim's page has the rest."""


class ClaimBox(SphinxDirective):
    """The box of a claim: title and verdict, statement, reason, one fold; a second id is what holds in its place."""

    required_arguments = 1
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        claim = find(self.arguments[0])
        better = find(self.arguments[1]) if len(self.arguments) > 1 else None
        here = anchor(claim.id)
        box = nodes.admonition(classes=["claim", slug(claim.verdict)], ids=[here], names=[here])
        self.state.document.note_explicit_target(box)
        self._remember(claim)
        title = nodes.title("", "", claim_link(claim), nodes.Text(f" {claim.title} "))
        title += [claim_badge(claim), nodes.Text(" "), permanent(here)]
        box += title
        box += self.parse_text_to_nodes(claim.statement)
        if better:
            box += self._instead(claim, better)
        elif claim.corrected:
            box += line(_relation(claim), claim.corrected, most=2)
        if corrects()[claim.id]:
            box += line("Corrects or sharpens", corrects()[claim.id], short=True)
        if why(claim):
            box += self.parse_text_to_nodes(f"**Why.** {why(claim)}")
        elif claim.verdict == UNTREATED:
            box += nodes.paragraph("", "No check decides this claim yet.")
        box += fold("Details", self._details(claim, better), "claim-details")
        return [box]

    def _instead(self, claim: Claim, better: Claim) -> nodes.container:
        """The corrected or sharper form, in the box of the printed one."""
        self._remember(better)
        there = anchor(better.id)
        out = nodes.container(classes=["claim-instead", slug(better.verdict)], ids=[there], names=[there])
        self.state.document.note_explicit_target(out)
        head = nodes.paragraph("", "", nodes.strong("", f"{_relation(claim)}: "), claim_link(better))
        head += [nodes.Text(f" {better.title} "), claim_badge(better), nodes.Text(" "), permanent(there)]
        out += [head, *self.parse_text_to_nodes(better.statement)]
        return out

    def _details(self, claim: Claim, better: Claim | None) -> list[nodes.Node]:
        """Source, kinds of evidence, relatives, what would break it, how to cite; the claim's page has all of it."""
        out: list[nodes.Node] = [nodes.paragraph("", f"{source(claim)}.")]
        if claim.wording == "paraphrase":
            out += self.parse_text_to_nodes(f"**Printed:** “{quotation(claim)}”")
        for one in filter(None, (claim, better)):
            kinds = nodes.paragraph("", "", nodes.strong("", f"Evidence for {one.id}: " if better else "Evidence: "))
            kinds += [nodes.Text(f"{', '.join(evidence_kinds(one)) or 'none yet'}; "), claim_link(one, _all_of(one))]
            kinds += nodes.Text(".")
            out.append(kinds)
        out += line("Follows from", claim.causes if is_false(claim) else (), short=True)
        out += line("Rests on", claim.depends_on, short=True, most=MOST)
        out += line("Carries", dependents()[claim.id], short=True, most=MOST)
        broken = [mutant.name for mutant in claim.mutants]
        if broken:
            more = f"; and {len(broken) - MOST} more" if len(broken) > MOST else ""
            out.append(nodes.paragraph("", "", nodes.strong("", "Altered statements that get another verdict: ")))
            out[-1] += nodes.Text("; ".join(broken[:MOST]) + more + ".")
        return [*out, dispute(claim), cite(claim)]

    def _remember(self, claim: Claim) -> None:
        """Note that the page holds the box, for links from the claim's page."""
        here = self.env.metadata[self.env.docname].setdefault("claims", [])
        if claim.id in here:
            LOG.warning("claim %s has a box on this page already", claim.id, location=self.get_location())
        here.append(claim.id)
        held = places(self.env).setdefault(claim.id, [])
        held += [self.env.docname] if self.env.docname not in held else []


def _relation(claim: Claim) -> str:
    """What a corrected form is to the printed one: it stands in its place, or says more."""
    return "Holds instead" if replaces(claim) else "Sharper form"


def _all_of(claim: Claim) -> str:
    many = len(claim.checks)
    return "the page of " + claim.id + (f" has {many} check{'s' if many > 1 else ''} in full" if many else "")


class ClaimLines(SphinxDirective):
    """One line a claim: its name, its title, its verdict.

    Without content, every claim of the page: those of its boxes, and the others behind a fold.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        chosen = [find(name) for text in self.content for name in text.split()]
        named = bool(chosen)
        if not chosen:
            hit = NOTEBOOK.fullmatch(self.env.docname)
            chosen = [claim for claim in claims.values() if hit and claim.page == hit["slug"]]
        if not chosen:
            raise self.error(f"claim-lines: no claims are named, and none belong to the page {self.env.docname}")
        boxed = self.env.metadata[self.env.docname].get("claims", ())
        shown = [claim for claim in chosen if named or claim.id in boxed]
        rest = [claim for claim in chosen if claim not in shown]
        if not shown or len(rest) < FEW:
            shown, rest = chosen, []
        out: list[nodes.Node] = [self._table(shown)]
        if rest:
            out.append(fold(f"{len(rest)} more", [self._table(rest)], "claim-more"))
        return out

    def _table(self, chosen: list[Claim]) -> nodes.table:
        rows = (row([[claim_link(c)], [nodes.Text(c.title)], [claim_badge(c)]]) for c in chosen)
        return table(("Claim", "In words", "Verdict"), rows, "claim-lines")


class ClaimRole(SphinxRole):
    """A claim's id as a link to its page, with its verdict."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        claim = find(self.text)
        return [claim_link(claim), nodes.Text(" "), claim_badge(claim)], []


class ClaimRefRole(SphinxRole):
    """A claim's id as a link to its page."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        claim = find(self.text)
        return [claim_link(claim)], []


__all__ = ["ClaimBox", "ClaimLines", "ClaimRefRole", "ClaimRole"]
