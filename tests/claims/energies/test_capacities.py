"""The claims of the page ``capacities`` (chapter 2)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "capacities"
