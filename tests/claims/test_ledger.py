"""The ledger's machinery: verdicts follow from findings, ids are explained, mutations are rejected."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from assocmem import claims as package
from assocmem.claims import Finding, UnknownClaimError, claims, decide
from assocmem.claims.model import UNTREATED, registered
from assocmem.cli import app

HOLDS = Finding.holds("proof")
FAILS = Finding.fails("counterexample")
OUTSIDE = Finding.fails("counterexample at n = 1", outside=True)
SURVIVED = Finding.survived("samples")
SEEN = Finding.reproduced("record")
UNSEEN = Finding.not_reproduced("record")
VIOLATED = Finding.violated("a point")
TREATED = [claim.id for claim in claims.values() if claim.verdict != UNTREATED]
MUTANTS = [(claim.id, i) for claim in claims.values() for i in range(len(claim.mutations))]


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
        ([("argument", Finding.ill_defined("x"))], "ill-defined"),
        ([("argument", Finding.heuristic("x"))], "heuristic"),
        ([("argument", Finding.heuristic("x")), ("certified", FAILS)], "refuted"),
        ([("measured", SEEN)], "reproduced"),
        ([("measured", UNSEEN), ("measured", UNSEEN)], "not reproduced"),
        ([("measured", Finding.not_run("x"))], "not yet run"),
        ([("measured", SEEN), ("measured", UNSEEN)], "reproduced in part"),
        ([("measured", SEEN), ("measured", Finding.not_run("x"))], "reproduced in part"),
        ([("measured", Finding.reproduced_in_part("x"))], "reproduced in part"),
        ([("search", SEEN)], "undecided"),
        ([("measured", SEEN), ("certified", FAILS)], "refuted"),
        ([("measured", HOLDS)], "undecided"),
        ([("measured", FAILS)], "undecided"),
    ],
)
def test_verdict_follows_from_findings(pairs: list[tuple[str, Finding]], verdict: str) -> None:
    assert decide(pairs) == verdict


@pytest.mark.parametrize("name", TREATED)
def test_stored_verdict_is_the_computed_one(name: str) -> None:
    result = claims[name].check()
    assert result.verdict == claims[name].verdict, [e.as_dict() for e in result.evidence]


@pytest.mark.parametrize(("name", "index"), MUTANTS)
def test_mutation_changes_the_verdict(name: str, index: int) -> None:
    claim = claims[name]
    mutant = claim.mutations[index]
    verdict = claim.check(mutant.formal).verdict
    assert verdict not in (claim.verdict, "inconsistent"), mutant.name
    if claim.verdict.startswith("proved"):
        assert (verdict == "undecided") == mutant.uncovered, f"{mutant.name}: {verdict}"
    if claim.verdict.startswith("reproduced"):
        assert verdict == "not reproduced", f"{mutant.name}: {verdict}"


@pytest.mark.parametrize("name", TREATED)
def test_one_check_proves_a_claim_so_that_its_failure_shows(name: str) -> None:
    proving = [e.check.name for e in claims[name].check().evidence if e.finding.outcome in ("holds", "enumerated")]
    assert len(proving) <= 1, f"{proving}: one that fails would be hidden by the others"


@pytest.mark.parametrize("name", TREATED)
def test_treated_claim_has_formal_checks_and_a_mutation(name: str) -> None:
    claim = claims[name]
    assert claim.formal is not None
    assert claim.checks
    assert claim.mutations


@pytest.mark.parametrize("name", TREATED)
def test_claim_not_proved_points_to_a_corrected_form_or_says_why_not(name: str) -> None:
    claim = claims[name]
    if claim.verdict in ("refuted", "proved with a condition"):
        assert claim.corrected or claim.note


def test_untreated_claims_have_no_checks_and_checks_have_claims() -> None:
    checks, formals, mutations = registered()
    for name in {*checks, *formals, *mutations}:
        assert claims[name].verdict != UNTREATED


def test_unknown_id_lists_near_matches() -> None:
    with pytest.raises(UnknownClaimError, match="P3"):
        claims["p3"]


def test_package_behaves_like_the_registry() -> None:
    assert package["P3"] is claims["P3"]
    assert "P3" in package


def test_cli_exit_codes_and_messages() -> None:
    run = CliRunner()
    assert run.invoke(app, ["check", "L1"]).exit_code == 0
    wrong = run.invoke(app, ["check", "L22"])
    assert wrong.exit_code == 2
    assert run.invoke(app, ["check", "L1", "--kind", "rumor"]).exit_code == 2


def test_cli_reports_a_differing_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = claims["P3"]
    object.__setattr__(claim, "verdict", "proved")
    claim.__dict__.pop("_result", None)
    try:
        assert CliRunner().invoke(app, ["check", "P3"]).exit_code == 1
        assert CliRunner().invoke(app, ["check", "P3", "--kind", "certified"]).exit_code == 1
    finally:
        object.__setattr__(claim, "verdict", "refuted")
        claim.__dict__.pop("_result", None)
