"""The API reference: a page a public module, by autodoc, whose docstrings napoleon reads (tools/lint_docstrings.py).

The page ``book/api`` lists the modules; theirs are written before the build, since one page with all names is too
long to be read on a phone and takes seconds to be laid out.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from sphinx.application import Sphinx
from sphinx.ext.napoleon import NumpyDocstring

from assocmem.claims.pages import CHAPTERS
from bookext import generated

PAGE = "book/api"
MARK = "<!-- modules -->"
FOLDER = "api"
"""The folder of the modules' pages on the site."""
ROOMS = (
    "assocmem.tables",
    "assocmem.memory",
    "assocmem.theory",
    "assocmem.language",
    "assocmem.experiments",
    "assocmem.figures",
    "assocmem.claims",
)
PLACES = {slugs[0]: number for number, slugs in CHAPTERS.items()}
"""The number of the chapter that a folder is."""
BY_CHAPTER = ("assocmem.theory", "assocmem.figures")
"""Packages with a fold for each folder."""
FLAT = ("assocmem.claims",)
"""Packages whose folders are left out: the checks of the ledger are linked from its pages."""
FIELD = type(NamedTuple("Pair", [("first", int)]).first)  # type: ignore[attr-defined]
"""What a field of a named tuple is to its class."""


def public_modules() -> list[str]:
    """Packages, their folders and modules, in reading order; what lies behind a leading underscore is private."""
    return [name for room in ROOMS for name in _inside(room)]


def _inside(package: str) -> list[str]:
    """A package and all that is public in it: its own modules, then its folders, chapters in the order of the book."""
    path = getattr(importlib.import_module(package), "__path__", ())
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


@cache
def fresh_names() -> dict[str, tuple[str, ...]]:
    """Of each public module the names that no earlier one holds; modules without any are left out."""
    out: dict[str, tuple[str, ...]] = {}
    shown: set[int] = set()
    for module in public_modules():
        loaded = importlib.import_module(module)
        # What a package loads only when it is used is documented where it is defined.
        there = [name for name in public_names(module) if not hasattr(loaded, "__getattr__")]
        fresh = tuple(name for name in there if id(getattr(loaded, name)) not in shown)
        shown |= {id(getattr(loaded, name)) for name in fresh}
        if fresh:
            out[module] = fresh
    return out


def short(module: str) -> str:
    """A module's name within the package."""
    return module.removeprefix("assocmem.")


def key(module: str) -> str:
    """A module's name as the name of its page: hyphens for dots."""
    return short(module).replace(".", "-")


def texts() -> dict[str, str]:
    """The source of each module's page by its key."""
    out = {}
    for module, names in fresh_names().items():
        up = "Part of the [API reference](../book/api.md)."
        block = [f".. automodule:: {module}", f"   :members: {', '.join(names)}"]
        package, _, last = module.rpartition(".")
        block += ["   :no-index:"] if last in fresh_names().get(package, ()) else []  # A function has that name.
        parts = ["---", "orphan: true", "---", "", f"# {short(module)}", "", up, "", "```{eval-rst}", *block, "```", ""]
        out[key(module)] = "\n".join(parts)
    return out


def listing() -> str:
    """All modules, each with the first sentence of its docstring, folded by package; of theory by chapter."""
    lines: list[str] = []
    for package in ROOMS:
        inside = [name for name in fresh_names() if f"{name}.".startswith(f"{package}.")]
        lines += ["", f"### {short(package)}", "", _sentence(package), ""]
        for folder, names in groupby(inside, key=lambda name: _folder(package, name)):
            modules = list(names)
            title = f"{short(folder)}, {len(modules)} module{'s' if len(modules) > 1 else ''}"
            lines += [f":::{{dropdown}} {title}", *map(_entry, modules), ":::", ""]
    return "\n".join(lines)


def _sentence(module: str) -> str:
    """The first sentence of a module's docstring."""
    return (inspect.getdoc(importlib.import_module(module)) or "").split("\n")[0]


def _entry(module: str) -> str:
    return f"- [{short(module)}](../{FOLDER}/{key(module)}.md): {_sentence(module)}"


def _folder(package: str, module: str) -> str:
    """Under which fold a module stands: its package, or in a package of chapters the chapter."""
    rest = module.removeprefix(package).split(".")
    return f"{package}.{rest[1]}" if package in BY_CHAPTER and len(rest) > 1 else package


def write_pages(app: Sphinx, config: Any) -> None:
    """Write the modules' pages into the source folder, where a page lists them."""
    listed = (Path(app.srcdir) / f"{PAGE}.md").is_file()
    generated.write(app, config, FOLDER, texts() if listed else {})


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the list of modules into the page when it is read."""
    if docname == PAGE:
        source[0] = source[0].replace(MARK, listing())


def skip_field(app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:
    """Leave out fields that a class's own docstring lists: of a named tuple, or with a function for a default."""
    held = isinstance(obj, FIELD) or (inspect.isfunction(obj) and obj.__name__ != name)
    return True if what == "class" and held else None


def read_variable(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Read a variable's or property's docstring like a function's, sections and all.

    Napoleon would take its first line for "type: description"; behind an invisible line it leaves the text alone.
    """
    if name.startswith("assocmem") and what in ("data", "attribute", "property"):
        lines[:] = ["\\ ", *NumpyDocstring(lines, app.config, app, "function", name, obj, options).lines()]
