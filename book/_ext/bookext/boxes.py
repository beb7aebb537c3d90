"""Claim boxes in the chapters, links to claims, and the pieces of text that boxes and ledger rows share."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from assocmem.claims import UnknownClaimError, claims
from assocmem.claims.registry import Claim
from assocmem.claims.verdicts import UNTREATED
from assocmem.claims.views.errors import causes, is_false
from assocmem.figures.graph import style
from bookext.provenance import SITE, bibtex, source_link

LOG = logging.getLogger(__name__)
LEDGER = "book/ledger"


def slug(verdict: str) -> str:
    """The CSS class of a verdict."""
    return "v-" + verdict.replace(" ", "-")


def badge(verdict: str) -> nodes.inline:
    """The verdict as a sign and words on a plate; the words alone carry the meaning, color only helps."""
    return nodes.inline("", f"{style(verdict).sign} {verdict}".strip(), classes=["verdict", slug(verdict)])


CONDITIONS = {"degenerate": "degenerate case excluded", "hypothesis": "hypothesis added"}
"""What a condition does, in the words of the badge."""


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


def find(name: str) -> Claim:
    """A claim by id; an unknown one ends the build with near matches."""
    try:
        return claims[name]
    except UnknownClaimError as error:
        raise ExtensionError(str(error)) from None


@cache
def dependents() -> dict[str, tuple[str, ...]]:
    """For each claim, those that name it among what they rest on."""
    users_of: dict[str, list[str]] = {name: [] for name in claims}
    for claim in claims.values():
        for basis in claim.depends_on:
            users_of[basis].append(claim.id)
    return {name: tuple(users) for name, users in users_of.items()}


@cache
def corrects() -> dict[str, tuple[str, ...]]:
    """For each claim, those that it corrects or sharpens."""
    corrections: dict[str, list[str]] = {name: [] for name in claims}
    for claim in claims.values():
        for name in claim.corrected:
            corrections[name].append(claim.id)
    return {name: tuple(users) for name, users in corrections.items()}


def place_link(content: str | nodes.Node, document: str, suffix: str) -> nodes.reference:
    """A link to a page and an anchor or query in it, whose address is filled in when the page is written."""
    inner = nodes.Text(content) if isinstance(content, str) else content
    link = nodes.reference("", "", inner, internal=True, refuri=suffix)
    link["claim_place"] = (document, suffix)
    return link


def ledger_link(claim: Claim, text: str | None = None) -> nodes.reference:
    """A link to a claim's row in the ledger."""
    return place_link(text or f"{claim.id}: {claim.title}", LEDGER, f"#ledger-{claim.id.lower()}")


def line(label: str, names: Iterable[str], *, short: bool = False) -> list[nodes.Node]:
    """A paragraph with links to claims, or nothing when there are none."""
    chosen = list(names)
    if not chosen:
        return []
    out = nodes.paragraph("", "", nodes.strong("", f"{label}: "))
    for index, name in enumerate(chosen):
        claim = claims[name]
        if index:
            out += nodes.Text(", " if short else "; ")
        out += ledger_link(claim, claim.id if short else None)
        if not short:
            out += [nodes.Text(" "), claim_badge(claim)]
    out += nodes.Text(".")
    return [out]


def body(claim: Claim, *, short: bool = False) -> list[str]:
    """Statement, place, versions and reason as lines of MyST."""
    lines = [claim.statement, ""]
    if claim.origin == "paper":
        versions = {"both": "both versions", "submission": "the submission only", "later": "the later version only"}
        wording = {"verbatim": "as printed", "paraphrase": "in our words", "implied": "implied, not printed"}
        lines.append(f"*{claim.source}; in {versions[claim.versions]}; {wording[claim.wording or 'implied']}.*")
    else:
        lines.append(f"*{claim.source}.*")
    if claim.wording == "paraphrase" and not short:
        lines += ["", f"**Printed:** “{quotation(claim)}”"]
    if claim.differs:
        lines += ["", f"**The versions differ:** {claim.differs}"]
    if claim.reason and not short:
        lines += ["", f"**Why:** {claim.reason}"]
    return lines


def quotation(claim: Claim) -> str:
    """The printed words or formula; of the later version where it has them."""
    return next((claim.quote[version] for version in ("later", "submission") if version in claim.quote), "")


def evidence_list(claim: Claim) -> list[nodes.Node]:
    """What each check found, its scope and margin, and the line of code that decides; of an argued claim the source."""
    listing = nodes.bullet_list()
    if claim.argued:
        entry = nodes.paragraph("", "", nodes.strong("", "argued"), nodes.Text(f", {claim.argued.basis}: "))
        entry += nodes.Text(f"{claim.argued.source.rstrip('.')}. No computation decides it; the reason stands above.")
        listing += nodes.list_item("", entry)
        return [listing]
    for item, check in zip(claim.evidence(), claim.checks, strict=True):
        margin = "" if item["margin"] is None else f" Margin: {item['margin']}."
        entry = nodes.paragraph("", "", nodes.strong("", item["kind"]), nodes.Text(f", {item['outcome']}: "))
        entry += nodes.Text(f"{str(item['summary']).rstrip('.')}. Scope: {str(item['scope']).rstrip('.')}.{margin} ")
        if item["in_words"]:
            entry += nodes.Text(f"Written argument, which no computation repeats: {item['in_words'].rstrip('.')}. ")
        target = source_link(check)
        code = nodes.literal("", f"{claim.id}: {check.name}")  # The permanent name: ids stay, paths may change.
        entry += nodes.reference("", "", code, refuri=target, internal=False) if target else code
        listing += nodes.list_item("", entry)
    return [listing] if len(listing) else []


def evidence_kinds(claim: Claim) -> tuple[str, ...]:
    """The kinds of its evidence, each once."""
    return ("argued",) if claim.argued else tuple(dict.fromkeys(check.kind for check in claim.checks))


def mutation_list(claim: Claim) -> list[nodes.Node]:
    """The altered statements that the checks reject."""
    if not claim.mutations:
        return []
    out = nodes.paragraph("", "", nodes.strong("", "What would break it: "))
    out += nodes.Text("the checks return another verdict for each of these altered statements: ")
    out += nodes.Text("; ".join(mutant.name for mutant in claim.mutations) + ".")
    return [out]


def permanent(anchor: str) -> nodes.raw:
    """The sign behind a title that holds its permanent link."""
    return nodes.raw("", f'<a class="headerlink" href="#{anchor}" title="Permanent link">#</a>', format="html")


def fold(summary: str, content: list[nodes.Node], css: str) -> list[nodes.Node]:
    """Content behind a line that opens it, without any script."""
    start = f'<details class="{css}"><summary>{escape(summary)}</summary>'
    return [nodes.raw("", start, format="html"), *content, nodes.raw("", "</details>", format="html")]


class ClaimDirective(SphinxDirective):
    """The box of one claim: statement, verdict, reason, corrected form, evidence, links, citation."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        claim = find(self.arguments[0])
        anchor = f"claim-{claim.id.lower()}"
        box = nodes.admonition(classes=["claim", slug(claim.verdict)], ids=[anchor], names=[anchor])
        self.state.document.note_explicit_target(box)
        self._remember(claim)
        title = nodes.title("", f"Claim {claim.id}: {claim.title} ")
        title += claim_badge(claim)
        title += permanent(anchor)
        box += title
        box += self.parse_text_to_nodes("\n".join(body(claim)))
        box += line("Follows from", claim.causes if is_false(claim) else ())
        box += line("Corrected or sharper form", claim.corrected)
        box += line("Corrects or sharpens", corrects()[claim.id])
        box += line("Rests on", claim.depends_on)
        box += line("Takes its terms from", claim.defined_by, short=True)
        box += line("Carries", dependents()[claim.id], short=True)
        evidence = evidence_list(claim)
        if evidence:
            kinds = ", ".join(evidence_kinds(claim))
            box += fold(f"Evidence: {kinds}", [*evidence, *mutation_list(claim)], "claim-evidence")
        elif claim.verdict == UNTREATED:
            box += nodes.paragraph("", "No check decides this claim yet.")
        cite = nodes.raw("", f"<pre>{escape(bibtex(claim))}</pre>", format="html")
        links = nodes.paragraph("", "", ledger_link(claim, f"Row of {claim.id} in the ledger"))
        box += fold(f"Cite claim {claim.id}", [links, cite], "claim-cite")
        return [box]

    def _remember(self, claim: Claim) -> None:
        """Note which page holds the box, for the ledger's links: the first page in the order of reading."""
        here = self.env.metadata[self.env.docname].setdefault("claims", [])
        if claim.id in here:
            LOG.warning("claim %s has a box on this page already", claim.id, location=self.get_location())
        here.append(claim.id)
        places(self.env).setdefault(claim.id, self.env.docname)


class ClaimRole(SphinxRole):
    """A link to a claim's row in the ledger, with its verdict."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        claim = find(self.text)
        return [ledger_link(claim), nodes.Text(" "), claim_badge(claim)], []


def places(env: BuildEnvironment) -> dict[str, str]:
    """Which page holds the box of which claim."""
    if not hasattr(env, "claim_places"):
        env.claim_places = {}  # type: ignore[attr-defined]
    pages_by_claim: dict[str, str] = env.claim_places  # type: ignore[attr-defined]
    return pages_by_claim


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop the boxes of a page that is read again."""
    pages_by_claim = places(env)
    for name in [name for name, where in pages_by_claim.items() if where == docname]:
        del pages_by_claim[name]


def merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    """Take over the boxes that another reader process met."""
    places(env).update({name: where for name, where in places(other).items() if where in docnames})


def home(claim: Claim) -> nodes.inline:
    """A placeholder for the link to the claim's box, filled in when all pages are read."""
    return nodes.inline("", "", claim_home=claim.id)


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Fill in the addresses of links to claims, and links from ledger rows to boxes."""
    boxes = places(app.env)
    for spot in list(doctree.findall(nodes.inline)):
        name = spot.get("claim_home")
        if name is None:
            continue
        del spot["claim_home"]
        if name in boxes:
            spot += place_link(f"shown in chapter {claims[name].chapter}", boxes[name], f"#claim-{name.lower()}")
        else:
            spot += nodes.Text(f"chapter {claims[name].chapter}")
    for link in doctree.findall(nodes.reference):
        place: Any = link.attributes.pop("claim_place", None)
        if place is None:
            continue
        document, suffix = place
        here = app.builder.get_relative_uri(docname, document) if app.builder.format == "html" else None
        link["refuri"] = (here or f"{SITE}/{document}.html") + suffix
