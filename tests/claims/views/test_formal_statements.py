"""The shape of a formal statement in words: every claim that has one says it, in a form that shows no address."""

from __future__ import annotations

import re

import pytest

from assocmem.claims import claims
from assocmem.claims.views.formal_statements import same_shape


def test_every_formal_statement_has_a_shape_in_words_without_an_address() -> None:
    said = {claim.id: claim.formal_help for claim in claims.values() if claim.formal is not None}
    assert said
    assert not {name: text for name, text in said.items() if re.search(r"0x[0-9a-f]{6}|^an? \w+$", text)}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("P1", "LinearSandwich"),
        ("L1", "'sign': int = 1"),
        ("X-NORM-BENDS", "a sympy expression in beta, r"),
        ("L1-PROOF", "a function of (t)"),
        ("SPLIT", "a str, such as"),
    ],
)
def test_each_kind_of_statement_says_its_parts(name: str, part: str) -> None:
    assert part in claims[name].formal_help


def test_a_claim_without_one_says_so() -> None:
    argued = next(claim for claim in claims.values() if claim.argued)
    assert argued.formal_help.startswith("no formal statement")


def test_shapes_are_equal_for_equal_types_and_keys() -> None:
    assert same_shape({"a": 1}, {"a": 2})
    assert not same_shape({"a": 1}, {"b": 1})
    assert not same_shape({"a": 1}, 1)
