"""The claims of the page ``logsumexp`` (chapter 1)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "logsumexp"
