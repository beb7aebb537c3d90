"""What a benchmark record says, as tables: the peers of one task, their times, what they hold and how they err."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assocmem.experiments.records import Record
from assocmem.tables import Table


def tasks(record: Record) -> list[str]:
    """The tasks of a record.

    Parameters
    ----------
    record : Record
        Of a benchmark.

    Returns
    -------
    list[str]
        In the order in which they were run.
    """
    return list(dict.fromkeys(str(row["task"]) for row in record.series))


def rows(record: Record, task: str) -> list[dict[str, Any]]:
    """The rows of one task.

    Parameters
    ----------
    record : Record
        Of a benchmark.
    task : str
        One of its tasks.

    Returns
    -------
    list[dict]
        As they were measured.

    Raises
    ------
    ValueError
        For a task that the record does not hold.
    """
    if task not in tasks(record):
        raise ValueError(f"task must be one of {', '.join(tasks(record))}, got {task!r}")
    return [row for row in record.series if row["task"] == task]


def shapes(record: Record) -> list[tuple[int, int, int]]:
    """The shapes of a record.

    Parameters
    ----------
    record : Record
        Of a benchmark.

    Returns
    -------
    list[tuple]
        (m, d, n): queries, patterns, dimension.
    """
    return list(dict.fromkeys(tuple(row["shape"]) for row in record.series))


def table(record: Record, task: str, *, of: str = "time") -> Table:
    """One row a peer, one column a shape. A dash stands for what was not run or not measured at that shape.

    Parameters
    ----------
    record : Record
        Of a benchmark.
    task : str
        One of its tasks.
    of : {'time', 'memory', 'error'}
        What is in the cells. time: the median of a call, in milliseconds. memory: the most that one call held, inputs
        not counted, in megabytes (10^6 bytes). error: the largest difference from float64 among the queries that the
        benchmark compared, in the answer's own units.

    Returns
    -------
    Table
        With the shapes in the head.

    Raises
    ------
    ValueError
        For another ``of``.
    """
    if of not in CELLS:
        raise ValueError(f"of must be one of {', '.join(CELLS)}, got {of!r}")
    columns, measured = shapes(record), {(r["peer"], tuple(r["shape"])): r for r in rows(record, task)}
    peers = dict.fromkeys(str(r["peer"]) for r in rows(record, task) if of == "time" or CELLS[of](r) != DASH)
    cells = [[CELLS[of](measured.get((peer, shape), ABSENT)) for shape in columns] for peer in peers]
    named = [(PEERS.get(peer, peer), *line) for peer, line in zip(peers, cells, strict=True)]
    return Table((f"{task}: queries × patterns, n", *map(shape_in_words, columns)), named)


def shape_in_words(shape: tuple[int, ...]) -> str:
    """Queries by patterns, and the dimension, as the head of a column."""
    m, d, n = shape
    return f"{m:,} × {d:,}, {n:,}"


def _time(row: dict[str, Any]) -> str:
    if "absent" in row:
        return DASH
    milliseconds = row["median_s"] * 1e3
    return f"{milliseconds:,.0f} ms" if milliseconds >= 100 else f"{milliseconds:.3g} ms"


def _memory(row: dict[str, Any]) -> str:
    return DASH if row.get("peak_mb") is None else f"{row['peak_mb']:,.0f} MB"


def _error(row: dict[str, Any]) -> str:
    return DASH if row.get("error") is None else f"{row['error']:.0e}"


DASH = "–"
ABSENT: dict[str, Any] = {"absent": ""}
CELLS = {"time": _time, "memory": _memory, "error": _error}
OWN, PLAIN = "assocmem", "addmm + logsumexp"
PEERS = {
    OWN: "this module",
    "assocmem, compiled": "this module, compiled",
    "assocmem DistanceMemory": "this module, `DistanceMemory`",
    PLAIN: "plain formula (addmm, logsumexp)",
    "cdist + logsumexp": "torch.cdist, logsumexp",
    "addmm + topk": "plain formula (addmm, topk)",
    "cdist + topk": "torch.cdist, topk",
    "addmm + softmax": "plain formula (addmm, softmax)",
    "autograd of addmm": "autograd of the plain formula",
    "naive differences": "all differences at once",
    "torch.mm": "bare product (torch.mm)",
    "SDPA with key bias": "PyTorch's attention, key bias",
}
"""Peers in words; others bear the name of their library."""


def unrun(record: Record) -> Iterator[str]:
    """Lines of text: each peer that was not run at some shape, and why.

    Parameters
    ----------
    record : Record
        Of a benchmark.

    Yields
    ------
    str
        A line.
    """
    for row in record.series:
        if "absent" in row:
            where = shape_in_words(tuple(row["shape"]))
            yield f"{PEERS.get(row['peer'], row['peer'])}, {row['task']} at {where}: {row['absent']}"


def ratio(record: Record, task: str, peer: str, shape: tuple[int, int, int]) -> float:
    """How many times longer a peer took than this module, median over rounds.

    Parameters
    ----------
    record : Record
        Of a benchmark.
    task, peer : str
        One of its tasks, and who did it.
    shape : tuple[int, ...]
        (m, d, n).

    Returns
    -------
    float
        The ratio of times.

    Raises
    ------
    ValueError
        Where the peer did not run.
    """
    for row in rows(record, task):
        if row["peer"] == peer and tuple(row["shape"]) == shape and "absent" not in row:
            return float(row["times_ours"])
    raise ValueError(f"peer {peer!r} did not run {task!r} at shape {shape}")
