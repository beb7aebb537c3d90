"""The list of chapters beside the pages of claims and modules, made once: it takes longer to make than such a page.

No page of these stands in that list, and all lie in folders beside each other, so the list is the same on each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx

from assocmem.claims.views.addresses import FOLDER
from bookext.reference import api


def share(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the page of a claim or module the list that was made for the first, before the theme asks for it."""
    if not pagename.startswith((f"{FOLDER}/", f"{api.FOLDER}/")) or "toctree" not in context:
        return
    if not hasattr(app, "shared_lists"):
        app.shared_lists = {}  # type: ignore[attr-defined]
    context["toctree"] = _once(context["toctree"], app.shared_lists)  # type: ignore[attr-defined]


def _once(make: Callable[..., str], made: dict[str, str]) -> Callable[..., str]:
    def shared(**options: Any) -> str:
        key = repr(sorted(options.items()))
        if key not in made:
            made[key] = make(**options)
        return made[key]

    return shared
