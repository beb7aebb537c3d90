"""The ledger as data: its schema describes what is published and lists what the code lists; a table for pandas."""

from __future__ import annotations

import json
import sys
from typing import get_args

import jsonschema
import pytest

import assocmem
from assocmem.claims import claims
from assocmem.claims.evidence import Mutant
from assocmem.claims.registry import FIELDS
from assocmem.claims.statements import BASES, CONDITIONS, ID, KINDS, ORIGINS, VERSIONS, WEIGHTS, WORDINGS
from assocmem.claims.verdicts import INCONSISTENT, MATHEMATICAL, MEASURED, UNDECIDED, VERDICTS, Kind, Outcome
from assocmem.claims.views.published import document, schema

SOME = ("L1", "P3", "P3-FIX", "QF-L1", "P1")
ARGUED = next(claim.id for claim in claims.values() if claim.argued)


def test_what_is_published_is_as_the_schema_says_and_names_its_version() -> None:
    published = json.loads(document({name: claims[name] for name in (*SOME, ARGUED)}))
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(published)
    assert published["version"] == assocmem.__version__
    assert [row["id"] for row in published["claims"]] == [*SOME, ARGUED]
    (row,) = (row for row in published["claims"] if row["id"] == "P3-FIX")
    given = {mutant["name"]: mutant["verdict"] for mutant in row["mutations"]}
    assert given == claims["P3-FIX"].mutant_verdicts
    assert len(given) == len(claims["P3-FIX"].mutants)
    assert "proved" not in given.values()


def test_two_calls_publish_the_same_bytes() -> None:
    some = {"L1": claims["L1"]}
    assert document(some) == document(some)


def test_the_schema_lists_what_the_code_lists() -> None:
    defined = schema()["$defs"]
    fields = defined["claim"]["properties"]
    assert set(FIELDS) <= set(fields)
    assert fields["id"]["pattern"] == f"^{ID.pattern.replace('(?:', '(')}$"
    taken = {
        "kind": KINDS,
        "origin": ORIGINS,
        "versions": VERSIONS,
        "wording": (*WORDINGS, None),
        "condition_kind": (*CONDITIONS, None),
        "weight": (*WEIGHTS, None),
    }
    assert {name: tuple(fields[name]["enum"]) for name in taken} == taken
    assert tuple(defined["verdict"]["enum"]) == VERDICTS
    assert tuple(defined["found"]["properties"]["kind"]["enum"]) == get_args(Kind)
    assert set(defined["found"]["properties"]["outcome"]["enum"]) == set(get_args(Outcome))
    assert tuple(defined["argued"]["properties"]["basis"]["enum"]) == BASES
    of_mutants = set(defined["mutation"]["properties"]["verdict"]["enum"])
    assert of_mutants == {*MATHEMATICAL, *MEASURED, INCONSISTENT, UNDECIDED}


def test_every_row_of_the_ledger_has_the_stored_fields_that_the_schema_takes() -> None:
    claim = schema()["$defs"]["claim"]
    stored = {"properties": {name: claim["properties"][name] for name in FIELDS}, "$defs": schema()["$defs"]}
    validator = jsonschema.Draft202012Validator(stored)
    rows = json.loads(json.dumps([{name: getattr(one, name) for name in FIELDS} for one in claims.values()]))
    assert not [error.message for row in rows for error in validator.iter_errors(row)]


def test_every_mutant_of_a_claim_has_a_name_of_its_own() -> None:
    def names(mutants: tuple[Mutant, ...]) -> list[str]:
        return [mutant.name for mutant in mutants]

    assert not [c.id for c in claims.values() if len(set(names(c.mutants))) != len(c.mutants)]


def test_without_pandas_a_frame_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pandas"):
        claims.to_frame()


def test_with_pandas_a_frame_has_a_row_a_claim() -> None:
    pytest.importorskip("pandas")
    frame = claims.to_frame()
    assert list(frame.index) == list(claims)
    assert frame.loc["P3", "verdict"] == "refuted"
    assert {"id", *frame.columns} == set(FIELDS)
