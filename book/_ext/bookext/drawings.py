"""Drawings that stand on a page without a notebook's cell, such as the home page: made when the site is built.

```{drawing} three-plateaus
The caption.
```
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from assocmem.claims.views import pictures


def three_plateaus() -> Any:
    """The losses of decoders on three grammars, from the record."""
    from assocmem.experiments.records import published
    from assocmem.figures.question_formation.plateaus import three_plateaus as draw

    return draw(published("question-plateau", "local"), layers=6)


DRAWINGS: dict[str, Callable[[], Any]] = {"three-plateaus": three_plateaus, "why": pictures.why}
"""What can be drawn, by the name that a page gives."""


class Drawing(SphinxDirective):
    """A drawing by name, inline in the page's own colors, with the content as its caption."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if name not in DRAWINGS:
            near = difflib.get_close_matches(name, DRAWINGS, n=3, cutoff=0.3)
            raise ExtensionError(f"drawing {name!r} is not known; near matches: {', '.join(near or DRAWINGS)}")
        html = DRAWINGS[name]()._repr_mimebundle_()["text/html"]
        figure = nodes.figure("", nodes.raw("", html, format="html"), classes=["drawing"])
        if self.content:
            caption = nodes.caption("", "", *self.parse_content_to_nodes()[0].children)
            figure += caption
        return [figure]
