"""All controls in one picture: what a mean distance is over the predicted one, depending on what is measured."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean

from assocmem.experiments.radius.rules import CLOSE, doubled_radius
from assocmem.experiments.records import Record
from assocmem.figures.plate import GREY, INK, ONE, TWO, Plate, sheet
from assocmem.figures.radius.nearest import LABEL, readings_at, reported

__all__ = ["controls", "quotients"]

MARKS = ("o", "s", "^", "D")
ROWS = {
    "nearest chunk": (True, 0, None),
    "the same, fresh weights": (False, 0, None),
    "before the norm": (True, 1, None),
    "the same, fresh weights ": (False, 1, None),
    "Gaussian, same covariance": (True, 0, "gaussian"),
    "coordinates shuffled": (True, 0, "shuffled"),
    "isotropic Gaussian": (True, 0, "isotropic"),
    "any two chunks": (True, 0, "pairs"),
}
"""Of which weights, behind the norm (0) or before it (1), and of which control."""


def quotients(record: Record) -> dict[str, float]:
    """Mean distances over the predicted one, by row of the picture, those of several draws averaged."""
    out = {}
    for words, (trained, place, control) in ROWS.items():
        for one, measured in readings_at(record, trained, place)[:1]:
            rows = [row["mean"] for row in measured["controls"] if row["control"] == control]
            out[words] = (mean(rows) if control else measured["mean"]) / doubled_radius(one["n"])
    return out


def controls(records: Mapping[str, Record]) -> Plate:
    """A row for each thing that is measured and a mark for each model; only in the band is there agreement.

    Parameters
    ----------
    records : Mapping
        By title.

    Returns
    -------
    Plate
        On a logarithmic axis.
    """
    values = {title: quotients(record) for title, record in records.items()}
    with sheet(4.6) as (figure, ax):
        ax.axvspan(*CLOSE, color=GREY, alpha=0.35, lw=0)
        for mark, (title, of) in zip(MARKS, values.items(), strict=False):
            for place, words in enumerate(ROWS):
                if words in of:
                    color = ONE if ROWS[words][0] and ROWS[words][2] is None else TWO if not ROWS[words][0] else INK
                    label = title if place == 0 else None
                    ax.plot([of[words]], [place], mark, color=color, mfc="none", mew=1.8, ms=8, label=label)
        ax.axvline(reported(), color=GREY, lw=1.2, ls="--")
        ax.annotate("the paper", (reported(), 1.01), xycoords=("data", "axes fraction"), ha="center", color=GREY)
        ax.set(xscale="log", xlabel=LABEL, yticks=range(len(ROWS)), yticklabels=[words.strip() for words in ROWS])
        ax.invert_yaxis()
        ax.grid(axis="y", lw=0.3, color=GREY)
        figure.legend(
            loc="outside lower center", ncols=len(records), frameon=False, columnspacing=0.8, handletextpad=0.1
        )
        return Plate(figure, alt=_alt(values))


def _alt(values: Mapping[str, Mapping[str, float]]) -> str:
    parts = []
    for words in ROWS:
        said = [f"{title} {of[words]:.2g}" for title, of in values.items() if words in of]
        parts.append(f"{words.strip()}: {', '.join(said)}")
    return (
        "Mean distance over the predicted one, by what is measured; "
        f"a gray band from {CLOSE[0]:.2f} to {CLOSE[1]:.2f} is agreement. " + "; ".join(parts) + "."
    )
