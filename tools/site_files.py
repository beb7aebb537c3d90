"""What a reader takes from the built site beside its pages: notebooks, previews, a map; and how heavy a page may be.

Part of the check that `make book` makes before it publishes (tools/check_site.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RAW = re.compile(r"`{3,}\{|:{3,}\{|\{claim(?:-ref)?\}`|\{cite(?::\w+)?\}`|\{(?:numref|doc|ref|number|verdict)\}`")
"""What the book's own source has and no reader of a notebook understands."""
HEAVIEST = 4_000_000
WANTED = ('name="description"', 'property="og:title"', 'property="og:description"', 'property="og:url"')
ID = re.compile(r'\bid="(?P<name>[^"]*)"')
NAMES_OF_CODE = ("assocmem.", "module-assocmem")
"""How the identifiers of the API reference begin, which Sphinx makes of dotted names."""


def notebooks(site: Path, root: Path = ROOT) -> Iterator[str]:
    """Notebooks that the site offers and that are not, byte for byte, those of the repository, or are not readable."""
    for served in sorted((site / "_sources").rglob("*.ipynb")):
        name = served.relative_to(site / "_sources")
        tracked = root / name
        if not tracked.is_file():
            yield f"{name}: the repository has no such file"
        elif served.read_bytes() != tracked.read_bytes():
            yield f"{name}: not the file of the repository"
        left = RAW.search(served.read_text(encoding="utf-8"))
        if left:
            yield f"{name}: {left[0]!r} stands in it, which only the book understands"


def pages(site: Path) -> Iterator[str]:
    """Pages that are too heavy, do not say what they are about, or have an identifier that scripts cannot look up."""
    for path in sorted(site.rglob("*.html")):
        if "_static" in path.parts or path == site / "404.html":
            continue
        name, text = path.relative_to(site).as_posix(), path.read_text(encoding="utf-8")
        if path.stat().st_size > HEAVIEST:
            yield f"{name}: {path.stat().st_size} bytes, at most {HEAVIEST}"
        if 'http-equiv="refresh"' in text.lower() or "<title>" not in text:
            continue  # The file at the root that leads to the first page.
        yield from (f"{name}: no {wanted}" for wanted in WANTED if wanted not in text)
        dotted = sorted({i for i in ID.findall(text) if "." in i and not i.startswith(NAMES_OF_CODE)})
        yield from (f"{name}: id {i!r} has a dot" for i in dotted)


def beside(site: Path) -> Iterator[str]:
    """Files that a host or a search engine asks for and that are missing or do not name every page."""
    for name in ("404.html", "sitemap.xml"):
        if not (site / name).is_file():
            yield f"{name} is missing"
            return
    known = (site / "sitemap.xml").read_text(encoding="utf-8")
    for folder in ("notebooks", "book", "claims"):
        for path in sorted((site / folder).glob("*.html")):
            address = f"/{folder}/{path.name}</loc>"
            if address not in known:
                yield f"sitemap.xml: no {folder}/{path.name}"
