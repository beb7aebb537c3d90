"""A picture laid out by hand: words fit their boxes, no box covers another, and the list says what the drawing says."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from assocmem.claims.views import layouts
from assocmem.figures.argument import ACROSS, DOWN, HEIGHT, WIDTH, Layout, Statement, drawing, in_words, listing

SVG = "{http://www.w3.org/2000/svg}"
LAYOUT = Layout(
    "Two & three",
    {"A": Statement(0, 0, "First", "1 < 2"), "B": Statement(0, 1, "Second", "follows"), "C": Statement(1, 1, "C", "c")},
    (("A", "B"), ("C", "B")),
)
VERDICTS = {"A": "refuted", "B": "empty", "C": "proved"}
LINKS = {name: f"{name}.html" for name in VERDICTS}
LETTERS = 28
"""How many letters of the smaller size fit into a box: 206 pixels less the margins, at 7 pixels a letter."""


def root() -> ElementTree.Element:
    return ElementTree.fromstring(drawing(LAYOUT, VERDICTS, LINKS, ident="g"))


def test_every_statement_is_a_link_that_names_itself_and_its_verdict() -> None:
    links = {a.attrib["href"]: a.attrib["aria-label"] for a in root().iter(f"{SVG}a")}
    assert links == {"A.html": "First, 1 < 2: refuted", "B.html": "Second, follows: empty", "C.html": "C, c: proved"}


def test_what_hangs_on_a_refuted_statement_is_thick() -> None:
    strokes = [p.attrib["stroke-width"] for p in root().findall(f"{SVG}path")]
    assert sorted(strokes) == ["1.2", "2.6"]


def test_drawing_is_named_and_described_in_words() -> None:
    assert root().findtext(f"{SVG}title") == "Two & three"
    assert root().findtext(f"{SVG}desc") == in_words(LAYOUT, VERDICTS)
    assert "Second (follows): empty, rests on First, C." in in_words(LAYOUT, VERDICTS)


def test_list_has_every_statement_with_its_verdict_and_what_it_rests_on() -> None:
    items = re.findall(r"<li>(.*?)</li>", listing(LAYOUT, VERDICTS, LINKS))
    assert [re.sub(r"<[^>]+>", "", item) for item in items] == [
        "First, 1 &lt; 2 ✗\u00a0refuted.",
        "Second, follows ∅\u00a0empty; rests on: First, C.",
        "C, c ✓\u00a0proved.",
    ]


def test_an_arrow_from_nowhere_is_an_error() -> None:
    with pytest.raises(KeyError, match="Z"):
        drawing(LAYOUT._replace(arrows=[("Z", "A")]), VERDICTS, LINKS, ident="g")


@pytest.mark.parametrize("layout", [layouts.WHY, layouts.ARGUMENT], ids=["why", "argument"])
def test_boxes_of_the_books_pictures_lie_apart_and_hold_their_words(layout: Layout) -> None:
    places = [(held.column, held.row) for held in layout.statements.values()]
    assert len(set(places)) == len(places)
    assert ACROSS > WIDTH
    assert DOWN > HEIGHT
    long = [held for held in layout.statements.values() if max(len(held.name), len(held.words)) > LETTERS]
    assert long == []
    upward = [(a, b) for a, b in layout.arrows if layout.statements[a].row > layout.statements[b].row]
    assert upward == []
