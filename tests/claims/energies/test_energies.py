"""The claims of the page ``energies`` (chapter 2)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "energies"
