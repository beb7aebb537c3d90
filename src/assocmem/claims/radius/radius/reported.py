"""What Appendix F.1 reports of distances in GPT-2 medium, against a record of a run on it where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from assocmem.claims import Finding, check, claim
from assocmem.theory.radius import samples

if TYPE_CHECKING:
    from assocmem.experiments.records import Record

TASK = "radius-gpt2-medium-openwebtext"
"""The run that would decide what is measured here: ``assocmem radius --scale paper``; none has been made."""


def record(name: str = TASK) -> Record | None:
    """The record at the paper's sizes, else the local one, else None."""
    from assocmem.experiments.records import published

    for scale in ("paper", "local"):
        try:
            return published(name, scale)
        except FileNotFoundError:
            continue
    return None


@dataclass(frozen=True)
class Distances:
    """Mean and median of the nearest-neighbor distances of subsets of these shares, expected over random subsets."""

    values: tuple[Fraction, ...] = (Fraction(20),) * 4
    within: Fraction = Fraction(1, 2)
    shares: tuple[Fraction, ...] = tuple(Fraction(k, 4) for k in (1, 2, 3, 4))


claim(
    "F1-SUB",
    Distances(),
    mutants={"20, 22, 24 and 26": Distances(tuple(map(Fraction, (20, 22, 24, 26))))},
)


@check("F1-SUB", kind="measured", scope="GPT-2 medium on chunks of OpenWebText; behind the last norm, or before it")
def recorded_distances(stmt: Distances) -> Finding:
    """Mean and median of each random subset of a record, its draws averaged, against the stated value."""
    measured = record()
    if measured is None:
        return Finding.not_run("no record of distances between activations of GPT-2 medium")
    (trained,) = (one for one in measured.summary["models"] if one["trained"])
    off, place = min((_off(stmt, place["subsets"]), place["layer"]) for place in trained["at"])
    text = f"four random subsets, mean and median at most {off:.2f} from what is stated, at layer {place}"
    if off > float(stmt.within):
        return Finding.not_reproduced(text)
    return Finding.reproduced(text) if measured.scale == "paper" else Finding.reproduced_in_part(text)


def _off(stmt: Distances, subsets: list[dict[str, Any]]) -> float:
    """The largest difference from what is stated."""
    worst = 0.0
    for share, value in zip(stmt.shares, stmt.values, strict=True):
        rows = [row for row in subsets if row["design"] == "random" and Fraction(str(row["share"])) == share]
        for name in ("mean", "median"):
            worst = max(worst, abs(sum(row[name] for row in rows) / len(rows) - float(value)))
    return worst


@check(
    "F1-SUB",
    kind="symbolic",
    scope="random subsets of any points",
    in_words="the expected mean is an integral of shares",
)
def cannot_rise(stmt: Distances) -> Finding:
    """Expected distances do not rise with the size of a random subset; no run is needed against values that do."""
    if samples.step() != 0:
        return Finding.undecided("the chance of a step was not confirmed")
    if any(later - earlier > 2 * stmt.within for earlier, later in pairwise(stmt.values)):
        return Finding.fails("expected distances do not rise with the size of a random subset")
    return Finding.survived("values that do not rise are possible")
