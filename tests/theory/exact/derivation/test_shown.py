"""What a reader is shown of a derivation and of a printed chain, and what the ledger publishes."""

from __future__ import annotations

import sympy as sp

from assocmem.claims import claims
from assocmem.theory.cross_entropy import derivations
from assocmem.theory.cross_entropy.derivations import M, Z
from assocmem.theory.exact.derivation import Derivation, Step
from assocmem.theory.exact.derivation.typeset import typeset


def test_lines_have_relation_reason_mark_and_address() -> None:
    text = derivations.scalar_inequality()._repr_markdown_()
    assert text.startswith("*Where:* $z = e^{- v}$.")
    assert '<a class="line" id="p4-scalar-line-2" href="#p4-scalar-line-2"' in text
    assert r"\quad \ge 1$ | the tangent of $e^v$ at $0$ is $1+v$ |" in text
    assert text.count("✓") == 2


def test_what_remains_words_is_said() -> None:
    assert "*Not checked by computer:* the converse" in derivations.both_steps()._repr_markdown_()
    assert "in words: the converse" in str(derivations.both_steps())


def test_a_bar_in_a_formula_ends_no_cell() -> None:
    x = sp.Symbol("x", real=True)
    made = Derivation("bar", sp.Abs(x), (Step(">=", sp.Integer(0), "a norm"),))
    row = made._repr_markdown_().splitlines()[2]
    assert row.count("|") == 4


def test_terms_keep_the_order_in_which_they_were_written() -> None:
    assert "e^{v} - v" in derivations.scalar_inequality()._repr_markdown_()


def test_the_printed_chain_misses_two_lines() -> None:
    chain = derivations.printed_chain()
    first, step_a, step_b, last = chain.gaps()
    assert (first, last) == (0, 0)
    assert step_a != 0 != step_b
    printed, reading_a, reading_b = (chain.gaps(reading)[1:3] for reading in derivations.readings().values())
    assert printed[0] == 0
    assert sp.simplify(printed[1] - sp.log(M / Z)) == 0
    assert sp.simplify(reading_a[0] + 1 / Z) == 0
    assert reading_a[1] == 0
    assert 0 not in reading_b


def test_the_table_of_readings_names_what_is_missed() -> None:
    table = derivations.printed_chain().readings(derivations.readings(), {1: "(a)", 2: "(b)"})
    assert table.head == ("reading", "(a) misses by", "(b) misses by")
    assert [row[1:].count("✓") for row in table.rows] == [1, 1, 0]


def test_the_ledger_publishes_the_lines() -> None:
    (shown,) = next(item["derivations"] for item in claims["P4-SCALAR"].evidence() if item["derivations"])
    assert shown["name"] == "P4-SCALAR"
    assert [line["relation"] for line in shown["lines"]] == ["", "=", ">="]
    assert shown["where"] == ["z = e^{- v}"]


def test_definitions_stand_above_the_lines_in_every_form() -> None:
    made = derivations.loss_of_one_layer()
    assert str(made).splitlines()[0].startswith("  where ")
    assert made._repr_markdown_().startswith("*Where:*")
    assert r"where ${p}_{i}=" in derivations.printed_chain().table().rows[0][0]


def test_a_sum_over_an_index_comes_after_the_terms_beside_it_and_pi_before_e() -> None:
    i, d = sp.symbols("i d", integer=True, positive=True)
    assert typeset(1 + sp.Sum(i**2, (i, 2, d)), {}) == r"1 + \sum_{i=2}^{d} i^{2}"
    assert typeset(sp.Sum(i**2, (i, 2, d)) - d, {}) == r"- d + \sum_{i=2}^{d} i^{2}"
    assert typeset(d - sp.Sum(i**2, (i, 2, d)), {}) == r"d - \sum_{i=2}^{d} i^{2}"
    assert typeset(2 * sp.pi * sp.E * d, {}) == r"2 \pi e d"


def test_a_derivation_that_continues_another_repeats_no_definitions() -> None:
    made = derivations.loss_of_one_layer()
    assert "*Where:*" not in made.continued()._repr_markdown_()
    assert made._repr_markdown_().endswith(made.continued()._repr_markdown_())
    assert not [line for line in str(made.continued()).splitlines() if line.startswith("  where ")]
