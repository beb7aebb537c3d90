"""What is wrong where the paper is, for its authors; its counts on the home page; the rule of every verdict."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from assocmem.claims import claims
from assocmem.claims.pages import CHAPTERS
from assocmem.claims.registry import Claim
from assocmem.claims.verdicts import RULES, UNTREATED
from assocmem.claims.views.errors import is_false, printed
from bookext.ledger import error_counts, tally
from bookext.links import claim_link
from bookext.parts import badge, claim_badge, error_kind, fold, line, quotation, slug, why

UNTRUE = (
    "empty",
    "ill-defined",
    "proved with a condition",
    "supported in part",
    "not reproduced",
    "reproduced in part",
)
"""The verdicts, beside those of false statements, of what the authors may want to say otherwise."""
ORDER = ("root", "consequence", "", "slip")
"""In which order a chapter's entries stand: errors of substance, what follows from them, what is no error, slips."""
PLACES = ("Abstract", "Section", "Equation", "Definition", "Remark", "Assumption", "Lemma", "Proposition", "Theorem")
PLACES += ("Figure", "Table", "Appendix", "Ethics")
PLURALS = {"Sections": "Section", "Equations": "Equation", "Appendices": "Appendix"}


def place_key(claim: Claim) -> tuple[int, list[tuple[int, str]]]:
    """Sorts claims by their place in the paper: kind of place first, then numbers as numbers."""
    first = re.split(r"[\s,]", claim.source, maxsplit=1)[0]
    first = PLURALS.get(first, first)
    rank = PLACES.index(first) if first in PLACES else len(PLACES)
    parts = re.findall(r"\d+|\D+", claim.source.replace("Sections", "Section"))
    return rank, [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def errata(chapter: int) -> list[Claim]:
    """Statements that the paper prints in what a chapter treats and that are not true as printed, gravest first."""
    chosen = [claims[name] for name in printed(claims) if claims[name].chapter == chapter]
    wanted = [claim for claim in chosen if is_false(claim) or claim.verdict in UNTRUE]
    return sorted(wanted, key=lambda claim: (ORDER.index(error_kind(claim)), place_key(claim)))


def reason(claim: Claim) -> list[str]:
    """What differs and the reason in short, as lines of MyST; the claim's page has the rest."""
    out = [f"**The versions differ:** {claim.differs}", ""] if claim.differs else []
    return [*out, f"**Why:** {why(claim)}"] if why(claim) else out


def minor(claim: Claim) -> bool:
    """Whether an entry is a condition or a slip, which stand behind a fold."""
    return claim.verdict == "proved with a condition" or claim.weight == "slip"


class ClaimErrata(SphinxDirective):
    """What the paper's authors may want to change, chapter by chapter of this book."""

    def run(self) -> list[nodes.Node]:
        chosen = [claim for chapter in CHAPTERS for claim in errata(chapter)]
        out: list[nodes.Node] = [error_counts(), tally(chosen, "Entries")]
        for chapter in CHAPTERS:
            entries = errata(chapter)
            if not entries:
                continue
            rows: list[nodes.Node] = [self._row(claim) for claim in entries if not minor(claim)]
            small = [self._row(claim) for claim in entries if minor(claim)]
            if small:
                rows.append(fold(f"Conditions and slips: {len(small)}", small, "claim-more"))
            section = nodes.section(ids=[f"errata-{chapter}"], names=[f"errata-{chapter}"])
            section += nodes.title("", f"What chapter {chapter} treats")
            section += rows
            out.append(section)
        return out

    def _row(self, claim: Claim) -> nodes.container:
        row = nodes.container(classes=["errata-row", "no-search", slug(claim.verdict)])
        head = nodes.paragraph("", "", nodes.strong("", f"{claim.source}: "))
        head += claim_link(claim, f"{claim.id}, {claim.title}")
        head += [nodes.Text(" "), claim_badge(claim)]
        row += head
        says = "Which says" if claim.wording == "paraphrase" else "In full"
        lines = [f"**Printed:** “{quotation(claim)}”", "", f"**{says}:** {claim.statement}", "", *reason(claim)]
        row += self.parse_text_to_nodes("\n".join(lines))
        row += line("Follows from", claim.causes if is_false(claim) else (), short=True)
        for name in claim.corrected:
            better = claims[name]
            row += nodes.paragraph(
                "", "", nodes.strong("", "Holds: "), claim_link(better, f"{better.id}, {better.title}")
            )
            quote = nodes.block_quote()
            quote += self.parse_text_to_nodes(better.statement)
            row += quote
        return row


class ClaimCounts(SphinxDirective):
    """How far the book is: errors by roots first, then the number of claims by verdict."""

    def run(self) -> list[nodes.Node]:
        paper = [claims[name] for name in printed(claims)]
        book = [claim for claim in claims.values() if claim.origin == "book"]
        implied = sum(claim.origin == "paper" for claim in claims.values()) - len(paper)
        decided = sum(claim.verdict != UNTREATED for claim in paper)
        text = f"Of the {len(paper)} statements that the paper prints and the ledger holds, {decided} are decided"
        more = "one more, which it only implies, is" if implied == 1 else f"{implied} more, which it only implies, are"
        text += f"; {more} not counted." if implied else "."
        return [
            nodes.paragraph("", text),
            error_counts(),
            tally(paper, "The paper's statements"),
            tally(book, "This book's"),
        ]


class VerdictRules(SphinxDirective):
    """The rule of every verdict, as the code that computes them has it."""

    def run(self) -> list[nodes.Node]:
        listing = nodes.definition_list()
        for verdict, rule in RULES.items():
            term = nodes.term("", "", badge(verdict))
            listing += nodes.definition_list_item("", term, nodes.definition("", *self.parse_text_to_nodes(rule)))
        return [listing]
