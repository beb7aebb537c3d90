"""The ledger itself: ids are explained, the package stands for it, old names go on, and all references resolve."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest

from assocmem import claims as package
from assocmem.claims import UnknownClaimError, claims
from assocmem.theory.exact.distances import NAMED


def test_unknown_id_lists_near_matches() -> None:
    with pytest.raises(UnknownClaimError, match="P3"):
        claims["p3"]


def test_package_behaves_like_the_registry() -> None:
    assert package["P3"] is claims["P3"]
    assert package.claims["P3"] is claims["P3"]
    assert "P3" in package


def test_the_old_keyword_of_the_distance_goes_on() -> None:
    assert claims["P2"].check(memory="l1").verdict == claims["P2"].check(distance="l1").verdict == "refuted"
    with pytest.raises(TypeError, match="takes one of them"):
        claims["P2"].check(memory="l1", distance=NAMED["linf"])


def test_the_old_name_of_the_mutants_goes_on() -> None:
    assert claims["P3"].mutations == claims["P3"].mutants != ()


def test_an_id_that_was_merged_leads_to_the_statement_that_took_it_in() -> None:
    merged = {old: claim for claim in claims.values() for old in claim.formerly}
    assert not set(merged) & set(iter(claims))
    assert all(claims[old] is claim and old in claims for old, claim in merged.items())


def test_references_resolve() -> None:
    unknown = {
        c.id: sorted(rest)
        for c in claims.values()
        if (rest := {*c.depends_on, *c.defined_by, *c.corrected} - set(iter(claims)))
    }
    assert not unknown


def test_no_claim_rests_on_itself() -> None:
    tuple(TopologicalSorter({c.id: c.depends_on for c in claims.values()}).static_order())


def test_corrected_forms_are_claims_of_the_book_and_proved() -> None:
    better = {name: claims[name] for claim in claims.values() for name in claim.corrected}
    assert better
    assert not {name: c.verdict for name, c in better.items() if (c.origin, c.verdict) != ("book", "proved")}


def test_fields_take_known_values() -> None:
    for claim in claims.values():
        assert claim.versions in ("both", "submission", "later"), claim.id
        assert claim.origin in ("paper", "book"), claim.id
        assert 1 <= claim.chapter <= 11, claim.id
