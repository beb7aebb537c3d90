"""Nearest-neighbor distances between activations of language models, with controls; a record of all that is compared.

The vectors are captured first, in shards that an interrupted run goes on with; what is measured of them takes minutes.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

from assocmem.experiments.radius.captured import Track, captured, model_name
from assocmem.experiments.radius.chunks import data_name
from assocmem.experiments.radius.clouds import CONTROLS
from assocmem.experiments.radius.config import BOOK, RadiusRun
from assocmem.experiments.radius.reading import reading
from assocmem.experiments.radius.rules import RULES, follows_root, slope
from assocmem.experiments.records import Record
from assocmem.language.machine import check_device
from assocmem.language.training.ranks import is_first_process, process_count

__all__ = ["decisions", "readings", "run"]

REPORT = Callable[[str], None]
OF_LAYERS = ("layers", "norm")
"""Rules that compare layers."""


def _untracked(shards: list[int], _: str) -> list[int]:
    return shards


def run(config: RadiusRun, report: REPORT = lambda _: None, track: Track = _untracked) -> Record | None:
    """Capture what is not captured yet, and measure it.

    Parameters
    ----------
    config : RadiusRun
        What to capture and to measure.
    report : Callable
        Told what is being done, a line at a time.
    track : Callable
        Hands on the numbers of the shards that are captured, and may show how far it is.

    Returns
    -------
    Record
        A row a layer in its series; the summary has a reading of each model. None in all but the first of several
        processes.

    Raises
    ------
    ValueError
        For a model without hidden states, fewer chunks than asked, and chunks longer than the model's context.
    OSError
        For a model or a text that cannot be had, and where there is no room for the vectors.
    """
    began = time.perf_counter()
    check_device(config.device)
    if config.model != BOOK:
        config = replace(config, seeds=config.seeds[:1])
    if process_count() > 1:
        config = _joined(config)
    models: list[dict[str, Any]] = []
    series: list[dict[str, Any]] = []
    for one in captured(config, report, track):
        if not is_first_process():
            continue
        measured, rows = reading(one.vectors, one.ids, config, lambda line, name=one.name: report(f"{name}: {line}"))  # type: ignore[misc]
        models.append({"name": one.name, **one.about, **measured})
        series += [{"name": one.name, **row} for row in rows]
    if not is_first_process():
        return None
    words = ["radius", model_name(config), *([data_name(config)] if config.model != BOOK else [])]
    words += ["positions"] if config.positions == "all" else []
    return Record(
        name="-".join(_slug(word) for word in words),
        scale=config.scale,
        config=asdict(replace(config, vectors=None, tokenizer="", data=data_name(config), model=model_name(config))),
        seed=config.seeds[0],
        series=series,
        summary={"models": models, **decisions(models, series), "meaning": CONTROLS},
        wall_s=round(time.perf_counter() - began, 1),
    )


def readings(record: Record) -> list[dict[str, Any]]:
    """The models of a record, each with the rows of its layers, as the rules take them."""
    return _with_layers(record.summary["models"], record.series)


def _with_layers(models: list[dict[str, Any]], series: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "layers": [row for row in series if row["name"] == one["name"]]} for one in models]


def decisions(models: list[dict[str, Any]], series: list[dict[str, Any]]) -> dict[str, Any]:
    """What every rule says of these models, and of several widths the exponents.

    Parameters
    ----------
    models : list[dict]
        Of the summary of a record.
    series : list[dict]
        Rows of their layers.

    Returns
    -------
    dict
        ``decisions`` by the name of the rule, and ``widths``, one entry a place and kind of weights.
    """
    whole = _with_layers(models, series)
    rules = dict(RULES)
    if any(len(one["layers"]) == 1 for one in whole):
        rules = {name: rule for name, rule in rules.items() if name not in OF_LAYERS}
    if all(one["trained"] for one in whole):
        del rules["untrained"]
    return {"decisions": {name: asdict(rule(whole)) for name, rule in rules.items()}, "widths": list(_widths(whole))}


def _widths(models: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Exponents of the width, of mean distances and of their ratio to those of random pairs."""
    for trained in (True, False):
        those = [one for one in models if one["trained"] is trained]
        widths, seeds = (sorted({one[key] for one in those}) for key in ("width", "seed"))
        if len(widths) < 2 or len(seeds) < 2:
            continue
        for number, place in enumerate(("norm", "last layer")):
            for of in ("distance", "over pairs"):
                values = {
                    seed: [
                        _number(next(o for o in those if (o["width"], o["seed"]) == (width, seed))["at"][number], of)
                        for width in widths
                    ]
                    for seed in seeds
                }
                fit = slope(widths, values)
                yield {"trained": trained, "at": place, "of": of, **asdict(fit), "follows_root": follows_root(fit)}


def _number(place: dict[str, Any], of: str) -> float:
    pairs = [row["mean"] for row in place["controls"] if row["control"] == "pairs"]
    return float(place["mean"] if of == "distance" else place["mean"] / (sum(pairs) / len(pairs)))


def _joined(config: RadiusRun) -> RadiusRun:
    """The processes that torchrun has started meet, each with a GPU of its own where there are any."""
    import torch.distributed as dist

    from assocmem.memory.sharded import connect

    if not dist.is_initialized():
        connect(DAY, backend="gloo")
    if config.device == "cuda":
        return replace(config, device=f"cuda:{os.environ.get('LOCAL_RANK', '0')}")
    return config


DAY = 24 * 3600.0
"""Seconds that one process may wait for the others."""


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.rsplit("/", 1)[-1].lower()).strip("-")
