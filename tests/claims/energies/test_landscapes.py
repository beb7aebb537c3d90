"""The claims of the page ``landscapes`` (chapter 2)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "landscapes"
