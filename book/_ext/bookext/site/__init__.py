"""What a site owes to those who come from elsewhere: words for previews, a map, figures with lasting numbers."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from bookext.site import addresses, figure_numbers, previews


def follow_the_system(app: Sphinx, config: Any) -> None:
    """Begin light or dark as the reader's system is; without a word of it the theme complains on every page."""
    del app
    config.html_context.setdefault("default_mode", "auto")


def setup(app: Sphinx) -> None:
    """Register everything with Sphinx."""
    app.connect("config-inited", follow_the_system, priority=900)
    app.connect("env-get-updated", figure_numbers.number_by_page, priority=900)
    app.connect("html-page-context", previews.describe, priority=900)
    app.connect("build-finished", addresses.publish)
