"""Figures are numbered by page: the first of chapter 5a is 5a.1, on the site and in the notebook alike.

Sphinx would count through the whole book, since the chapters bear their numbers in their titles and are no numbered
sections; then a figure put into chapter 2 would rename all those that follow.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

CHAPTER = re.compile(r"(?:.*/)?0*(?P<number>\d+[a-z]?)_\w+")


def chapter(docname: str) -> str:
    """The number of a page as its file has it, such as ``5a``; empty for a page that is no chapter."""
    found = CHAPTER.fullmatch(docname)
    return found["number"] if found else ""


def figure_number(docname: str, place: int) -> str:
    """The number of a page's figure, of which it is the ``place``-th from one on."""
    return ".".join(filter(None, (chapter(docname), str(place))))


def number_by_page(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Number what Sphinx has numbered anew, on each page from one on."""
    del app
    for docname, kinds in env.toc_fignumbers.items():
        for numbers in kinds.values():
            ordered = sorted(numbers, key=lambda name: numbers[name])
            for place, name in enumerate(ordered, 1):
                numbers[name] = (figure_number(docname, place),)  # type: ignore[assignment]
    return []
