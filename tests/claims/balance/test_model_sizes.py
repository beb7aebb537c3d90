"""The claims of the page ``model_sizes`` (chapter 7)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "model_sizes"
