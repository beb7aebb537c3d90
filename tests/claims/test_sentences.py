"""The reason for a verdict is two sentences at most, counted past formulas, links and abbreviations."""

from __future__ import annotations

import pytest

from assocmem.claims.statements import read, sentences

ROW = {"id": "X", "title": "t", "source": "s", "statement": "m", "verdict": "proved"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("One.", 1),
        ("One. Two.", 2),
        ("By Hoffmann et al. (2022) it is $0.5$. See {claim}`P1.2`.", 2),
        ("Is it? (It is.)", 2),
        ("$x. y$ holds.", 1),
    ],
)
def test_sentences_are_counted(text: str, number: int) -> None:
    assert sentences(text) == number


def test_a_third_sentence_is_refused() -> None:
    assert read({**ROW, "why": "One. Two."}, "row", "book")["why"] == "One. Two."
    with pytest.raises(ValueError, match="3 sentences; takes 2"):
        read({**ROW, "why": "One. Two. Three."}, "row", "book")
