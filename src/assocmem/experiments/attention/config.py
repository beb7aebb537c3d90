"""What the attention experiment measures: one settings class with three presets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from assocmem.settings import Whole, read, setting, settings_class

__all__ = ["BOOK", "PRESETS", "AttentionSearch", "configure"]

BOOK = "book"
"""The model that the book trains itself, one for each seed."""
MODEL, TEXT, MEASURED = "Model", "Text", "What is measured"


@settings_class()
class AttentionSearch:
    """What to measure.

    Of a model that is not the book's there is one, so only the first seed is used, for the null models.
    A call raises ValueError that begins with the name of the setting.
    """

    scale: str = "smoke"
    model: Annotated[str, setting("folder or hub id; book is the book's own", MODEL)] = BOOK
    revision: Annotated[str | None, setting("commit of a model of the hub", MODEL)] = None
    text: Annotated[
        Path | None,
        setting(
            "text file, documents separated by <|endoftext|>; the held-out part of the offline corpus if not given",
            TEXT,
        ),
    ] = None
    texts: Annotated[Whole, setting("how many documents that are long enough; intervals are over them", TEXT, ge=2)] = 8
    length: Annotated[Whole, setting("the first so many tokens of each text", TEXT, ge=1)] = 96
    first: Annotated[
        Whole, setting("positions before it are left out: few keys leave little to search", MEASURED, ge=1)
    ] = 16
    seeds: Annotated[
        tuple[Whole, ...],
        setting("of the book's models and of null models; may be repeated", MODEL, names=("--seed", "--seeds")),
    ] = (0,)
    untrained: Annotated[bool, setting("measure the same model with fresh weights, too", MEASURED)] = True
    resamples: Annotated[Whole, setting("bootstrap samples of an interval", MEASURED, ge=1)] = 1000
    source: Annotated[str | None, setting("where the text comes from, in words for the record", TEXT)] = None
    device: Annotated[str, setting("cpu, cuda, cuda:1, mps", MODEL)] = "cpu"

    def fit_together(self) -> None:
        """Check the rules between settings.

        Raises
        ------
        ValueError
            Where no position is left, and without a seed.
        """
        if self.first >= self.length:
            raise ValueError(f"first must be less than length={self.length}, got {self.first}")
        if not self.seeds:
            raise ValueError("seeds must name at least one seed, got none")


PRESETS: dict[str, dict[str, Any]] = {
    "smoke": {"scale": "smoke"},
    "local": {"scale": "local", "texts": 64, "length": 128, "first": 32, "seeds": (0, 1, 2), "resamples": 5000},
    "paper": {"scale": "paper", "model": "gpt2-medium", "texts": 200, "length": 256, "first": 32, "resamples": 5000},
}
"""Seconds with the book's model, minutes with three of them, and the model of the paper's own experiment."""


def configure(scale: str, overrides: Mapping[str, Any]) -> AttentionSearch:
    """The preset of a scale with other values in place of its own.

    Parameters
    ----------
    scale : str
        One of ``PRESETS``.
    overrides : Mapping
        Values by the name of the setting; text is read as the type of the setting.

    Returns
    -------
    AttentionSearch
        The settings, checked.

    Raises
    ------
    ValueError
        In one line that begins with the name of the setting; for a scale or a name that there is not.
    """
    if scale not in PRESETS:
        raise ValueError(f"scale got {scale!r}; takes one of {', '.join(PRESETS)}")
    return read(AttentionSearch, PRESETS[scale], overrides)
