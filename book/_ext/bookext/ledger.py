"""The ledger page: every claim as one line that can be filtered, and how many there are of each verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from html import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from assocmem.claims import claims
from assocmem.claims.registry import Claim
from assocmem.claims.verdicts import VERDICTS
from assocmem.claims.views.addresses import anchor
from assocmem.claims.views.errors import errors, is_false, printed
from bookext.links import LEDGER, claim_link, home, place_link
from bookext.parts import badge, claim_badge, error_kind, evidence_kinds, row, slug, table

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
    search = '<label>Find <input id="ledger-text" type="search" placeholder="id or words"></label>'
    return (
        f'<form class="ledger-tools" aria-label="Filter of the ledger" hidden>{search}'
        f'<details class="ledger-more"><summary>Filters</summary><div>{"".join(selects)}</div></details>'
        '<button type="reset">Show all</button><output id="ledger-count" aria-live="polite"></output></form>'
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
        (
            "root",
            len(found.roots),
            ("error of substance that stands by itself", "errors of substance that stand by themselves"),
            "",
        ),
        ("consequence", len(found.consequences), ("statement that falls", "statements that fall"), "with another"),
        ("slip", len(found.slips), ("slip", "slips"), "of a word, a letter or a reference, on which nothing rests"),
    )
    out = nodes.paragraph("", "", nodes.strong("", "What is false: "))
    for index, (kind, number, (one, many), rest) in enumerate(parts):
        out += nodes.Text("; " if index else "")
        out += [place_link(f"{number} {one if number == 1 else many} {rest}".strip(), LEDGER, f"?error=e-{kind}")]
    out += nodes.Text(".")
    return out


def aside(implied: int) -> list[nodes.Node]:
    """A sentence on the statements that the paper implies and does not print, which are counted apart."""
    if not implied:
        return []
    words = (
        "1 more has a line: the paper implies it and does not print it"
        if implied == 1
        else (f"{implied} more have a line: the paper implies them and does not print them")
    )
    return [nodes.paragraph("", f"{words}. The signs are explained in How to read, run, cite and extend.")]


def classes(claim: Claim) -> list[str]:
    """What the filter asks of a line: verdict, chapter, whose statement, kind of error, wording, kinds of evidence."""
    error = error_kind(claim) if claim.origin == "paper" and is_false(claim) else ""
    out = ["ledger-row", slug(claim.verdict), f"c-{claim.chapter}", f"o-{claim.origin}"]
    out += [f"e-{error}"] if error else []
    out += [f"w-{claim.wording}"] if claim.wording else []
    return out + [f"k-{kind}" for kind in evidence_kinds(claim)]


class ClaimTable(SphinxDirective):
    """All claims as lines that can be filtered, with counts."""

    def run(self) -> list[nodes.Node]:
        chosen = list(claims.values())
        paper = [claims[name] for name in printed(claims)]
        book = [claim for claim in chosen if claim.origin == "book"]
        rows = (self._row(claim) for claim in chosen)
        return [
            error_counts(),
            tally(paper, "Printed by the paper"),
            tally(book, "Stated by this book"),
            *aside(len(chosen) - len(paper) - len(book)),
            nodes.raw("", tools(chosen), format="html"),
            table(("Claim", "In words", "Verdict", "Chapter"), rows, "ledger"),
        ]

    def _row(self, claim: Claim) -> nodes.row:
        """One line; links to lines of former ids lead to it, too."""
        anchors = [anchor(name, "ledger") for name in (claim.id, *claim.formerly)]
        cells = ([claim_link(claim)], [nodes.Text(claim.title)], [claim_badge(claim)], [home(claim, short=True)])
        line = row(cells, ids=anchors, names=anchors[:1], classes=classes(claim))
        self.state.document.note_explicit_target(line)
        return line
