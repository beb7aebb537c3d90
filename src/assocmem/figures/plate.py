"""One style for all still pictures: SVG in the page's text color, two accents and grey, that follow light and dark.

A drawing is made in the four colors below, which are right on paper. On a page each becomes a CSS variable
(``book/_static/figures.css``), so that one inline SVG serves both modes. JupyterLab shows no SVG of a notebook that it
does not trust, so outside the book a plate is a PNG. Its words and numbers are its text, which the tests compare.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from assocmem.figures.interactive import BOOK
from assocmem.figures.plate_numbers import numbers

INK, ONE, TWO, GREY, GROUND = "#1a1a1a", "#0b62a4", "#b3430e", "#767676", "#fffffe"
"""Text, two accents, what stands back, and the page itself: the only colors of a plate."""
CSS = {
    INK: "currentColor",
    ONE: f"var(--fig-one, {ONE})",
    TWO: f"var(--fig-two, {TWO})",
    GREY: f"var(--fig-grey, {GREY})",
    GROUND: f"var(--fig-ground, {GROUND})",
}
WIDTH = 5.6
"""Inches, at most: a wider drawing has labels below 10 px on a phone."""
FONT = "'STIX Two Text', 'Times New Roman', serif"
"""What a page shows; the layout is measured with a wider font, so that words fit in any of these."""
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "assocmem",
    "font.family": "DejaVu Serif",
    "mathtext.fontset": "dejavuserif",
    "font.size": 11.5,
    "axes.titlesize": 11.5,
    "axes.labelsize": 11.5,
    "xtick.labelsize": 11.5,
    "ytick.labelsize": 11.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 2,
    "hatch.color": INK,
    "hatch.linewidth": 0.6,
    "axes.prop_cycle": cycler(color=[ONE, TWO, INK, GREY]),
}
_COLOR = re.compile(r"#[0-9a-fA-F]{6}\b")
_ID = re.compile(r'\bid="([^"]+)"')


@contextmanager
def sheet(height: float, *, width: float = WIDTH, **grid: Any) -> Iterator[tuple[Figure, Any]]:
    """A figure in the book's style and its axes; draw inside the ``with``, then make a ``Plate`` of it.

    Parameters
    ----------
    height : float
        Inches.
    width : float
        Inches, at most ``WIDTH``.
    **grid
        Passed to ``Figure.subplots``: nrows, ncols, sharey and so on.

    Yields
    ------
    tuple[Figure, Any]
        The figure, and its axes as ``subplots`` gives them.

    Raises
    ------
    ValueError
        For a figure too wide for a phone.
    """
    if not 0 < width <= WIDTH:
        raise ValueError(f"width={width}; takes at most {WIDTH} inches, or labels are too small on a phone")
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure, figure.subplots(**grid)


class Plate:
    """A finished drawing: inline SVG on a page of the book, PNG in a notebook, words and numbers as text.

    Parameters
    ----------
    figure : Figure
        The drawing, in the colors of this module only.
    alt : str
        What a reader who cannot see the drawing needs to know.
    notes : Sequence[str]
        Lines that the text needs beside the numbers of curves and bars.

    Raises
    ------
    ValueError
        For a blank ``alt``, or a color that does not follow light and dark.
    """

    def __init__(self, figure: Figure, *, alt: str, notes: Sequence[str] = ()) -> None:
        if not alt.strip():
            raise ValueError(f"alt={alt!r}; takes a sentence that says what the figure shows")
        self.figure, self.alt = figure, alt
        self.summary = "\n".join([numbers(figure), *notes])
        self.svg = _inline(figure, alt)

    def __repr__(self) -> str:
        return f"{self.alt}\n{self.summary}".rstrip()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What Jupyter shows: the SVG in the book, a PNG elsewhere, and always the text."""
        if os.environ.get(BOOK) == "1":
            return {"text/html": self.svg, "text/plain": repr(self)}
        return {"image/png": base64.b64encode(self.png()).decode(), "text/plain": repr(self)}

    def png(self, dpi: int = 120) -> bytes:
        """The drawing on white, for notebooks and link previews."""
        out = io.BytesIO()
        with mpl.rc_context(STYLE):
            self.figure.savefig(out, format="png", dpi=dpi, facecolor="white", metadata={"Software": None})
        return out.getvalue()


def _inline(figure: Figure, alt: str) -> str:
    """The figure as one SVG element without ids or colors that could collide with its page."""
    out = io.StringIO()
    with mpl.rc_context(STYLE):  # The style of text and ids is read when the file is written.
        figure.savefig(out, format="svg", metadata={"Date": None}, transparent=True)
    svg = re.sub(r"^.*?(?=<svg)|<metadata>.*?</metadata>|<!--.*?-->", "", out.getvalue(), flags=re.S)
    left = {color.lower() for color in _COLOR.findall(re.sub(r"\bd=\"[^\"]*\"", "", svg))} - set(CSS)
    if left:
        raise ValueError(f"colors {sorted(left)} do not follow light and dark; takes those of assocmem.figures.plate")
    for color, variable in CSS.items():
        svg = svg.replace(color, variable)
    svg = re.sub(r"'DejaVu Serif'(?:, [^;\"]*)?", FONT, svg)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    mark = hashlib.sha256((alt + svg).encode()).hexdigest()[:8]
    for k, name in enumerate(dict.fromkeys(_ID.findall(svg))):
        svg = re.sub(rf'(\bid="|url\(#|href="#){re.escape(name)}(?=["\)])', rf"\g<1>f{mark}-{k}", svg)
    head, body = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', head)
    assert box is not None
    words = escape(alt, quote=True)
    return (
        f'<svg class="plate" role="img" aria-label="{words}" xmlns:xlink="http://www.w3.org/1999/xlink" {box[0]}>'
        + (re.sub(r"\n\s*", "\n", body).strip())
    )


__all__ = ["GREY", "GROUND", "INK", "ONE", "STYLE", "TWO", "WIDTH", "Plate", "sheet"]
