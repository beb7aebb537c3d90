"""The claims of the page ``table_three`` (chapter 7)."""

from __future__ import annotations

from assocmem.claims import claims
from assocmem.theory.balance import exponent_interval, table_three
from page_claims import PageRules


class TestPage(PageRules):
    slug = "table_three"


def test_what_the_statements_write_out_is_the_table() -> None:
    assert list(claims["T3-UNIF"].formal) == table_three.sizes()
    assert claims["X-PLAN-MORE"].formal["from"] == table_three.sizes()[0] * table_three.MILLION
    assert claims["T3-EXP-SUP"].formal["boxes"] == exponent_interval.boxes()
