"""Numbers of the prose: they add up, follow the ledger and the records, and an unknown name is named."""

from __future__ import annotations

import re

import pytest

from assocmem.claims import claims
from assocmem.claims.verdicts import VERDICTS
from assocmem.claims.views.errors import errors
from assocmem.claims.views.numbers import NUMBERS, UnknownNumberError, number


def count(name: str) -> int:
    return int(number(name).replace(",", ""))


def test_every_number_is_there() -> None:
    assert [name for name in NUMBERS if not re.fullmatch(r"[\d,.]+", number(name))] == []


@pytest.mark.parametrize("origin", ["paper", "book"])
def test_counts_by_verdict_add_up_to_the_statements(origin: str) -> None:
    verdicts = [count(f"{origin}-{verdict.replace(' ', '-')}") for verdict in VERDICTS]
    assert sum(verdicts) == count(f"statements-of-{origin}") > 0
    entries = [claim for claim in claims.values() if claim.origin == origin and claim.wording != "implied"]
    assert count(f"{origin}-refuted") == sum(claim.verdict == "refuted" for claim in entries) > 0


def test_statements_and_errors_add_up() -> None:
    assert count("claims") == len(claims)
    assert count("statements-of-paper") + count("statements-implied") + count("statements-of-book") == len(claims)
    assert count("roots") == len(errors(claims).roots) > 0
    assert count("roots") + count("consequences") + count("slips") == count("statements-false")
    assert count("checks") == sum(len(claim.checks) for claim in claims.values())


def test_the_losses_of_the_record_settle_near_the_entropies_of_their_data() -> None:
    for grammar in ("published", "two-words", "128-words"):
        assert abs(float(number(f"plateau-{grammar}")) - float(number(f"entropy-{grammar}"))) < 0.05
    assert float(number("plateau-two-words")) < 0.7


def test_an_unknown_name_is_answered_with_near_ones() -> None:
    with pytest.raises(UnknownNumberError, match=r"'root' is not registered; near matches: roots"):
        number("root")
