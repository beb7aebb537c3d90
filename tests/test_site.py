"""The built site, where one is: no request to another host, no raw math, alt text on figures, ledger published.

Skipped when no book was built (`make book` builds it).
"""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from assocmem.claims import claims

SITE = Path(__file__).resolve().parents[1] / "_build" / "html"
pytestmark = pytest.mark.skipif(not (SITE / "claims.json").exists(), reason="no book was built")
PAGES = sorted(SITE.rglob("*.html")) if SITE.exists() else []
LOADING = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}


class Loads(HTMLParser):
    """Collects what a page loads by itself, and its images without alt text."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in LOADING and values.get("rel") not in ("canonical",):
            self.loaded.append(values.get(LOADING[tag]) or "")
        if tag == "img" and "_images/" in (values.get("src") or "") and not values.get("alt"):
            self.silent.append(values.get("src") or "")


def parse(page: Path) -> Loads:
    reader = Loads()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(SITE)))
def test_page_loads_nothing_from_another_host(page: Path) -> None:
    assert not [url for url in parse(page).loaded if url.startswith(("http:", "https:", "//"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(SITE)))
def test_figures_have_alt_text(page: Path) -> None:
    assert not parse(page).silent


def test_published_ledger_is_the_computed_one() -> None:
    published = {row["id"]: row for row in json.loads((SITE / "claims.json").read_text(encoding="utf-8"))}
    assert set(published) == set(claims)
    needed = {
        "id",
        "title",
        "statement",
        "source",
        "verdict",
        "corrected",
        "chapter",
        "depends_on",
        "evidence",
    }
    for name, row in published.items():
        assert needed <= set(row)
        assert row["verdict"] == claims[name].verdict
        assert all({"kind", "summary", "margin"} <= set(item) for item in row["evidence"])
