"""The claims of the page ``table_three`` (chapter 7)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "table_three"
