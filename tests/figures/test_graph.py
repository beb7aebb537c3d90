"""The graph of claims: every edge drawn, red where something hangs on a refuted claim, readable without color."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree

import pytest

from assocmem.claims import claims
from assocmem.claims.verdicts import VERDICTS
from assocmem.figures.graph import STYLES, Node, carried, draw, hanging, legend
from bookext.graphs import chapter_edges, edges, nodes_for, verdicts

VERDICT = {"A": "refuted", "B": "not yet treated", "C": "proved", "D": "not yet treated", "E": "proved", "F": "refuted"}
EDGES = [("A", "B"), ("A", "C"), ("B", "D"), ("C", "E"), ("E", "F")]
SVG = "{http://www.w3.org/2000/svg}"


def picture(pairs: Iterable[tuple[str, str]] = EDGES, names: Iterable[str] = VERDICT, **options: float) -> str:
    drawn = [Node(name, f"Title <{name}>", VERDICT[name], f"#{name}") for name in names]
    return draw(drawn, pairs, ident="g", title="A graph", description="Of letters", **options)


def places(svg: str) -> dict[str, tuple[float, float]]:
    """Where each label stands."""
    texts = ElementTree.fromstring(svg).iter(f"{SVG}text")
    return {str(t.text).split()[-1]: (float(t.attrib["x"]), float(t.attrib["y"])) for t in texts}


def test_a_refuted_claim_carries_what_rests_on_it_until_a_settled_one() -> None:
    assert carried(EDGES, VERDICT) == {"A": (["B", "C"], ["D"])}


def test_edges_hang_on_a_refuted_claim_until_a_settled_one() -> None:
    assert hanging(EDGES, VERDICT) == {("A", "B"), ("A", "C"), ("B", "D")}


def test_a_refuted_claim_that_nothing_rests_on_carries_nothing() -> None:
    assert "F" not in carried(EDGES, VERDICT)
    assert carried([], VERDICT) == {}


def test_every_claim_is_a_link_that_names_itself_and_every_edge_says_what_it_is() -> None:
    root = ElementTree.fromstring(picture())
    links = {a.attrib["href"]: a.attrib["aria-label"] for a in root.iter(f"{SVG}a")}
    assert links == {f"#{name}": f"{name}, {verdict}: Title <{name}>" for name, verdict in VERDICT.items()}
    notes = [path.findtext(f"{SVG}title") for path in root.iter(f"{SVG}path") if path.find(f"{SVG}title") is not None]
    assert sorted(note.split(",")[0] for note in notes if note) == sorted(f"{b} rests on {a}" for a, b in EDGES)
    assert sum("hangs on a refuted claim" in str(note) for note in notes) == 3


def test_drawing_is_named_and_described() -> None:
    root = ElementTree.fromstring(picture())
    assert root.attrib["aria-labelledby"] == "g-title g-text"
    assert root.findtext(f"{SVG}title") == "A graph"
    assert root.findtext(f"{SVG}desc") == "Of letters"


def test_what_rests_stands_below_what_it_rests_on() -> None:
    at = places(picture())
    assert all(at[a][1] < at[b][1] for a, b in EDGES)


def test_drawing_is_the_same_each_time() -> None:
    assert picture() == picture(reversed(EDGES))


def test_no_label_covers_another_and_rows_keep_to_the_width() -> None:
    for chapter in sorted({claim.chapter for claim in claims.values()}):
        pairs, inside = chapter_edges(chapter)
        drawn = nodes_for(pairs, inside)
        if not drawn:
            continue
        svg = draw(drawn, pairs, ident="g", title="t", description="d")
        at, width = places(svg), {node.id: node.width for node in drawn}
        for a in at:
            for b in at:
                if a < b and at[a][1] == at[b][1]:
                    assert abs(at[a][0] - at[b][0]) >= (width[a] + width[b]) / 2, (chapter, a, b)
        assert float(re.search(r'width="(\d+)"', svg)[1]) <= 1100, chapter  # type: ignore[index]


def test_every_edge_of_the_registry_is_drawn() -> None:
    pairs = edges()
    svg = draw(nodes_for(pairs), pairs, ident="g", title="t", description="d", width=1200)
    assert svg.count('<path class="edge') == len(set(pairs))
    assert set(pairs) == {(basis, claim.id) for claim in claims.values() for basis in claim.depends_on}


def test_chapters_together_hold_every_edge() -> None:
    chapters = {claim.chapter for claim in claims.values()}
    assert set().union(*(chapter_edges(chapter)[0] for chapter in chapters)) == set(edges())


def test_the_book_says_what_its_refuted_claims_carry() -> None:
    effects = carried(edges(), verdicts())
    for claim in claims.values():
        for basis in claim.depends_on:
            if claims[basis].verdict == "refuted":
                assert claim.id in effects[basis][0]


def test_each_verdict_differs_from_each_other_by_more_than_color() -> None:
    assert set(STYLES) == set(VERDICTS)
    looks = [(look.sign, look.shape, look.dash) for look in STYLES.values()]
    assert len(set(looks)) == len(looks)
    assert len({look.sign for look in STYLES.values()}) == len(looks)
    assert all(verdict in legend(VERDICTS) for verdict in VERDICTS)


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="cycle: A -> B"):
        picture([("A", "B"), ("B", "A")])
    with pytest.raises(ValueError, match="edges name Z"):
        picture([("A", "Z")])
