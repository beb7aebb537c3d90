"""Roots and consequences are read off the graph: an edge more or less changes them, a mere definition does not."""

from __future__ import annotations

from types import SimpleNamespace

from assocmem.claims import claims
from assocmem.claims.verdicts import FALSE
from assocmem.claims.views.errors import Errors, causes, errors, printed, roots


def entry(
    verdict: str, *rests_on: str, weight: str | None = None, origin: str = "paper", wording: str | None = "verbatim"
) -> SimpleNamespace:
    """A claim of a made-up ledger."""
    return SimpleNamespace(origin=origin, wording=wording, verdict=verdict, weight=weight, depends_on=rests_on)


LEDGER = {
    "A": entry("refuted", weight="substance"),
    "B": entry("refuted", "A", weight="substance"),
    "C": entry("contradicted", "B", weight="substance"),
    "D": entry("refuted", "E", weight="substance"),
    "E": entry("proved", "A"),
    "F": entry("refuted", "A", weight="slip"),
    "G": entry("refuted", weight="substance", wording="implied"),
    "H": entry("refuted", origin="book", wording=None),
    "I": entry("not reproduced", "A"),
    "J": entry("refuted", "A", "D", weight="substance"),
}


def test_errors_are_sorted_by_what_they_rest_on() -> None:
    assert errors(LEDGER) == Errors(("A", "D"), ("B", "C", "J"), ("F",))


def test_a_consequence_names_its_direct_causes_and_its_roots() -> None:
    assert causes("C", LEDGER) == ("B",)
    assert roots("C", LEDGER) == ("A",)
    assert roots("J", LEDGER) == ("A", "D")
    assert causes("A", LEDGER) == roots("A", LEDGER) == ()


def test_what_rests_on_something_true_falls_by_itself() -> None:
    assert "D" in errors(LEDGER).roots


def test_a_part_can_be_asked() -> None:
    assert errors(LEDGER, ["B", "F"]) == Errors((), ("B",), ("F",))


def test_implied_statements_are_not_counted() -> None:
    assert "G" not in printed(LEDGER)
    assert "G" not in sum(errors(LEDGER), ())


def test_every_false_statement_of_the_paper_is_counted_once() -> None:
    found = errors(claims)
    assert sorted(sum(found, ())) == sorted(name for name in printed(claims) if claims[name].verdict in FALSE)


def test_every_consequence_has_a_root_that_is_counted() -> None:
    found = errors(claims)
    counted = {*found.roots, *found.slips}
    assert not {name: roots(name, claims) for name in found.consequences if not set(roots(name, claims)) & counted}


def test_what_a_claim_takes_its_terms_from_is_not_also_what_it_rests_on() -> None:
    assert not {name: both for name, c in claims.items() if (both := set(c.defined_by) & set(c.depends_on))}
