"""One small page a claim, with all that is known of it: where search, citations, hover cards, ledger and graph lead.

The pages are written before Sphinx looks for files, and after the table of contents has excluded what it does not list.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from assocmem.claims import claims
from assocmem.claims.evidence import Evidence
from assocmem.claims.registry import Claim
from assocmem.claims.verdicts import UNTREATED
from assocmem.claims.views.addresses import FOLDER, anchor, key
from assocmem.claims.views.history import history
from bookext import generated
from bookext.links import LEDGER, claim_link, find, home, place_link
from bookext.parts import (
    badge,
    cite,
    claim_badge,
    corrects,
    dependents,
    dispute,
    error_kind,
    line,
    permanent,
    quotation,
    replaces,
    source,
)
from bookext.provenance import REPOSITORY, source_link

PAGE = "---\norphan: true\n---\n\n# {id}: {title}\n\n```{{claim-page}} {id}\n```\n"
MOVED = "---\norphan: true\n---\n\n# {old}: now part of {id}\n\n```{{claim-moved}} {old}\n```\n"
ERRORS = {
    "root": "A root: false by itself, and not because of another statement.",
    "consequence": "A consequence: it falls with what it rests on.",
    "slip": "A slip: a word, a letter or a reference on which nothing rests.",
}
"""What kind of error a false statement of the paper is."""
OUTCOMES = {
    "holds": "proves it",
    "holds if": "proves it under a condition",
    "enumerated": "goes through all that it speaks of",
    "fails": "refutes it",
    "survived": "finds nothing against it",
    "violated": "finds a point against it",
    "undecided": "does not decide it by itself",
}
"""What a check found, in words about the claim."""
OUTSIDE = "breaks it where its condition is broken"
LAST = ("undecided", "survived")
"""What is said after that which decides."""
CORRECTS = "What it corrects or sharpens"


def texts() -> dict[str, str]:
    """The source of every page by its key: a page a claim, and one a former id that says where it went."""
    pages = {}
    for claim in claims.values():
        pages[key(claim.id)] = PAGE.format(id=claim.id, title=claim.title)
        pages |= {key(old): MOVED.format(old=old, id=claim.id) for old in claim.formerly}
    return pages


def write_pages(app: Sphinx, config: Any) -> None:
    """Write the pages into the source folder."""
    generated.write(app, config, FOLDER, texts())


def named(*names: str) -> addnodes.index:
    """Entries of the index under which the search finds a page first; without an anchor, so that it is one hit."""
    return addnodes.index(entries=[("single", name, "", "main", None) for name in names])


class ClaimPage(SphinxDirective):
    """Everything that is known of one claim."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        claim = find(self.arguments[0])
        here = anchor(claim.id)
        head = nodes.paragraph("", "", claim_badge(claim), nodes.Text(" "), permanent(here), ids=[here], names=[here])
        head["classes"].append("claim-head")
        self.state.document.note_explicit_target(head)
        statement = nodes.container("", *self.parse_text_to_nodes(claim.statement), classes=["claim-statement"])
        out: list[nodes.Node] = [named(claim.id, claim.title), head, statement]
        out.append(nodes.paragraph("", f"{source(claim)}."))
        if claim.wording == "paraphrase":
            out += self.parse_text_to_nodes(f"**Printed:** “{quotation(claim)}”")
        if claim.differs:
            out += self.parse_text_to_nodes(f"**The versions differ:** {claim.differs}")
        if claim.origin == "paper" and error_kind(claim):
            out.append(nodes.paragraph("", ERRORS[error_kind(claim)]))
            out += line("Follows from", claim.causes)
        return [
            *out,
            *self._why(claim),
            *self._instead(claim),
            *self._evidence(claim),
            *self._broken(claim),
            *self._formal(claim),
            *self._relatives(claim),
            *self._history(claim),
            self._section(claim, "cite", "How to cite it", [cite(claim)]),
            self._section(claim, "dispute", "If you disagree", [dispute(claim)]),
            *neighbors(claim),
        ]

    def _section(self, claim: Claim, name: str, title: str, content: list[nodes.Node]) -> nodes.section:
        ident = f"{key(claim.id)}-{name}"
        section = nodes.section("", nodes.title("", title), *content, ids=[ident], names=[ident])
        self.state.document.note_explicit_target(section)
        if name in ("mutants", "formal", "relatives", "cite", "history", "dispute"):
            section["classes"].append("no-search")
        return section

    def _why(self, claim: Claim) -> list[nodes.Node]:
        parts = [text for text in (claim.why, claim.note) if text]
        inner = [node for text in parts for node in self.parse_text_to_nodes(text)]
        return [self._section(claim, "why", "Why", inner)] if inner else []

    def _instead(self, claim: Claim) -> list[nodes.Node]:
        inner: list[nodes.Node] = []
        for better in (claims[name] for name in claim.corrected):
            head = nodes.paragraph("", "", claim_link(better), nodes.Text(f" {better.title} "), claim_badge(better))
            inner += [head, nodes.block_quote("", *self.parse_text_to_nodes(better.statement))]
        inner += line("Corrects or sharpens", corrects()[claim.id])
        title = ("What holds instead" if replaces(claim) else "In a sharper form") if claim.corrected else CORRECTS
        return [self._section(claim, "instead", title, inner)] if inner else []

    def _evidence(self, claim: Claim) -> list[nodes.Node]:
        inner: list[nodes.Node] = []
        if claim.argued:
            text = f"{claim.argued.source.rstrip('.')} ({claim.argued.basis}). "
            text += "No computation decides it; the reason stands above."
            inner = [nodes.paragraph("", "", nodes.strong("", "Argued: "), nodes.Text(text))]
        for item in sorted(claim.check().evidence, key=lambda item: item.finding.outcome in LAST):
            inner += self._check(claim, item)
        if claim.verdict == UNTREATED:
            inner = [nodes.paragraph("", "No check decides this claim yet.")]
        return [self._section(claim, "evidence", "Evidence", inner)] if inner else []

    def _check(self, claim: Claim, item: Evidence) -> list[nodes.Node]:
        """What one check found, with its derivations line by line, its scope and margin, and the line that decides."""
        check, finding = item.check, item.finding
        found = OUTCOMES.get(finding.outcome, finding.outcome) if not finding.outside else OUTSIDE
        entry = nodes.paragraph("", "", nodes.strong("", f"{check.kind.capitalize()}, {found}: "))
        entry += nodes.Text(f"{finding.text.rstrip('.')}. Scope: {check.scope.rstrip('.')}.")
        if re.search(r"\d", str(finding.margin)):  # "certified" and "exact" say nothing that the kind does not.
            entry += nodes.Text(f" Distance to failure: {finding.margin}.")
        if check.in_words:
            entry += nodes.Text(f" Not checked by computer: {check.in_words.rstrip('.')}.")
        target = source_link(check)
        code = nodes.literal("", f"{claim.id}: {check.name}")  # The permanent name: ids stay, paths may change.
        link = nodes.reference("", "", code, refuri=target, internal=False) if target else code
        entry += [nodes.Text(" Code: "), link, nodes.Text(".")]
        shown: list[nodes.Node] = [entry]
        for derivation in getattr(finding, "derivations", ()):
            inner = self.parse_text_to_nodes(derivation._repr_markdown_())
            shown.append(nodes.container("", *inner, classes=["tag_derivation", "cell_output"]))
        return shown

    def _broken(self, claim: Claim) -> list[nodes.Node]:
        if not claim.mutants:
            return []
        text = nodes.paragraph("", "The checks return another verdict for each of these altered statements.")
        listing = nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", m.name)) for m in claim.mutants))
        return [self._section(claim, "mutants", "Altered statements that the checks tell apart", [text, listing])]

    def _formal(self, claim: Claim) -> list[nodes.Node]:
        """What the checks take, for a reader who wants to ask them of another statement."""
        if claim.formal is None:
            return []
        call = nodes.literal("", f'claims["{claim.id}"].check(another)')
        text = nodes.paragraph("", "", call, nodes.Text(" asks the same checks of another statement of this shape:"))
        shape = nodes.literal_block(claim.formal_help, claim.formal_help, language="text")
        return [self._section(claim, "formal", "What the checks take", [text, shape])]

    def _relatives(self, claim: Claim) -> list[nodes.Node]:
        inner: list[nodes.Node] = []
        inner += line("Rests on", claim.depends_on)
        inner += line("Takes its terms from", claim.defined_by)
        inner += line("Carries", dependents()[claim.id])
        inner.append(nodes.paragraph("", "", nodes.strong("", "In the book: "), home(claim), nodes.Text("; ")))
        inner[-1] += place_link("its line in the ledger", LEDGER, f"#{anchor(claim.id, 'ledger')}")
        inner[-1] += nodes.Text(".")
        return [self._section(claim, "relatives", "What it rests on, and what rests on it", inner)]

    def _history(self, claim: Claim) -> list[nodes.Node]:
        """Each verdict that it had before, until which commit, and why it changed."""
        listing = nodes.bullet_list()
        for change in history().get(claim.id, ()):
            item = nodes.paragraph("", "", badge(change.was), nodes.Text(f" until {change.date}, commit "))
            item += nodes.reference("", change.until, refuri=f"{REPOSITORY}/commit/{change.until}", internal=False)
            item += [nodes.Text("; then "), badge(change.now), nodes.Text(f". {change.reason.rstrip('.')}.")]
            listing += nodes.list_item("", item)
        return [self._section(claim, "history", "History of the verdict", [listing])] if listing.children else []


def neighbors(claim: Claim) -> list[nodes.Node]:
    """The claims before and after it on its page of the book."""
    held = [other for other in claims.values() if other.page == claim.page]
    at = held.index(claim)
    near = {"← ": held[at - 1] if at else None, "→ ": held[at + 1] if at + 1 < len(held) else None}
    out = nodes.container(classes=["claim-neighbors", "no-search"])
    for sign, other in near.items():
        if other:
            out += nodes.paragraph("", "", nodes.Text(sign), claim_link(other, f"{other.id}: {other.title}"))
    return [out]


class ClaimMoved(SphinxDirective):
    """Where the statement of a former id went."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        old = self.arguments[0]
        claim = find(old)
        here = anchor(old)
        text = nodes.paragraph("", f"The statement that was called {old} is part of ", ids=[here], names=[here])
        self.state.document.note_explicit_target(text)
        text += [claim_link(claim, f"{claim.id}: {claim.title}"), nodes.Text(" "), claim_badge(claim), nodes.Text(".")]
        return [named(old), text]


__all__ = ["ClaimMoved", "ClaimPage", "write_pages"]
