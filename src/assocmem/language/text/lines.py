"""Lines of text files: their ends, whatever machine wrote them, and JSON lines of which each holds a document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

__all__ = ["json_lines", "unix_lines"]

FIELD = "text"
"""Where a document stands in its line."""


def unix_lines(text: str) -> str:
    """A text whose lines end in line feeds.

    Parameters
    ----------
    text : str
        Whose lines end in any way.

    Returns
    -------
    str
        The same without carriage returns, which would be tokens of their own.
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def json_lines(path: Path) -> Iterator[tuple[str, str]]:
    """The documents of a .jsonl file, one at a time.

    Parameters
    ----------
    path : Path
        In UTF-8; empty lines are passed over.

    Yields
    ------
    tuple of str
        Name, which is that of the file with the number of the line, and text.

    Raises
    ------
    ValueError
        For a line that is no object with a string in ``text``, or whose text no file could hold, by file and line.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"data got {path.name!r}, whose line {number} is not JSON: {error}") from None
            if not isinstance(row, dict) or not isinstance(row.get(FIELD), str):
                raise ValueError(f"data got {path.name!r}, whose line {number} has no text in {FIELD!r}")
            if any("\ud800" <= sign <= "\udfff" for sign in row[FIELD]):
                raise ValueError(f"data got {path.name!r}, whose line {number} has half a surrogate pair in {FIELD!r}")
            yield f"{path.stem}:{number}", unix_lines(row[FIELD])
