"""Finds results in executed notebooks that no person can read: a bare 0, True, tuple or repr that says not what it is.

``lint_notebooks.py`` asks it of every page's executed copy. A cell shows a table, a derivation, a formula or a picture.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import nbformat

DRAWING = re.compile(r".+\n(\[panel \d|trace \d|slider |menu |axes )")
"""How the text of a figure goes on after the sentence that describes it."""


def bare(data: Mapping[str, str]) -> str | None:
    """A value that a cell shows as the machine writes it, with nothing that says what it is; None if there is none.

    Tables and derivations are Markdown, expressions are LaTeX; a number, True, or a tuple is bare in LaTeX too. Of a
    drawing the executed copies keep the description alone.
    """
    text = str(data.get("text/plain", "")).strip()
    kinds = set(data) - {"text/plain"}
    if not kinds:
        return None if DRAWING.match(text) else text
    return text if kinds == {"text/latex"} and is_value(text) else None


def is_value(text: str) -> bool:
    """Whether a text is a number, a truth value or a collection in Python's spelling, not an expression in symbols."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return False
    collections = (ast.Tuple, ast.List, ast.Dict, ast.Set)
    arithmetic = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop)
    return isinstance(tree, collections) or all(isinstance(node, arithmetic) for node in ast.walk(tree))


def shown_faults(source: Path) -> list[str]:
    """Results in the executed copy that no reader can read: bare values in place of a table or a formula."""
    copy = source.with_suffix(".ipynb")
    out = []
    for cell in nbformat.read(copy, 4).cells if copy.exists() else ():
        for output in cell.get("outputs", []):
            text = bare(output.data) if output.output_type == "execute_result" else None
            if text is not None:
                out.append(f"{copy.name} {cell.id}: shows {text[:60]!r}; show a Table, a derivation or a formula")
    return out
