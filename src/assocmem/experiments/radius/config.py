"""What the radius experiment captures and measures: one settings class with three presets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from assocmem.settings import Separated, Whole, read, setting, settings_class

__all__ = ["BOOK", "DOCSTRINGS", "OPENWEBTEXT", "PRESETS", "RadiusRun", "configure"]

BOOK = "book"
"""Models that the book trains itself, one for each width and seed."""
DOCSTRINGS, OPENWEBTEXT = "docstrings", "openwebtext"
MODEL, TEXT, MEASURED = "Model", "Text", "What is measured"


@settings_class()
class RadiusRun:
    """What is captured and what is measured of it.

    Of a model that is not the book's there is one, and its fresh twin for the first seed alone. A call raises
    ValueError that begins with the name of the setting.
    """

    scale: str = "smoke"
    model: Annotated[str, setting("folder, hub id or fetched model; book trains its own", MODEL)] = BOOK
    revision: Annotated[str | None, setting("commit of a model of the hub", MODEL)] = None
    widths: Annotated[Separated[tuple[Whole, ...]], setting("of the models that the book trains", MODEL)] = (64,)
    steps: Annotated[Whole | None, setting("updates of their training; those of the scale if none", MODEL, ge=1)] = None
    seeds: Annotated[
        tuple[Whole, ...],
        setting("of the book's models and of fresh weights; may be repeated", MODEL, names=("--seed", "--seeds")),
    ] = (0,)
    untrained: Annotated[bool, setting("capture the same model with fresh weights, too", MODEL)] = True
    data: Annotated[
        str,
        setting(
            "docstrings (the offline corpus), openwebtext (streamed), a .bin file of ids, a token folder, a text", TEXT
        ),
    ] = DOCSTRINGS
    tokenizer: Annotated[str, setting("that made the ids of a .bin file", TEXT)] = "gpt2"
    chunks: Annotated[Whole, setting("drawn at random from all; 0 for all", TEXT, ge=0)] = 600
    length: Annotated[Whole, setting("tokens of a chunk", TEXT, ge=1)] = 64
    start: Annotated[bool, setting("put the model's start token before each chunk", TEXT)] = True
    source: Annotated[str | None, setting("where the text comes from, in words for the record", TEXT)] = None
    positions: Annotated[
        Literal["last", "all"],
        setting("last: the vector of the last position; all: those of all positions as one vector", MEASURED),
    ] = "last"
    layer: Annotated[str, setting("for subsets and controls: norm, or a number from 0", MEASURED)] = "norm"
    draws: Annotated[
        Whole, setting("of random subsets, random pairs and clouds that are like the vectors", MEASURED, ge=2)
    ] = 3
    resamples: Annotated[Whole, setting("bootstrap samples of an interval", MEASURED, ge=1)] = 1000
    batch: Annotated[Whole, setting("chunks that go through the model together", MEASURED, ge=1)] = 8
    device: Annotated[str, setting("cpu, cuda, cuda:1, mps", MODEL)] = "cpu"
    vectors: Annotated[Path | None, setting("folder of the captured vectors; in the cache if not given", MEASURED)] = (
        None
    )

    def fit_together(self) -> None:
        """Check the rules between settings.

        Raises
        ------
        ValueError
            Without a seed or a width, for too few chunks, and for a layer that is none.
        """
        if not self.seeds:
            raise ValueError("seeds must name at least one seed, got none")
        if not self.widths or any(width < 1 or width % HEADS for width in self.widths):
            given = ", ".join(map(str, self.widths))
            raise ValueError(f"widths must be multiples of {HEADS}, at least one, got {given or 'none'}")
        if 0 < self.chunks < FEWEST:
            raise ValueError(f"chunks must be 0 or at least {FEWEST}, got {self.chunks}")
        if self.layer != "norm" and not self.layer.isdecimal():
            raise ValueError(f"layer must be norm or a number from 0, got {self.layer!r}")
        if self.positions == "all" and self.layer != "norm":
            raise ValueError(f"layer must be norm with positions=all, got {self.layer!r}")


HEADS = 4
"""Of the book's models, which divide their widths."""
FEWEST = 20
"""Chunks of which a quarter still has neighbors, and a covariance."""
PRESETS: dict[str, dict[str, Any]] = {
    "smoke": {"scale": "smoke"},
    "local": {
        "scale": "local",
        "widths": (16, 32, 64, 128),
        "steps": 1000,
        "seeds": (0, 1, 2),
        "chunks": 4000,
        "length": 127,
        "resamples": 5000,
        "batch": 64,
    },
    "paper": {
        "scale": "paper",
        "model": "gpt2-medium",
        "data": OPENWEBTEXT,
        "chunks": 80_000,
        "length": 256,
        "start": False,
        "resamples": 5000,
        "batch": 64,
    },
}
"""Seconds with the book's model, minutes with twelve of them, and the paper's own experiment."""


def configure(scale: str, overrides: Mapping[str, Any]) -> RadiusRun:
    """The preset of a scale with other values in place of its own.

    Parameters
    ----------
    scale : str
        One of ``PRESETS``.
    overrides : Mapping
        Values by the name of the setting; text is read as the type of the setting.

    Returns
    -------
    RadiusRun
        The settings, checked.

    Raises
    ------
    ValueError
        In one line that begins with the name of the setting; for a scale or a name that there is not.
    """
    if scale not in PRESETS:
        raise ValueError(f"scale got {scale!r}; takes one of {', '.join(PRESETS)}")
    return read(RadiusRun, PRESETS[scale], overrides)
