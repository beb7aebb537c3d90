"""The claims of the page ``storage`` (chapter 3)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "storage"
