"""The claims of the page ``cross_entropy`` (chapter 5)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "cross_entropy"
