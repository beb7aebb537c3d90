"""What verdicts were before: each change of a stored verdict with its date, its reason, and the last commit before it.

``history.yaml`` beside this file holds the changes; ``tools/verdict_changed.py`` adds one. That a statement was first
entered without a verdict is no change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources

import yaml

FILE = resources.files("assocmem.claims.views") / "history.yaml"


@dataclass(frozen=True)
class Change:
    """One change of a verdict.

    Attributes
    ----------
    date : str
        When, as year, month and day.
    was, now : str
        The verdict before and after.
    until : str
        The last commit at which the verdict was the old one, abbreviated.
    reason : str
        Why.
    """

    date: str
    was: str
    now: str
    until: str
    reason: str


@cache
def history() -> Mapping[str, tuple[Change, ...]]:
    """The changes of each claim that has any, oldest first, by its id.

    Raises
    ------
    ValueError
        For an entry with other fields than those of ``Change``.
    """
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    names = {field.name for field in fields(Change)}
    for name, changes in raw.items():
        for change in changes:
            if set(change) != names:
                raise ValueError(f"history.yaml: {name} has fields {sorted(change)}; takes {sorted(names)}")
    return {name: tuple(Change(**{k: str(v) for k, v in c.items()}) for c in rows) for name, rows in raw.items()}


__all__ = ["Change", "history"]
