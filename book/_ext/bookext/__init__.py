"""Sphinx extension of the book: claim boxes and pages, ledger, errata, graphs, API reference, assets, honest caches.

It fails the build when a computed verdict differs from the stored one, when a claim id does not exist, and when a
figure has no alt text; and it keys the execution cache by the code that the notebooks call.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from bookext import assets, claim_pages, guards, links, search, sidebar, site, sources, streams, verdict_lock
from bookext.boxes import ClaimBox, ClaimLines, ClaimRefRole, ClaimRole
from bookext.claim_pages import ClaimMoved, ClaimPage
from bookext.drawings import Drawing
from bookext.errata import ClaimCounts, ClaimErrata, VerdictRules
from bookext.graphs import ClaimGraph
from bookext.inline import NumberRole, VerdictRole
from bookext.ledger import ClaimTable
from bookext.reference import api, values
from bookext.reference.commands import Command, ExitStatuses


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    streams.join_streams()
    values.fix_order()
    site.setup(app)
    app.add_directive("claim", ClaimBox)
    app.add_directive("claim-box", ClaimBox)
    app.add_directive("claim-lines", ClaimLines)
    app.add_directive("claim-page", ClaimPage)
    app.add_directive("claim-moved", ClaimMoved)
    app.add_directive("claim-table", ClaimTable)
    app.add_directive("claim-errata", ClaimErrata)
    app.add_directive("claim-counts", ClaimCounts)
    app.add_directive("claim-graph", ClaimGraph)
    app.add_directive("command", Command)
    app.add_directive("exit-statuses", ExitStatuses)
    app.add_directive("drawing", Drawing)
    app.add_directive("verdict-rules", VerdictRules)
    app.add_role("claim", ClaimRole())
    app.add_role("claim-ref", ClaimRefRole())
    app.add_role("verdict", VerdictRole())
    app.add_role("number", NumberRole())
    app.add_js_file("claims.js", loading_method="defer")
    app.add_js_file("reach.js", loading_method="defer")
    search.skip_hidden()
    app.connect("config-inited", guards.key_cache, priority=100)
    app.connect("config-inited", guards.stamp_pages, priority=900)
    app.connect("config-inited", claim_pages.write_pages, priority=950)
    app.connect("config-inited", api.write_pages, priority=950)
    app.connect("builder-inited", guards.check_verdicts)
    app.connect("builder-inited", verdict_lock.guard)
    app.connect("source-read", api.fill)
    app.connect("autodoc-skip-member", api.skip_field)
    app.connect("autodoc-process-docstring", api.read_variable, priority=400)
    app.connect("env-purge-doc", links.forget)
    app.connect("env-merge-info", links.merge)
    app.connect("doctree-read", sources.fold_sources)
    app.connect("doctree-resolved", links.resolve)
    app.connect("doctree-resolved", guards.check_alt)
    app.connect("html-page-context", assets.prepare_page)
    app.connect("html-page-context", sidebar.share, priority=100)
    app.connect("html-page-context", assets.once, priority=999)
    app.connect("build-finished", assets.publish)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
