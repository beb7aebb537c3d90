"""What a record says of the vectors of one model: distances of every layer, and at two of them all that is compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from jaxtyping import Float, Int64
from scipy.stats import bootstrap

from assocmem.experiments.radius.clouds import CONTROLS, Cloud, distinct, like, neighbors, nested, pair_distances
from assocmem.experiments.radius.config import RadiusRun
from assocmem.experiments.radius.dimension import NEIGHBORS, fitted_law, inverse_likelihood, inverse_two_nearest
from assocmem.experiments.radius.rules import quotient
from assocmem.experiments.radius.vectors import Vectors
from assocmem.language.models.hidden_states import NORM

__all__ = ["BINS", "SHARES", "reading"]

SHARES = ((0.25, 0.5, 0.75, 1.0), (0.4, 0.6, 0.8, 1.0))
"""Of the later version of the paper, and of the submission."""
BINS = 40
"""Of a histogram."""
Values = Float[np.ndarray, " rows"]
REPORT = Callable[[str], None]


def reading(
    vectors: Vectors, ids: Sequence[Int64[np.ndarray, " T"]], config: RadiusRun, report: REPORT
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Measure the vectors of one model.

    Parameters
    ----------
    vectors : Vectors
        Complete.
    ids : Sequence[Int64[ndarray, "T"]]
        Their chunks.
    config : RadiusRun
        Draws, resamples, and the layer beside the norm and the last one.
    report : Callable
        Told what is being done.

    Returns
    -------
    tuple[dict, list[dict]]
        What is measured at the norm and at the layer before it (or the one that was asked for), and a row a layer.

    Raises
    ------
    ValueError
        For a layer that there is not.
    """
    last = vectors.layers[-2] if len(vectors.layers) > 1 else None
    places = [NORM, *([last] if last is not None else [])]
    if config.layer not in places:
        places.append(config.layer)
    rows = []
    for name in vectors.layers:
        cloud = vectors.layer(name)
        near, far = neighbors(cloud, 1, config.device)[:, 0], pair_distances(cloud, 0)
        rows.append(
            {"layer": name, **_spread(near, config), "quotient": quotient(float(near.mean()), vectors.n)}
            | {"pairs": float(far.mean()), "length": float(np.linalg.norm(cloud, axis=1).mean())}
        )
    at = []
    for name in dict.fromkeys(places):
        report(f"controls at {name}")
        at.append({"layer": name, **_place(vectors.layer(name), ids, config)})
    return {"n": vectors.n, "count": vectors.count, "at": [_rounded(one) for one in at]}, [_rounded(r) for r in rows]


def _place(cloud: Cloud, ids: Sequence[Int64[np.ndarray, " T"]], config: RadiusRun) -> dict[str, Any]:
    """Distances at one layer with their histogram, subsets, controls, dimension and law."""
    near = neighbors(cloud, min(NEIGHBORS, len(cloud) - 1), config.device)
    counts, edges = np.histogram(near[:, 0], BINS)
    subsets = _subsets(cloud, config)
    return {
        **_spread(near[:, 0], config),
        "quotient": quotient(float(near[:, 0].mean()), cloud.shape[1]),
        "length": float(np.linalg.norm(cloud, axis=1).mean()),
        "cosine": float(1 - (near[:, 0] ** 2).mean() / (2 * np.square(cloud, dtype=np.float64).sum(1).mean())),
        "histogram": {"edges": edges.tolist(), "counts": counts.tolist()},
        "subsets": subsets,
        "controls": _controls(cloud, ids, config),
        "dimension": _dimension(near, config),
        "law": _law(subsets),
    }


def _subsets(cloud: Cloud, config: RadiusRun) -> list[dict[str, Any]]:
    """Random subsets of each seed, and those of the order of the text; nested."""
    count = len(cloud)
    orders = {("random", seed): np.random.default_rng(seed).permutation(count) for seed in range(config.draws)}
    orders["order", 0] = np.arange(count)
    shares = sorted({share for group in SHARES for share in group})
    whole = _spread(neighbors(cloud, 1, config.device)[:, 0], config)
    rows = []
    for (design, seed), order in orders.items():
        for share, chosen in nested(order, shares).items():
            part = len(chosen) < count
            spread = _spread(neighbors(cloud[chosen], 1, config.device)[:, 0], config) if part else whole
            rows.append({"design": design, "seed": seed, "share": share, "chunks": len(chosen), **spread})
    return rows


def _controls(cloud: Cloud, ids: Sequence[Int64[np.ndarray, " T"]], config: RadiusRun) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for seed in range(config.draws):
        for name in CONTROLS:
            if name == "pairs":
                values = pair_distances(cloud, seed)
            elif name == "distinct":
                continue
            else:
                values = neighbors(like(cloud, name, seed), 1, config.device)[:, 0]
            rows.append({"control": name, "seed": seed, **_spread(values, config)})
    kept = distinct(ids)
    values = neighbors(cloud[kept], 1, config.device)[:, 0]
    return [*rows, {"control": "distinct", "removed": int((~kept).sum()), **_spread(values, config)}]


def _dimension(near: Float[np.ndarray, "chunks k"], config: RadiusRun) -> dict[str, Any]:
    """Both estimates with their intervals over chunks; the interval of an inverse is the inverse of its interval."""
    found: dict[str, Any] = {}
    for name, inverse in (("two_nearest", inverse_two_nearest(near)), ("likelihood", inverse_likelihood(near))):
        mean, low, high = _mean(inverse, config)
        found |= {name: 1 / mean, f"{name}_low": 1 / high, f"{name}_high": 1 / low}
    return {**found, "duplicates": int((near[:, 0] == 0).sum())}


def _law(subsets: list[dict[str, Any]]) -> dict[str, float]:
    """Of random subsets."""
    means: dict[int, list[tuple[int, float]]] = {}
    for row in subsets:
        if row["design"] == "random":
            means.setdefault(row["seed"], []).append((row["chunks"], row["mean"]))
    return asdict(fitted_law(means))


def _mean(values: Values, config: RadiusRun) -> tuple[float, float, float]:
    """The mean with its bootstrapped 95% interval over the chunks, whose neighbors stay as they are."""
    result = bootstrap(
        (values,),
        np.mean,
        n_resamples=config.resamples,
        method="percentile",
        batch=100,
        rng=np.random.default_rng(0),
    )
    return float(values.mean()), float(result.confidence_interval.low), float(result.confidence_interval.high)


def _spread(values: Values, config: RadiusRun) -> dict[str, float]:
    mean, low, high = _mean(values, config)
    middle, least = float(np.median(values)), float(values.min())
    return {"mean": mean, "low": low, "high": high, "median": middle, "min": least}


def _rounded(value: Any) -> Any:
    """Numbers to six digits, in whatever holds them."""
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value
