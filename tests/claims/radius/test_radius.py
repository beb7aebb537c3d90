"""The claims of the page ``radius`` (chapter 8)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "radius"
