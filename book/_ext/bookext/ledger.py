"""The ledger page: every claim as a row that can be filtered, and how many there are of each verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from html import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from assocmem.claims import claims
from assocmem.claims.registry import Claim
from assocmem.claims.verdicts import VERDICTS
from assocmem.claims.views.errors import errors, is_false, printed
from bookext.boxes import (
    LEDGER,
    badge,
    body,
    claim_badge,
    corrects,
    dependents,
    error_kind,
    evidence_kinds,
    home,
    line,
    permanent,
    place_link,
    slug,
)

ORIGINS = {"paper": "the paper", "book": "this book"}
ERRORS = {"root": "of substance, by itself", "consequence": "of substance, follows", "slip": "a slip"}
WORDINGS = {"verbatim": "as printed", "paraphrase": "in our words", "implied": "implied"}


def counts(chosen: Iterable[Claim]) -> dict[str, int]:
    """How many claims have each verdict, in the order in which verdicts are listed."""
    counted = Counter(claim.verdict for claim in chosen)
    return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}


def _select(label: str, name: str, options: Iterable[tuple[str, str]]) -> str:
    inner = "".join(f'<option value="{value}">{escape(text)}</option>' for value, text in options)
    return f'<label>{label} <select id="ledger-{name}"><option value="">all</option>{inner}</select></label>'


def tools(chosen: list[Claim]) -> str:
    """The filter of the ledger: text, verdict, error, chapter, origin, wording and kind of evidence."""
    chapters = sorted({claim.chapter for claim in chosen})
    kinds = sorted({kind for claim in chosen for kind in evidence_kinds(claim)})
    wordings = {claim.wording for claim in chosen}
    selects = [
        _select("Verdict", "verdict", ((slug(v), f"{v} ({n})") for v, n in counts(chosen).items())),
        _select("Error of the paper", "error", ((f"e-{kind}", text) for kind, text in ERRORS.items())),
        _select("Chapter", "chapter", ((f"c-{n}", str(n)) for n in chapters)),
        _select("Stated by", "origin", ((f"o-{o}", text) for o, text in ORIGINS.items())),
        _select("Wording", "wording", ((f"w-{w}", text) for w, text in WORDINGS.items() if w in wordings)),
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


def error_counts() -> nodes.paragraph:
    """How many of the printed statements are false: by themselves, by consequence, by a slip; links into the ledger."""
    found = errors(claims)
    parts = (
        ("root", len(found.roots), ("error of substance that stands", "errors of substance that stand"), "by itself"),
        ("consequence", len(found.consequences), ("statement that falls", "statements that fall"), "with another"),
        ("slip", len(found.slips), ("slip", "slips"), "of a word, a letter or a reference, on which nothing rests"),
    )
    out = nodes.paragraph("", "", nodes.strong("", "What is false: "))
    for index, (kind, number, (one, many), rest) in enumerate(parts):
        out += nodes.Text("; " if index else "")
        out += [place_link(f"{number} {one if number == 1 else many} {rest}", LEDGER, f"?error=e-{kind}")]
    out += nodes.Text(".")
    return out


class ClaimTable(SphinxDirective):
    """All claims as rows that can be filtered, with counts."""

    def run(self) -> list[nodes.Node]:
        chosen = list(claims.values())
        paper = [claims[name] for name in printed(claims)]
        book = [claim for claim in chosen if claim.origin == "book"]
        out: list[nodes.Node] = [
            error_counts(),
            tally(paper, "Printed by the paper"),
            tally(book, "Stated by this book"),
        ]
        out.append(nodes.raw("", tools(chosen), format="html"))
        for claim in chosen:
            kinds = evidence_kinds(claim)
            anchor = f"ledger-{claim.id.lower()}"
            classes = ["ledger-row", slug(claim.verdict), f"c-{claim.chapter}", f"o-{claim.origin}"]
            classes += [f"e-{error_kind(claim)}"] if claim.origin == "paper" and is_false(claim) else []
            classes += [f"w-{claim.wording}"] if claim.wording else []
            row = nodes.container(classes=[*classes, *(f"k-{kind}" for kind in kinds)], ids=[anchor], names=[anchor])
            for old in claim.formerly:
                row["ids"].append(f"ledger-{old.lower()}")
            self.state.document.note_explicit_target(row)
            head = nodes.paragraph("", "", nodes.strong("", f"{claim.id} — {claim.title} "), claim_badge(claim))
            head += permanent(anchor)
            row += head
            row += self.parse_text_to_nodes("\n".join(body(claim)))
            meta = nodes.paragraph("", "", home(claim), classes=["ledger-meta"])
            meta += nodes.Text(f"; stated by {ORIGINS[claim.origin]}; evidence: {', '.join(kinds) or 'none yet'}.")
            row += meta
            row += line("Follows from", claim.causes if is_false(claim) else (), short=True)
            row += line("Corrected or sharper form", claim.corrected)
            row += line("Corrects or sharpens", corrects()[claim.id], short=True)
            row += line("Rests on", claim.depends_on, short=True)
            row += line("Takes its terms from", claim.defined_by, short=True)
            row += line("Carries", dependents()[claim.id], short=True)
            out.append(row)
        return out
