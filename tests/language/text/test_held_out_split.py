"""Texts become two parts that share nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from any_text import any_text
from split_texts import TEXTS, Docs, parts


@given(st.lists(st.tuples(any_text(0, 3), any_text(1, 3)), min_size=2), st.floats(0.01, 0.99))
def test_every_document_is_in_one_part_and_no_text_in_both(documents: Docs, share: float) -> None:
    if len({text for _, text in documents}) == 1:
        return
    train, held_out = parts(documents, share)
    assert train
    assert held_out
    assert sorted(train + held_out) == sorted(documents)
    assert not {text for _, text in train} & {text for _, text in held_out}
    assert train == [one for one in documents if one in train]
    renamed = [(f"{i}", text) for i, (_, text) in reversed(list(enumerate(documents)))]
    assert {text for _, text in parts(renamed, share)[1]} == {text for _, text in held_out}


def test_a_document_keeps_its_part_when_others_come() -> None:
    few, many = parts(TEXTS[:20], 0.3), parts(TEXTS, 0.3)
    assert set(few[1]) == set(many[1]) & set(TEXTS[:20])
    assert 3 <= len(many[1]) <= 15


@pytest.mark.parametrize("copies", [1, 3])
def test_the_tail_of_a_single_document_is_held_out(copies: int) -> None:
    text = "A line of words.\n" * 200
    train, held_out = parts([("one", text)] * copies, 0.1)
    assert train[0][1] + held_out[0][1] == text
    assert train[0][1].endswith(".\n")
    assert 0.08 <= len(held_out[0][1]) / len(text) <= 0.1
    words = parts([("one", "word " * 100)], 0.1)
    assert words[1][0][1] == "word " * 10
    with pytest.raises(ValueError, match="too short"):
        parts([("one", "a")], 0.1)
    with pytest.raises(ValueError, match="no text"):
        parts([], 0.1)
