"""The ledger's data: references resolve, nothing rests on itself, chapters are known."""

from __future__ import annotations

from graphlib import TopologicalSorter

from assocmem.claims import claims


def test_references_resolve() -> None:
    for claim in claims.values():
        assert set(claim.depends_on) | set(claim.corrected) <= set(claims), claim.id


def test_no_claim_rests_on_itself() -> None:
    tuple(TopologicalSorter({c.id: c.depends_on for c in claims.values()}).static_order())


def test_corrected_forms_are_claims_of_the_book_and_proved() -> None:
    for claim in claims.values():
        for name in claim.corrected:
            assert claims[name].origin == "book"
            assert claims[name].verdict == "proved"


def test_fields_take_known_values() -> None:
    for claim in claims.values():
        assert claim.versions in ("both", "submission", "later"), claim.id
        assert claim.origin in ("paper", "book"), claim.id
        assert 1 <= claim.chapter <= 11, claim.id
