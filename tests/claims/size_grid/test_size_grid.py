"""The claims of the page ``size_grid`` (chapter 10)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "size_grid"
