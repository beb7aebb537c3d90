"""The bound of memory against sets of models that hypothesis makes up, and a memory that stores what it can."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assocmem.theory.balance.table_three import ROWS
from assocmem.theory.size_grid import stored_bits

weights = st.lists(st.integers(1, 30), min_size=8, max_size=8)


def measure(parts: list[int]) -> stored_bits.Model:
    """A probability of the eight texts of three coins in proportion to these parts."""
    return dict(zip(stored_bits.texts(3, 2), (Fraction(part, sum(parts)) for part in parts), strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(weights, min_size=1, max_size=6))
def test_no_set_of_models_stores_more(parts: list[list[int]]) -> None:
    models = [measure(part) for part in parts]
    assert all(stored_bits.mean_ratio(model) == 1 for model in models)
    best = [max(model[text] for model in models) for text in models[0]]
    by_hand = sum(math.log(8 * value) for value in best) / 8
    assert float(stored_bits.stored(models).mid()) == pytest.approx(by_hand, abs=1e-12)
    assert by_hand <= math.log(len(models)) + 1e-12
    for beyond in (1, 2, 5):
        assert stored_bits.share_above(models, Fraction(beyond)) <= Fraction(1, beyond)


@pytest.mark.parametrize("bits", [0, 1, 3, 5])
def test_a_memory_of_the_first_tokens_attains_the_bound(bits: int) -> None:
    """2^bits models of five coins, each certain of the first ``bits`` and even on the rest, store bits log 2 nats."""
    models = [
        {text: Fraction(text[:bits] == known, 2 ** (5 - bits)) for text in stored_bits.texts(5, 2)}
        for known in product((0, 1), repeat=bits)
    ]
    assert float(stored_bits.stored(models).mid()) == pytest.approx(bits * math.log(2))


def test_a_gap_of_recall_by_hand() -> None:
    for doubt in (Fraction(1, 4), Fraction(1, 100), Fraction(1, 10**6)):
        validation = -(math.log(doubt) + math.log(1 - doubt)) / 2
        by_hand = validation + math.log(1 - doubt)
        assert float(stored_bits.gap_of_recall(doubt).mid()) == pytest.approx(by_hand)
    assert float(stored_bits.gap_of_recall(Fraction(1, 2)).mid()) == pytest.approx(0, abs=1e-15)


def test_bits_of_the_rows_by_hand() -> None:
    made = [float(value.mid()) for value in stored_bits.all_rows(Fraction(1, 5))]
    assert made == pytest.approx([0.2 * float(row.star / row.size) / math.log(2) for row in ROWS])


def test_where_the_square_meets_the_bound() -> None:
    """The excess changes its sign once beyond D* = 2, near sigma/(32 c log 2)."""
    ratio, sigma = Fraction(863, 10**12), Fraction(1, 5)
    crossing = 0.2 / (32 * math.log(2) * 8.63e-10)
    for factor, sign in ((0.5, -1), (0.999, -1), (1.001, 1), (2, 1)):
        assert stored_bits.excess_of_square(ratio, 32, sigma, round(factor * crossing)) * sign > 0
