"""Files beside the pages: local MathJax and plotly, scripts where a page uses them, the ledger with its schemas."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict
from importlib.metadata import distribution
from itertools import count
from pathlib import Path
from typing import Any

import plotly
from docutils import nodes
from sphinx.application import Sphinx

from assocmem.claims import claims
from assocmem.claims.views import published, statement_schema
from bookext.guards import site_key
from bookext.provenance import stamp

MATHJAX = ("tex-chtml-full.js", "output/chtml/fonts", "ui/lazy.js")
OWN_SCRIPT = re.compile(r'<script(?: type="text/javascript")?>(\s*window\.PLOTLYENV)')
"""The beginning of the script with which plotly draws a figure; it waits until plotly is there."""
PROOF_ID = re.compile(r'id="proof-content"')


def prepare_page(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Load what draws figures and the ledger's filter where they are used; give each theorem body an id of its own."""
    body = context.get("body") or ""
    if 'class="interactive-figure"' in body:
        app.add_js_file("plotly_later.js")
        body = OWN_SCRIPT.sub(r'<script type="text/plotly">\1', body)
    if 'class="explorer"' in body:
        app.add_js_file("explorer.js", loading_method="defer")
    if 'class="ledger-tools"' in body:
        app.add_js_file("ledger.js", loading_method="defer")
    number = count(1)
    for role in (' role="doc-biblioentry"', ' role="list"'):  # The first is no longer known, the second needs items.
        body = body.replace(role, "")
    context["body"] = PROOF_ID.sub(lambda _: f'id="proof-content-{next(number)}"', body)


def once(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Keep one of the inline scripts that an extension adds twice: the second would declare its names again."""
    kept: dict[str, Any] = {}
    for script in context.get("script_files", ()):
        attributes = getattr(script, "attributes", {})
        kept.setdefault(str(attributes.get("body") or script), script)
    context["script_files"] = list(kept.values())


def publish(app: Sphinx, exception: Exception | None) -> None:
    """Copy MathJax and plotly beside the pages and publish the ledger and what the site was built from."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    mathjax = next(p for p in distribution("sphinx-mathjax-offline").files or [] if p.name == MATHJAX[0])
    base = Path(str(mathjax.locate())).parent
    for name in MATHJAX:
        target = out / "_static" / "mathjax" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (base / name).is_dir():
            shutil.copytree(base / name, target, dirs_exist_ok=True)
        else:
            shutil.copy2(base / name, target)
    shutil.copy2(Path(plotly.__file__).parent / "package_data" / "plotly.min.js", out / "_static" / "plotly.min.js")
    notebooks = Path(app.srcdir) / "notebooks"
    for copy in sorted(notebooks.glob("*.ipynb")):  # What is offered for download is the tracked copy, to the byte.
        target = out / "_sources" / "notebooks" / copy.name
        if target.exists() or target.with_suffix(".md").exists():
            shutil.copy2(copy, target)
    (out / "claims.json").write_text(claims.to_json(), encoding="utf-8")
    for one in (published, statement_schema):
        (out / one.NAME).write_text(json.dumps(one.schema(), indent=1) + "\n", encoding="utf-8")
    (out / "build.json").write_text(json.dumps(asdict(stamp()) | {"sources": site_key()}) + "\n", encoding="utf-8")
