"""The page of dependency graphs: drawn from the registry, with a list for those who cannot see them."""

from __future__ import annotations

from collections.abc import Iterable

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from assocmem.claims import claims
from assocmem.claims.registry import Claim
from assocmem.claims.verdicts import VERDICTS
from assocmem.claims.views import pictures
from assocmem.claims.views.addresses import address
from assocmem.figures.graph import Node, carried, draw, legend
from bookext.links import claim_link
from bookext.parts import claim_badge, fold

Pair = tuple[str, str]
IN_WORDS = "The page of each claim lists what it rests on and carries."


def edges() -> list[Pair]:
    """Pairs (basis, claim that rests on it)."""
    return [(basis, claim.id) for claim in claims.values() for basis in claim.depends_on]


def verdicts() -> dict[str, str]:
    """The stored verdict of each claim."""
    return {claim.id: claim.verdict for claim in claims.values()}


def nodes_for(pairs: Iterable[Pair], inside: set[str] | None = None) -> list[Node]:
    """The claims at the ends of the edges, in the order of the book."""
    names = {name for pair in pairs for name in pair}
    return [
        Node(
            claim.id,
            claim.title,
            claim.verdict,
            address(claim.id),
            outside=inside is not None and claim.id not in inside,
        )
        for claim in claims.values()
        if claim.id in names
    ]


def named(name: str) -> nodes.reference:
    """A claim's id and title as a link to its page."""
    return claim_link(claims[name], f"{name}: {claims[name].title}")


def chapter_edges(chapter: int) -> tuple[list[Pair], set[str]]:
    """The edges that touch a chapter, and the claims in it."""
    inside = {claim.id for claim in claims.values() if claim.chapter == chapter}
    return [(a, b) for a, b in edges() if a in inside or b in inside], inside


def fallen_edges() -> list[Pair]:
    """The edges between fallen claims and all that hangs on them, two steps down."""
    burdened = carried(edges(), verdicts())
    near = {name for name, (direct, _) in burdened.items() for name in (name, *direct)}
    return [(a, b) for a, b in edges() if a in burdened or (a in near and b in near)]


def chapter_overview() -> tuple[list[Node], list[Pair]]:
    """One node a chapter with the number of its claims, and an edge where a later chapter rests on an earlier."""
    total: dict[int, list[Claim]] = {}
    for claim in claims.values():
        total.setdefault(claim.chapter, []).append(claim)
    drawn = []
    for chapter, held in sorted(total.items()):
        open_ = sum(claim.verdict == "not yet treated" for claim in held)
        label = f"chapter {chapter}: {len(held)}"
        title = f"{len(held)} claims, {open_} of them not yet treated"
        drawn.append(Node(f"chapter {chapter}", title, "", f"#graph-chapter-{chapter}", label=label))
    pairs = {(claims[a].chapter, claims[b].chapter) for a, b in edges()}
    return drawn, sorted((f"chapter {a}", f"chapter {b}") for a, b in pairs if a < b)


class ClaimGraph(SphinxDirective):
    """One of the drawings: ``argument``, ``legend``, ``fallen``, ``overview``, ``chapters`` or ``whole``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        makers = {
            "argument": self.argument,
            "legend": self.legend,
            "fallen": self.fallen,
            "overview": self.overview,
            "chapters": self.chapters,
            "whole": self.whole,
        }
        if self.arguments[0] not in makers:
            raise self.error(f"claim-graph {self.arguments[0]!r}; takes one of {', '.join(makers)}")
        return makers[self.arguments[0]]()

    @staticmethod
    def _raw(svg: str) -> nodes.Node:
        return nodes.raw("", f'<div class="claim-graph-frame" tabindex="0">{svg}</div>', format="html")

    def argument(self) -> list[nodes.Node]:
        """The argument of the paper in a dozen statements, laid out by hand."""
        return [nodes.raw("", pictures.argument().html(), format="html")]

    def legend(self) -> list[nodes.Node]:
        """The signs of the verdicts that occur."""
        present = set(verdicts().values())
        return [nodes.raw("", legend(verdict for verdict in VERDICTS if verdict in present), format="html")]

    def fallen(self) -> list[nodes.Node]:
        """What rests on refuted claims: drawing and list."""
        burdened = carried(edges(), verdicts())
        pairs = fallen_edges()
        if not burdened:
            return [nodes.paragraph("", "No refuted claim carries another one.")]
        svg = draw(
            nodes_for(pairs),
            pairs,
            ident="graph-fallen",
            title="What rests on refuted claims",
            description="The list below the drawing says the same in words.",
        )
        listing = nodes.bullet_list()
        for name, (direct, further) in burdened.items():
            item = nodes.paragraph("", "", named(name), nodes.Text(" "), claim_badge(claims[name]))
            item += nodes.Text(" carries ")
            for index, other in enumerate(direct):
                item += nodes.Text("; " if index else "")
                item += [named(other), nodes.Text(" "), claim_badge(claims[other])]
            item += nodes.Text(f"; and through claims that are not settled, {len(further)} more." if further else ".")
            entry = nodes.list_item("", item)
            if further:
                names = nodes.paragraph()
                for index, other in enumerate(further):
                    names += nodes.Text(", " if index else "")
                    names += claim_link(claims[other])
                entry += fold(f"The {len(further)} further claims that hang on {name}", [names], "claim-further")
            listing += entry
        many = len(nodes_for(pairs))
        words = fold("The same in words", [listing], "claim-fallen")
        return [fold(f"A drawing of these {many} claims", [self._raw(svg)], "claim-fallen"), words]

    def overview(self) -> list[nodes.Node]:
        """Chapters and how they rest on each other."""
        drawn, pairs = chapter_overview()
        svg = draw(
            drawn,
            pairs,
            ident="graph-overview",
            title="How the chapters rest on each other",
            description="; ".join(f"{b} rests on {a}" for a, b in pairs),
        )
        return [self._raw(svg)]

    def chapters(self) -> list[nodes.Node]:
        """One drawing for each chapter, each a section of the page."""
        out: list[nodes.Node] = []
        for chapter in sorted({claim.chapter for claim in claims.values()}):
            pairs, inside = chapter_edges(chapter)
            anchor = f"graph-chapter-{chapter}"
            section = nodes.section(ids=[anchor], names=[anchor])
            self.state.document.note_explicit_target(section)
            section += nodes.title("", f"Chapter {chapter}")
            alone = [name for name in inside if not any(name in pair for pair in pairs)]
            if pairs:
                text = f"{len(inside)} claims" + (f", {len(alone)} of them without an edge." if alone else ".")
                svg = draw(
                    nodes_for(pairs, inside),
                    pairs,
                    ident=anchor,
                    title=f"Claims of chapter {chapter}",
                    description=f"{text} {IN_WORDS}",
                )
                section += fold(f"Chapter {chapter}: {text}", [self._raw(svg)], "claim-chapter")
            else:
                section += nodes.paragraph("", f"{len(inside)} claims, none of which rests on another.")
            out.append(section)
        return out

    def whole(self) -> list[nodes.Node]:
        """All claims that have an edge, behind a line that opens the drawing."""
        pairs = edges()
        drawn = nodes_for(pairs)
        svg = draw(
            drawn,
            pairs,
            ident="graph-whole",
            title="All claims that rest on others or carry them",
            description=IN_WORDS,
            width=1200,
        )
        return [fold(f"The whole graph: {len(drawn)} claims, {len(pairs)} edges", [self._raw(svg)], "claim-whole")]
