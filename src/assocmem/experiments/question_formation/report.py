"""Records of the Question-Formation experiment as tables, for pages that quote them."""

from __future__ import annotations

from typing import Any

from assocmem.experiments.records import Record
from assocmem.tables import Table

__all__ = ["NAMES", "by_lines", "floor_of", "hours", "losses", "settings", "spread"]

NAMES = {"two words": "2 words", "measured": "the paper's grammar", "128 words": "128 words"}
"""Grammars by their names in a record, words being nouns and verbs per class; another name stands for itself."""


def settings(record: Record) -> Table:
    """What was trained: the models, the updates, the data, and where.

    Parameters
    ----------
    record : Record
        Of the experiment.

    Returns
    -------
    Table
        A row a setting.
    """
    config, plan = record.config, record.config["training"]
    longer = "".join(
        f"; {times} times as many for {NAMES.get(grammar, grammar)}" for grammar, times in config["longer"]
    )
    values = {
        "layers": ", ".join(map(str, config["depths"])),
        "width": f"{config['width']}, in {config['heads']} heads; ReLU",
        "normalization": f"{'after' if config['norm'] == 'after' else 'before'} each part",
        "updates": f"{plan['steps']} of {plan['batch']} lines{longer}",
        "learning rate": f"{plan['learning_rate']:g}, {plan['schedule']}, {plan['warmup']} updates of warm-up",
        "dropout": f"{config['dropout']:g}",
        "training lines": f"{', '.join(f'{size:,}' for size in config['lines'])}, {config['data'][0]['source']}",
        "held-out lines": f"{config['held_out']:,}",
        "seeds": ", ".join(map(str, config["seeds"])),
        "machine": f"{record.device}; {record.date[:10]}",
        "time": f"{hours(record):.1f} hours in all",
    }
    return Table.of(values, ("setting", "in these runs"))


def hours(record: Record) -> float:
    """How long all runs of a record trained, in hours; a record that was put together from finished runs too."""
    return sum(float(run["seconds"]) for run in record.config["runs"]) / 3600


def losses(record: Record, grammar: str | None = None) -> Table:
    """A row a grammar, size and depth: mean and standard deviation over seeds, beside the entropy.

    Parameters
    ----------
    record : Record
        Of the experiment.
    grammar : str | None
        The only one that is shown, by its name in the record; all by default.

    Returns
    -------
    Table
        Losses in nats per token.
    """
    head = ("grammar", "layers", "entropy", "training loss", "held-out loss")
    rows = [
        (
            NAMES.get(group["grammar"], group["grammar"]),
            group["layers"],
            f"{floor_of(record, group)['entropy']:.3f}",
            spread(group, "plateau"),
            spread(group, "held_out"),
        )
        for group in record.summary["groups"]
        if grammar in (None, group["grammar"])
    ]
    return Table(head, rows)


def by_lines(record: Record) -> Table:
    """A row a size of the training file: how often each line was seen, and losses beside the floors.

    Parameters
    ----------
    record : Record
        Of the experiment.

    Returns
    -------
    Table
        Losses in nats per token.
    """
    plan = record.config["training"]
    head = (
        "lines of the file",
        "each was seen",
        "known by heart",
        "training loss",
        "held-out loss",
        "least held-out loss",
    )
    rows = [
        (
            f"{group['lines']:,}",
            f"{plan['steps'] * plan['batch'] / group['lines']:.3g} times",
            f"{floor_of(record, group)['memorization']:.3f}",
            *(spread(group, name) for name in ("plateau", "held_out", "least_held_out")),
        )
        for group in record.summary["groups"]
    ]
    return Table(head, rows)


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
    return f"{group[name]:.4f}" + ("" if deviation is None else f" ± {deviation:.4f}")
