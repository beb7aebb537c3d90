"""What the search looks into: not into folds, tables of claims and lists of relatives, which name every other claim.

Sphinx 7.4 has no way to keep a part of a page out of its index; what bears the class ``no-search`` is taken out of
the page while the index is fed with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from docutils import nodes
from sphinx.search import IndexBuilder

HIDDEN = {"no-search", "contents"}
"""The classes of what is not looked into; the list of contents of a page repeats its headings."""

Feed = Callable[[IndexBuilder, str, str, str, nodes.document], None]


def hidden(doctree: nodes.document) -> list[nodes.Element]:
    """The outermost parts of a page that the search does not look into."""
    found = [node for node in doctree.findall(nodes.Element) if HIDDEN & set(node.get("classes", ()))]
    inner = {id(part) for node in found for part in node.findall(nodes.Element, include_self=False)}
    return [node for node in found if id(node) not in inner]


def skip_hidden() -> None:
    """Make every index skip what is hidden; once a process."""
    if hasattr(IndexBuilder.feed, "__wrapped__"):
        return
    feed: Feed = IndexBuilder.feed

    @wraps(feed)
    def feed_shown(self: IndexBuilder, docname: str, filename: str, title: str, doctree: nodes.document) -> None:
        taken = [(node.parent, node.parent.index(node), node) for node in hidden(doctree)]
        for parent, _, node in taken:
            parent.remove(node)
        feed(self, docname, filename, title, doctree)
        for parent, at, node in taken:
            parent.insert(at, node)

    IndexBuilder.feed = feed_shown  # type: ignore[method-assign]
