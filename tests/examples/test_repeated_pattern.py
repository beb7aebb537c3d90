"""The claim that the guide adds: its own ledger holds it beside the book's, and the guide shows it as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sympy as sp

from assocmem.claims import LedgerError, Registry, UnknownClaimError, claims, registration, registry
from assocmem.claims.pages import Page
from assocmem.examples.repeated.derivation import energy_of_copies, k
from assocmem.theory.exact.derivation import Refused, mutants
from page_claims import computes, mutant_faults
from repository import ROOT

EXAMPLE = ROOT / "src/assocmem/examples/repeated"
PAGE = Page("repeated", 13, "repeated_pattern", root="assocmem.examples")
MINE = Registry([PAGE])


def test_the_claim_keeps_the_rules_that_the_books_claims_keep() -> None:
    (claim,) = MINE.values()
    assert claim.check().agrees
    assert all(computes(lambda check=check: check.run(claim.formal)) for check in claim.checks)
    assert list(mutant_faults(claim)) == []


def test_its_places_are_known_and_the_book_goes_on_beside_it() -> None:
    places = MINE["EX-REPEAT"].locations()
    assert places.statement[0].path == "src/assocmem/examples/repeated/repeated_pattern.yaml"
    assert "energy_of_copies" in {place.name for place in places.derivation}
    assert MINE["EX-REPEAT"].causes == ()
    assert "EX-REPEAT" not in claims
    assert claims["L1"].checks
    assert claims["L1"].ledger is claims != MINE


def test_what_nobody_states_is_still_named_beside_another_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MINE["EX-REPEAT"].checks
    monkeypatch.setattr(registration, "_TREATMENTS", dict(registration._TREATMENTS))
    registration.claim("EX-NOWHERE", 1, mutants={"two": 2})
    registry._load_checks.cache_clear()
    for ledger, name in ((claims, "L1"), (MINE, "EX-REPEAT")):
        with pytest.raises(LedgerError, match=r"\['EX-NOWHERE'\], which no page states"):
            assert ledger[name].checks
    registry._load_checks.cache_clear()


def test_an_id_is_taken_once_here_and_in_the_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LedgerError, match=r"'EX-REPEAT' in repeated_pattern\.yaml is already taken"):
        len(Registry([PAGE, PAGE]))
    (tmp_path / "own_claims" / "one").mkdir(parents=True)
    stolen = (EXAMPLE / "repeated_pattern.yaml").read_text(encoding="utf-8").replace("EX-REPEAT", "L1")
    (tmp_path / "own_claims" / "one" / "page.yaml").write_text(stolen, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(LedgerError, match=r"'L1' in page\.yaml is already taken, in logsumexp\.yaml"):
        len(Registry([Page("one", 1, "page", root="own_claims")]))
    with pytest.raises(UnknownClaimError, match="EX-REPEAT"):
        MINE["EX-REPEET"]


def test_the_derivation_shows_log_k_and_nothing_else() -> None:
    made = energy_of_copies(sp.log(k))
    assert [label for label, refused in mutants(made) if refused is None] == []
    for wrong in (sp.log(k + 1), 2 * sp.log(k), sp.Integer(0), k):
        with pytest.raises(Refused):
            energy_of_copies(wrong)


def test_the_guide_shows_the_files_as_they_stand() -> None:
    guide = (ROOT / "notebooks/13a_add_a_claim.md").read_text(encoding="utf-8")
    (stated,) = re.findall(r"^```yaml\n(.*?)^```", guide, flags=re.M | re.S)
    assert stated == (EXAMPLE / "repeated_pattern.yaml").read_text(encoding="utf-8")
    shown = re.findall(r"^```python\n(.*?)^```", guide, flags=re.M | re.S)
    code = (EXAMPLE / "repeated_pattern.py").read_text(encoding="utf-8")
    assert len(shown) == 3
    assert [text for text in shown if text not in code] == []
