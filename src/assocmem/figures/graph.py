"""Draws which claims rest on which, as an SVG that needs no script, no network and no color to be read.

Every verdict has a shape, a sign and a border of its own; color comes last, from the page's style sheet, so that the
drawing follows light and dark mode. Rows are bounded in width (a Coffman-Graham layering) so that a graph of hundreds
of claims fits a column of text; nodes are links, and each names itself to a screen reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import networkx as nx

from assocmem.figures.graph_layout import HEIGHT, Point, arrange

CHARACTER = 7.2


@dataclass(frozen=True)
class Style:
    """How one verdict is drawn: the sign before the label, the outline, and the pattern of its border."""

    sign: str
    shape: str
    dash: str = ""


STYLES = {
    "proved": Style("✓", "round"),
    "proved with a condition": Style("✓?", "round", "6 3"),
    "reproduced": Style("=", "round"),
    "measured": Style("◆", "round"),
    "reproduced in part": Style("≈", "round", "6 3"),
    "empty": Style("∅", "slant", "2 3"),
    "refuted": Style("✗", "hexagon"),
    "not reproduced": Style("≠", "hexagon"),
    "ill-defined": Style("?", "slant"),
    "heuristic": Style("~", "slant", "6 3"),
    "supported": Style("§", "box"),
    "supported in part": Style("§?", "box", "6 3"),
    "contradicted": Style("§✗", "hexagon", "6 3"),
    "not yet run": Style("…", "box", "2 3"),
    "not yet treated": Style("·", "box", "2 3"),
}
"""The drawing of each verdict; another verdict is drawn as a plain box."""

SETTLED = (
    "proved",
    "proved with a condition",
    "reproduced",
    "reproduced in part",
    "measured",
    "supported",
    "supported in part",
)
FALLEN = ("refuted", "contradicted", "not reproduced")


@dataclass(frozen=True)
class Node:
    """A claim to draw: where its label leads, what it is called, its verdict; ``outside`` draws it faint."""

    id: str
    title: str
    verdict: str
    href: str
    outside: bool = False
    label: str | None = None

    @property
    def text(self) -> str:
        """The label with the sign of the verdict before it."""
        return f"{style(self.verdict).sign} {self.label or self.id}"

    @property
    def width(self) -> float:
        """Width of the outline that the label needs."""
        return CHARACTER * len(self.text) + 26


def style(verdict: str) -> Style:
    """The drawing of a verdict."""
    return STYLES.get(verdict, Style("", "box"))


def carried(edges: Iterable[tuple[str, str]], verdicts: Mapping[str, str]) -> dict[str, tuple[list[str], list[str]]]:
    """What each fallen claim carries: the claims that rest on it, and those that rest on these.

    ``edges`` are pairs (basis, claim that rests on it). The second list stops at a claim that is settled by checks of
    its own: what rests on that one does not hang on the fallen claim.
    """
    pairs = list(edges)
    graph = nx.DiGraph(pairs)
    effects: dict[str, tuple[list[str], list[str]]] = {}
    for name in verdicts:
        if verdicts[name] not in FALLEN or name not in graph or not graph.out_degree(name):
            continue
        direct = list(graph.successors(name))
        open_graph = nx.DiGraph((a, b) for a, b in pairs if a == name or verdicts.get(a) not in SETTLED)
        further = [other for other in nx.descendants(open_graph, name) if other not in direct]
        order = {other: index for index, other in enumerate(verdicts)}
        effects[name] = (direct, sorted(further, key=lambda other: order.get(other, 0)))
    return effects


def hanging(edges: Iterable[tuple[str, str]], verdicts: Mapping[str, str]) -> set[tuple[str, str]]:
    """The edges on which something hangs on a fallen claim, directly or through claims that are not settled."""
    pairs = list(edges)
    touched = {a for a, verdict in verdicts.items() if verdict in FALLEN}
    for direct, further in carried(pairs, verdicts).values():
        touched |= {other for other in (*direct, *further) if verdicts.get(other) not in SETTLED}
    return {(a, b) for a, b in pairs if a in touched}


def draw(
    nodes: Sequence[Node],
    edges: Iterable[tuple[str, str]],
    *,
    ident: str,
    title: str,
    description: str,
    width: float = 690.0,
) -> str:
    """Draw claims and the edges between them as one SVG, bases above what rests on them.

    Parameters
    ----------
    nodes : Sequence[Node]
        The claims; a name at an end of an edge must be among them.
    edges : Iterable[tuple[str, str]]
        Pairs (basis, claim that rests on it).
    ident : str
        Prefix of the identifiers in the drawing, unique on its page.
    title : str
        What the drawing is, in a phrase.
    description : str
        What a reader who cannot see it needs to know.
    width : float
        The width in pixels that rows are broken to.

    Raises
    ------
    ValueError
        For an edge to an unknown claim and for claims that rest on themselves.
    """
    byname = {node.id: node for node in nodes}
    pairs = sorted({(a, b) for a, b in edges})
    unknown = sorted({name for pair in pairs for name in pair if name not in byname})
    if unknown:
        raise ValueError(f"edges name {', '.join(unknown)}, which nodes does not hold")
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(byname)
    graph.add_edges_from(pairs)
    if not nx.is_directed_acyclic_graph(graph):
        loop = " -> ".join(a for a, _ in nx.find_cycle(graph))
        raise ValueError(f"edges hold a cycle: {loop}")
    red = hanging(pairs, {node.id: node.verdict for node in nodes})
    places, paths, size = arrange(graph, {node.id: node.width for node in nodes}, width)
    parts = [
        f'<svg class="claim-graph" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]:.0f} {size[1]:.0f}" '
        f'width="{size[0]:.0f}" height="{size[1]:.0f}" role="group" aria-labelledby="{ident}-title {ident}-text">',
        f'<title id="{ident}-title">{escape(title)}</title><desc id="{ident}-text">{escape(description)}</desc>',
        "<defs>" + _arrow(f"{ident}-arrow", "edge") + _arrow(f"{ident}-red", "edge hangs") + "</defs>",
    ]
    for pair in sorted(pairs, key=lambda p: p in red):
        hangs = pair in red
        kind, marker, stroke = ("edge hangs", "red", "2.6") if hangs else ("edge", "arrow", "1.2")
        note = f"{pair[1]} rests on {pair[0]}" + (", and hangs on a refuted claim" if hangs else "")
        parts.append(
            f'<path class="{kind}" d="{paths[pair]}" fill="none" stroke="currentColor" stroke-width="{stroke}" '
            f'marker-end="url(#{ident}-{marker})"><title>{escape(note)}</title></path>'
        )
    parts += [_node(byname[name], place) for name, place in places.items()]
    return "\n".join(parts) + "\n</svg>"


def legend(verdicts: Iterable[str]) -> str:
    """The shapes and signs of the given verdicts, as a small SVG each with its name beside it."""
    out = []
    for verdict in verdicts:
        look = Node("", verdict, verdict, "", label=verdict)
        out.append(
            f'<svg class="claim-graph" xmlns="http://www.w3.org/2000/svg" width="{look.width + 4:.0f}" height="34" '
            f'aria-hidden="true"><g class="node {_css(verdict)}">{_outline(look, (look.width / 2 + 2, 17))}</g></svg>'
            f'<span class="visually-hidden">{escape(verdict)}</span>'
        )
    return '<p class="claim-legend">' + " ".join(out) + "</p>"


def _css(verdict: str) -> str:
    return "v-" + verdict.replace(" ", "-")


def _arrow(ident: str, kind: str) -> str:
    return (
        f'<marker id="{ident}" class="{kind}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" '
        'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8z" fill="currentColor"/></marker>'
    )


def _node(node: Node, place: Point) -> str:
    where = " outside" if node.outside else ""
    name = f"{node.id}, {node.verdict}: {node.title}"
    return (
        f'<a class="node {_css(node.verdict)}{where}" href="{escape(node.href)}" aria-label="{escape(name)}">'
        f"<title>{escape(name)}</title>{_outline(node, place)}</a>"
    )


def _outline(node: Node, place: Point) -> str:
    look = style(node.verdict)
    x, y, half, up = place[0], place[1], node.width / 2, HEIGHT / 2
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    thick = "3" if node.verdict in FALLEN else "1.6"
    pen = f'fill="none" stroke="currentColor" stroke-width="{thick}"{dash}'
    if look.shape in ("hexagon", "slant"):
        lean = 9.0
        corners = [
            (-half, 0.0),
            (lean - half, -up),
            (half - lean, -up),
            (half, 0.0),
            (half - lean, up),
            (lean - half, up),
        ]
        if look.shape == "slant":
            corners = [(lean - half, -up), (half, -up), (half - lean, up), (-half, up)]
        points = " ".join(f"{x + a:.1f},{y + b:.1f}" for a, b in corners)
        shape = f'<polygon points="{points}" {pen}/>'
    else:
        radius = up if look.shape == "round" else 0
        shape = (
            f'<rect x="{x - half:.1f}" y="{y - up:.1f}" width="{node.width:.1f}" height="{HEIGHT}" '
            f'rx="{radius:g}" {pen}/>'
        )
    text = f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" fill="currentColor">{escape(node.text)}</text>'
    return shape + text


__all__ = ["FALLEN", "SETTLED", "STYLES", "Node", "Style", "carried", "draw", "hanging", "legend", "style"]
