"""How the torch module stands to what one would use in its place, read off a benchmark record, in words."""

from __future__ import annotations

from assocmem.experiments.benchmark_report import CELLS, DASH, OWN, PLAIN, ratio, rows, shape_in_words, shapes
from assocmem.experiments.records import Record
from assocmem.tables import Table

__all__ = ["verdict"]

MATCHES = (
    ("energy: plain formula", "energy", PLAIN),
    ("energy with gradient: autograd", "energy and gradient", "autograd of addmm"),
    ("neighbors: plain formula", "knn", "addmm + topk"),
    ("neighbors: faiss", "knn", "faiss"),
    ("neighbors: scikit-learn", "knn", "scikit-learn"),
    ("retrieval: PyTorch's attention", "retrieval", "SDPA with key bias"),
)
"""Rows of the verdict: its words, the task, the peer."""
LEVEL = 0.05
"""How far from one a ratio of times may be and still be called level."""


def verdict(record: Record) -> Table:
    """How this module stands to what one would use instead, a shape a column, in words with the ratio of times.

    Parameters
    ----------
    record : Record
        Of the benchmark of the module.

    Returns
    -------
    Table
        The last two rows are the memory that a call for the energy held.
    """
    lines = [
        (words, *(_against(record, task, peer, shape) for shape in shapes(record))) for words, task, peer in MATCHES
    ]
    held = {(row["peer"], tuple(row["shape"])): CELLS["memory"](row) for row in rows(record, "energy")}
    for words, peer in (("memory of an energy, this module", OWN), ("memory of an energy, plain formula", PLAIN)):
        lines.append((words, *(held.get((peer, shape), DASH) for shape in shapes(record))))
    return Table(("this module against", *map(shape_in_words, shapes(record))), lines)


def _against(record: Record, task: str, peer: str, shape: tuple[int, int, int]) -> str:
    try:
        times = ratio(record, task, peer, shape)
    except ValueError:
        return DASH
    if abs(times - 1) < LEVEL:
        return "level"
    return f"{times:.1f} times as fast" if times > 1 else f"{1 / times:.1f} times as long"
