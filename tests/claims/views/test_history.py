"""The history of verdicts: it names claims that exist, each change begins where the last ended, and ends today."""

from __future__ import annotations

from itertools import pairwise

from assocmem.claims import claims
from assocmem.claims.verdicts import VERDICTS
from assocmem.claims.views.history import history


def test_changes_form_a_chain_that_ends_with_the_verdict_of_today() -> None:
    assert len(history()) > 90
    for name, changes in history().items():
        assert claims[name].id == name
        assert changes[-1].now == claims[name].verdict, name
        for first, second in pairwise(changes):
            assert first.now == second.was, name
            assert first.date <= second.date, name
        for change in changes:
            assert change.was != change.now, name
            assert {change.was, change.now} <= set(VERDICTS), name
            assert change.reason.strip(), name


def test_a_verdict_that_changed_is_known_with_its_reason() -> None:
    (change,) = history()["LIM-DEP"]
    assert (change.was, change.now) == ("refuted", "supported in part")
    assert "referees" in change.reason
