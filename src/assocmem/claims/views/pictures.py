"""The hand-laid pictures of the argument with the ledger's verdicts, for the graph's page and for a cell.

No arrow is drawn that has no path in the ledger: what a layout says rests on something must rest on it there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from assocmem.claims.registry import claims
from assocmem.claims.views import layouts
from assocmem.claims.views.addresses import address
from assocmem.figures.argument import Layout, drawing, in_words, listing
from assocmem.figures.interactive import BOOK


class Picture:
    """A layout drawn with the ledger's verdicts; on the page inline, in a notebook as an image, printed in words.

    Parameters
    ----------
    layout : Layout
        What is drawn where.
    ident : str
        Prefix of the identifiers in the drawing.

    Raises
    ------
    ValueError
        For an arrow without a path in the ledger.
    """

    def __init__(self, layout: Layout, ident: str) -> None:
        loose = unsupported(layout)
        if loose:
            raise ValueError(f"arrows {loose} of {layout.title!r} have no path in the ledger")
        self.layout, self.ident = layout, ident
        self.verdicts = {name: claims[name].verdict for name in layout.statements}

    def html(self, links: Mapping[str, str] | None = None) -> str:
        """The drawing, and the list that takes its place on a narrow page; links lead to the claims' own pages."""
        links = links or {name: address(name) for name in self.layout.statements}
        drawn = drawing(self.layout, self.verdicts, links, ident=self.ident)
        return f'<div class="argument">{drawn}{listing(self.layout, self.verdicts, links)}</div>'

    def __repr__(self) -> str:
        return f"{self.layout.title}. {in_words(self.layout, self.verdicts)}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        # JupyterLab strips SVG from the HTML of a notebook that it does not trust; the book's pages hold it inline.
        if os.environ.get(BOOK) == "1":
            return {"text/html": self.html(), "text/plain": repr(self)}
        links = {name: address(name) for name in self.layout.statements}
        svg = drawing(self.layout, self.verdicts, links, ident=self.ident)
        return {"image/svg+xml": svg, "text/plain": repr(self)}


def why() -> Picture:
    """Why Propositions 4 and 5 fall: eight statements."""
    return Picture(layouts.WHY, "why")


def argument() -> Picture:
    """The argument of the paper, from Assumption 1 to Propositions 4 and 5: twelve statements."""
    return Picture(layouts.ARGUMENT, "argument")


def unsupported(layout: Layout) -> list[tuple[str, str]]:
    """The arrows of a layout that have no path in the ledger, by what claims rest on or take their terms from."""
    return [(basis, user) for basis, user in layout.arrows if basis not in _below(user)]


def _below(name: str) -> set[str]:
    """All that a claim rests on or takes its terms from, directly or through others."""
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        claim = claims[waiting.pop()]
        fresh = {claims[basis].id for basis in (*claim.depends_on, *claim.defined_by)} - reached
        reached |= fresh
        waiting += fresh
    return reached
