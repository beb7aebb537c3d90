"""What lint_notebooks.py passes over, as notebook_exceptions.yml lists it: a tag of a cell, a number in prose.

An entry hangs on words of the page, not on a place in it, so that it survives a box or a heading put before them. A
number is excused only in those words, a tag only on the one cell that holds them; words that stand in two cells, or
an entry that excuses nothing any more, are faults.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jupytext
import yaml

from prose_numbers import typed_numbers

EXCEPTIONS = Path(__file__).with_suffix(".yml")
FIELDS = ("notebook", "text", "allows", "reason")
IGNORING = {
    "nbval-ignore-output",
    "nbval-skip",
    "raises-exception",
    "nbval-raises-exception",
    "skip-execution",
    "remove-cell",
    "remove-output",
}
MARKERS = re.compile(r"#\s*(NBVAL_\w+|PYTEST_VALIDATE_\w+)")

Entry = dict[str, str]


def exceptions(path: Path = EXCEPTIONS) -> list[Entry]:
    """The entries of the list.

    Raises
    ------
    ValueError
        For an entry that lacks one of ``FIELDS``.
    """
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    for entry in entries:
        missing = [name for name in FIELDS if not str(entry.get(name) or "").strip()]
        if missing:
            raise ValueError(f"{path.name}: entry {entry} lacks {', '.join(missing)}")
    return [{name: str(entry[name]) for name in FIELDS} for entry in entries]


def wanting(source: Path, cell: Any, allowed: Sequence[Entry]) -> list[str]:
    """What of a cell needs an entry and has none: the numbers typed into prose, or the tags of code, in their order."""
    mine = [entry for entry in allowed if _holds(entry, source, cell)]
    if cell.cell_type != "markdown":
        return [tag for tag in ignored(cell) if tag not in {entry["allows"] for entry in mine}]
    excused = Counter(number for entry in mine for number in typed_numbers(entry["text"]) if number == entry["allows"])
    out = []
    for number in typed_numbers(cell.source):
        if excused[number]:
            excused[number] -= 1
        else:
            out.append(number)
    return out


def ignored(cell: Any) -> list[str]:
    """Tags and comments of a cell of code that take it out of the comparison."""
    return sorted(IGNORING & set(cell.metadata.get("tags", []))) + MARKERS.findall(cell.source)


def stale(folder: Path, allowed: Sequence[Entry]) -> list[str]:
    """Entries of the list that excuse nothing, or whose words stand in more cells than one."""
    out = []
    for entry in allowed:
        source = folder / f"{entry['notebook']}.md"
        cells = jupytext.read(source).cells if source.exists() else []
        named = [cell for cell in cells if _holds(entry, source, cell)]
        if len(named) > 1:
            out.append(f"{EXCEPTIONS.name}: {len(named)} cells of {source.stem} hold the text {entry['text']!r}")
        elif not any(entry["allows"] in _needs(entry, cell) for cell in named):
            out.append(
                f"{EXCEPTIONS.name}: no cell of {source.stem} with the text {entry['text']!r} needs {entry['allows']!r}"
            )
    return out


def _needs(entry: Entry, cell: Any) -> list[str]:
    """What the entry could excuse in a cell that holds its words."""
    return typed_numbers(entry["text"]) if cell.cell_type == "markdown" else ignored(cell)


def _holds(entry: Entry, source: Path, cell: Any) -> bool:
    """Whether the entry's words stand in this cell, wherever it begins and its lines break."""
    return entry["notebook"] == source.stem and _one_line(entry["text"]) in _one_line(cell.source)


def _one_line(text: str) -> str:
    return " ".join(text.split())
