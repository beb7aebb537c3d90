"""How far the losses of a record lie above the entropy of their grammar, and above the floor of what was measured."""

from __future__ import annotations

from statistics import mean

from assocmem.experiments.question_formation.report import NAMES
from assocmem.experiments.records import Record
from assocmem.language.questions.grammar import VARIANTS
from assocmem.language.questions.templates import templates
from assocmem.tables import Table

__all__ = ["above_floors"]


def above_floors(record: Record) -> Table:
    """How far the losses lie above the entropy, and above the floor of what was measured; means over all runs.

    The training loss is a mean over updates, each of which is the loss per token of its batch, on a file without
    repetitions. The held-out loss weighs all tokens of all held-out lines alike, and none of them is in the file.

    Parameters
    ----------
    record : Record
        Of the runs "question-plateau".

    Returns
    -------
    Table
        Nats per token.
    """
    batch, rows = record.config["training"]["batch"], []
    for floor in record.summary["floors"]:
        shape = templates(VARIANTS[floor["grammar"]])
        same = [run for run in record.config["runs"] if all(run[name] == floor[name] for name in ("grammar", "lines"))]
        measured = {
            "training": ("plateau", floor["training"] + shape.in_batches(batch) - shape.per_token),
            "held out": ("held_out", floor["unseen"]),
        }
        for name, (loss, least) in measured.items():
            value = mean(run[loss] for run in same)
            numbers = (value, value - floor["entropy"], least, value - least)
            rows.append((NAMES.get(floor["grammar"], floor["grammar"]), name, *(f"{x:.4f}" for x in numbers)))
    head = ("grammar", "loss", "mean", "above the entropy", "floor as measured", "above that")
    return Table(head, rows)
