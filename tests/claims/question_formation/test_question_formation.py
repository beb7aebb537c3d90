"""The claims of the page ``question_formation`` (chapter 9)."""

from __future__ import annotations

from page_claims import PageRules


class TestPage(PageRules):
    slug = "question_formation"
