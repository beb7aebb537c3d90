"""The ledger itself: ids are explained, the package stands for it, old names go on, and all references resolve."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

import pytest

from assocmem import claims as package
from assocmem.claims import UnknownClaimError, claims
from assocmem.theory.exact.distances import NAMED


def test_unknown_id_lists_near_matches() -> None:
    with pytest.raises(UnknownClaimError, match="P3"):
        claims["p3"]


def test_package_and_registry_are_one_object_and_a_whole_mapping() -> None:
    assert package is claims
    assert package.claims is sys.modules["assocmem.claims"] is claims
    assert isinstance(claims, Mapping)
    assert "P3" in claims
    assert list(claims.keys()) == [claim.id for claim in claims.values()] == list(dict(claims))
    assert dict(claims.items())["P3"] is claims.get("P3") is claims["P3"]
    assert claims.get("P22") is None
    assert "/" not in repr(claims), "a page would show where the package lies"


@pytest.mark.parametrize("kinds", [("rumor",), ("symbolic", "rumor"), (), "symbolic"])
def test_a_kind_of_check_that_there_is_not_is_refused(kinds: Any) -> None:
    with pytest.raises(ValueError, match=r"kinds got .*symbolic, certified"):
        claims["P3"].check(kinds=kinds)


@pytest.mark.parametrize(("name", "part"), [("L1", "'sign': int"), ("P1", "middle: Linear")])
def test_a_formal_statement_of_another_shape_is_refused_with_the_shape(name: str, part: str) -> None:
    with pytest.raises(TypeError, match=rf"(?s)formal of claim {name} got .*{part}"):
        claims[name].check({"a": 1})


def test_what_a_check_raises_on_a_statement_of_its_shape_is_shown_as_it_is() -> None:
    with pytest.raises((TypeError, AttributeError)) as caught:
        claims["P1"].check(dataclasses.replace(claims["P1"].formal, middle=None))
    assert "takes an instance" not in str(caught.value)


def test_evidence_prints_in_a_line_each() -> None:
    result = claims["P3"].check()
    lines = repr(result).splitlines()
    assert lines[0] == "P3: refuted"
    assert lines[1:] == [f"  {one!r}" for one in result.evidence]
    assert "symbolic: fails: " in lines[1]
    assert "stored refuted" in repr(dataclasses.replace(result, verdict="proved"))


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
