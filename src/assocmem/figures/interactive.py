"""Interactive figures that work with no network, can be read aloud, and are compared in the tests.

A plotly figure is a page of JavaScript: as HTML it is 5 MB in JupyterLab and nothing that a test could compare.
``show`` returns it together with a text that summarizes every number in it; the tests compare that text, with their
numeric tolerance, and skip the HTML exactly where ``covered`` says that the text speaks for it.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import plotly.io
from plotly.basedatatypes import BaseFigure

BOOK = "ASSOCMEM_BOOK"
"""Environment variable that the book's build sets: its pages load one local copy of plotly.js."""

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
COVER = re.compile(r'^<div class="interactive-figure" data-summary="([0-9a-f]{64})"')


@dataclass(frozen=True)
class Interactive:
    """A plotly figure with its name, its alternative text and a summary of its numbers."""

    name: str
    alt: str
    html: str = field(repr=False)
    summary: str = field(repr=False)

    def __repr__(self) -> str:
        return self.summary

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What Jupyter shows: the drawing where scripts run, the summary elsewhere."""
        return {"text/html": self.html, "text/plain": self.summary}


def show(fig: BaseFigure, *, name: str, alt: str) -> Interactive:
    """Show a plotly figure in JupyterLab, Colab or the built book; make it the last expression of a cell.

    Parameters
    ----------
    fig : BaseFigure
        Plotly figure.
    name : str
        Identifier of the figure on its page, in lowercase words joined by hyphens.
    alt : str
        What a reader who cannot see the figure needs to know.

    Raises
    ------
    TypeError
        When ``fig`` is no plotly figure.
    ValueError
        For a malformed ``name`` or a blank ``alt``.
    """
    if not isinstance(fig, BaseFigure):
        raise TypeError(f"fig is a {type(fig).__name__}; takes a plotly figure")
    if not NAME.fullmatch(name):
        raise ValueError(f"name={name!r}; takes lowercase words joined by hyphens, such as 'energy-surface'")
    if not alt.strip():
        raise ValueError(f"alt={alt!r}; takes a sentence that says what the figure shows")
    summary = f"{name}: {alt}\n" + "\n".join(_lines(fig))
    drawing = plotly.io.to_html(
        fig,
        full_html=False,
        div_id=name,
        include_plotlyjs=os.environ.get(BOOK) != "1",
        auto_play=False,
        config={"displayModeBar": False, "responsive": True},
    )
    digest = hashlib.sha256(summary.encode()).hexdigest()
    html = (
        f'<div class="interactive-figure" data-summary="{digest}" role="img" aria-label="{escape(alt)}">'
        f"{drawing}<noscript>{escape(alt)}</noscript></div>"
    )
    return Interactive(name, alt, html, summary)


def covered(data: Mapping[str, Any]) -> bool:
    """Whether a mime bundle's HTML is an interactive figure whose numbers its own text/plain summarizes."""
    match = COVER.match(str(data.get("text/html", "")))
    plain = str(data.get("text/plain", ""))
    return match is not None and match.group(1) == hashlib.sha256(plain.encode()).hexdigest()


def _lines(fig: BaseFigure) -> Iterator[str]:
    """One line per trace, one for all frames, one for the words of the layout."""
    content = fig.to_plotly_json()
    for index, trace in enumerate(content["data"]):
        label = " ".join(str(part) for part in (trace.get("type"), trace.get("name")) if part)
        yield f"trace {index} ({label}): " + "; ".join(_facts(trace))
    frames = content.get("frames") or []
    if frames:
        yield f"frames {len(frames)}: " + "; ".join(_facts({"data": [frame.get("data") for frame in frames]}))
    layout = {key: value for key, value in content["layout"].items() if key != "template"}
    texts = [f"{path}={value!r}" for path, value in _walk(layout) if path.endswith("text") and isinstance(value, str)]
    rest = [*texts, *_facts(layout)]
    if rest:
        yield "layout: " + "; ".join(rest)


def _facts(content: Any) -> list[str]:
    """Every number and list in a part of the figure, merged over positions: numbers by moments, words by a hash."""
    numbers: dict[str, list[np.ndarray[Any, Any]]] = {}
    words: dict[str, list[str]] = {}
    for path, value in _walk(content):
        if isinstance(value, (int, float, np.ndarray)):
            numbers.setdefault(path, []).append(np.atleast_1d(np.asarray(value, dtype=float)))
        elif isinstance(value, (list, tuple)):
            words.setdefault(path, []).extend(map(str, value))
    facts = [f"{path} {moments(np.concatenate(parts))}" for path, parts in numbers.items()]
    for path, labels in words.items():
        digest = hashlib.sha256("\0".join(labels).encode()).hexdigest()[:12]
        facts.append(f"{path} {len(labels)} labels h{digest}")
    return facts


def moments(values: np.ndarray[Any, Any]) -> str:
    """Size, range, mean and two projections on fixed pseudo-random weights, which one changed point moves.

    A point that changes by ``delta`` moves a projection by about ``delta``, while the projection of n points of
    size s is about s * sqrt(n): much less than their sum.
    """
    finite = values[np.isfinite(values)]
    if values.size == 1 and finite.size:
        return f"{values[0]:.9g}"
    if not finite.size:
        return f"n={values.size}, none finite"
    angle = np.arange(finite.size, dtype=float) ** 2 % 9973
    numbers = (finite.min(), finite.max(), finite.mean(), finite @ np.cos(angle), finite @ np.sin(angle))
    small = 1e-9 * max(float(np.abs(finite).max()), 1.0)
    shown = " ".join(f"{0.0 if abs(x) < small else float(x):.9g}" for x in numbers)
    missing = values.size - finite.size
    return f"n={values.size}, min max mean and projections {shown}" + (f", {missing} not finite" if missing else "")


def _walk(content: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves of a plotly JSON tree; an array of numbers is one leaf, whichever way it is stored."""
    if isinstance(content, Mapping) and "bdata" in content:
        content = _decode(content)
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from _walk(value, f"{path}.{key}" if path else str(key))
        return
    if isinstance(content, np.ndarray) and content.dtype.kind not in "biuf":
        content = content.tolist()
    if isinstance(content, (list, tuple)):
        nested = [isinstance(item, (Mapping, list, tuple, np.ndarray)) for item in content]
        if any(nested) and not _numeric(content):
            for item in content:
                yield from _walk(item, path)
            return
        content = _numeric(content)[0] if _numeric(content) else content
    if isinstance(content, np.ndarray):
        content = content.astype(float).ravel()
    yield path, content


def _numeric(content: Any) -> list[np.ndarray[Any, Any]]:
    """The list as one array of floats, in a list; empty when it holds anything else."""
    try:
        rows = np.array(content, dtype=object)
        if not rows.size or any(isinstance(item, (str, bytes, Mapping)) for item in rows.ravel()):
            return []
        return [rows.astype(float)]
    except (TypeError, ValueError):
        return []


def _decode(stored: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """An array that plotly keeps as base64."""
    return np.frombuffer(base64.b64decode(stored["bdata"]), dtype=np.dtype(stored["dtype"])).astype(float)


__all__ = ["BOOK", "Interactive", "covered", "moments", "show"]
