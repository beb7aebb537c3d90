"""What a page says of itself to search engines and to those who are sent its link: title, words, address.

The words are the first paragraph of the page that is prose, of a claim its verdict and its statement.
"""

from __future__ import annotations

import re
import textwrap
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from assocmem.claims import claims
from assocmem.claims.views.addresses import FOLDER, SITE, key

HOME = (
    "Two central claims of Beyond Scaling Laws, a loss of at least 1 and a best size that grows as the square of the "
    "data, checked line by line: neither holds. What does, with proofs and experiments."
)
"""What is said of the home page: its first paragraph begins with what the paper claims, and is cut before a verdict."""
LONGEST = 200
MATH = re.compile(r"\$([^$]*)\$")
LEFT_OUT = (nodes.Admonition, nodes.admonition, nodes.raw, nodes.table, nodes.system_message)


def first_words(doctree: nodes.document | None) -> str:
    """The first paragraph of prose of a page, as plain text; empty where there is none."""
    for paragraph in doctree.findall(nodes.paragraph) if doctree else ():
        above, inside = paragraph.parent, False
        while above is not None:
            inside = inside or isinstance(above, LEFT_OUT)
            above = above.parent
        words = " ".join(paragraph.astext().split())
        if not inside and len(words) > 40:
            return words
    return ""


def claim_words(pagename: str) -> str:
    """Of the page of a claim its verdict and statement; empty for another page."""
    for claim in claims.values():
        if pagename == f"{FOLDER}/{key(claim.id)}":
            statement = MATH.sub(lambda formula: formula[1], " ".join(claim.statement.split()))
            return f"{claim.verdict.capitalize()}: {statement}"
    return ""


def description(pagename: str, doctree: nodes.document | None) -> str:
    """What a page is about, in at most 200 characters."""
    words = HOME if pagename == "book/index" else claim_words(pagename) or first_words(doctree)
    return textwrap.shorten(words, LONGEST, placeholder=" …")


def tags(title: str, words: str, address: str, book: str) -> str:
    """The tags of a page's head."""
    named = {"og:type": "article", "og:site_name": book, "og:title": title, "og:url": address, "og:description": words}
    lines = [f'<meta property="{name}" content="{escape(text)}" />' for name, text in named.items() if text]
    lines += [f'<meta name="description" content="{escape(words)}" />'] if words else []
    return "\n".join(lines) + "\n"


def describe(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Put the tags into the head of a page."""
    title = re.sub(r"<[^>]+>", "", context.get("title") or app.config.html_title)
    words = description(pagename, doctree) or f"{title}: a page of {app.config.html_title}."
    address = f"{SITE}/{pagename}.html"
    context["metatags"] = context.get("metatags", "") + tags(title, words, address, app.config.html_title)
