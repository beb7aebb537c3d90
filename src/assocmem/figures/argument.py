"""A small picture of an argument, laid out by hand: a few statements in words, and arrows to what rests on them.

Plain data in, HTML out: an SVG for a column of text, and for a narrow one the same as a list, which the style sheet of
the book shows in its place. The large graphs, which place themselves, are in ``graph.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from assocmem.figures.graph import FALLEN, hanging, style

WIDTH, HEIGHT, ACROSS, DOWN = 206, 66, 234, 106
"""Size of a statement's box, and the distances of two boxes, in pixels."""
PLATE = "var(--verdict, currentColor)"


class Statement(NamedTuple):
    """A statement in the picture: its column and row, its name, what it says in a few words."""

    column: int
    row: int
    name: str
    words: str


class Layout(NamedTuple):
    """A picture: what it is called, its statements by id, and pairs (basis, what rests on it)."""

    title: str
    statements: Mapping[str, Statement]
    arrows: Sequence[tuple[str, str]]


def drawing(layout: Layout, verdicts: Mapping[str, str], links: Mapping[str, str], *, ident: str) -> str:
    """The picture as one SVG whose statements are links.

    Parameters
    ----------
    layout : Layout
        What is drawn where.
    verdicts : Mapping[str, str]
        The verdict of each statement by its id.
    links : Mapping[str, str]
        Where each statement leads.
    ident : str
        Prefix of the identifiers in the drawing, unique on its page.

    Returns
    -------
    str
        The SVG, which can stand in HTML or by itself.

    Raises
    ------
    KeyError
        For an arrow from or to a statement that the layout lacks, and for a statement without a verdict or a link.
    """
    red = hanging(layout.arrows, {name: verdicts[name] for name in layout.statements})
    wide = max(held.column for held in layout.statements.values()) * ACROSS + WIDTH + 8
    high = max(held.row for held in layout.statements.values()) * DOWN + HEIGHT + 8
    parts = [
        f'<svg class="argument-drawing" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="group" '
        f'aria-labelledby="{ident}-title {ident}-text" font-family="sans-serif" font-size="14">',
        f'<title id="{ident}-title">{escape(layout.title)}</title>'
        f'<desc id="{ident}-text">{escape(in_words(layout, verdicts))}</desc>',
        f'<defs><marker id="{ident}-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" '
        'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8z" fill="currentColor"/></marker></defs>',
    ]
    for basis, user in sorted(layout.arrows, key=lambda pair: pair in red):
        path = _path(layout.statements[basis], layout.statements[user])
        stroke = "2.6" if (basis, user) in red else "1.2"
        parts.append(
            f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="{stroke}" '
            f'marker-end="url(#{ident}-tip)"/>'
        )
    parts += [_box(held, verdicts[name], links[name]) for name, held in layout.statements.items()]
    return "\n".join(parts) + "\n</svg>"


def listing(layout: Layout, verdicts: Mapping[str, str], links: Mapping[str, str]) -> str:
    """The same as a numbered list, for a narrow page: each statement with its verdict and what it rests on."""
    items = []
    for name, held in layout.statements.items():
        bases = [layout.statements[basis].name for basis, user in layout.arrows if user == name]
        rests = f"; rests on: {escape(', '.join(bases))}" if bases else ""
        items.append(
            f'<li><a href="{escape(links[name])}">{escape(held.name)}</a>, {escape(held.words)} '
            f'<span class="verdict {_css(verdicts[name])}">{escape(_signed(verdicts[name]))}</span>{rests}.</li>'
        )
    return '<ol class="argument-list">' + "".join(items) + "</ol>"


def in_words(layout: Layout, verdicts: Mapping[str, str]) -> str:
    """Every statement with its verdict and what it rests on, as plain sentences."""
    out = []
    for name, held in layout.statements.items():
        bases = [layout.statements[basis].name for basis, user in layout.arrows if user == name]
        rests = f", rests on {', '.join(bases)}" if bases else ""
        out.append(f"{held.name} ({held.words}): {verdicts[name]}{rests}.")
    return " ".join(out)


def _css(verdict: str) -> str:
    return "v-" + verdict.replace(" ", "-")


def _signed(verdict: str) -> str:
    return f"{style(verdict).sign}\u00a0{verdict}".strip()


def _corner(held: Statement) -> tuple[float, float]:
    return 4 + held.column * ACROSS, 4 + held.row * DOWN


def _path(basis: Statement, user: Statement) -> str:
    """From the bottom of the basis to the top of what rests on it; from side to side in one row."""
    (ax, ay), (bx, by) = _corner(basis), _corner(user)
    if basis.row == user.row:
        start, end = (ax + WIDTH, bx - 3) if bx > ax else (ax, bx + WIDTH + 3)
        return f"M{start:g} {ay + HEIGHT / 2:g} L{end:g} {by + HEIGHT / 2:g}"
    lean = (ax - bx) / ACROSS * 26  # Arrows that meet in one box end side by side.
    x, y, top, at = ax + WIDTH / 2, ay + HEIGHT, by - 3, bx + WIDTH / 2 + lean
    return f"M{x:g} {y:g} C{x:g} {(y + top) / 2:g} {at:g} {(y + top) / 2:g} {at:g} {top:g}"


def _box(held: Statement, verdict: str, link: str) -> str:
    x, y = _corner(held)
    dash = f' stroke-dasharray="{style(verdict).dash}"' if style(verdict).dash else ""
    thick = "3" if verdict in FALLEN else "1.5"
    lines = (
        (20, "14", "currentColor", "600", held.name),
        (38, "12.5", "currentColor", "400", held.words),
        (57, "12.5", PLATE, "600", _signed(verdict)),
    )
    texts = "".join(
        f'<text x="{x + 10:g}" y="{y + down:g}" fill="{color}" font-weight="{weight}" font-size="{size}">'
        f"{escape(text)}</text>"
        for down, size, color, weight, text in lines
    )
    name = escape(f"{held.name}, {held.words}: {verdict}")
    return (
        f'<a class="{_css(verdict)}" href="{escape(link)}" aria-label="{name}">'
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="var(--pst-color-background, #fff)" '
        f'stroke="{PLATE}" stroke-width="{thick}"{dash}/>{texts}</a>'
    )
