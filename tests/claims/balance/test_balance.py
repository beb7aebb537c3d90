"""The claims of the page ``balance`` (chapter 7)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "balance"
