"""Sphinx extension of the book: claim boxes, ledger, errata, graphs, API reference, local assets, honest caches.

It fails the build when a computed verdict differs from the stored one, when a claim id does not exist, and when a
figure has no alt text; and it keys the execution cache by the code that the notebooks call.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from bookext import api, assets, boxes, guards
from bookext.boxes import ClaimDirective, ClaimRole
from bookext.errata import ClaimCounts, ClaimErrata, VerdictRules
from bookext.graphs import ClaimGraph
from bookext.ledger import ClaimTable


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.add_directive("claim", ClaimDirective)
    app.add_directive("claim-table", ClaimTable)
    app.add_directive("claim-errata", ClaimErrata)
    app.add_directive("claim-counts", ClaimCounts)
    app.add_directive("claim-graph", ClaimGraph)
    app.add_directive("verdict-rules", VerdictRules)
    app.add_role("claim", ClaimRole())
    app.connect("config-inited", guards.key_cache, priority=100)
    app.connect("config-inited", guards.stamp_pages, priority=900)
    app.connect("builder-inited", guards.check_verdicts)
    app.connect("source-read", api.fill)
    app.connect("autodoc-process-docstring", api.read_variable, priority=400)
    app.connect("env-purge-doc", boxes.forget)
    app.connect("env-merge-info", boxes.merge)
    app.connect("doctree-resolved", boxes.resolve)
    app.connect("doctree-resolved", guards.check_alt)
    app.connect("html-page-context", assets.prepare_page)
    app.connect("build-finished", assets.publish)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
