"""Records of the attention experiment as lines of text, for pages that quote them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from assocmem.experiments.records import Record

__all__ = ["counts", "means", "models", "spread"]


def models(records: Mapping[str, Record]) -> Iterator[str]:
    """One line a record: which model, on how many texts, and its loss on them, one number for each seed."""
    for title, record in records.items():
        found = record.config["models"]
        losses = ", ".join(f"{one['loss_nats']:.2f}" for one in found)
        yield f"{title}: {found[0]['parameters']} parameters, {found[0]['texts']} texts, loss {losses} nats per token"


def means(records: Mapping[str, Record], measures: Sequence[str]) -> Iterator[str]:
    """One line a measure: its mean over heads, texts and seeds in each record."""
    for name in measures:
        yield f"{name}: " + ", ".join(f"{t} {r.summary[name]['mean']:.3f}" for t, r in records.items())


def spread(record: Record, measures: Sequence[str]) -> Iterator[str]:
    """One line a measure: mean, 95% interval over texts, and range over seeds."""
    for name in measures:
        s = record.summary[name]
        texts = f"{s['low']:.3f} to {s['high']:.3f} over texts"
        yield f"{name}: {s['mean']:.3f}, {texts}, {s['seed_min']:.3f} to {s['seed_max']:.3f} over seeds"


def counts(records: Mapping[str, Record]) -> Iterator[str]:
    """One line a record: how many heads agree with the nearest key, and in how many a null model does as well."""
    for title, record in records.items():
        s, shares = record.summary, [row["nearest"] for row in record.series]
        many = f"of {s['heads']} heads {s['heads_nearest_most_often']} agree for more than half of the queries"
        beaten = f"foreign keys or random queries do as well in {s['heads_below_a_null']}"
        yield f"{title}: {many} (the best for {max(shares):.0%}); {beaten}"
