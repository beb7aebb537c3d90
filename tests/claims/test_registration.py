"""What cannot be meant is refused: an id registered twice, an id without a statement, a claim without a mutant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assocmem import claims as package
from assocmem.claims import Finding, check, claim, claims, registration, registry, uncovered
from assocmem.theory.exact.distances import NAMED, PAPER, Distance


@pytest.fixture(autouse=True)
def restored_registration(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Load the ledger; what a test registers lasts as long as the test."""
    assert claims["P1"].checks
    monkeypatch.setattr(registration, "_TREATMENTS", dict(registration._TREATMENTS))
    monkeypatch.setattr(registration, "_CHECKS", {name: list(own) for name, own in registration._CHECKS.items()})
    yield
    registry._load_checks.cache_clear()


def says_its_id(stmt: str, claim_id: str) -> Finding:
    """Returns its id."""
    return Finding.holds(f"{stmt} of {claim_id}")


def test_a_claim_is_registered_once() -> None:
    with pytest.raises(ValueError, match=r"'P3' is registered already, in .*propositions\.py, line \d+"):
        claim("P3", 1, mutants={"two": 2})


def test_a_claim_needs_a_mutant() -> None:
    with pytest.raises(ValueError, match="mutants of claim 'NEW' is empty"):
        claim("NEW", 1, mutants={})


def test_an_id_without_a_statement_is_named_when_the_checks_are_loaded() -> None:
    claim("P33", 1, mutants={"two": 2})
    check("P33", "NEITHER", kind="argument", scope="one")(says_its_id)
    registry._load_checks.cache_clear()
    with pytest.raises(ValueError, match=r"\['NEITHER', 'P33'\], which no page states"):
        assert claims["P3"].checks


def test_what_was_registered_is_told() -> None:
    claim("NEW", 1, mutants={"two": 2, "three": uncovered(3)})
    treatment = registration.treatment("NEW")
    assert treatment is not None
    assert [(m.name, m.formal, m.uncovered) for m in treatment.mutants] == [("two", 2, False), ("three", 3, True)]
    assert (treatment.formal, treatment.file) == (1, __file__)


@pytest.mark.parametrize(
    ("ids", "kind", "message"),
    [
        (("P1", "P3", "P1"), "argument", "claim_ids names 'P1' twice"),
        ((), "argument", "claim_ids is empty"),
        (("P1",), "rumor", "kind='rumor'"),
    ],
)
def test_a_check_says_what_it_decides_and_how(ids: tuple[str, ...], kind: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check(*ids, kind=kind, scope="one")  # type: ignore[arg-type]


def test_a_check_needs_a_docstring() -> None:
    with pytest.raises(ValueError, match="check mute of claim A, B needs a docstring"):

        @check("A", "B", kind="argument", scope="one")
        def mute(stmt: int) -> Finding:
            return Finding.holds("")


def test_a_check_of_several_claims_is_told_which_one_it_decides() -> None:
    check("A", "B", kind="argument", scope="one")(says_its_id)
    findings = [registration.checks(name)[0].run("the statement") for name in ("A", "B")]
    assert [finding.text for finding in findings] == ["the statement of A", "the statement of B"]


def test_a_check_may_take_both_the_distance_and_the_id() -> None:
    @check("A", kind="argument", scope="one")
    def both(stmt: str, claim_id: str, distance: Distance) -> Finding:
        """Says both."""
        return Finding.holds(f"{claim_id} {distance.name}")

    (entry,) = registration.checks("A")
    assert [entry.run("", d).text for d in (PAPER, NAMED["l1"])] == [f"A {PAPER.name}", "A l1"]


def test_public_names_stay() -> None:
    for name in ("Claim", "Finding", "check", "claim", "claims", "decide", "survey", "uncovered"):
        assert name in package.__all__
        assert hasattr(package, name)
