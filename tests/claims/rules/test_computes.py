"""The rule that a finding hangs on something computed: it sees a check that compares what was typed, and no other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy as sp
from flint import arb

from assocmem.claims import Finding
from assocmem.theory.balance.dimension_bounds import leading_limit
from assocmem.theory.exact.certified import sign
from page_claims import computes

TABLE = {"the model of 2019": 512}


def compares_a_table_with_itself() -> Finding:
    return Finding.holds("as in the report") if TABLE == {"the model of 2019": 512} else Finding.fails("no")


def counts_a_literal() -> Finding:
    return Finding.ill_defined("two readings") if {size == 3 for size in (2, 3)} == {True, False} else Finding.holds("")


def asks_for_a_word() -> Finding:
    return Finding.heuristic("an aim")


def decides_nothing() -> Finding:
    return Finding.undecided("another statement")


def certifies() -> Finding:
    return Finding.fails("positive") if sign(lambda: arb(3)) else Finding.holds("")


def simplifies() -> Finding:
    return Finding.holds("0") if sp.expand((sp.Symbol("x") + 1) ** 2) else Finding.fails("")


@pytest.mark.parametrize("check", [compares_a_table_with_itself, counts_a_literal, asks_for_a_word])
def test_a_check_that_compares_what_was_typed_is_seen(check: Callable[[], Finding]) -> None:
    assert not computes(check)


@pytest.mark.parametrize("check", [decides_nothing, certifies, simplifies])
def test_a_check_that_computes_or_decides_nothing_passes(check: Callable[[], Finding]) -> None:
    assert computes(check)


def test_what_was_computed_before_and_is_remembered_counts() -> None:
    def asks_again() -> Finding:
        return Finding.holds(str(leading_limit()))

    assert computes(asks_again)
    assert computes(asks_again)
