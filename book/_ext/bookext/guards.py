"""What may not slip into a page: a verdict that its checks do not give, a figure without words, a stale output."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging

from assocmem.claims import claims
from assocmem.figures.interactive import BOOK
from bookext.provenance import ROOT, stamp

LOG = logging.getLogger(__name__)
SILENT_IMAGE = re.compile(r"<img(?![^>]*\balt=\"[^\"]+\")[^>]*>")


def _digest(root: Path, files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        if path.exists():
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def source_key(root: Path = ROOT) -> str:
    """Hash of everything beside a notebook's own cells that its outputs depend on."""
    sources = sorted(p for p in (root / "src").rglob("*") if p.suffix in (".py", ".yaml", ".json"))
    return _digest(root, [root / "constraints.txt", *sources])


def site_key(root: Path = ROOT) -> str:
    """Hash of everything that the pages are made from: a site with another key is stale."""
    texts = [root / "_config.yml", root / "_toc.yml", *sorted((root / "notebooks").glob("*.md"))]
    book = sorted(p for p in (root / "book").rglob("*") if p.is_file() and p.suffix != ".pyc")
    return source_key(root) + _digest(root, texts + book)


def key_cache(app: Sphinx, config: Any) -> None:
    """Make the execution cache depend on src/, the pins and the records; tell the kernels that this is the book."""
    config.nb_execution_cache_path = str(ROOT / "_build" / ".jupyter_cache" / source_key())
    os.environ[BOOK] = "1"


def stamp_pages(app: Sphinx, config: Any) -> None:
    """Say in the footer of each page what it was built from."""
    config.html_theme_options["extra_footer"] = f"<p>Built from {stamp()}.</p>"


def check_verdicts(app: Sphinx) -> None:
    """Recompute every verdict; one that differs from the stored one ends the build."""
    wrong = [
        f"{c.id}: stored {c.verdict}, computed {c.check().verdict}" for c in claims.values() if not c.check().agrees
    ]
    if wrong:
        raise ExtensionError("verdicts differ from their checks: " + "; ".join(wrong))


def check_alt(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Warn, and so fail the build, where a figure has no words for those who cannot see it."""
    for image in doctree.findall(nodes.image):
        if not str(image.get("alt") or "").strip():
            LOG.warning("%s: a figure has no alt text (cell metadata mystnb.image.alt): %s", docname, image.get("uri"))
    for raw in doctree.findall(nodes.raw):
        html = raw.astext() if raw.get("format") == "html" else ""
        if "plotly-graph-div" in html and 'class="interactive-figure"' not in html:
            LOG.warning("%s: a plotly figure is not shown by assocmem.figures.show, which takes its alt text", docname)
        if SILENT_IMAGE.search(html):
            LOG.warning("%s: an image in HTML has no alt text", docname)
