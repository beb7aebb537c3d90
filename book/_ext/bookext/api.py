"""The API reference: autodoc over every public module, with docstrings read as plain text.

Docstrings of this project are prose with ``code`` and numpy sections whose entries read "name : what it is", so stars,
bars and underscores in formulas must not be taken for markup.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any

from sphinx.application import Sphinx

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
HEADINGS = ("Parameters", "Returns", "Raises", "Attributes", "Examples", "Notes")
RULE = re.compile(r"-{3,}")
ENTRY = re.compile(r"(\w[\w, ]*?) : (.*)")
MARKUP = re.compile(r"([\\*|`]|(?<=\w)_(?!\w))")


def public_modules() -> list[str]:
    """Rooms and their modules, in reading order; a module whose name begins with an underscore is private."""
    found: list[str] = []
    for room in ROOMS:
        package = importlib.import_module(room)
        inner = [f"{room}.{info.name}" for info in pkgutil.iter_modules(package.__path__) if not info.ispkg]
        found += [room, *(name for name in inner if not name.rpartition(".")[2].startswith("_"))]
    return found


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
    seen: set[int] = set()
    for module in public_modules():
        loaded = importlib.import_module(module)
        # A name that a room loads when asked for is documented where it is defined.
        there = [name for name in public_names(module) if name in vars(loaded)]
        fresh = [name for name in there if id(getattr(loaded, name)) not in seen]
        seen |= {id(getattr(loaded, name)) for name in fresh}
        if fresh:
            block = [f".. automodule:: {module}", f"   :members: {', '.join(fresh)}"]
            out += [f"## {module.removeprefix('assocmem.')}", "", "```{eval-rst}", *block, "```", ""]
    return "\n".join(out)


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the modules into the page when it is read."""
    if docname == PAGE:
        source[0] = source[0].replace(MARK, page())


def plain(lines: list[str]) -> list[str]:
    """A docstring with formulas escaped and "name : text" entries in the form that napoleon reads."""
    out: list[str] = []
    section = ""
    for text, following in zip(lines, [*lines[1:], ""], strict=True):
        entry = ENTRY.match(text)
        if text.strip() in HEADINGS and RULE.fullmatch(following.strip()):
            section = text.strip()
            out.append(text)
        elif RULE.fullmatch(text.strip()):
            out.append(text)
        elif section in ("Parameters", "Attributes") and entry:
            out += [entry.group(1), f"    {_escape(entry.group(2))}"]
        elif section and text and not text[0].isspace():  # A paragraph after the entries ends them.
            section = ""
            out += ["", "", _escape(text)]
        else:
            out.append(_escape(text))
    return out


def _escape(text: str) -> str:
    """Formulas and stray marks taken literally; what stands between backticks is code."""
    parts = re.split(r"(``[^`]+``|`[^`]+`)", text)
    code = re.compile(r"`+([^`]+)`+")
    return "".join(code.sub(r"``\1``", part) if code.fullmatch(part) else MARKUP.sub(r"\\\1", part) for part in parts)


def prepare(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Apply ``plain`` to a docstring of this project before napoleon reads it."""
    if name.startswith("assocmem"):
        # A variable's docstring is prose; behind an invisible first line napoleon does not read it as "kind: text".
        variable = what in ("data", "attribute", "property")
        lines[:] = ["\\ ", *map(_escape, lines)] if variable else plain(lines)
