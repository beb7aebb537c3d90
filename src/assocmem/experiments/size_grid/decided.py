"""All cells of a size grid read together: gaps by every reading, exponents, rivals, and what the rule decides.

What stands here is worked out from the records of cells and of nothing else, so it can be done again at any time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import product
from typing import Any

from assocmem.experiments.records import Record
from assocmem.experiments.size_grid.controls import control
from assocmem.experiments.size_grid.fits import Crossing, Exponent, crossing, curvature, exponent, rivals
from assocmem.experiments.size_grid.readings import MAIN, READINGS, SIGMAS, Reading, gap, readings
from assocmem.experiments.size_grid.run import stops_after
from assocmem.experiments.size_grid.verdict import CONTROLS, decide

__all__ = ["decided", "replayed"]

SIGMA = 0.2
"""The paper's threshold."""
LEAST = 1e-6
"""Nats, in place of a gap of 0 or of one that is all noise."""
SHORT = 500
"""Updates of the patience with which the replay would have stopped."""
COUNTS = ("blocks", "all")
"""What may be called N: the matrices of the blocks, or all weights."""
SAME = ("data", "alphabet", "order", "schedule", "dropout", "rows", "context", "layers")
"""Settings in which all cells agree."""


def decided(cells: Sequence[Record], *, control_seed: int = 0) -> Record:
    """Read the cells and apply the rule.

    Parameters
    ----------
    cells : sequence of Record
        Of one grid, of four sizes at least, each with two amounts of data that are not censored.
    control_seed : int
        Of the controls, which are run here.

    Returns
    -------
    Record
        A row a cell, with its gaps; the summary has exponents by reading, threshold and what N is, rivals, the same
        without each size, a replay with short patience, the controls, and the decision.

    Raises
    ------
    ValueError
        For cells of different grids, and too few of them.
    """
    if not cells:
        raise ValueError("cells must be some, got none")
    shared = {name: cells[0].config[name] for name in SAME}
    shared["data"] = cells[0].config["data"]["source"]
    for cell in cells:
        own = {name: cell.config[name] for name in SAME} | {"data": cell.config["data"]["source"]}
        differing = [name for name in SAME if own[name] != shared[name]]
        if differing:
            raise ValueError(f"cells must be of one grid, and differ in {differing[0]}")
    whole = [cell for cell in cells if not cell.summary["censored"]]
    main = _crossings(whole, _gaps(whole, MAIN), SIGMA)
    controls = _controls(control_seed)
    by_place = {place: exponent(_crossings(whole, _gaps(whole, _at(place)), SIGMA)) for place in READINGS}
    decision = decide(
        controls=controls,
        censored=1 - len(whole) / len(cells),
        main=exponent(main),
        by_place=by_place,
        curvature=curvature(main),
    )
    sizes = [one.parameters for one in main]
    return Record(
        name="size-grid",
        scale=cells[0].scale,
        config=shared | {"cells": len(cells), "commits": sorted({cell.commit for cell in cells})},
        seed=control_seed,
        series=[_row(cell) for cell in sorted(cells, key=_order)],
        summary={
            "decision": asdict(decision),
            "censored": len(cells) - len(whole),
            "crossings": [asdict(one) for one in main],
            "exponent": asdict(exponent(main)),
            "curvature": asdict(curvature(main)),
            "controls": {name: asdict(one) for name, one in controls.items()},
            "by_reading": list(_by_reading(whole)),
            "rivals": rivals(main),
            "without": {str(n): asdict(exponent([one for one in main if one.parameters != n])) for n in sizes},
            "short_patience": _replay(whole),
        },
        wall_s=round(sum(cell.wall_s for cell in cells), 1),
    )


def replayed(series: Sequence[dict[str, Any]], every: int, patience: int) -> list[dict[str, Any]]:
    """The series as it would be had training stopped after a shorter patience, and 1000 more updates for the reading.

    Parameters
    ----------
    series : sequence of dict
        Of the record of a cell.
    every : int
        Updates between evaluations.
    patience : int
        In updates.

    Returns
    -------
    list of dict
        A beginning of the series; the evaluations of the updates that are added count for no minimum.
    """
    held_out: list[float] = []
    for number, row in enumerate(series, start=1):
        held_out.append(row["held_out"])
        if stops_after(held_out, every, patience):
            more = series[number : number + MAIN.window // every]
            return [*series[:number], *({**row, "held_out": math.inf} for row in more)]
    return list(series)


def _replay(cells: Sequence[Record]) -> dict[str, Any] | None:
    """The exponent that short patience would have given."""
    short = [gap(replayed(cell.series, cell.config["evaluate_every"], SHORT), MAIN) for cell in cells]
    try:
        return {"patience": SHORT, **_plain(exponent(_crossings(cells, short, SIGMA)))}
    except ValueError:
        return None


def _by_reading(cells: Sequence[Record]) -> Iterable[dict[str, Any]]:
    """Exponents of every reading, threshold and N; null where the gap of a size does not fall."""
    for reading in readings():
        gaps = _gaps(cells, reading)
        for sigma, count in product(SIGMAS, COUNTS):
            try:
                found: dict[str, Any] | None = _plain(exponent(_crossings(cells, gaps, sigma, count)))
            except ValueError:
                found = None
            yield {**asdict(reading), "sigma": sigma, "count": count, "exponent": found}


def _plain(one: Exponent) -> dict[str, Any]:
    """For JSON, which has no infinity."""
    return {name: value if math.isfinite(value) else None for name, value in asdict(one).items()}


def _gaps(cells: Sequence[Record], reading: Reading) -> list[float]:
    """The gap of each cell, positive, for its logarithm is taken."""
    return [max(gap(cell.series, reading), LEAST) for cell in cells]


def _crossings(cells: Sequence[Record], gaps: Sequence[float], sigma: float, count: str = "blocks") -> list[Crossing]:
    by_size: dict[int, dict[int, list[float]]] = {}
    for cell, own in zip(cells, gaps, strict=True):
        by_size.setdefault(_count(cell, count), {}).setdefault(cell.config["tokens"], []).append(own)
    found = [crossing(size, of_size, sigma) for size, of_size in sorted(by_size.items())]
    there = [one for one in found if one is not None]
    if len(there) < len(found):
        raise ValueError("the gap of a size does not fall with the data")
    return there


def _at(place: str) -> Reading:
    return MAIN if place == MAIN.where else Reading(place, MAIN.window if place in ("before", "first near") else 0)


def _count(cell: Record, count: str) -> int:
    if count == "blocks":
        return int(cell.summary["blocks"])
    return int(sum(cell.summary[kind] for kind in ("blocks", "norms", "table")))


def _controls(seed: int) -> dict[str, Exponent]:
    both = control(seed)
    return dict(zip(CONTROLS, (both.plain, both.relabeled), strict=True))


def _order(cell: Record) -> tuple[int, int, int]:
    return cell.config["width"], cell.config["tokens"], cell.seed


def _row(cell: Record) -> dict[str, Any]:
    """A cell in a line: its sizes, where it was least, and its gap by each place."""
    gaps = {place: round(gap(cell.series, _at(place)), 5) for place in READINGS}
    kept = ("least_held_out_nats", "least_at", "updates", "passes", "censored")
    return {
        "width": cell.config["width"],
        "parameters": _count(cell, "blocks"),
        "tokens": cell.config["tokens"],
        "seed": cell.seed,
        **{name: cell.summary[name] for name in kept},
        "gaps": gaps,
    }
