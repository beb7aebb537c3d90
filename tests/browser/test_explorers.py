"""Interactive figures work by keyboard: the sentence below changes with slider and menu, and colors follow the mode."""

from __future__ import annotations

import re

import pytest

from browsing import SITE, Visit, pages

WITH = tuple(
    name
    for name in pages("notebooks")
    if re.search(r'class="[^"]*\bexplorer\b', (SITE / name).read_text(encoding="utf-8"))
)
"""Pages that have one."""


def test_some_pages_have_interactive_figures() -> None:
    assert len(WITH) >= 3


@pytest.mark.parametrize("name", WITH)
def test_slider_and_menu_by_keyboard_change_the_sentence(wide: Visit, name: str) -> None:
    page = wide.open(name)
    boxes = page.locator(".explorer[data-ready]")
    boxes.first.wait_for()
    for index in range(boxes.count()):
        box = boxes.nth(index)
        says, slider, menu = box.locator(".explorer-says"), box.locator("input[type=range]"), box.locator("select")
        box.scroll_into_view_if_needed()
        box.locator(".js-plotly-plot svg").first.wait_for()
        said = {says.inner_text()}
        slider.focus()
        for press in ("End", "Home"):
            page.keyboard.press(press)
            said.add(says.inner_text())
        assert len(said) >= 2, (name, index, "slider")
        if menu.count():
            page.keyboard.press("PageUp")
            said, options = set(), menu.locator("option").count()
            menu.focus()
            for _ in range(options):
                said.add(says.inner_text())
                page.keyboard.press("ArrowDown")
            said.add(says.inner_text())
            assert len(said) >= 2, (name, index, "menu")
    assert wide.faults == []


@pytest.mark.parametrize("name", WITH[:1])
def test_drawing_follows_the_mode_and_plotly_is_loaded_once(wide: Visit, name: str) -> None:
    loads: list[str] = []
    wide.page.on("request", lambda request: loads.append(request.url))
    page = wide.open(name)
    page.locator(".explorer").first.scroll_into_view_if_needed()
    page.locator(".explorer .xtick text").first.wait_for()
    ink = "() => getComputedStyle(document.querySelector('.explorer .xtick text')).fill"
    light = page.evaluate(ink)
    wide.dark()
    page.wait_for_function(f"(before) => ({ink})() !== before", arg=light)
    assert [url.rsplit("/", 1)[1].split("?")[0] for url in loads].count("plotly.min.js") == 1
