"""The claims of the page ``retrieval`` (chapter 3)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "retrieval"
