"""Records of the attention experiment as one table: rows in words, a column a record, and what coordinates change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from assocmem.experiments.attention.measures import MOVED_BY
from assocmem.experiments.records import Record
from assocmem.tables import Table

__all__ = ["WORDS", "best", "table", "texts"]

WORDS = {
    "nearest": "heaviest key is the nearest",
    "foreign_keys": "the same, keys of another text",
    "random_queries": "the same, random queries",
    "untrained": "the same, model with fresh weights",
    "chance": "the same, a key drawn at random",
    "centered": "heaviest key is the nearest, mean key taken off",
    "angle": "heaviest key has the smallest angle",
    "random_angle": "the same angle, random queries",
    "first": "heaviest key stands at the first position",
    "self": "heaviest key stands at the query's own position",
    "previous": "heaviest key stands at the position before",
    "nearest_first": "nearest key stands at the first position",
    "nearest_self": "nearest key stands at the query's own position",
    "nearest_previous": "nearest key stands at the position before",
    "nearest_weight": "weight of the nearest key",
    "nearest_5_weight": "weight of the five nearest keys",
    "heaviest_weight": "weight of the heaviest key",
    "effective_keys": "keys that share the weight (exponential of the entropy)",
    "kl_nats": "divergence from attention by distance alone, nats",
    "total_variation": "total variation from attention by distance alone",
    "bias_range_nats": "range of the bonus for long keys, nats",
}
"""What a measure is called on a page and beside a picture."""
REPEATED = {
    "foreign_keys": "nearest",
    "random_queries": "nearest",
    "untrained": "nearest",
    "foreign_angle": "angle",
    "random_angle": "angle",
}
"""The measure that a null model repeats: the same changes of coordinates move both."""
SHARES = 14
"""How many of ``WORDS`` come first and are shares of queries; those after them are other numbers."""
CHANGES = {"shift, scale": "by shift or scale", "shift": "by shift", "scale": "by scale", "nothing": "no"}
COUNTED = {
    "heads where the heaviest key is the nearest for most queries": ("nearest", None),
    "heads where it is, mean key taken off": ("centered", None),
    "heads where the nearest wins as often as with random queries": ("nearest", "random_queries"),
    "heads where it wins as often as in a model with fresh weights": ("nearest", "untrained"),
    "heads where the nearest wins as often as the position before": ("nearest", "previous"),
    "heads where it does, mean key taken off": ("centered", "previous"),
}
"""Heads in which a measure is at least another, or more than one half."""
KINDS = {
    "single": "heads that attend to one key",
    "metastable": "heads that attend to a few",
    "global": "heads that attend to more than half",
}


def texts(record: Record) -> int:
    """Count the texts that the intervals of a record's summary are taken over.

    Parameters
    ----------
    record : Record
        Of the experiment.

    Returns
    -------
    int
        The least over its models.
    """
    return min(int(one["texts"]) for one in record.config["models"])


def best(records: Mapping[str, Record], measure: str = "nearest") -> str:
    """The head with the largest share in each record, as a sentence.

    Parameters
    ----------
    records : Mapping
        Records by title.
    measure : str
        A share.

    Returns
    -------
    str
        The sentence.
    """
    shares = (f"{title} {max(row[measure] for row in record.series):.1%}" for title, record in records.items())
    return f"{WORDS[measure]}, in the head where it is so most often: {', '.join(shares)} of the queries"


def table(records: Mapping[str, Record]) -> Table:
    """All that a page says of some records: one row a measure, one column a record.

    Shares and numbers are means over heads, texts and seeds; a row that a record cannot fill has a dash there.

    Parameters
    ----------
    records : Mapping
        Records by title.

    Returns
    -------
    Table
        The last column says which change of coordinates that no weight sees would change the row.
    """
    rows = [(words, *_cells(records, make), moved) for words, make, moved in _rows()]
    return Table(("mean over heads", *records, "changes with the coordinates"), rows)


def _cells(records: Mapping[str, Record], make: Callable[[Record], str]) -> Iterator[str]:
    for record in records.values():
        try:
            yield make(record)
        except KeyError:
            yield "–"


def _rows() -> Iterator[tuple[str, Callable[[Record], str], str]]:
    """Words of each row, what makes its cell, and what changes it."""
    yield "parameters", lambda record: f"{int(record.config['models'][0]['parameters']):,}", "no"
    yield "texts", lambda record: str(texts(record)), "no"
    yield "models that differ by their seed", lambda record: str(len(record.config["models"])), "no"
    yield "loss, nats per token", _loss, "no"
    for number, name in enumerate(WORDS):
        yield WORDS[name], partial(_mean, name=name, share=number < SHARES), _changes(name)
        if name == "nearest":
            yield "the same, lowest to highest seed", _seeds, _changes(name)
    for words, (one, other) in COUNTED.items():
        yield words, partial(_count, one=one, other=other), _changes(one)
    for kind, words in KINDS.items():
        yield words, partial(_kind, kind=kind), "no"


def _changes(name: str) -> str:
    return CHANGES[MOVED_BY[REPEATED.get(name, name)]]


def _loss(record: Record) -> str:
    losses = [float(one["loss_nats"]) for one in record.config["models"]]
    return f"{min(losses):.2f}" if len(losses) == 1 else f"{min(losses):.2f} to {max(losses):.2f}"


def _mean(record: Record, name: str, share: bool) -> str:
    value = float(record.summary[name]["mean"])
    return f"{value:.1%}" if share else f"{value:.3g}"


def _seeds(record: Record) -> str:
    spread: dict[str, Any] = record.summary["nearest"]
    if len(record.config["models"]) == 1:
        return "–"
    return f"{spread['seed_min']:.1%} to {spread['seed_max']:.1%}"


def _count(record: Record, one: str, other: str | None) -> str:
    many = sum(row[one] > 0.5 if other is None else row[one] >= row[other] for row in record.series)
    return f"{many} of {len(record.series)}"


def _kind(record: Record, kind: str) -> str:
    return f"{record.summary['regimes'][kind]:.1%}"
