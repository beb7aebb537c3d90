"""Records of the Question-Formation experiment as lines of text, for pages that quote them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assocmem.experiments.records import Record

__all__ = ["by_lines", "floor_of", "losses", "settings", "spread"]


def settings(record: Record) -> Iterator[str]:
    """What was trained: the model, the updates, the data, and where.

    Parameters
    ----------
    record : Record
        Of the experiment.

    Yields
    ------
    str
        A line.
    """
    config, plan = record.config, record.config["training"]
    after = "after" if config["norm"] == "after" else "before"
    yield f"model: width {config['width']}, {config['heads']} heads, normalization {after} each part, ReLU"
    yield (
        f"training: {plan['steps']} updates of {plan['batch']} lines, learning rate {plan['learning_rate']:g} "
        f"({plan['schedule']}, {plan['warmup']} updates of warmup), dropout {config['dropout']:g}"
    )
    for grammar, times in config["longer"]:
        yield f"with {grammar}: {times} times as many updates"
    sizes = ", ".join(str(size) for size in config["lines"])
    yield f"data: {sizes} lines, {config['data'][0]['source']}; {config['held_out']} lines held out"
    yield f"seeds: {', '.join(map(str, config['seeds']))}; {record.device}; {record.date[:10]}"


def losses(record: Record) -> Iterator[str]:
    """One line a grammar, size and depth (layers): mean and standard deviation over seeds, beside the floors.

    Parameters
    ----------
    record : Record
        Of the experiment.

    Yields
    ------
    str
        A line.
    """
    for group in record.summary["groups"]:
        floor = floor_of(record, group)
        what = f"{group['grammar']}, depth {group['layers']}"
        yield (
            f"{what}: training {spread(group, 'plateau')}, held out {spread(group, 'held_out')}, "
            f"entropy {floor['entropy']:.3f}"
        )


def by_lines(record: Record) -> Iterator[str]:
    """One line a size of the training file: how often each line was seen, and losses beside the floors.

    Parameters
    ----------
    record : Record
        Of the experiment.

    Yields
    ------
    str
        A line.
    """
    plan = record.config["training"]
    for group in record.summary["groups"]:
        floor, times = floor_of(record, group), plan["steps"] * plan["batch"] / group["lines"]
        what = f"{group['lines']} lines, depth {group['layers']}"
        yield (
            f"{what}, each seen {times:.3g} times: training {spread(group, 'plateau')}, by heart "
            f"{floor['memorization']:.3f}, held out {spread(group, 'held_out')} "
            f"(least {spread(group, 'least_held_out')})"
        )


def floor_of(record: Record, group: dict[str, Any]) -> dict[str, Any]:
    """The floors of a group's grammar and size.

    Parameters
    ----------
    record : Record
        Of the experiment.
    group : dict
        One of its summary.

    Returns
    -------
    dict
        The row of its summary.

    Raises
    ------
    ValueError
        Where the record has none.
    """
    for row in record.summary["floors"]:
        if all(row[name] == group[name] for name in ("grammar", "lines")):
            return dict(row)
    raise ValueError(f"record {record.name!r} has no floor for {group['grammar']!r} and {group['lines']} lines")


def spread(group: dict[str, Any], name: str) -> str:
    """Mean and standard deviation over seeds.

    Parameters
    ----------
    group : dict
        One of a record's summary.
    name : str
        plateau, held_out or least_held_out.

    Returns
    -------
    str
        The mean alone where there is one seed.
    """
    deviation = group[f"{name}_sd"]
    return f"{group[name]:.3f}" + ("" if deviation is None else f" ± {deviation:.3f}")
