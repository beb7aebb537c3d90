"""The ledger page, the errata and the counts on the home page, all computed from the registry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from html import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from assocmem.claims import claims
from assocmem.claims.registry import Claim
from assocmem.claims.verdicts import UNTREATED, VERDICTS
from bookext.boxes import LEDGER, badge, body, corrects, dependents, home, line, permanent, place_link, slug

ORIGINS = {"paper": "the paper", "book": "this book"}
UNTRUE = ("refuted", "ill-defined", "proved with a condition", "not reproduced", "reproduced in part")
PLACES = (
    "Abstract",
    "Section",
    "Equation",
    "Definition",
    "Remark",
    "Assumption",
    "Lemma",
    "Proposition",
    "Theorem",
    "Figure",
    "Table",
    "Appendix",
    "Ethics",
)
PLURALS = {"Sections": "Section", "Equations": "Equation", "Appendices": "Appendix"}


def counts(chosen: Iterable[Claim]) -> dict[str, int]:
    """How many claims have each verdict, in the order in which verdicts are listed."""
    counted = Counter(claim.verdict for claim in chosen)
    return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}


def place_key(claim: Claim) -> tuple[int, list[tuple[int, str]]]:
    """Sorts claims by their place in the paper: kind of place first, then numbers as numbers."""
    first = re.split(r"[\s,]", claim.source, maxsplit=1)[0]
    first = PLURALS.get(first, first)
    rank = PLACES.index(first) if first in PLACES else len(PLACES)
    parts = re.findall(r"\d+|\D+", claim.source.replace("Sections", "Section"))
    return rank, [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def errata() -> list[Claim]:
    """Statements of the paper that are not true as printed or that can be sharpened, by place."""
    wanted = [c for c in claims.values() if c.origin == "paper" and (c.corrected or c.verdict in UNTRUE)]
    return sorted(wanted, key=place_key)


def _select(label: str, name: str, options: Iterable[tuple[str, str]]) -> str:
    inner = "".join(f'<option value="{value}">{escape(text)}</option>' for value, text in options)
    return f'<label>{label} <select id="ledger-{name}"><option value="">all</option>{inner}</select></label>'


def tools(chosen: list[Claim]) -> str:
    """The filter of the ledger: text, verdict, chapter, origin and kind of evidence."""
    chapters = sorted({claim.chapter for claim in chosen})
    kinds = sorted({check.kind for claim in chosen for check in claim.checks})
    selects = [
        _select("Verdict", "verdict", ((slug(v), f"{v} ({n})") for v, n in counts(chosen).items())),
        _select("Chapter", "chapter", ((f"c-{n}", str(n)) for n in chapters)),
        _select("Stated by", "origin", ((f"o-{o}", text) for o, text in ORIGINS.items())),
        _select("Evidence", "kind", ((f"k-{kind}", kind) for kind in kinds)),
    ]
    search = '<label>Text <input id="ledger-text" type="search"></label>'
    return (
        f'<form class="ledger-tools" hidden>{search}{"".join(selects)}'
        '<button type="reset">Show all</button><output id="ledger-count"></output></form>'
    )


def tally(chosen: list[Claim], label: str) -> nodes.paragraph:
    """A sentence with the number of claims by verdict, each a link into the filtered ledger."""
    out = nodes.paragraph("", "", nodes.strong("", f"{label}: {len(chosen)}. "))
    for index, (verdict, number) in enumerate(counts(chosen).items()):
        out += nodes.Text(", " if index else "")
        out += [nodes.Text(f"{number} "), place_link(badge(verdict), LEDGER, f"?verdict={slug(verdict)}")]
    out += nodes.Text(".")
    return out


class ClaimTable(SphinxDirective):
    """All claims as rows that can be filtered, with counts."""

    def run(self) -> list[nodes.Node]:
        chosen = list(claims.values())
        paper, book = ([claim for claim in chosen if claim.origin == origin] for origin in ORIGINS)
        out: list[nodes.Node] = [tally(paper, "Stated by the paper"), tally(book, "Stated by this book")]
        out.append(nodes.raw("", tools(chosen), format="html"))
        for claim in chosen:
            kinds = dict.fromkeys(check.kind for check in claim.checks)
            anchor = f"ledger-{claim.id.lower()}"
            classes = ["ledger-row", slug(claim.verdict), f"c-{claim.chapter}", f"o-{claim.origin}"]
            row = nodes.container(classes=[*classes, *(f"k-{kind}" for kind in kinds)], ids=[anchor], names=[anchor])
            self.state.document.note_explicit_target(row)
            head = nodes.paragraph("", "", nodes.strong("", f"{claim.id} — {claim.title} "), badge(claim.verdict))
            head += permanent(anchor)
            row += head
            row += self.parse_text_to_nodes("\n".join(body(claim)))
            meta = nodes.paragraph("", "", home(claim), classes=["ledger-meta"])
            meta += nodes.Text(f"; stated by {ORIGINS[claim.origin]}; evidence: {', '.join(kinds) or 'none yet'}.")
            row += meta
            row += line("Corrected or sharper form", claim.corrected)
            row += line("Corrects or sharpens", corrects()[claim.id], short=True)
            row += line("Rests on", claim.depends_on, short=True)
            row += line("Carries", dependents()[claim.id], short=True)
            out.append(row)
        return out


class ClaimErrata(SphinxDirective):
    """What the paper's authors may want to change, in the order of the paper's places."""

    def run(self) -> list[nodes.Node]:
        chosen = errata()
        out: list[nodes.Node] = [tally(chosen, "Entries")]
        for claim in chosen:
            row = nodes.container(classes=["ledger-row", slug(claim.verdict)])
            head = nodes.paragraph("", "", nodes.strong("", f"{claim.source}: "))
            head += place_link(f"{claim.id}, {claim.title}", LEDGER, f"#ledger-{claim.id.lower()}")
            head += [nodes.Text(" "), badge(claim.verdict)]
            row += head
            row += self.parse_text_to_nodes("\n".join(["**Printed:** " + claim.statement, "", *self._why(claim)]))
            for name in claim.corrected:
                better = claims[name]
                row += nodes.paragraph(
                    "",
                    "",
                    nodes.strong("", "Holds: "),
                    place_link(f"{better.id}, {better.title}", LEDGER, f"#ledger-{better.id.lower()}"),
                )
                quote = nodes.block_quote()
                quote += self.parse_text_to_nodes(better.statement)
                row += quote
            if not claim.corrected:
                row += nodes.paragraph("", "No corrected form is stated.")
            out.append(row)
        return out

    @staticmethod
    def _why(claim: Claim) -> list[str]:
        out = [f"**The versions differ:** {claim.differs}", ""] if claim.differs else []
        return [*out, f"**Why:** {claim.note}"] if claim.note else out


class ClaimCounts(SphinxDirective):
    """How far the book is: the number of claims by verdict."""

    def run(self) -> list[nodes.Node]:
        paper, book = ([claim for claim in claims.values() if claim.origin == origin] for origin in ORIGINS)
        decided = sum(claim.verdict != UNTREATED for claim in paper)
        text = f"Of the {len(paper)} statements of the paper in the ledger {decided} are decided."
        return [nodes.paragraph("", text), tally(paper, "The paper's statements"), tally(book, "This book's")]
