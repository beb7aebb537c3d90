"""The claims of the page ``partition`` (chapter 6)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "partition"
