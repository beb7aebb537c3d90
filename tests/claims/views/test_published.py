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
from assocmem.claims.verdicts import (
    CONDITIONS,
    INCONSISTENT,
    MATHEMATICAL,
    MEASURED,
    UNDECIDED,
    VERDICTS,
    Kind,
    Outcome,
)
from assocmem.claims.views.history import history
from assocmem.claims.views.published import document, schema
from assocmem.claims.views.statement_schema import choices, defaults, headings, of_field
from assocmem.claims.views.statement_schema import schema as of_statements

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
    assert fields["id"]["pattern"] == of_statements()["definitions"]["id"]["pattern"]
    of_words = ("kind", "versions", "wording", "condition_kind", "weight")
    taken = {name: (*choices(name), None) if defaults()[name] is None else choices(name) for name in of_words}
    taken |= {"origin": headings()}
    assert {name: tuple(fields[name]["enum"]) for name in taken} == taken
    assert choices("condition_kind") == CONDITIONS
    assert tuple(defined["verdict"]["enum"]) == VERDICTS
    assert tuple(defined["found"]["properties"]["kind"]["enum"]) == get_args(Kind)
    assert set(defined["found"]["properties"]["outcome"]["enum"]) == set(get_args(Outcome))
    assert tuple(defined["argued"]["properties"]["basis"]["enum"]) == tuple(
        of_field("argued")["properties"]["basis"]["enum"]
    )
    of_mutants = set(defined["mutation"]["properties"]["verdict"]["enum"])
    assert of_mutants == {*MATHEMATICAL, *MEASURED, INCONSISTENT, UNDECIDED}


def test_the_history_of_a_verdict_is_published_with_the_claim() -> None:
    (row,) = json.loads(document({"C-JEM": claims["C-JEM"]}))["claims"]
    assert [change["was"] for change in row["history"]] == [change.was for change in history()["C-JEM"]]
    assert row["history"][-1]["now"] == row["verdict"]
    changes = [vars(change) for rows in history().values() for change in rows]
    described = schema()["$defs"] | {"of_all": {"items": {"$ref": "#/$defs/change"}}}
    validator = jsonschema.Draft202012Validator({"$ref": "#/$defs/of_all", "$defs": described})
    assert not [error.message for error in validator.iter_errors(changes)]
    assert [*validator.iter_errors([{**changes[0], "now": "true"}])]


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
