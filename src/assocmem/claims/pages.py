"""The order of the book: which chapter is which folder, and which pages it has. One slug names a page everywhere.

The page ``slug`` of a chapter has its statements in ``claims/<chapter>/<slug>.yaml``, its checks in ``<slug>.py``
beside them, or in the modules of a folder ``<slug>/`` where there are several, its notebook in
``notebooks/NN_<slug>.md``, and its tests in ``tests/claims/<chapter>/test_<slug>.py``. A chapter bears the name of its
first page.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from importlib import resources
from importlib.resources.abc import Traversable
from typing import NamedTuple


class Page(NamedTuple):
    """A page of the book, by its slug and its chapter; or one of another package, which is then its ``root``."""

    chapter: str
    number: int
    slug: str
    root: str = "assocmem.claims"

    @property
    def statements(self) -> Traversable:
        """The file of its statements."""
        return resources.files(self.root) / self.chapter / f"{self.slug}.yaml"

    @property
    def package(self) -> str:
        """The dotted name of the module, or of the folder of modules, with its checks."""
        return f"{self.root}.{self.chapter}.{self.slug}"

    def load_checks(self) -> None:
        """Import the checks, which registers them; a page without any has no such module."""
        if importlib.util.find_spec(self.package) is None:
            return
        module = importlib.import_module(self.package)
        for inner in pkgutil.iter_modules(getattr(module, "__path__", ())):
            importlib.import_module(f"{self.package}.{inner.name}")


CHAPTERS: dict[int, tuple[str, ...]] = {
    1: ("logsumexp",),
    2: ("energies", "landscapes", "capacities"),
    3: ("retrieval", "storage", "real_attention"),
    4: ("layers", "majorization"),
    5: ("cross_entropy", "reported_losses"),
    6: ("partition", "volumes"),
    7: ("balance", "model_sizes", "table_three"),
    8: ("radius",),
    9: ("question_formation", "plateaus"),
    10: ("size_grid",),
    11: ("what_stands",),
}
"""The slugs of the pages that hold claims, by the number of their chapter; the first is the chapter's own."""

PAGES = tuple(Page(slugs[0], number, slug) for number, slugs in CHAPTERS.items() for slug in slugs)
"""Every page that holds claims, in the order of the book."""

BY_SLUG = {page.slug: page for page in PAGES}
"""The pages by their slugs."""
