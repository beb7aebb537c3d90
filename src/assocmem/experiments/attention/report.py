"""Records of the attention experiment as one table: rows in words, a column a record, and what coordinates change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from assocmem.experiments.attention.measures import MEASURES, MOVED_BY
from assocmem.experiments.attention.nulls import AGREEMENTS, KEPT, NULLS, REPEATS_NEAREST, WITHOUT_FIRST, null_name
from assocmem.experiments.attention.words import (
    ABOVE,
    CHANGES,
    COMPARED,
    COUNTED,
    COUNTS_READ,
    EXPLAINED,
    KINDS,
    SHARES,
    SOURCES,
    TRIVIAL,
    WORDS,
)
from assocmem.experiments.records import Record
from assocmem.tables import Table

__all__ = [
    "best",
    "compared",
    "counts",
    "notes",
    "reading",
    "says_nothing",
    "shown",
    "sinks",
    "table",
    "texts",
    "trivial",
]


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


def trivial(record: Record) -> bool:
    """Whether fresh weights make the heaviest key the nearest by algebra, so that a comparison with them says nothing.

    Parameters
    ----------
    record : Record
        Of the experiment.

    Returns
    -------
    bool
        For any of its models.
    """
    return any(one.get("untrained_is_trivial", False) for one in record.config["models"])


def says_nothing(record: Record, *names: str | None) -> bool:
    """Whether one of these is a comparison with fresh weights that agree by algebra.

    Parameters
    ----------
    record : Record
        Of the experiment.
    *names : str or None
        Of measures and nulls.

    Returns
    -------
    bool
        Of nearest and of least angle, which are one for keys of one length; with the mean key taken off they are not.
    """
    by_algebra = {null_name("untrained", "nearest"), null_name("untrained", "angle")}
    return trivial(record) and any(name and name.removesuffix(WITHOUT_FIRST) in by_algebra for name in names)


def notes(record: Record) -> list[str]:
    """What a reader of a record's numbers has to know beside them.

    Parameters
    ----------
    record : Record
        Of the experiment.

    Returns
    -------
    list[str]
        Sentences, a paragraph each.
    """
    weights = _weights(record)
    quantized = f"The weights are quantized to {weights}; this is a part of what is measured."
    said = [] if weights == "as trained" else [quantized]
    return [*said, *EXPLAINED, *([TRIVIAL] if trivial(record) else [])]


def shown(record: Record) -> list[tuple[str, str, str, str, str]]:
    """Every measure of a record in words, with the first position and without it.

    Parameters
    ----------
    record : Record
        Of the experiment.

    Returns
    -------
    list[tuple]
        Words, mean over heads, its interval, the mean without the first position, and the name in the record.
    """
    rows = []
    for name, words in MEASURES.items():
        mean = record.summary[name]
        rest = _short(record.summary[f"{name}{WITHOUT_FIRST}"]["mean"]) if name in KEPT else "–"
        rows.append((words, _short(mean["mean"]), f"{_short(mean['low'])} to {_short(mean['high'])}", rest, name))
    return rows


def compared(record: Record) -> list[tuple[str, ...]]:
    """How often the heaviest key is the nearest, beside what is compared with it.

    Parameters
    ----------
    record : Record
        Of the experiment.

    Returns
    -------
    list[tuple]
        Words, then a share for each of ``AGREEMENTS``, with all keys and without the first position.
    """
    rows = []
    for source, words in SOURCES.items():
        if source and null_name(source, "nearest") not in record.summary:
            continue
        cells = []
        for measure in AGREEMENTS:
            name = null_name(source, measure) if source else measure
            for end in ("", WITHOUT_FIRST):
                share = record.summary[f"{name}{end}"]["mean"]
                cells.append("–" if says_nothing(record, name) else f"{share:.1%}")
        rows.append((words, *cells))
    return rows


def counts(record: Record) -> list[tuple[str, str]]:
    """How many heads are of which kind, in words.

    Parameters
    ----------
    record : Record
        Of the experiment.

    Returns
    -------
    list[tuple]
        Words and a count; a count that the record does not hold is left out.
    """
    many = record.summary["heads"]
    rows = [
        (words, _count(record, *pair))
        for words, pair in COUNTED.items()
        if not {*pair} - {None, *record.series[0]} and not says_nothing(record, *pair)
    ]
    rows += [(words, _above(record, name)) for words, name in ABOVE.items()]
    for keys, least in record.summary["heads_at_or_below"].items():
        rows.append((f"heads at or below any of the comparisons, {keys}", f"{least['any']} of {many}"))
    return rows


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


def reading(records: Mapping[str, Record]) -> Table:
    """What carries the reading of some records: the shares and counts that say whether the nearest key is searched for.

    Parameters
    ----------
    records : Mapping
        Records by title.

    Returns
    -------
    Table
        A row a share or count, a column a record.
    """
    kept = ["weights", *(WORDS[name] for name in COMPARED), *COUNTS_READ]
    rows = [(words, *_cells(records, make)) for words, make, _ in _rows() if words in kept]
    return Table(("mean over heads", *records), rows)


def sinks(records: Mapping[str, Record]) -> Table:
    """What the heads do whose heaviest key is that of the first position for most queries.

    Parameters
    ----------
    records : Mapping
        Records by title, each with such a head.

    Returns
    -------
    Table
        Means over these heads, a column a record.
    """
    heads = {title: [row for row in record.series if row["first"] > 0.5] for title, record in records.items()}
    rows = [
        (WORDS[name], *(f"{sum(row[name] for row in some) / len(some):.1%}" for some in heads.values()))
        for name in ("nearest", "nearest_first", "nearest_without_first")
    ]
    return Table(("heads with the first position heaviest for most queries", *records), rows)


def _cells(records: Mapping[str, Record], make: Callable[[Record], str]) -> Iterator[str]:
    for record in records.values():
        try:
            yield make(record)
        except KeyError:
            yield "–"


def _rows() -> Iterator[tuple[str, Callable[[Record], str], str]]:
    """Words of each row, what makes its cell, and what changes it."""
    yield "parameters", lambda record: f"{int(record.config['models'][0]['parameters']):,}", "no"
    yield "weights", _weights, "no"
    yield "texts", lambda record: str(texts(record)), "no"
    yield "models that differ by their seed", lambda record: str(len(record.config["models"])), "no"
    yield "loss, nats per token", _loss, "no"
    for number, name in enumerate(WORDS):
        yield WORDS[name], partial(_mean, name=name, share=number < SHARES), _changes(name)
        if name == "nearest":
            yield "the same, lowest to highest seed", _seeds, _changes(name)
    for words, (one, other) in COUNTED.items():
        yield words, partial(_count, one=one, other=other), _changes(one)
    for words, name in ABOVE.items():
        yield words, partial(_above, name=name), _changes(name)
    for kind, words in KINDS.items():
        yield words, partial(_kind, kind=kind), "no"


def _changes(name: str) -> str:
    """What moves a measure: a null is moved as what it repeats, and all are without the first position as with it."""
    name = name.removesuffix(WITHOUT_FIRST)
    if name in NULLS:
        name = "nearest" if name in REPEATS_NEAREST.values() else name.partition("_")[2]
    return CHANGES[MOVED_BY[name]]


def _weights(record: Record) -> str:
    return str(record.config["models"][0].get("origin", {}).get("quantized", "as trained"))


def _short(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def _loss(record: Record) -> str:
    losses = [float(one["loss_nats"]) for one in record.config["models"]]
    return f"{min(losses):.2f}" if len(losses) == 1 else f"{min(losses):.2f} to {max(losses):.2f}"


def _mean(record: Record, name: str, share: bool) -> str:
    if says_nothing(record, name):
        return "–"
    value = float(record.summary[name]["mean"])
    return f"{value:.1%}" if share else f"{value:.3g}"


def _seeds(record: Record) -> str:
    spread: dict[str, Any] = record.summary["nearest"]
    if len(record.config["models"]) == 1:
        return "–"
    return f"{spread['seed_min']:.1%} to {spread['seed_max']:.1%}"


def _count(record: Record, one: str, other: str | None) -> str:
    if says_nothing(record, one, other):
        return "–"
    many = sum(row[one] > 0.5 if other is None else row[one] >= row[other] for row in record.series)
    return f"{many} of {len(record.series)}"


def _above(record: Record, name: str) -> str:
    measure = name.removesuffix(WITHOUT_FIRST)
    nulls = [null_name(source, measure) for source in REPEATS_NEAREST]
    kept = [f"{null}{name.removeprefix(measure)}" for null in nulls if not says_nothing(record, null)]
    kept = [null for null in kept if null in record.series[0]]
    many = sum(row[name] > 0.5 and all(row[name] > row[null] for null in kept) for row in record.series)
    return f"{many} of {len(record.series)}"


def _kind(record: Record, kind: str) -> str:
    return f"{record.summary['regimes'][kind]:.1%}"
