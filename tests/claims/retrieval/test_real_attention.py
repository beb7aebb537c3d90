"""The claims of the page ``real_attention`` (chapter 3)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "real_attention"
