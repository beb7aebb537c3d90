"""The claims of the page ``layers`` (chapter 4)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "layers"
