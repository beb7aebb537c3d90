"""Rows predict every token once, and bytes are counted right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from assocmem.language.text.rows import RandomChunks, TextRows, bytes_predicted, text_ends
from split_texts import BYTES, Docs


@given(st.integers(2, 60), st.integers(2, 9))
def test_every_token_is_predicted_once_from_those_before_it(count: int, context: int) -> None:
    tokens = np.arange(100, 100 + count, dtype="<u2")
    if count < context:
        with pytest.raises(ValueError, match="context"):
            TextRows(tokens, context)
        return
    rows = TextRows(tokens, context)
    batch = [rows[i] for i in range(len(rows))]
    assert all(row["labels"].tolist() == row["input_ids"].tolist() for row in batch)
    assert all(len(row["labels"]) == context for row in batch)
    targets = [token for row in batch for token in row["labels"][1:].tolist()]
    assert targets == list(range(101, 101 + rows.predicted))
    assert count - 1 - rows.predicted < context - 1


def direct_ends(documents: Docs, start: bool) -> list[int]:
    """From the tokens' own bytes: each sign of a byte-level token is a byte, and a character is its first token's."""
    ends, before = [], 0
    for _, text in documents:
        whole = text.encode()
        borders = [len(text[:i].encode()) for i in range(len(text) + 1)]
        ends += [before] if start else []
        at = 0
        for token in BYTES.encode(text, add_special_tokens=False).tokens:
            at += len(token)
            ends.append(before + min(border for border in borders if border >= at))
        before += len(whole)
    return ends


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="ab é€🙂\n", min_size=1, max_size=12), max_size=5), st.booleans())
def test_bytes_are_those_of_the_tokens(texts: list[str], start: bool) -> None:
    documents = [("d", text) for text in texts]
    ends = text_ends(lambda: iter(documents), BYTES, 0 if start else None)
    assert ends.tolist() == direct_ends(documents, start)
    assert len(ends) == sum(len(BYTES.encode(text).ids) + start for _, text in documents)


def test_marks_cover_no_bytes_and_whole_documents_all_of_theirs() -> None:
    documents = [("a", "wör ld "), ("b", "  end\n")]
    words = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    assert text_ends(lambda: documents, words, 0).tolist() == [0, 4, 8, 8, 14]
    assert text_ends(lambda: documents, words, None).tolist() == [4, 8, 14]
    rows = TextRows(np.zeros(5, dtype="<u2"), 3)
    assert bytes_predicted(text_ends(lambda: documents, words, 0), rows) == 14
    assert bytes_predicted(text_ends(lambda: documents, words, None), TextRows(np.zeros(3, dtype="<u2"), 2)) == 10


def test_random_chunks_begin_anywhere_and_repeat_by_seed() -> None:
    tokens = np.arange(40, dtype=np.uint16)
    rows = RandomChunks(tokens, 8, 3000, seed=3)
    starts = [rows.start(i) for i in range(len(rows))]
    assert set(starts) == set(range(33))
    counts = np.bincount(starts)
    expected = 3000 / 33
    assert (
        np.square(counts - expected).sum() / expected < 75
    )  # More has a chance of 1e-5 for one seed; this one has less.
    assert [int(x) for x in rows[17]["input_ids"]] == list(range(starts[17], starts[17] + 8))
    assert starts[:50] == [RandomChunks(tokens, 8, 50, seed=3).start(i) for i in range(50)]
    assert starts[:50] != [RandomChunks(tokens, 8, 50, seed=4).start(i) for i in range(50)]
    assert RandomChunks(tokens[:8], 8, 2, seed=0).start(1) == 0
    with pytest.raises(IndexError):
        rows[3000]
    with pytest.raises(ValueError, match="context=8 is longer"):
        RandomChunks(tokens[:7], 8, 2, seed=0)
