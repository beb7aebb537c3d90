"""A verdict is a pure function of the findings: which prove, refute, contradict each other or decide nothing."""

from __future__ import annotations

import pytest

from assocmem.claims import Finding, decide
from assocmem.claims.verdicts import ARGUED, MATHEMATICAL, MEASURED, RULES, UNTREATED, VERDICTS

HOLDS = Finding.holds("proof")
FAILS = Finding.fails("counterexample")
OUTSIDE = Finding.fails("counterexample at n = 1", outside=True)
EMPTY = Finding.empty("any radii", "it excludes nothing")
SURVIVED = Finding.survived("samples")
AS_REPORTED = Finding.reproduced("record")
OTHERWISE = Finding.not_reproduced("record")
VIOLATED = Finding.violated("a point")


@pytest.mark.parametrize(
    ("pairs", "verdict"),
    [
        ([], "not yet treated"),
        ([("symbolic", HOLDS)], "proved"),
        ([("argument", HOLDS), ("search", SURVIVED)], "proved"),
        ([("certified", HOLDS)], "undecided"),
        ([("certified", Finding.enumerated("all cases"))], "proved"),
        ([("search", Finding.enumerated("all cases"))], "undecided"),
        ([("certified", Finding.enumerated("all cases")), ("certified", FAILS)], "inconsistent"),
        ([("search", SURVIVED), ("certified", SURVIVED)], "undecided"),
        ([("symbolic", HOLDS), ("search", VIOLATED)], "inconsistent"),
        ([("symbolic", HOLDS), ("certified", FAILS)], "inconsistent"),
        ([("symbolic", HOLDS), ("search", FAILS)], "inconsistent"),
        ([("certified", FAILS)], "refuted"),
        ([("search", FAILS)], "undecided"),
        ([("search", VIOLATED)], "undecided"),
        ([("symbolic", FAILS), ("search", VIOLATED)], "refuted"),
        ([("certified", FAILS), ("symbolic", Finding.holds_if("n > 1", "x"))], "inconsistent"),
        ([("certified", OUTSIDE), ("symbolic", Finding.holds_if("n > 1", "x"))], "proved with a condition"),
        ([("search", VIOLATED), ("symbolic", Finding.holds_if("n > 1", "x"))], "inconsistent"),
        ([("certified", OUTSIDE), ("symbolic", HOLDS)], "inconsistent"),
        ([("certified", OUTSIDE)], "refuted"),
        ([("symbolic", EMPTY)], "empty"),
        ([("certified", EMPTY), ("certified", OUTSIDE)], "empty"),
        ([("symbolic", EMPTY), ("certified", FAILS)], "inconsistent"),
        ([("symbolic", EMPTY), ("symbolic", HOLDS)], "inconsistent"),
        ([("symbolic", EMPTY), ("symbolic", Finding.holds_if("n > 1", "x"))], "inconsistent"),
        ([("search", EMPTY)], "undecided"),
        ([("symbolic", EMPTY), ("argument", Finding.heuristic("x"))], "empty"),
        ([("argument", Finding.ill_defined("x"))], "ill-defined"),
        ([("argument", Finding.heuristic("x"))], "heuristic"),
        ([("argument", Finding.heuristic("x")), ("certified", FAILS)], "refuted"),
        ([("measured", AS_REPORTED)], "reproduced"),
        ([("measured", OTHERWISE), ("measured", OTHERWISE)], "not reproduced"),
        ([("measured", Finding.not_run("x"))], "not yet run"),
        ([("measured", AS_REPORTED), ("measured", OTHERWISE)], "reproduced in part"),
        ([("measured", AS_REPORTED), ("measured", Finding.not_run("x"))], "reproduced in part"),
        ([("measured", Finding.reproduced_in_part("x"))], "reproduced in part"),
        ([("search", AS_REPORTED)], "undecided"),
        ([("measured", AS_REPORTED), ("certified", FAILS)], "refuted"),
        ([("measured", HOLDS)], "undecided"),
        ([("measured", FAILS)], "undecided"),
    ],
)
def test_verdict_follows_from_findings(pairs: list[tuple[str, Finding]], verdict: str) -> None:
    assert decide(pairs) == verdict


def test_every_verdict_has_one_rule_and_one_only() -> None:
    assert set(RULES) == set(VERDICTS) == {*MATHEMATICAL, *MEASURED, *ARGUED, UNTREATED}
    assert len(set(RULES.values())) == len(RULES)


def test_what_is_argued_is_never_proved_or_refuted() -> None:
    assert not {"proved", "proved with a condition", "refuted"} & set(ARGUED)
