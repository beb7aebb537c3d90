"""Chapter 10 against other routes: heads and shares by hand, chunks drawn one by one, intervals token by token."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assocmem.theory.balance import table_three
from assocmem.theory.size_grid import configurations, tokens

SMALL = settings(max_examples=40, deadline=None)


def test_attention_matrix_by_matrix() -> None:
    for model in configurations.MODELS:
        count = 0
        for q, k in zip(model.queries, model.keys, strict=True):
            assert q == 2 * k
            count += model.width * 64 * (q + k + k) + 64 * q * model.width
        assert model.attention() == count
        assert model.share() == Fraction(count) / (model.parameters * 10**6)


def test_models_are_those_of_table_three() -> None:
    rows = [(row.size, row.width) for row in table_three.ROWS]
    assert [(model.parameters, model.width) for model in configurations.MODELS] == rows
    assert {len(model.keys) for model in configurations.MODELS} == {table_three.LAYERS}


@pytest.mark.parametrize(
    ("width", "heads"),
    [
        (954, (8, 8, 10, 10, 12, 12, 14, 14)),
        (1280, (10, 12, 12, 14, 16, 18, 18, 20)),
        (1440, (12, 12, 14, 16, 18, 20, 20, 22)),
    ],
)
def test_heads_by_the_rules(width: int, heads: tuple[int, ...]) -> None:
    assert configurations.heads_by_rule(width, 2) == (heads, tuple(h // 2 for h in heads))


@pytest.mark.parametrize("groups", [2, 4])
@pytest.mark.parametrize("keys", [configurations.FIRST, configurations.LAST])
def test_widths_by_trying_all(keys: tuple[int, ...], groups: int) -> None:
    widths = [w for w in range(64, 2000) if configurations.heads_by_rule(w, groups)[1] == keys]
    assert configurations.widths_with(keys, groups) == (widths[0], widths[-1], True)
    assert len(widths) == widths[-1] - widths[0] + 1


def test_heads_that_no_width_has() -> None:
    with pytest.raises(ValueError, match="no width"):
        configurations.widths_with((9, 1, 1, 1, 1, 1, 1, 1), 2)


def test_multipliers_by_hand() -> None:
    assert [tuple(map(float, configurations.multipliers(m))) for m in configurations.MODELS] == [
        pytest.approx((6 * 64 / 954, 10 * 64 / 954)),
        pytest.approx((6 * 64 / 1280, 10 * 64 / 1280)),
        pytest.approx((6 * 64 / 1440, 10 * 64 / 1440)),
    ]


def test_rounded() -> None:
    assert [configurations.rounded(Fraction(x)) for x in ("39.95", "60.26", "80.20", "44.9")] == [40, 60, 80, 40]


@SMALL
@given(st.lists(st.integers(5, 20), min_size=1, max_size=6), st.integers(2, 5))
def test_chunks_that_cross_an_end_one_by_one(lengths: list[int], context: int) -> None:
    book = [k for k, length in enumerate(lengths) for _ in range(length)]
    starts = range(len(book) - context + 1)
    crossing = sum(len(set(book[start : start + context])) > 1 for start in starts)
    assert tokens.crossing_starts(lengths, context) == crossing
    if sum(lengths) % len(lengths) == 0:
        most = tokens.most_crossing(len(lengths), sum(lengths) // len(lengths), context)
        assert Fraction(crossing, len(starts)) <= most
        if len(lengths) > 1 and min(lengths) >= context:
            assert most == Fraction((len(lengths) - 1) * (context - 1), len(starts))


def test_the_bound_in_books() -> None:
    assert tokens.bound_in_books()
    for books in (1, 2, 10, 1000):
        assert tokens.most_crossing(books, 2000, 1024) <= Fraction(1023, 1999)
    with pytest.raises(ValueError, match="shorter"):
        tokens.most_crossing(1, 10, 1024)


@SMALL
@given(st.lists(st.integers(20, 60), min_size=2, max_size=5), st.sampled_from([Fraction(1, 4), Fraction(1, 2)]))
def test_held_out_parts_token_by_token(sizes: list[int], share: Fraction) -> None:
    parts = [tokens.last_part(Fraction(4 * size), share) for size in sizes]
    held = [set(range(int(low), int(high))) for low, high in parts]
    pairs = [(a, b) for k, a in enumerate(held) for b in held[:k]]
    assert tokens.overlapping(parts) == sum(bool(a & b) for a, b in pairs)


def test_small_numbers() -> None:
    assert tokens.batches(491_520, 12, 1024) == 40
    assert tokens.passes(6000, 491_520, Fraction(6000)) == 491_520
    assert float(tokens.tokens_a_word(Fraction("333.17"), 180)) == pytest.approx(333.17 / 180)
    assert float(tokens.tokens_a_word(Fraction("333.17"), 180, Fraction(1, 20))) == pytest.approx(333.17 / 171)
    assert tokens.largest_gap(2) == Fraction(1, 100)
