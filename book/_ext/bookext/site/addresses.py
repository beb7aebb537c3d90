"""The map of the site for search engines, and the page that a host shows in place of one that is not there."""

from __future__ import annotations

import shutil
from html import escape
from pathlib import Path

from sphinx.application import Sphinx

from assocmem.claims.views.addresses import SITE

MISSING = Path(__file__).with_name("404.html")
ICON = "favicon.ico"
"""What a browser asks for beside a page that names no icon, such as the one that leads from the root to home."""
NO_CONTENT = {"search", "genindex", "404"}
"""Pages that a reader is not sent to."""


def sitemap(pages: list[str]) -> str:
    """The addresses of pages as a map."""
    lines = [f"  <url><loc>{escape(f'{SITE}/{page}.html')}</loc></url>" for page in sorted(pages)]
    head = '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return "\n".join([head, *lines, "</urlset>"]) + "\n"


def publish(app: Sphinx, exception: Exception | None) -> None:
    """Write the map, the icon and the page for wrong addresses beside the pages."""
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    pages = [name for name in app.env.found_docs if name not in NO_CONTENT]
    (out / "sitemap.xml").write_text(sitemap(pages), encoding="utf-8")
    shutil.copy2(Path(app.srcdir) / "book" / "_static" / ICON, out / ICON)
    (out / "404.html").write_text(MISSING.read_text(encoding="utf-8").replace("SITE", SITE), encoding="utf-8")
