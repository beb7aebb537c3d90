"""Records of the attention experiment as one table: rows in words, a column a record, and what coordinates change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from assocmem.experiments.attention.measures import MEASURES, MOVED_BY
from assocmem.experiments.attention.nulls import AGREEMENTS, KEPT, NULLS, REPEATS_NEAREST, WITHOUT_FIRST, null_name
from assocmem.experiments.records import Record
from assocmem.tables import Table

__all__ = [
    "COMPARED",
    "EXPLAINED",
    "WORDS",
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

WORDS = {
    "nearest": "heaviest key is the nearest",
    "foreign_keys": "the same, keys of another text",
    "shuffled_keys": "the same, keys in another order",
    "random_queries": "the same, random queries",
    "untrained": "the same, model with fresh weights",
    "chance": "the same, a key drawn at random",
    "nearest_without_first": "the same, first position left out",
    "foreign_keys_without_first": "first position left out, keys of another text",
    "random_queries_without_first": "first position left out, random queries",
    "untrained_without_first": "first position left out, model with fresh weights",
    "centered": "heaviest key is the nearest, mean key taken off",
    "foreign_centered": "mean key taken off, keys of another text",
    "random_centered": "mean key taken off, random queries",
    "untrained_centered": "mean key taken off, model with fresh weights",
    "centered_without_first": "mean key taken off, first position left out",
    "angle": "heaviest key has the smallest angle",
    "random_angle": "the same angle, random queries",
    "angle_without_first": "the same angle, first position left out",
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
    "effective_keys_without_first": "keys that share the weight, first position left out",
    "kl_nats": "divergence from attention by distance alone, nats",
    "total_variation": "total variation from attention by distance alone",
    "bias_range_nats": "range of the bonus for long keys, nats",
    "length_ratio": "length of the shortest key over that of the longest",
}
"""What a measure is called on a page and beside a picture."""
COMPARED = (
    "nearest",
    "foreign_keys",
    "random_queries",
    "untrained",
    "nearest_without_first",
    "foreign_keys_without_first",
    "random_queries_without_first",
    "untrained_without_first",
    "centered",
    "centered_without_first",
    "first",
)
"""Shares that carry the reading: they are drawn beside each other, and begin the short table."""
SHARES = 24
"""How many of ``WORDS`` come first and are shares of queries; those after them are other numbers."""
CHANGES = {"shift, scale": "by shift or scale", "shift": "by shift", "scale": "by scale", "nothing": "no"}
COUNTED = {
    "heads whose heaviest key is the first position for most queries": ("first", None),
    "heads where the heaviest key is the nearest for most queries": ("nearest", None),
    "heads where it is, first position left out": ("nearest_without_first", None),
    "heads where it is, mean key taken off": ("centered", None),
    "heads where it is, mean key taken off and first position left out": ("centered_without_first", None),
    "heads where the nearest wins no more often than with keys of another text": ("foreign_keys", "nearest"),
    "heads where it wins no more often than with keys in another order": ("shuffled_keys", "nearest"),
    "heads where it wins no more often than with random queries": ("random_queries", "nearest"),
    "heads where it wins no more often than in a model with fresh weights": ("untrained", "nearest"),
    "heads where the nearest wins as often as the position before": ("nearest", "previous"),
    "heads where it does, mean key taken off": ("centered", "previous"),
}
"""Heads in which a measure is at least another, or more than one half."""
ABOVE = {
    "heads above one half and above every comparison": "nearest",
    "heads above one half and every comparison, first position left out": "nearest_without_first",
    "heads above one half and every comparison, mean key taken off": "centered",
    "heads above one half and every comparison, mean key off and first position left out": "centered_without_first",
}
"""Heads in which a measure is more than one half and more than each null that repeats it."""
SOURCES = {
    "": "the model",
    "foreign": "keys of another text",
    "shuffled": "keys in another order",
    "random": "random queries",
    "untrained": "fresh weights",
}
"""Rows of the comparison: the model itself, then what repeats it where nothing is searched for."""
COUNTS_READ = (*tuple(COUNTED)[:3], *tuple(ABOVE)[1::2])
"""Counts that carry the reading."""
EXPLAINED = (
    "The heaviest key is the one with the largest weight, the nearest the one at the least Euclidean distance. "
    "Without the first position, its key is left out of the search and the other weights are rescaled: many heads put "
    "their weight there when they have nothing to look for (an attention sink).",
    "Distance attention, or attention by distance alone, is the softmax of minus half the scaled squared distances of "
    "query and keys: attention without its bonus for long keys.",
)
"""What stands beside a table."""
TRIVIAL = (
    "With fresh weights all keys of this model are equally long, as a norm of the keys (QK norm) leaves them. Then the "
    "heaviest key is the nearest by algebra, so this comparison says nothing here and is left out."
)
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
