"""The source of what a cell calls, folded below it: the code of this very build, so that page and code cannot differ.

A cell tagged ``source`` is read as Python; each function, class or constant of the package that it calls is shown.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from bookext.parts import fold


def fold_sources(app: Sphinx, doctree: nodes.document) -> None:
    """Below each cell tagged ``source`` the code that it calls."""
    del app
    known: dict[str, Any] = {}
    for cell in [node for node in doctree.findall(nodes.container) if "cell" in node["classes"]]:
        tree = parsed(next((block.astext() for block in cell.findall(nodes.literal_block)), ""))
        known |= imported(tree)
        if "tag_source" not in cell["classes"]:
            continue
        called = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
        texts = {path: text for path in dict.fromkeys(called) if (text := source(known, path))}
        if texts:
            blocks: list[nodes.Node] = [nodes.literal_block(text, text, language="python") for text in texts.values()]
            cell += fold(f"Source of {', '.join(texts)}", blocks, "cell-source")


def parsed(code: str) -> ast.Module:
    """The code as a tree; an empty one for what is no plain Python."""
    try:
        return ast.parse(code)
    except SyntaxError:
        return ast.Module([], [])


def imported(tree: ast.Module) -> dict[str, Any]:
    """The names that a cell imports from the package."""
    found: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("assocmem"):
            module = importlib.import_module(str(node.module))
            for alias in node.names:
                inner = getattr(module, alias.name, None)
                found[alias.asname or alias.name] = inner or importlib.import_module(f"{node.module}.{alias.name}")
    return found


def source(known: dict[str, Any], path: str) -> str:
    """The source of a dotted name of the package; empty for what is none of its functions or classes."""
    first, *rest = path.split(".")
    thing = known.get(first)
    for name in rest:
        thing = getattr(thing, name, None)
    thing = inspect.unwrap(thing) if callable(thing) else None
    if not (inspect.isfunction(thing) or inspect.isclass(thing)) or not str(thing.__module__).startswith("assocmem"):
        return ""
    return textwrap.dedent(inspect.getsource(thing))
