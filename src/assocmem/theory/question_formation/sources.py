"""What Murty et al. (2023) ran on Question-Formation, by their released code, and what the paper prints of its runs.

The code is MurtyShikhar/structural-grokking (train_transformers.py, training_utils.py, models/transformer_lm.py and
transformer_helpers.py, all read); the depths are those of its notebook of training losses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MURTY: dict[str, Any] = {
    "layers": (2, 4, 6, 8, 10),
    "width": 512,
    "positions": 5000,
    "inner": 2048,
    "heads": 8,
    "dropout": 0.1,
    "lines in a batch": 8,
    "learning rate": 1e-4,
    "warm-up": 10_000,
    "weight decay": 0.0,
    "gradient norm": 1.0,
    "updates": 2_000_000,
}
"""As the code builds and trains it. ``positions`` is the length of the table of position vectors, not of a line.

The option of 4 heads is handed over in the place of the factor of the feed-forward width: a model has the default of
8 heads, and 4 times 512 inner units. ``updates`` is where the schedule of the learning rate ends.
"""
PRINTED = ("layers", "width", "positions")
"""What the paper gives of its two models; ``positions`` under the name T_max."""


def differing(stated: Mapping[str, Any]) -> list[str]:
    """Stated settings that are not among those of the code, in words.

    Raises
    ------
    KeyError
        For one that is not recorded.
    """
    wrong = []
    for name, value in stated.items():
        known, values = MURTY[name], value if isinstance(value, tuple) else (value,)
        allowed = known if isinstance(known, tuple) else (known,)
        wrong += [f"{name}: {v}, where the code has {known}" for v in values if v not in allowed]
    return wrong


def unsaid() -> tuple[str, ...]:
    """Settings that the paper leaves to the reference."""
    return tuple(name for name in MURTY if name not in PRINTED)


SCALING = {
    "what": "accuracy on test lines of a kind that training withholds",
    "over": "depth",
    "shape": "rises, then falls",
    "data sets": 2,
}
"""From the introduction of Murty et al. (2023): on two of their data sets, and for models trained long past the plateau
of the in-domain performance. On Question-Formation the accuracy is the share of questions with the right first word.
For the third, Dyck languages, no such statement is made there (read)."""
