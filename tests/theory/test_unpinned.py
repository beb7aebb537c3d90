"""The list of numbers on which no verdict hangs: each stands where it is said to stand, with a reason."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml

from perturb_theory import changes, places
from repository import ROOT

THEORY = ROOT / "src/assocmem/theory"
ROWS = [
    (path.name, row)
    for path in sorted((ROOT / "reviews/unpinned").glob("*.yaml"))
    for row in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def functions(path: Path) -> set[str]:
    """The functions and classes of a file that hold a number or a sign, and "" for the file itself."""
    return {function for _, function in places(ast.parse(path.read_text(encoding="utf-8")))} | {""}


@pytest.mark.parametrize("name", sorted({name for name, _ in ROWS}))
def test_every_row_names_a_place_and_a_reason(name: str) -> None:
    faults = [fault for own, row in ROWS if own == name and (fault := wrong(row))]
    assert not faults, "\n".join(faults)


def wrong(row: dict[str, Any]) -> str | None:
    """What is wrong with a row, if anything."""
    if set(row) != {"file", "function", "old", "why"} or not str(row["why"]).strip():
        return f"{row}: takes file, function, old and why"
    path = THEORY / row["file"]
    if not path.is_file():
        return f"{row['file']}: there is no such file"
    if row["function"] == "*":
        return None
    if row["function"] not in functions(path):
        return f"{row['file']}: no number stands in {row['function']!r}"
    standing = {change.old for change in changes(path) if change.function == row["function"]}
    if row["old"] != "*" and str(row["old"])[:90] not in standing:
        return f"{row['file']}, {row['function']}: {row['old']!r} does not stand there, but {sorted(standing)}"
    return None


def test_a_row_of_something_that_is_gone_is_seen() -> None:
    gone = {"file": "logsumexp/lemmas.py", "function": "no_such", "old": "*", "why": "x"}
    assert wrong(gone)
    assert wrong(gone | {"function": "lagrange_step", "old": "17"})
    assert wrong(gone | {"file": "none.py"})
    assert not wrong(gone | {"function": "lagrange_step", "old": "2"})
