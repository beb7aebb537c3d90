"""From an id to file and line: printed, as data, for checks outside the package, and where no checkout is."""

from __future__ import annotations

from pathlib import Path

import pytest

from assocmem.claims import Check, Finding, Location, claims
from assocmem.claims.views import locations
from assocmem.claims.views.locations import check_location, derivation


def test_a_claim_prints_where_all_that_belongs_to_it_stands() -> None:
    lines = repr(claims["P3"]).splitlines()
    assert lines[0] == "P3: The nearest squared distance against twice the MCHN energy"
    assert [line[2:12].strip() for line in lines[1:] if line[2:12].strip()] == [
        "verdict",
        "statement",
        "derivation",
        "checks",
        "mutants",
        "tests",
        "page",
    ]
    for path in ("energies/energies.yaml", "theory/energies/sandwich.py", "tests/claims/energies/test_energies.py"):
        assert f"{path}:" in repr(claims["P3"])


def test_the_derivation_is_followed_through_the_helpers_of_a_page() -> None:
    reached = {place.name: place.path for place in claims["L2-FIX"].locations().derivation}
    assert {"Sandwich", "sum_step", "worst_slack"} <= set(reached)
    assert {path.rpartition("/")[0] for path in reached.values()} == {"src/assocmem/theory/logsumexp"}


def test_shared_arithmetic_is_left_out_beside_a_derivation() -> None:
    named = {place.path for name in claims for place in claims[name].locations().derivation}
    assert len(named) > 50
    assert "theory/exact" not in "".join(place.path for place in claims["P3"].locations().derivation)


def test_an_argument_that_names_nothing_is_its_own_derivation() -> None:
    places = claims["X-LIFT"].locations()
    assert places.derivation == places.checks != ()


def test_a_page_without_the_box_is_named_by_its_first_line() -> None:
    assert claims["T2-TRANS"].locations().page == (Location("notebooks/05a_reported_losses.md", 1),)
    assert claims["P3"].locations().page[0].line > 1


def test_outside_a_checkout_tests_and_pages_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locations, "repository", lambda: None)
    places = claims["P3"].locations()
    assert (places.tests, places.page) == ((), ())
    assert places.statement[0].path == "assocmem/claims/energies/energies.yaml"
    assert "tests" not in repr(claims["P3"])


def test_a_checkout_is_known_by_its_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locations, "PACKAGE", tmp_path / "src/assocmem")
    assert locations.repository() is None
    (tmp_path / "pyproject.toml").touch()
    assert locations.repository() == tmp_path
    monkeypatch.setattr(locations, "PACKAGE", tmp_path / "site-packages/assocmem")
    assert locations.repository() is None


def test_a_check_that_stands_in_no_file_has_no_location() -> None:
    def here(stmt: int) -> Finding:
        """A check of a test's own."""
        return Finding.holds("")

    own = Check("P1", "argument", "here", "", "", None, here)
    (place,) = check_location(own)
    assert (place.path, place.name) == ("tests/claims/views/test_locations.py", "here (argument)")
    names: dict[str, object] = {"Finding": Finding}
    code = compile("def typed(stmt):\n    return Finding.holds('')\n", "<stdin>", "exec")
    exec(code, names)  # What a session at the prompt defines.
    typed = Check("P1", "argument", "typed", "", "", None, names["typed"])  # type: ignore[arg-type]
    assert check_location(typed) == derivation(typed) == ()
