"""A drawing with a labeled slider and a labeled menu: every state is computed here, so that it works without a server.

The controls are plain form elements, so keyboard and screen reader work; a sentence under the drawing says what it
shows and changes with it. ``explorer.js`` beside this file draws with plotly. A text that summarizes every number is
what the tests compare.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import plotly.offline
from numpy.typing import ArrayLike

from assocmem.figures.interactive import BOOK, NAME, moments

Color = Literal["one", "two", "ink", "grey"]
DIGITS = 5
"""Significant digits of the numbers on the page, which carries every state."""


@dataclass(frozen=True)
class Curve:
    """One curve or set of marks, in a color that follows light and dark."""

    name: str
    x: ArrayLike
    y: ArrayLike
    color: Color = "ink"
    dash: str = "solid"
    mode: Literal["lines", "markers", "lines+markers"] = "lines"
    width: float = 2.5
    symbol: str = "circle"
    legend: bool = True

    def data(self) -> dict[str, Any]:
        """What the script draws."""
        rest = {"width": self.width, "symbol": self.symbol, "legend": self.legend}
        points = {"x": _short(self.x), "y": _short(self.y)}
        return {"name": self.name, **points, "color": self.color, "dash": self.dash, "mode": self.mode, **rest}


@dataclass(frozen=True)
class Frame:
    """One state: its curves, the sentence under them, and a table where there is one."""

    curves: Sequence[Curve]
    says: str
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


class Explorer:
    """Curves under a slider and a menu; make it the last expression of a cell.

    Parameters
    ----------
    name : str
        Identifier on its page, in lowercase words joined by hyphens.
    steps : Mapping[str, Any]
        What the slider sets, by the words shown beside it.
    frame : Callable[[Any, Any], Frame]
        Takes a value of the menu and one of the slider, and gives what is drawn.
    slider : str
        Label of the slider.
    axes : tuple[str, str]
        Labels of the axes.
    alt : str
        What a reader who cannot see the drawing needs to know.
    choices : Mapping[str, Any] | None
        What the menu sets, by the words that it shows; no menu by default.
    menu : str
        Label of the menu.
    start : int
        Index of the step shown first.
    log : str
        "x", "y" or "xy" for logarithmic axes.
    y_range : tuple[float, float] | None
        Limits of the vertical axis, or of its decimal logarithm; by default those of all states.

    Raises
    ------
    ValueError
        For a malformed name, a blank alternative text, no steps, or labels that are missing.
    """

    def __init__(
        self,
        *,
        name: str,
        steps: Mapping[str, Any],
        frame: Callable[[Any, Any], Frame],
        slider: str,
        axes: tuple[str, str],
        alt: str,
        choices: Mapping[str, Any] | None = None,
        menu: str = "",
        start: int = 0,
        log: str = "",
        y_range: tuple[float, float] | None = None,
    ) -> None:
        if not NAME.fullmatch(name):
            raise ValueError(f"name={name!r}; takes lowercase words joined by hyphens, such as 'exact-losses'")
        if not alt.strip():
            raise ValueError(f"alt={alt!r}; takes a sentence that says what the figure shows")
        if not steps or not 0 <= start < len(steps):
            raise ValueError(
                f"{len(steps)} steps and start={start}; takes at least one step, and starts at one of them"
            )
        if not slider.strip() or (choices is not None and not (menu.strip() and choices)):
            raise ValueError(f"slider={slider!r} and menu={menu!r}; controls need labels and the menu needs choices")
        self.name, self.alt, self.start = name, alt, start
        self.steps, self.choices = tuple(steps), tuple(choices or {"": None})
        self.slider, self.menu = slider, menu
        self.frames = {
            choice: {step: frame(value, at) for step, at in steps.items()}
            for choice, value in (choices or {"": None}).items()
        }
        self.look = {"axes": list(axes), "log": log, "range": list(y_range) if y_range else None}

    @property
    def summary(self) -> str:
        """Name, alternative text, and the numbers and sentence of every state."""
        lines = [f"{self.name}: {self.alt}", f"slider {self.slider}: {', '.join(self.steps)}", f"axes {self.look}"]
        for choice, states in self.frames.items():
            lines += [f"menu {self.menu}: {choice}"] if self.menu else []
            for step, state in states.items():
                lines.append(f"  {step}: {state.says}")
                for curve in state.curves:
                    points = (moments(np.asarray(values, dtype=float).ravel()) for values in (curve.x, curve.y))
                    lines.append(f"    {curve.name}: " + "; ".join(points))
                lines += ["    " + ", ".join(row) for row in state.rows]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.summary

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What Jupyter shows: the drawing where scripts run, the summary elsewhere."""
        return {"text/html": self.html(alone=os.environ.get(BOOK) != "1"), "text/plain": self.summary}

    def html(self, *, alone: bool) -> str:
        """The controls and the data; ``alone`` brings the scripts along, as a notebook needs."""
        options = "".join(f"<option>{escape(choice)}</option>" for choice in self.choices)
        menu = f"<label>{escape(self.menu)} <select>{options}</select></label>" if self.menu else ""
        drawn = {
            choice: {step: _state(state) for step, state in states.items()} for choice, states in self.frames.items()
        }
        data = json.dumps(
            {**self.look, "steps": self.steps, "frames": drawn}, separators=(",", ":"), allow_nan=False
        ).replace("</", "<\\/")
        digest = hashlib.sha256(self.summary.encode()).hexdigest()
        scripts = f"<script>{plotly.offline.get_plotlyjs()}</script><script>{script()}</script>" if alone else ""
        return (
            f'<div class="interactive-figure" data-summary="{digest}"><div class="explorer" id="{self.name}">'
            f'<form onsubmit="return false"><label>{escape(self.slider)} <input type="range" min="0" '
            f'max="{len(self.steps) - 1}" value="{self.start}" step="1"> <output></output></label>{menu}</form>'
            f'<div class="explorer-plot" role="img" aria-label="{escape(self.alt)}"></div>'
            '<p class="explorer-says" aria-live="polite"></p><div class="explorer-table"></div>'
            f'<script type="application/json">{data}</script><noscript>{escape(self.alt)}</noscript></div></div>'
            f"{scripts}"
        )


def script() -> str:
    """The script that draws; the book serves the same file."""
    return files("assocmem.figures").joinpath("explorer.js").read_text(encoding="utf-8")


def _state(state: Frame) -> dict[str, Any]:
    out: dict[str, Any] = {"curves": [curve.data() for curve in state.curves], "says": state.says}
    return out | ({"head": list(state.head), "rows": [list(row) for row in state.rows]} if state.rows else {})


def _short(values: ArrayLike) -> list[float | None]:
    """Rounded numbers; what is not finite leaves a gap."""
    flat = np.asarray(values, dtype=float).ravel()
    return [float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None for value in flat]


__all__ = ["Curve", "Explorer", "Frame", "script"]
