"""A table that a person reads, the same in a notebook, on the page and in the terminal.

What a cell has to say in numbers it says in one of these: a head in words, rows of words, formulas and numbers that
carry their units in the head. Rendered as Markdown, which the book and JupyterLab both set, formulas included; printed,
as aligned text. The module stands below all other packages and imports none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


class Table:
    """Rows under a head.

    Parameters
    ----------
    head : sequence of str
        What each column holds, with its unit.
    rows : iterable of sequences
        The cells: Markdown (``$...$`` for formulas) or numbers, which are shown with ``digits`` significant digits.
    digits : int
        Significant digits of a float.

    Raises
    ------
    ValueError
        For an empty head, or a row of another length than the head.
    """

    def __init__(self, head: Sequence[str], rows: Iterable[Sequence[Any]], *, digits: int = 4) -> None:
        self.head = tuple(head)
        self.rows = [tuple(_shown(cell, digits) for cell in row) for row in rows]
        if not self.head:
            raise ValueError("head is empty; takes a word for each column")
        for row in self.rows:
            if len(row) != len(self.head):
                raise ValueError(f"a row has {len(row)} cells, {row!r}; takes {len(self.head)}, one under each head")

    @classmethod
    def of(cls, values: Mapping[str, Any], head: Sequence[str] = ("", ""), *, digits: int = 4) -> Table:
        """Two columns: names and values."""
        return cls(head, values.items(), digits=digits)

    def _repr_markdown_(self) -> str:
        lines = [self.head, (":--",) * len(self.head), *self.rows]
        return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines) + "\n"

    def __repr__(self) -> str:
        lines = [self.head, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.head))]
        return "\n".join(
            "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/markdown": self._repr_markdown_(), "text/plain": repr(self)}


def _shown(cell: Any, digits: int) -> str:
    """A cell as text: words stay, a bool is yes or no, a float is rounded."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return str(cell)
    return f"{float(cell):.{digits}g}"


__all__ = ["Table"]
