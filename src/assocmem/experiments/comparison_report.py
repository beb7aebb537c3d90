"""What the record of the comparison says, as tables: answers to the same input, and times of small calls."""

from __future__ import annotations

from typing import Any

from assocmem.experiments.benchmark_report import DASH, PEERS, shape_in_words
from assocmem.experiments.records import Record
from assocmem.tables import Table

__all__ = ["by_family", "few_queries", "ratio_to_index"]

WORDS = {"assocmem Index": "this module, `Index`", "torch.cdist": "torch.cdist"}
"""Peers in words, where they are called otherwise than in the large benchmark."""


def by_family(record: Record, task: str, of: str) -> Table:
    """One row a family of data, one column a peer.

    Parameters
    ----------
    record : Record
        Of the comparison.
    task : str
        "knn", "energy" or "retrieval".
    of : {'wrong', 'error'}
        What is in the cells. wrong: the share of queries whose list of neighbors is wrong, in percent. error: the
        largest difference from float64, in the answer's own units.

    Returns
    -------
    Table
        With the peers in the head, and a dash for one that was not there.

    Raises
    ------
    ValueError
        Where the record has no such task or number.
    """
    rows = [row for row in record.series if row["task"] == task]
    if not any(of in row for row in rows):
        raise ValueError(f"the record has no {of!r} of task {task!r}")
    peers, families = (list(dict.fromkeys(row[key] for row in rows)) for key in ("peer", "family"))
    cells = {(row["family"], row["peer"]): _cell(row, of) for row in rows}
    named = [WORDS.get(peer, PEERS.get(peer, peer)) for peer in peers]
    return Table((f"{task}: data", *named), [(f, *(cells[f, peer] for peer in peers)) for f in families])


def few_queries(record: Record) -> Table:
    """Milliseconds of a call for the neighbors of few queries, one row a peer, one column a shape.

    Parameters
    ----------
    record : Record
        Of the comparison.

    Returns
    -------
    Table
        With the shapes in the head, and a dash for a peer that was not there.
    """
    rows = [row for row in record.series if row["task"] == "few queries"]
    peers, shapes = (
        list(dict.fromkeys(row["peer"] for row in rows)),
        list(dict.fromkeys(tuple(r["shape"]) for r in rows)),
    )
    cells = {(row["peer"], tuple(row["shape"])): _cell(row, "median_s") for row in rows}
    head = ("a call: queries × patterns, n", *map(shape_in_words, shapes))
    return Table(head, [(WORDS.get(p, PEERS.get(p, p)), *(cells[p, shape] for shape in shapes)) for p in peers])


def ratio_to_index(record: Record, peer: str) -> list[float]:
    """How many times as long as of an index a call of a peer takes, median over rounds, shape by shape.

    Parameters
    ----------
    record : Record
        Of the comparison.
    peer : str
        Who is called.

    Returns
    -------
    list[float]
        In the order of the shapes.
    """
    return [float(row["times_index"]) for row in record.series if row["peer"] == peer and "times_index" in row]


def _cell(row: dict[str, Any], of: str) -> str:
    if of not in row:
        return DASH
    value = float(row[of])
    if of == "median_s":
        return f"{1e3 * value:.3g} ms"
    if of == "wrong":
        return "none" if value == 0 else f"{100 * value:.3g} %"
    return f"{value:.0e}"
