"""How a page of the built site divides into prose, claim boxes, tables of verdicts, cells, and what is folded away.

    python tools/count_words.py _build/html/notebooks/05_cross_entropy.html ...

The bars of a chapter: prose is at least 40 % of the visible words, boxes are at most 20 %.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from bs4 import BeautifulSoup, Tag

WORD = re.compile(r"[A-Za-z0-9À-ÿ'’-]+")
UNREAD = "script, style, svg, noscript, .headerlink, .interactive-figure .explorer-plot, .toctree-wrapper"
PARTS = {
    "folded": "details",
    "boxes": "div.admonition.claim",
    "verdicts": "table.claim-lines",
    "cells": "div.cell",
}


def words(part: Tag) -> int:
    """The words in an element."""
    return len(WORD.findall(part.get_text(" ")))


def count(path: Path) -> dict[str, int]:
    """The words of each part of a page; a part that lies in another counts where the first of ``PARTS`` has it."""
    article = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select_one("article")
    if article is None:
        raise ValueError(f"{path} holds no article; takes a page of the built site")
    for element in article.select(UNREAD):
        element.decompose()
    out = {}
    for name, selector in PARTS.items():
        out[name] = 0
        for element in article.select(selector):
            if element.parent is not None:
                out[name] += words(element)
                element.decompose()
    return {"prose": words(article), **out}


def main(paths: list[str]) -> None:
    """Print a line for each page."""
    for path in map(Path, paths):
        parts = count(path)
        visible = sum(parts.values()) - parts["folded"]
        shares = ", ".join(f"{name} {parts[name]}" for name in parts)
        prose, boxes = (round(100 * parts[name] / visible) for name in ("prose", "boxes"))
        print(f"{path.stem}: prose {prose} %, boxes {boxes} % of {visible} visible words ({shares})")


if __name__ == "__main__":
    main(sys.argv[1:])
