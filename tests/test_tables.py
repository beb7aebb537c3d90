"""A table says what it was given, as Markdown and as text, and refuses rows that do not fit its head."""

from __future__ import annotations

import pytest

from assocmem.tables import Table


def test_cells_are_words_numbers_and_yes_or_no() -> None:
    table = Table(("", "nats"), [("loss", -0.08061), ("seeds", 3), ("below 1", True)])
    assert table.rows == [("loss", "-0.08061"), ("seeds", "3"), ("below 1", "yes")]
    assert table._repr_markdown_().splitlines()[:3] == ["|  | nats |", "| :-- | :-- |", "| loss | -0.08061 |"]
    assert repr(table).splitlines()[1] == "loss     -0.08061"


def test_a_bar_in_a_formula_ends_no_cell() -> None:
    assert r"$\|x\|$" in Table(("norm",), [("$|x|$",)])._repr_markdown_()


@pytest.mark.parametrize(("head", "rows"), [((), []), (("a", "b"), [("one",)])])
def test_what_does_not_fit_is_refused(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with pytest.raises(ValueError, match="takes"):
        Table(head, rows)
