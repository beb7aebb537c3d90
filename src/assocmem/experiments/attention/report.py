"""Records of the attention experiment as lines of text, for pages that quote them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from assocmem.experiments.attention.measures import MOVED_BY
from assocmem.experiments.records import Record

__all__ = ["ahead", "counts", "means", "models", "nulls", "spread", "texts"]

NULL_MOVES = {
    "foreign_keys": "nearest",
    "random_queries": "nearest",
    "untrained": "nearest",
    "foreign_angle": "angle",
    "random_angle": "angle",
}
"""The measure that a null model repeats: the same changes of coordinates move both."""


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


def models(records: Mapping[str, Record]) -> Iterator[str]:
    """One line a record: which model, on how many texts, and its loss on them, one number for each seed.

    Parameters
    ----------
    records : Mapping
        Records by title.

    Yields
    ------
    str
        A line.
    """
    for title, record in records.items():
        trained = record.config["models"]
        losses = ", ".join(f"{one['loss_nats']:.2f}" for one in trained)
        yield f"{title}: {trained[0]['parameters']} parameters, {texts(record)} texts, loss {losses} nats per token"


def means(records: Mapping[str, Record], measures: Sequence[str]) -> Iterator[str]:
    """One line a measure: its mean over heads, texts and seeds in each record, and what coordinates would change.

    Parameters
    ----------
    records : Mapping
        Records by title.
    measures : Sequence[str]
        Names of measures.

    Yields
    ------
    str
        A line.
    """
    for name in measures:
        numbers = ", ".join(f"{t} {r.summary[name]['mean']:.3f}" for t, r in records.items())
        yield f"{name}: {numbers}; moved by {MOVED_BY[NULL_MOVES.get(name, name)]}"


def spread(record: Record, measures: Sequence[str]) -> Iterator[str]:
    """One line a measure: mean, 95% interval over texts, and range over seeds.

    Parameters
    ----------
    record : Record
        Of the experiment.
    measures : Sequence[str]
        Names of measures.

    Yields
    ------
    str
        A line.
    """
    seeds = len(record.config["models"])
    for name in measures:
        s = record.summary[name]
        over = f"{s['low']:.3f} to {s['high']:.3f} over {texts(record)} texts"
        yield f"{name}: {s['mean']:.3f}, {over}, {s['seed_min']:.3f} to {s['seed_max']:.3f} over {seeds} seeds"


def counts(records: Mapping[str, Record], measures: Sequence[str] = ("nearest", "centered")) -> Iterator[str]:
    """One line a record and measure: for how many heads it exceeds one half, and the head with the largest share.

    Parameters
    ----------
    records : Mapping
        Records by title.
    measures : Sequence[str]
        Names of measures that are shares.

    Yields
    ------
    str
        A line.
    """
    for title, record in records.items():
        for name in measures:
            shares = [row[name] for row in record.series]
            many = f"{sum(share > 0.5 for share in shares)} of {len(shares)} heads"
            yield f"{title}, {name}: more than half of the queries in {many}, the best head {max(shares):.1%}"


def ahead(records: Mapping[str, Record], one: str, other: str) -> Iterator[str]:
    """One line a record: in how many heads a measure is at least another.

    Parameters
    ----------
    records : Mapping
        Records by title.
    one, other : str
        Names of measures.

    Yields
    ------
    str
        A line.
    """
    for title, record in records.items():
        many = sum(row[one] >= row[other] for row in record.series)
        yield f"{title}: {one} is at least {other} in {many} of {len(record.series)} heads"


def nulls(records: Mapping[str, Record]) -> Iterator[str]:
    """One line a record: in how many heads a null model is at the nearest key as often as the model's own queries.

    Parameters
    ----------
    records : Mapping
        Records by title.

    Yields
    ------
    str
        A line.
    """
    for title, record in records.items():
        many = f"{record.summary['heads_below_a_null']} of {record.summary['heads']} heads"
        yield f"{title}: foreign keys or random queries agree at least as often as the model's own in {many}"
