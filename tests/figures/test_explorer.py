"""Explorers: labeled controls, every state computed beforehand, a text that the tests compare in place of the HTML."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from assocmem.figures.explorer import Curve, Explorer, Frame, script
from assocmem.figures.interactive import BOOK, covered
from repository import ROOT


def explorer(top: float = 4.0, **other: Any) -> Explorer:
    def frame(power: int, scale: float) -> Frame:
        return Frame([Curve("power", [0, 1, 2], [0, scale, top * scale**power])], f"It ends at {scale**power:g} </x>.")

    wanted: dict[str, Any] = {
        "name": "powers",
        "slider": "scale",
        "steps": {"1": 1.0, "2": 2.0, "0.5": 0.5},
        "menu": "power",
        "choices": {"line": 1, "square": 2},
        "frame": frame,
        "axes": ("x", "y"),
        "alt": "A <power>.",
    }
    return Explorer(**{**wanted, **other})


def test_controls_are_form_elements_with_labels() -> None:
    html = explorer().html(alone=False)
    assert re.search(r'<label>scale <input type="range" min="0" max="2" value="0"', html)
    assert "<label>power <select><option>line</option><option>square</option></select></label>" in html
    assert 'aria-live="polite"' in html
    assert 'role="img" aria-label="A &lt;power&gt;."' in html


def test_every_state_is_in_the_page_in_the_order_of_the_slider() -> None:
    html = explorer().html(alone=False)
    found = re.search(r'<script type="application/json">(.*?)</script>', html, re.S)
    assert found
    data = json.loads(found[1])
    assert data["steps"] == ["1", "2", "0.5"]
    assert {choice: set(states) for choice, states in data["frames"].items()} == {
        key: {"1", "2", "0.5"} for key in ("line", "square")
    }
    assert data["frames"]["square"]["2"]["curves"][0]["y"] == [0, 2, 16]


def test_a_notebook_brings_the_scripts_and_the_book_serves_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BOOK, raising=False)
    alone = explorer()._repr_mimebundle_()
    monkeypatch.setenv(BOOK, "1")
    page = explorer()._repr_mimebundle_()
    assert len(alone["text/html"]) > 1_000_000 > len(page["text/html"])
    assert script() in alone["text/html"]
    assert (ROOT / "book/_static/explorer.js").read_text(encoding="utf-8") == script()
    assert alone["text/plain"] == page["text/plain"]


def test_the_text_speaks_for_the_html_and_changes_with_one_number() -> None:
    assert covered(explorer()._repr_mimebundle_())
    assert explorer().summary != explorer(4.001).summary
    assert not covered({**explorer()._repr_mimebundle_(), "text/plain": explorer(4.001).summary})


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"name": "Powers"}, "name="),
        ({"alt": " "}, "alt="),
        ({"steps": {}}, "steps"),
        ({"start": 3}, "start=3"),
        ({"slider": ""}, "labels"),
        ({"menu": ""}, "labels"),
    ],
)
def test_what_a_reader_would_miss_is_refused(wrong: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        explorer(**wrong)
