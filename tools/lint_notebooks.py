"""Holds the notebooks to the style bars: short cells, no functions, alt text, numbers in tables, nothing ignored.

Prints each fault and exits with 1 if there is one. `make lint` and the tests call it. A cell may carry a tag that
takes it out of the comparison only where notebook_exceptions.yml names it with a reason.
"""

from __future__ import annotations

import ast
import math
import re
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import yaml

from bare_values import shown_faults

ROOT = Path(__file__).resolve().parents[1]
EXCEPTIONS = ROOT / "tools" / "notebook_exceptions.yml"
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

IGNORING = {
    "nbval-ignore-output",
    "nbval-skip",
    "raises-exception",
    "nbval-raises-exception",
    "skip-execution",
    "remove-cell",
    "remove-output",
}
HIDING = {"hide-cell", "hide-input", "hide-output", "remove-input"} | IGNORING
MARKERS = re.compile(r"#\s*(NBVAL_\w+|PYTEST_VALIDATE_\w+)")
DEFINES = re.compile(r"^\s*(async\s+def|def|class)\s|\blambda\b", re.M)
OPENS = re.compile(r"\bopen\(|\.read_(text|bytes|csv|json)\(|\bnp\.load|\btorch\.load\(")
SHELL = re.compile(r"^\s*[!%]", re.M)
MATPLOTLIB = re.compile(r"\bplt\.(show|figure|subplots)\(")

NUMBER = re.compile(r"(?<![\w.,])[-−+]?(?:\d+(?:\.\d+)?\s*(?:%|\bpercent\b)|\d+\.\d+(?!\w|\.\d))")
PLACE = re.compile(
    r"\b(sections?|appendix|appendices|chapters?|equations?|eqs?\.|figures?|tables?|lemmas?|propositions?|theorems?|"
    r"versions?|python)\s+(\(?[A-Z]?\.?\d[\d.]*\)?(\s*(,|and|to|-|–)\s*)?)+",
    re.I,
)
VERBATIM = {"code-cell", "code-block", "math", "bibliography", "claim", "claim-box", "claim-lines", "figure", "image"}


def prose(source: str) -> str:
    """What a reader reads as words in a MyST cell: no code, no math, no link targets, no names of directives."""
    lines: list[str] = []
    fences: list[tuple[str, bool]] = []
    for text in source.splitlines():
        mark = re.match(r"\s*(`{3,}|:{3,})\s*(\{[^}]*\})?", text)
        if mark and fences and mark[1].startswith(fences[-1][0]) and not text.strip().strip(mark[1][0]):
            fences.pop()
        elif mark and not any(verbatim for _, verbatim in fences):
            name = (mark[2] or "").strip("{}")
            verbatim = not name or name in VERBATIM
            fences.append((mark[1], verbatim))
            lines.append("" if verbatim else text[mark.end() :])
        elif not any(verbatim for _, verbatim in fences) and not re.match(r"\s*:[\w-]+:", text):
            lines.append(text)
    text = "\n".join(lines)
    for pattern in (
        r"<!--.*?-->",
        r"\$\$.*?\$\$",
        r"(?<!\\)\$[^$]*\$",
        r"`+[^`]*`+",
        r"\]\([^)]*\)",
        r"https?://\S+",
        r"\b10\.\d{4,}/\S+",
    ):
        text = re.sub(pattern, " ", text, flags=re.S)
    return PLACE.sub(" ", text)


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


def typed_numbers(cell: Any) -> list[str]:
    """Decimals and percentages in prose, where nothing recomputes them."""
    return [match[0].strip() for match in NUMBER.finditer(prose(cell.source))]


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


def ignored_tags(cell: Any) -> list[str]:
    """Tags and comments that take a cell out of the comparison."""
    return sorted(IGNORING & set(cell.metadata.get("tags", []))) + MARKERS.findall(cell.source)


def size_faults(sizes: list[int]) -> list[str]:
    """Breaches of the bars on the lengths of all cells of a notebook."""
    if not sizes:
        return []
    middle, ninetieth = statistics.median(sizes), sorted(sizes)[math.ceil(0.9 * len(sizes)) - 1]
    out = [f"median of lines is {middle:g}, at most {MEDIAN}"] if middle > MEDIAN else []
    return out + ([f"90th percentile of lines is {ninetieth}, at most {NINETIETH}"] if ninetieth > NINETIETH else [])


def drawn_faults(source: Path, cells: list[Any]) -> list[str]:
    """Figures in the executed copy that the source does not announce."""
    copy = source.with_suffix(".ipynb")
    if not copy.exists():
        return []
    out = []
    for number, (cell, ran) in enumerate(zip(cells, nbformat.read(copy, 4).cells, strict=False)):
        plain = [str(output.get("data", {}).get("text/plain", "")) for output in ran.get("outputs", [])]
        drawn = any(text.startswith("<Figure size") for text in plain)
        if drawn and ran.source == cell.source and "plt.show()" not in cell.source:
            out.append(f"{source.name} cell {number}: figure without plt.show()")
    return out


def faults(source: Path, allowed: list[dict[str, str]] | None = None) -> list[str]:
    """Every breach of the bars in one MyST notebook; ``allowed`` are entries of notebook_exceptions.yml."""
    allowed = exceptions() if allowed is None else allowed
    out = header_faults(source)
    if out:
        return out
    sizes: list[int] = []
    names: list[str] = []
    cells = jupytext.read(source).cells
    for number, cell in enumerate(cells):
        where = f"{source.name} cell {number}: "
        excused = {entry["allows"] for entry in allowed if _names(entry, source, cell)}
        if cell.cell_type == "markdown":
            out += [
                f"{where}number {typed} typed into prose; let a cell print it"
                for typed in typed_numbers(cell)
                if typed not in excused
            ]
            continue
        sizes.append(len([text for text in cell.source.splitlines() if text.strip()]))
        names += filter(None, (text_of(call, "name") for call in calls_of_show(cell.source)))
        out += [where + fault for fault in code_faults(cell)]
        out += [
            f"{where}{tag} takes the cell out of the comparison, for no reason in {EXCEPTIONS.name}"
            for tag in ignored_tags(cell)
            if tag not in excused
        ]
    out += [f"{source.name}: two figures are named {name!r}" for name in sorted(set(names)) if names.count(name) > 1]
    out += [f"{source.name}: {fault}" for fault in size_faults(sizes)]
    return out + drawn_faults(source, cells) + shown_faults(source)


def _names(entry: dict[str, str], source: Path, cell: Any) -> bool:
    """Whether the entry's text stands in this cell, wherever the cell begins and its lines break."""
    return entry["notebook"] == source.stem and _one_line(entry["text"]) in _one_line(cell.source)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def header_faults(source: Path) -> list[str]:
    """What is wrong with the header, without which the build takes code cells for text."""
    wanted = yaml.safe_load(HEADER.strip("-\n"))
    parts = source.read_text(encoding="utf-8").split("---\n", 2)
    try:
        there = yaml.safe_load(parts[1]) if len(parts) == 3 and not parts[0] else None
    except yaml.YAMLError:
        there = None
    if there == wanted:
        return []
    return [f"{source.name}: begins with another header than\n{HEADER}"]


def contents_faults(folder: Path, contents: Path) -> list[str]:
    """Notebooks that the table of contents lacks, and entries of it that are no notebook."""
    entries = set(re.findall(r"^\s*- file: notebooks/(\S+)\s*$", contents.read_text(encoding="utf-8"), re.M))
    there = {source.stem for source in folder.glob("*.md")}
    return [
        f"{name}.md: is not in {contents.name}, so the book does not have it" for name in sorted(there - entries)
    ] + [f"{contents.name}: notebooks/{name} is not there" for name in sorted(entries - there)]


def exceptions(path: Path = EXCEPTIONS) -> list[dict[str, str]]:
    """The entries of the list; each needs all its fields."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    for entry in entries:
        missing = [name for name in ("notebook", "text", "allows", "reason") if not str(entry.get(name) or "").strip()]
        if missing:
            raise ValueError(f"{path.name}: entry {entry} lacks {', '.join(missing)}")
    return list(entries)


def stale(folder: Path, allowed: list[dict[str, str]]) -> list[str]:
    """Entries of the list that excuse nothing any more."""
    out = []
    for entry in allowed:
        source = folder / f"{entry['notebook']}.md"
        cells = jupytext.read(source).cells if source.exists() else []
        named = [cell for cell in cells if _names(entry, source, cell)]
        needs = [need for cell in named for need in (*typed_numbers(cell), *ignored_tags(cell))]
        if entry["allows"] not in needs:
            out.append(
                f"{EXCEPTIONS.name}: no cell of {entry['notebook']} with the text {entry['text']!r} "
                f"needs {entry['allows']!r}"
            )
    return out


def main() -> int:
    """Lint all notebooks and the list of exceptions."""
    folder, allowed = ROOT / "notebooks", exceptions()
    problems = [fault for source in sorted(folder.glob("*.md")) for fault in faults(source, allowed)]
    problems += stale(folder, allowed) + contents_faults(folder, ROOT / "_toc.yml")
    print("\n".join(problems) or "notebooks: no fault")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
