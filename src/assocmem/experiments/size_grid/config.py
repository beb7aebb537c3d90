"""One cell of the size grid: a width, an amount of data, a seed, and how it is trained and stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from assocmem.settings import Whole, read, setting, settings_class

__all__ = ["CAPS", "EXPERIMENT", "PRESETS", "RATES", "GridCell", "configure"]

EXPERIMENT = "size-grid"
MODEL, TEXT, UPDATES, STOP = "Model", "Text", "Updates", "When it stops"
RATES = {8: 1e-2, 16: 7e-3, 32: 5e-3, 64: 3.5e-3, 128: 2.5e-3}
"""Learning rates by width; between two of them, and beyond, the one of the nearest width on a scale of logarithms."""
CAPS = {8: 1200, 16: 400, 32: 200, 64: 90, 128: 50}
"""Passes over the data after which a cell that has not stopped is censored, by width."""


@settings_class()
class GridCell:
    """One cell. A call raises ValueError that begins with the name of the setting."""

    scale: str
    data: Annotated[
        str, setting("docstrings, gutenberg:PATH of books, a text file or a folder, as assocmem train takes it", TEXT)
    ] = "docstrings"
    tokens: Annotated[Whole, setting("D: ids that are trained on, each counted once", TEXT, ge=66)] = 3000
    alphabet: Annotated[
        Literal["letters", "bpe"], setting("a-z and the space, or 512 tokens learned from the training text", TEXT)
    ] = "letters"
    order: Annotated[
        Literal["pieces", "contiguous"],
        setting(
            "pieces of all books, shuffled, so that training and held-out text are alike; or the text as it runs", TEXT
        ),
    ] = "pieces"
    width: Annotated[Whole, setting("d_emb of the model", MODEL, ge=8)] = 8
    layers: Annotated[Whole, setting("of the model", MODEL, ge=1)] = 2
    context: Annotated[Whole, setting("ids of a row that are predicted", MODEL, ge=2)] = 64
    dropout: Annotated[float, setting("of the model", MODEL, ge=0, lt=1)] = 0.0
    seed: Annotated[Whole, setting("of weights, of the text that is drawn, and of its order", UPDATES, ge=0)] = 0
    rows: Annotated[Whole, setting("rows of an update", UPDATES, ge=1)] = 16
    learning_rate: Annotated[float | None, setting("that of the width if not given", UPDATES, gt=0)] = None
    schedule: Annotated[Literal["constant", "cosine"], setting("after the warmup", UPDATES)] = "constant"
    warmup: Annotated[Whole, setting("updates in which the rate rises", UPDATES, ge=0)] = 100
    evaluate_every: Annotated[Whole, setting("updates from one evaluation to the next", UPDATES, ge=1)] = 50
    held_out_rows: Annotated[Whole, setting("rows of the held-out loss, the same for all cells", UPDATES, ge=1)] = 1024
    patience: Annotated[
        Whole, setting("updates without a new least held-out loss, half of those before it if that is more", STOP, ge=1)
    ] = 1500
    passes: Annotated[
        Whole | None,
        setting("over the data, after which it is censored; that of the width if not given", STOP, ge=1),
    ] = None

    def fit_together(self) -> None:
        """Check the rules between settings.

        Raises
        ------
        ValueError
            Where heads do not divide the width, or no row fits into the data.
        """
        if self.width != 8 and self.width % 16:
            raise ValueError(f"width must be a multiple of 16, or 8, got {self.width}")
        if self.tokens <= self.context:
            raise ValueError(f"tokens must be more than context={self.context}, got {self.tokens}")
        if self.patience < 2 * self.evaluate_every:
            raise ValueError(f"patience must be two evaluations at least, got {self.patience}")

    @property
    def heads(self) -> int:
        """Of 16 columns each; one of 8 at width 8."""
        return max(1, self.width // 16)

    @property
    def rate(self) -> float:
        """The learning rate."""
        return self.learning_rate or RATES[_nearest(self.width)]

    @property
    def longest(self) -> int:
        """Updates after which the cell is censored."""
        passes = self.passes or CAPS[_nearest(self.width)]
        return max(2 * self.evaluate_every, round(passes * self.tokens / (self.rows * self.context)))


def _nearest(width: int) -> int:
    return min(RATES, key=lambda one: abs(one.bit_length() - width.bit_length()))


PRESETS: dict[str, dict[str, Any]] = {
    "smoke": {
        "scale": "smoke",
        "tokens": 1000,
        "held_out_rows": 64,
        "evaluate_every": 20,
        "patience": 60,
        "passes": 60,
    },
    "local": {"scale": "local"},
    "paper": {"scale": "paper"},
}
"""A second on one core; the cells of the protocol; and the same for other sizes on a GPU."""


def configure(scale: str, overrides: Mapping[str, Any]) -> GridCell:
    """The preset of a scale with other values in place of its own.

    Parameters
    ----------
    scale : str
        One of ``PRESETS``.
    overrides : Mapping
        Values by the name of the setting.

    Returns
    -------
    GridCell
        The settings, checked.

    Raises
    ------
    ValueError
        In one line that begins with the name of the setting; for a scale or a name that there is not.
    """
    if scale not in PRESETS:
        raise ValueError(f"scale got {scale!r}; takes one of {', '.join(PRESETS)}")
    return read(GridCell, PRESETS[scale], overrides)
