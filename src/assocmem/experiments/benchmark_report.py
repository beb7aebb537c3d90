"""What a benchmark record says, as lines of a table: the peers of one task, their times, and ratios."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assocmem.experiments.records import Record


def tasks(record: Record) -> list[str]:
    """The tasks of a record, in the order in which they were run."""
    return list(dict.fromkeys(str(row["task"]) for row in record.series))


def rows(record: Record, task: str) -> list[dict[str, Any]]:
    """The rows of one task. Raises ValueError for a task that the record does not hold."""
    if task not in tasks(record):
        raise ValueError(f"task must be one of {', '.join(tasks(record))}, got {task!r}")
    return [row for row in record.series if row["task"] == task]


def shapes(record: Record) -> list[tuple[int, int, int]]:
    """The shapes (m, d, n) of a record: queries, patterns, dimension."""
    return list(dict.fromkeys(tuple(row["shape"]) for row in record.series))


def table(record: Record, task: str) -> Iterator[str]:
    """Lines of text: a peer a row, a shape a column, each cell the median time as a multiple of this module's.

    The line of ``assocmem`` gives its time in milliseconds. A dash stands for a peer that did not run at that shape.
    """
    columns, found = shapes(record), {(r["peer"], tuple(r["shape"])): r for r in rows(record, task)}
    peers = list(dict.fromkeys(str(r["peer"]) for r in rows(record, task)))
    width = max(len(name) for name in peers)
    yield " " * width + "".join(f"{'x'.join(map(str, shape)):>18}" for shape in columns)
    for peer in peers:
        cells = [_cell(found.get((peer, shape)), peer == "assocmem") for shape in columns]
        yield peer.ljust(width) + "".join(f"{cell:>18}" for cell in cells)


def _cell(row: dict[str, Any] | None, ours: bool) -> str:
    if row is None or "absent" in row:
        return "-"
    return f"{row['median_s'] * 1e3:.0f} ms" if ours else f"{row['times_ours']:.2f}"


def ratio(record: Record, task: str, peer: str, shape: tuple[int, int, int]) -> float:
    """How many times longer a peer took than this module. Raises ValueError where the peer did not run."""
    for row in rows(record, task):
        if row["peer"] == peer and tuple(row["shape"]) == shape and "absent" not in row:
            return float(row["times_ours"])
    raise ValueError(f"peer {peer!r} did not run {task!r} at shape {shape}")
