"""Holds the notebooks to the style bars: short cells, no functions, alt text, numbers in tables, nothing ignored.

Prints each fault and exits with 1 if there is one. `make lint` and the tests call it. A cell may carry a tag that
takes it out of the comparison, and a number stand in prose, only where notebook_exceptions.yml says so with a reason.
"""

from __future__ import annotations

import ast
import math
import re
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import yaml

from bare_values import shown_faults
from notebook_exceptions import EXCEPTIONS, IGNORING, Entry, exceptions, stale, wanting

ROOT = Path(__file__).resolve().parents[1]
HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---
"""
"""How every notebook begins; tools/new_chapter.py writes it."""
LONGEST, NINETIETH, MEDIAN = 15, 8, 3
HIDING = {"hide-cell", "hide-input", "hide-output", "remove-input"} | IGNORING
DEFINES = re.compile(r"^\s*(async\s+def|def|class)\s|\blambda\b", re.M)
OPENS = re.compile(r"\bopen\(|\.read_(text|bytes|csv|json)\(|\bnp\.load|\btorch\.load\(")
SHELL = re.compile(r"^\s*[!%]", re.M)
MATPLOTLIB = re.compile(r"\bplt\.(show|figure|subplots)\(")


def calls_of_show(source: str) -> Iterator[ast.Call]:
    """Calls of ``show`` for interactive figures, and of a figure's own ``show`` method."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name == "show" and ast.unparse(node.func) != "plt.show":
                yield node


def text_of(call: ast.Call, name: str) -> str:
    """A keyword of a call that is written as a text; empty otherwise."""
    for word in call.keywords:
        if word.arg == name and isinstance(word.value, ast.Constant) and isinstance(word.value.value, str):
            return word.value.value.strip()
    return ""


def code_faults(cell: Any) -> list[str]:
    """Breaches of the bars in one code cell, its tags excepted."""
    source, out = cell.source, []
    lines = [text for text in source.splitlines() if text.strip()]
    if len(lines) > LONGEST:
        out.append(f"{len(lines)} lines, at most {LONGEST}")
    if DEFINES.search(source):
        out.append("defines a function; logic lives in src/")
    if source.rstrip().endswith(";"):
        out.append("a trailing ';' behaves differently under nbval")
    if OPENS.search(source):
        out.append("opens a path")
    if SHELL.search(source):
        out.append("calls a shell or a magic")
    if MATPLOTLIB.search(source):
        if not str(cell.metadata.get("mystnb", {}).get("image", {}).get("alt") or "").strip():
            out.append("figure without alt text")
        if "plt.show()" not in source:
            out.append("figure without plt.show(), which draws it in the same way everywhere")
        if not re.search(r"\b(print|Table|Table\.of)\(", source):
            out.append("figure without numbers: show those behind it in a table")
    for call in calls_of_show(source):
        if isinstance(call.func, ast.Attribute):
            out.append(f"{ast.unparse(call.func)}() shows a figure without alt text; use assocmem.figures.show")
        elif not text_of(call, "alt"):
            out.append("interactive figure without alt text")
    if re.search(r"^\s*assert\b", source, re.M) and HIDING & set(cell.metadata.get("tags", [])):
        out.append("asserts where the reader does not see it")
    return out


def size_faults(sizes: list[int]) -> list[str]:
    """Breaches of the bars on the lengths of all cells of a notebook."""
    if not sizes:
        return []
    middle, ninetieth = statistics.median(sizes), sorted(sizes)[math.ceil(0.9 * len(sizes)) - 1]
    out = [f"median of lines is {middle:g}, at most {MEDIAN}"] if middle > MEDIAN else []
    return out + ([f"90th percentile of lines is {ninetieth}, at most {NINETIETH}"] if ninetieth > NINETIETH else [])


def drawn_faults(source: Path, cells: list[Any]) -> list[str]:
    """Figures in the executed copy that the source does not announce; the copy has more cells, so each has its id."""
    copy = source.with_suffix(".ipynb")
    ran = {cell.id: cell for cell in nbformat.read(copy, 4).cells} if copy.exists() else {}
    out = []
    for number, cell in enumerate(cells):
        outputs = ran[name].get("outputs", []) if (name := f"cell-{number:03d}") in ran else []
        plain = [str(output.get("data", {}).get("text/plain", "")) for output in outputs]
        if "plt.show()" not in cell.source and any(text.startswith("<Figure size") for text in plain):
            out.append(f"{source.name} cell {number}: figure without plt.show()")
    return out


def faults(source: Path, allowed: Sequence[Entry] | None = None) -> list[str]:
    """Every breach of the bars in one MyST notebook; ``allowed`` are entries of notebook_exceptions.yml."""
    allowed = exceptions() if allowed is None else allowed
    out = header_faults(source)
    if out:
        return out  # Without it nothing below is read as the build reads it.
    sizes: list[int] = []
    names: list[str] = []
    cells = jupytext.read(source).cells
    for number, cell in enumerate(cells):
        where, wants = f"{source.name} cell {number}: ", wanting(source, cell, allowed)
        if cell.cell_type == "markdown":
            out += [f"{where}number {typed} typed into prose; let a cell print it" for typed in wants]
            continue
        sizes.append(len([text for text in cell.source.splitlines() if text.strip()]))
        names += filter(None, (text_of(call, "name") for call in calls_of_show(cell.source)))
        out += [where + fault for fault in code_faults(cell)]
        out += [
            f"{where}{tag} takes the cell out of the comparison, for no reason in {EXCEPTIONS.name}" for tag in wants
        ]
    out += [f"{source.name}: two figures are named {name!r}" for name in sorted(set(names)) if names.count(name) > 1]
    out += [f"{source.name}: {fault}" for fault in size_faults(sizes)]
    return out + drawn_faults(source, cells) + shown_faults(source)


def header_faults(source: Path) -> list[str]:
    """What is wrong with the header, without which the build takes code cells for text."""
    first, *rest = source.read_text(encoding="utf-8").split("---\n", 2)
    try:
        there = yaml.safe_load(rest[0]) if len(rest) == 2 and not first else None
    except yaml.YAMLError:
        there = None
    right = there == yaml.safe_load(HEADER.strip("-\n"))
    return [] if right else [f"{source.name}: does not begin with the header that every notebook has:\n{HEADER}"]


def contents_faults(folder: Path, contents: Path) -> list[str]:
    """Notebooks that the table of contents lacks, and entries of it that are no notebook."""
    named = entries_of(yaml.safe_load(contents.read_text(encoding="utf-8")))
    entries = [name.removeprefix("notebooks/") for name in named if name.startswith("notebooks/")]
    there = [source.stem for source in sorted(folder.glob("*.md"))]
    lacking = [name for name in there if name not in entries]
    return [f"{name}.md: is not in {contents.name}, so the book does not have it" for name in lacking] + [
        f"{contents.name}: notebooks/{name} is not there" for name in entries if name not in there
    ]


def entries_of(part: Any) -> list[str]:
    """The files that a table of contents names, or a part of one, in their order."""
    if isinstance(part, dict):
        own = [str(part[key]) for key in ("root", "file") if key in part]
        return own + [name for value in part.values() for name in entries_of(value)]
    return [name for value in part for name in entries_of(value)] if isinstance(part, list) else []


def main() -> int:
    """Lint all notebooks and the list of exceptions."""
    folder, allowed = ROOT / "notebooks", exceptions()
    problems = [fault for source in sorted(folder.glob("*.md")) for fault in faults(source, allowed)]
    problems += stale(folder, allowed) + contents_faults(folder, ROOT / "_toc.yml")
    print("\n".join(problems) or "notebooks: no fault")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
