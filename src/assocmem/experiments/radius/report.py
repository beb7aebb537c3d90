"""Records of the radius experiment as tables: distances, what they are compared with, and what the rules decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assocmem.experiments.radius.rules import doubled_radius
from assocmem.experiments.records import Record
from assocmem.tables import Table
from assocmem.theory.radius.gaussian_cloud import ratio

__all__ = [
    "NOTES",
    "QUESTIONS",
    "controls",
    "cost",
    "decided",
    "distances",
    "notes",
    "quantized",
    "sample_sizes",
    "tables",
    "widths",
    "without_unit",
]

QUESTIONS = {
    "agree": "approximately equal to $2\\sqrt{n/(2\\pi e)}$",
    "gaussian": "nearer than in a Gaussian with the same mean and covariance",
    "isotropic": "nearer than in an isotropic Gaussian of the same total variance",
    "shuffled": "nearer than with every coordinate shuffled",
    "pairs": "nearer than a chunk drawn at random",
    "distinct": "the same without near-duplicate chunks",
    "untrained": "of the same order with fresh weights",
    "layers": "twice as large in one layer as in another",
    "norm": "another number before the final norm",
    "constant": "one value for all random subsets",
    "law": "falls as the dimension of the cloud predicts",
}
"""What each rule asks of the nearest distances of trained models, behind the final norm."""
ESTIMATES = ("likelihood", "two_nearest")
NOTES = (
    "Distances are Euclidean, from the vector of a chunk to the nearest other; an interval is of the mean, "
    "bootstrapped over chunks whose neighbors stay as they are.",
    "A quotient is a mean distance over 2 sqrt(n/(2 pi e)), n the coordinates of a vector.",
)
"""What a reader has to know beside a table."""


def quantized(one: Mapping[str, Any]) -> str:
    """How the weights of a model are quantized, or "as trained"."""
    return str(one["model"].get("origin", {}).get("quantized", "as trained"))


def notes(record: Record) -> list[str]:
    """What has to be known beside the numbers of a record.

    Parameters
    ----------
    record : Record
        Of the experiment.

    Returns
    -------
    list[str]
        Sentences, a paragraph each.
    """
    kinds = sorted({quantized(one) for one in record.summary["models"]} - {"as trained"})
    return [*(f"The weights are quantized to {kind}; this is a part of what is measured." for kind in kinds), *NOTES]


def tables(record: Record) -> dict[str, Table]:
    """All tables of a record by title, in the words of the terminal."""
    made = {"nearest distances": distances({"": record}), "what they are compared with": controls({"": record})}
    made |= {"decided by rule": decided({"": record})}
    return made | ({"exponent of the width": widths(record)} if record.summary["widths"] else {})


def distances(records: Mapping[str, Record], *, trained: bool | None = None) -> Table:
    """Distances at the norm and before it, a row a model and place.

    Parameters
    ----------
    records : Mapping
        By title.
    trained : bool or None
        Trained weights alone, fresh ones alone, or both.

    Returns
    -------
    Table
        Mean with its interval, median and minimum, and what belongs to them.
    """
    rows = []
    for title, one in _models(records, trained):
        for place in one["at"]:
            rows.append(
                (
                    title or str(one["name"]),
                    _where(place, one),
                    _interval(place),
                    f"{place['median']:.4g}",
                    f"{place['min']:.3g}",
                    f"{doubled_radius(one['n']):.4g}",
                    f"{place['quotient']:.3g}",
                )
            )
    return Table(
        ("model", "vector", "mean (95%)", "median", "least", r"$2\sqrt{n/(2\pi e)}$", "quotient"),
        rows,
    )


def controls(records: Mapping[str, Record]) -> Table:
    """Mean distances of the activations and of their controls, behind the norm; the range is over seeds.

    Parameters
    ----------
    records : Mapping
        By title.

    Returns
    -------
    Table
        A row a model.
    """
    names = ("distinct", "gaussian", "shuffled", "isotropic", "pairs")
    rows = []
    for title, one in _models(records, None):
        place = one["at"][0]
        cells = []
        for name in names:
            means = [row["mean"] for row in place["controls"] if row["control"] == name]
            low, high = min(means), max(means)
            cells.append(f"{low:.4g}" if f"{low:.4g}" == f"{high:.4g}" else f"{low:.4g} to {high:.4g}")
        dimension = place["dimension"]["likelihood"]
        rows.append((title or str(one["name"]), _interval(place), *cells, f"{dimension:.3g}"))
    words = ("without near-duplicates", "Gaussian, same covariance", "shuffled", "isotropic", "random pairs")
    return Table(("model", "mean (95%)", *words, "dimension"), rows)


def decided(records: Mapping[str, Record]) -> Table:
    """What the rules decide, a row a question and a column a record, with the numbers that they decide by.

    Parameters
    ----------
    records : Mapping
        By title.

    Returns
    -------
    Table
        yes, partly or no; and the range of the number over the models of a record.
    """
    rows = []
    for name, words in QUESTIONS.items():
        cells = []
        for record in records.values():
            found = record.summary["decisions"].get(name)
            cells.append("–" if found is None else f"{found['answer']} ({_range(found['values'])})")
        rows.append((words, *cells))
    return Table(("the nearest distances are", *(title or "answer" for title in records)), rows)


def sample_sizes(records: Mapping[str, Record]) -> Table:
    """How mean distances behind the norm fall with the sample, and what the dimension of the cloud predicts.

    Parameters
    ----------
    records : Mapping
        By title.

    Returns
    -------
    Table
        Random subsets, their draws averaged; a row a model with trained weights.
    """
    rows = []
    for title, one in _models(records, True):
        place = one["at"][0]
        means = {share: _drawn(place, share) for share in (0.25, 0.5, 0.75, 1.0)}
        law, k = place["law"], place["dimension"]["likelihood"]
        rows.append(
            (
                title or str(one["name"]),
                *(f"{value:.4g}" for value in means.values()),
                f"{means[0.25] / means[1.0]:.3f}",
                f"{4 ** (1 / k):.3f}",
                f"{law['exponent']:.3f} ({law['low']:.3f} to {law['high']:.3f})",
                f"{law['at']:.3g} ({law['at_low']:.3g} to {law['at_high']:.3g})",
            )
        )
    shares = ("25%", "50%", "75%", "all")
    fall = ("25% over all", "$4^{1/k}$", "exponent (95%)", "the law at all of OpenWebText")
    return Table(("model", *shares, *fall), rows)


def without_unit(records: Mapping[str, Record]) -> Table:
    """Nearest distances over those of random pairs, beside Gaussian clouds that fill n dimensions, and k.

    Parameters
    ----------
    records : Mapping
        By title.

    Returns
    -------
    Table
        Behind the norm, a row a model; k by both estimates, with intervals over chunks.
    """
    rows = []
    for title, one in _models(records, None):
        place, count = one["at"][0], int(one["count"])
        pairs = [row["mean"] for row in place["controls"] if row["control"] == "pairs"]
        size = place["dimension"]
        rows.append(
            (
                title or str(one["name"]),
                f"{place['mean'] * len(pairs) / sum(pairs):.3f}",
                f"{ratio(one['n'], count):.3f}",
                f"{ratio(max(1, round(size['likelihood'])), count):.3f}",
                *(f"{size[name]:.3g} ({size[f'{name}_low']:.3g} to {size[f'{name}_high']:.3g})" for name in ESTIMATES),
            )
        )
    head = ("model", "nearest over random", "Gaussian, $n$ dimensions", "Gaussian, $k$ dimensions")
    return Table((*head, "$k$, maximum likelihood", "$k$, two nearest"), rows)


def cost(parameters: int, layers: int, width: int, chunks: int, length: int) -> dict[str, float]:
    """What a capture takes: two operations a parameter and token, and four bytes a coordinate.

    Parameters
    ----------
    parameters : int
        Of the model without its embeddings.
    layers, width : int
        Of the model.
    chunks, length : int
        How many chunks, and their tokens.

    Returns
    -------
    dict
        ``flop`` of the passes, and ``bytes`` of the vectors of all layers.
    """
    return {"flop": 2.0 * parameters * chunks * length, "bytes": 4.0 * (layers + 2) * width * chunks}


def _drawn(place: Mapping[str, Any], share: float) -> float:
    means = [row["mean"] for row in place["subsets"] if row["design"] == "random" and row["share"] == share]
    return float(sum(means) / len(means))


def widths(record: Record) -> Table:
    """Exponents of the width with their intervals over seeds; that of a root is one half.

    Parameters
    ----------
    record : Record
        Of several widths.

    Returns
    -------
    Table
        A row a kind of weights, place and number.
    """
    of = {"distance": "mean distance", "over pairs": "mean distance over that of random pairs"}
    rows = [
        (
            "trained" if one["trained"] else "fresh",
            "behind the norm" if one["at"] == "norm" else "before the norm",
            of[one["of"]],
            f"{one['value']:.2f} ({one['low']:.2f} to {one['high']:.2f})",
        )
        for one in record.summary["widths"]
    ]
    return Table(("weights", "vector", "number", "exponent (95% over seeds)"), rows)


def _models(records: Mapping[str, Record], trained: bool | None) -> list[tuple[str, dict[str, Any]]]:
    """Title and reading of each model; fresh weights are said to be so."""
    out = []
    for title, record in records.items():
        for one in record.summary["models"]:
            if trained is None or one["trained"] is trained:
                said = title if one["trained"] or not title else f"{title}, fresh weights"
                out.append((said, one))
    return out


def _where(place: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    if place["layer"] != "norm":
        return f"layer {place['layer']}"
    return "all positions, behind the norm" if one["positions"] == "all" else "behind the norm"


def _interval(place: Mapping[str, Any]) -> str:
    return f"{place['mean']:.4g} ({place['low']:.4g} to {place['high']:.4g})"


def _range(values: list[list[Any]] | tuple[tuple[str, float], ...]) -> str:
    numbers = sorted(float(value) for _, value in values)
    low, high = (f"{numbers[i]:.3g}" for i in (0, -1))
    return low if low == high else f"{low} to {high}"
