"""The claims of the page ``volumes`` (chapter 6)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "volumes"
