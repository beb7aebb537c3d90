"""The API reference: autodoc over every public module, whose docstrings napoleon reads (tools/lint_docstrings.py)."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from sphinx.application import Sphinx
from sphinx.ext.napoleon import NumpyDocstring

from assocmem.claims.pages import CHAPTERS

PAGE = "book/api"
MARK = "<!-- modules -->"
ROOMS = (
    "assocmem.memory",
    "assocmem.theory",
    "assocmem.language",
    "assocmem.experiments",
    "assocmem.figures",
    "assocmem.claims",
)
PLACES = {slugs[0]: number for number, slugs in CHAPTERS.items()}
"""The number of the chapter that a folder is."""
FLAT = ("assocmem.claims",)
"""Rooms whose folders are left out: the checks of the ledger are linked from its pages."""


def public_modules() -> list[str]:
    """Rooms, their folders and modules, in reading order; what lies behind a leading underscore is private."""
    return [name for room in ROOMS for name in _inside(room)]


def _inside(package: str) -> list[str]:
    """A package and all that is public in it: its own modules, then its folders, chapters in the order of the book."""
    path = importlib.import_module(package).__path__
    inner = [info for info in pkgutil.iter_modules(path) if not info.name.startswith("_")]
    modules = [f"{package}.{info.name}" for info in inner if not info.ispkg]
    names = sorted((info.name for info in inner if info.ispkg), key=lambda name: PLACES.get(name, 0))
    folders = [f"{package}.{name}" for name in names if package not in FLAT]
    return [package, *modules, *(name for folder in folders for name in _inside(folder))]


def public_names(module: str) -> list[str]:
    """What a module offers: its ``__all__``, or the documented names that it defines itself."""
    loaded = importlib.import_module(module)
    if getattr(loaded, "__all__", None):
        return list(loaded.__all__)
    return [
        name
        for name, value in vars(loaded).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module
    ]


def page() -> str:
    """The sections of the reference as MyST: one a module, with the names that no earlier section holds."""
    out = []
    shown: set[int] = set()
    for module in public_modules():
        loaded = importlib.import_module(module)
        # What a room loads only when it is used is documented where it is defined.
        there = [name for name in public_names(module) if not hasattr(loaded, "__getattr__")]
        fresh = [name for name in there if id(getattr(loaded, name)) not in shown]
        shown |= {id(getattr(loaded, name)) for name in fresh}
        if fresh:
            block = [f".. automodule:: {module}", f"   :members: {', '.join(fresh)}"]
            out += [f"## {module.removeprefix('assocmem.')}", "", "```{eval-rst}", *block, "```", ""]
    return "\n".join(out)


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the modules into the page when it is read."""
    if docname == PAGE:
        source[0] = source[0].replace(MARK, page())


def read_variable(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Read a variable's or property's docstring like a function's, sections and all.

    Napoleon would take its first line for "type: description"; behind an invisible line it leaves the text alone.
    """
    if name.startswith("assocmem") and what in ("data", "attribute", "property"):
        lines[:] = ["\\ ", *NumpyDocstring(lines, app.config, app, "function", name, obj, options).lines()]
