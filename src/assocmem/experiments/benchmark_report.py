"""What a benchmark record says, as lines of a table: the peers of one task, their times, and ratios."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assocmem.experiments.records import Record


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


def table(record: Record, task: str, *, of: str = "time") -> Iterator[str]:
    """Lines of text: a peer a row, a shape a column. A dash stands for what was not run or not measured at that shape.

    Parameters
    ----------
    record : Record
        Of a benchmark.
    task : str
        One of its tasks.
    of : {'time', 'memory', 'error'}
        What is in the cells. time: as a multiple of this module's (median over rounds); the line of ``assocmem`` has
        milliseconds. memory: the most that one call held, inputs not counted, in megabytes (10^6 bytes). error: the
        largest difference from float64 among the queries that the benchmark compared, in the answer's own units.

    Yields
    ------
    str
        A line.

    Raises
    ------
    ValueError
        For another ``of``.
    """
    if of not in CELLS:
        raise ValueError(f"of must be one of {', '.join(CELLS)}, got {of!r}")
    columns, measured = shapes(record), {(r["peer"], tuple(r["shape"])): r for r in rows(record, task)}
    peers = [str(row["peer"]) for row in rows(record, task) if of == "time" or CELLS[of](row) != "-"]
    peers = list(dict.fromkeys(peers))
    width = max(len(name) for name in peers)
    for name, sizes in zip(("queries", "patterns", "n"), zip(*columns, strict=True), strict=True):
        yield name.ljust(width) + "".join(f"{size:>11}" for size in sizes)
    for peer in peers:
        cells = [CELLS[of](measured.get((peer, shape), {"absent": ""})) for shape in columns]
        yield peer.ljust(width) + "".join(f"{cell:>11}" for cell in cells)


def _time(row: dict[str, Any]) -> str:
    if "absent" in row:
        return "-"
    return f"{row['median_s'] * 1e3:.0f} ms" if row["peer"] == "assocmem" else f"{row['times_ours']:.2f}"


def _memory(row: dict[str, Any]) -> str:
    return "-" if row.get("peak_mb") is None else f"{row['peak_mb']:.0f} MB"


def _error(row: dict[str, Any]) -> str:
    return "-" if row.get("error") is None else f"{row['error']:.0e}"


CELLS = {"time": _time, "memory": _memory, "error": _error}


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
            yield f"{row['peer']}, {row['task']} at {'x'.join(map(str, row['shape']))}: {row['absent']}"


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
