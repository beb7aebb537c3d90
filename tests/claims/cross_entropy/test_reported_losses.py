"""The claims of the page ``reported_losses`` (chapter 5)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "reported_losses"
