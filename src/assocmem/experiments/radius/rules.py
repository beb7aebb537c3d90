"""What decides each question of the radius experiment: rules with their bounds, written before anything was measured.

A rule takes readings of models, as :mod:`assocmem.experiments.radius.reading` makes them, and says yes where its
statement is so in all of them, no where it is so in none, and partly between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import e, pi, sqrt
from typing import Any, Literal

import numpy as np
from scipy.stats import t as student

__all__ = [
    "CLOSE",
    "ORDER",
    "RULES",
    "SAME",
    "Answer",
    "Decision",
    "Slope",
    "doubled_radius",
    "follows_root",
    "quotient",
    "slope",
]

Answer = Literal["yes", "partly", "no"]
Reading = Mapping[str, Any]

CLOSE = (3 / 4, 4 / 3)
"""Within it a distance is approximately equal to 2 sqrt(n/(2 pi e)): the paper's 20 is 1.29 times its 15.49."""
ORDER = (10**-0.5, 10**0.5)
"""Within it a distance is of the order of 2 sqrt(n/(2 pi e))."""
SAME = 0.1
"""Two mean distances are the same up to this share of the second; else, with disjoint intervals, they differ."""
CONSTANT = 0.05
"""Up to this share the distances of four subsets are one value: 19 to 21 for 20."""
APART = 2.0
"""The largest distance of the layers over the least is at least so much where the layer matters."""
LAW = 0.02
"""How far the fall from a quarter of the chunks to all may be from what the dimension of the cloud predicts."""
ROOT = (0.4, 0.6)
"""An interval of an exponent inside it is that of a root; one that does not meet it is not."""


@dataclass(frozen=True)
class Decision:
    """What a rule found.

    Attributes
    ----------
    answer : str
        yes, partly or no.
    values : tuple[tuple[str, float], ...]
        The number of each model that it was decided by, under the model's name.
    """

    answer: Answer
    values: tuple[tuple[str, float], ...]


def doubled_radius(n: int) -> float:
    """2 sqrt(n/(2 pi e)), the distance that the paper compares with."""
    return 2 * sqrt(n / (2 * pi * e))


def quotient(mean: float, n: int) -> float:
    """A mean distance over 2 sqrt(n/(2 pi e))."""
    return mean / doubled_radius(n)


def _decide(readings: Sequence[Reading], number: Callable[[Reading], float], so: Callable[[Reading], bool]) -> Decision:
    if not readings:
        raise ValueError("readings must hold at least one, got none")
    answers = [so(one) for one in readings]
    answer: Answer = "yes" if all(answers) else "partly" if any(answers) else "no"
    return Decision(answer, tuple((str(one["name"]), number(one)) for one in readings))


def _trained(readings: Iterable[Reading], trained: bool = True) -> list[Reading]:
    return [one for one in readings if one["trained"] is trained]


def _at_norm(one: Reading) -> Mapping[str, Any]:
    return next(place for place in one["at"] if place["layer"] == "norm")


def _at_last(one: Reading) -> Mapping[str, Any]:
    return next(place for place in one["at"] if place["layer"] != "norm")


def _inside(value: float, band: tuple[float, float]) -> bool:
    return band[0] <= value <= band[1]


def _quotient(one: Reading) -> float:
    return quotient(_at_norm(one)["mean"], one["n"])


def _control(name: str) -> Callable[[Reading], float]:
    """The mean distance over that of a control, its seeds averaged."""

    def ratio(one: Reading) -> float:
        place = _at_norm(one)
        return float(place["mean"] / np.mean([row["mean"] for row in place["controls"] if row["control"] == name]))

    return ratio


def _nearer_than(name: str) -> Callable[[Sequence[Reading]], Decision]:
    """Whether neighbors are nearer than in a control by more than a tenth, beyond both intervals, for every seed."""
    ratio = _control(name)

    def so(one: Reading) -> bool:
        place = _at_norm(one)
        rows = [row for row in place["controls"] if row["control"] == name]
        return ratio(one) < 1 - SAME and all(place["high"] < row["low"] for row in rows)

    return lambda readings: _decide(_trained(readings), ratio, so)


def _same_as(name: str) -> Callable[[Sequence[Reading]], Decision]:
    ratio = _control(name)
    return lambda readings: _decide(_trained(readings), ratio, lambda one: abs(ratio(one) - 1) <= SAME)


def _agree(readings: Sequence[Reading]) -> Decision:
    return _decide(_trained(readings), _quotient, lambda one: _inside(_quotient(one), CLOSE))


def _untrained_order(readings: Sequence[Reading]) -> Decision:
    return _decide(_trained(readings, False), _quotient, lambda one: _inside(_quotient(one), ORDER))


def _layers_apart(readings: Sequence[Reading]) -> Decision:
    def factor(one: Reading) -> float:
        means = [row["mean"] for row in one["layers"] if row["mean"] > 0]
        return float(max(means) / min(means))

    return _decide(_trained(readings), factor, lambda one: factor(one) >= APART)


def _norm_matters(readings: Sequence[Reading]) -> Decision:
    def factor(one: Reading) -> float:
        return float(_at_norm(one)["mean"] / _at_last(one)["mean"])

    return _decide(_trained(readings), factor, lambda one: not _inside(factor(one), CLOSE))


def _constant(readings: Sequence[Reading]) -> Decision:
    """Random subsets, their seeds averaged; mean and median of every share against those of all chunks."""

    def most(one: Reading) -> float:
        place = _at_norm(one)
        rows = [row for row in place["subsets"] if row["design"] == "random"]
        shares = sorted({row["share"] for row in rows})
        means = {
            key: [float(np.mean([row[key] for row in rows if row["share"] == share])) for share in shares]
            for key in ("mean", "median")
        }
        return max(abs(value / values[-1] - 1) for values in means.values() for value in values)

    return _decide(_trained(readings), most, lambda one: most(one) <= CONSTANT)


def _law(readings: Sequence[Reading]) -> Decision:
    """The mean at a quarter of the chunks over that of all, less 4^(1/k) for k by maximum likelihood."""

    def off(one: Reading) -> float:
        place = _at_norm(one)
        rows = [row for row in place["subsets"] if row["design"] == "random"]
        quarter, whole = (float(np.mean([r["mean"] for r in rows if r["share"] == share])) for share in (0.25, 1.0))
        return quarter / whole - float(4 ** (1 / place["dimension"]["likelihood"]))

    return _decide(_trained(readings), off, lambda one: abs(off(one)) <= LAW)


RULES: dict[str, Callable[[Sequence[Reading]], Decision]] = {
    "agree": _agree,
    "gaussian": _nearer_than("gaussian"),
    "isotropic": _nearer_than("isotropic"),
    "shuffled": _nearer_than("shuffled"),
    "pairs": _nearer_than("pairs"),
    "distinct": _same_as("distinct"),
    "untrained": _untrained_order,
    "layers": _layers_apart,
    "norm": _norm_matters,
    "constant": _constant,
    "law": _law,
}
"""By the control. agree: the distances of trained models, behind the norm, are CLOSE to 2 sqrt(n/(2 pi e)). gaussian,
isotropic, shuffled, pairs: neighbors are nearer than there by more than SAME. distinct: without near-duplicate chunks
the mean is the SAME. untrained: fresh weights have distances of that ORDER. layers: they are APART. norm: before and
behind it distances are not CLOSE to each other. constant: subsets have one value. law: the fall with the sample is that
of the dimension of the cloud."""


@dataclass(frozen=True)
class Slope:
    """An exponent fitted to distances of several widths, with its 95% interval over seeds."""

    value: float
    low: float
    high: float


def slope(widths: Sequence[int], distances: Mapping[int, Sequence[float]]) -> Slope:
    """The exponent of a power law through log distance against log width, one fit a seed, and their t interval.

    Parameters
    ----------
    widths : Sequence[int]
        Two or more.
    distances : Mapping
        By seed the distance at each width; two seeds or more.

    Returns
    -------
    Slope
        Mean exponent and interval.

    Raises
    ------
    ValueError
        For fewer widths or seeds.
    """
    if len(widths) < 2 or len(distances) < 2:
        raise ValueError(f"widths and seeds must be at least 2, got {len(widths)} and {len(distances)}")
    fits = np.array([np.polyfit(np.log(widths), np.log(row), 1)[0] for row in distances.values()])
    half = student.ppf(0.975, len(fits) - 1) * fits.std(ddof=1) / sqrt(len(fits))
    return Slope(float(fits.mean()), float(fits.mean() - half), float(fits.mean() + half))


def follows_root(fit: Slope) -> Answer:
    """Whether distances follow the root of the width: the interval lies inside ROOT, meets it, or does not."""
    if ROOT[0] <= fit.low and fit.high <= ROOT[1]:
        return "yes"
    return "no" if fit.high < ROOT[0] or fit.low > ROOT[1] else "partly"
