"""The claims of the page ``majorization`` (chapter 4)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "majorization"
