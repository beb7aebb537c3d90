"""The claims of the page ``what_stands`` (chapter 11)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "what_stands"
