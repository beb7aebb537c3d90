"""The schema of the files of statements: the one list of fields, which the loader holds to and every file names."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assocmem.claims import Claim
from assocmem.claims.pages import PAGES
from assocmem.claims.statements import LedgerError, read
from assocmem.claims.verdicts import ARGUED, CONDITIONS, VERDICTS
from assocmem.claims.views.statement_schema import (
    MODELINE,
    NAME,
    choices,
    defaults,
    fault,
    field_table,
    headings,
    of_field,
    required,
    schema,
)
from repository import ROOT

FILES = sorted(path for path in (ROOT / "src/assocmem").rglob("*.yaml") if path.parent.name != "views")
GIVEN = {"chapter", "origin", "page", "ledger"}
"""What a claim has from where it stands, not from a field of its row."""
BOOK = {"id": "X", "title": "t", "source": "s", "statement": "m", "verdict": "proved", "why": "One."}
PAPER = BOOK | {"wording": "verbatim", "quote": "a sentence"}


@cache
def oracle() -> jsonschema.Draft7Validator:
    """Another implementation of JSON Schema than the loader's."""
    jsonschema.Draft7Validator.check_schema(schema())
    return jsonschema.Draft7Validator(schema())


@cache
def rows() -> list[tuple[str, dict[str, Any]]]:
    """Every row of the ledger with its heading, as YAML gives it."""
    found = [yaml.safe_load(page.statements.read_text(encoding="utf-8")) for page in PAGES]
    return [(heading, row) for document in found for heading, held in document.items() for row in held or ()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_first_line_of_every_file_leads_an_editor_to_the_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    key, _, target = first.partition("$schema=")
    assert key == MODELINE.partition("$schema=")[0]
    assert (path.parent / target).resolve() == ROOT / "src/assocmem/claims/views" / NAME
    assert first == MODELINE or path.is_relative_to(ROOT / "src/assocmem/examples")


def test_every_file_is_read_and_valid_by_another_implementation() -> None:
    assert len(FILES) > len(PAGES)
    for path in FILES:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert [error.message for error in oracle().iter_errors(document)] == []
        assert fault(document, path.name) is None


def test_a_claim_has_the_fields_of_the_schema_and_no_other() -> None:
    assert {field.name for field in fields(Claim)} == {field.name for field in field_table()} | GIVEN
    assert {*required(), *defaults()} == {field.name for field in field_table()}
    assert not set(required()) & set(defaults())
    (row,) = read({"book": [BOOK]}, "page.yaml")
    assert set(row) == {field.name for field in field_table()} | {"origin"}


def test_the_schema_takes_the_verdicts_and_conditions_of_the_code() -> None:
    assert choices("verdict") == VERDICTS
    assert choices("condition_kind") == CONDITIONS
    assert headings() == ("paper", "book")
    assert set(of_field("quote")["properties"]) == set(choices("versions")) - {"both"}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_reading_is_argued_and_a_computation_is_not(verdict: str) -> None:
    row = BOOK | {"verdict": verdict}
    row |= {"condition_kind": "hypothesis"} if verdict == "proved with a condition" else {}
    argued = row | {"argued": {"source": "a book", "basis": "read"}}
    computed = (*VERDICTS[: VERDICTS.index("supported")], VERDICTS[-1])
    assert (fault({"book": [argued]}, "f") is None) == (verdict in ARGUED)
    assert (fault({"book": [row]}, "f") is None) == (verdict in computed)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)
WORDS = st.sampled_from(
    [word for name in ("kind", "verdict", "versions", "wording", "weight") for word in choices(name)]
)
NAMES = st.sampled_from([field.name for field in field_table()])
BY_VERSION = st.dictionaries(st.sampled_from(["submission", "later", "latest"]), st.just("a"), max_size=3)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), name=NAMES | st.text(max_size=6), value=WORDS | ANYTHING | BY_VERSION | st.just(["P1"]))
def test_the_loader_and_another_implementation_refuse_the_same(data: st.DataObject, name: str, value: Any) -> None:
    heading, row = data.draw(st.sampled_from(rows()))
    dropped = data.draw(NAMES)
    without = {key: held for key, held in row.items() if key != dropped}
    for changed in (row | {name: value}, without, without | {name: value}):
        document = {heading: [changed]}
        assert (fault(document, "f") is None) == oracle().is_valid(document), changed


@given(ANYTHING | st.dictionaries(st.sampled_from(["paper", "book", "both"]), ANYTHING))
def test_no_document_breaks_the_loader(document: Any) -> None:
    assert (fault(document, "f") is None) == oracle().is_valid(document)
    if not oracle().is_valid(document):
        with pytest.raises(LedgerError, match=r"^f"):
            read(document, "f")


@pytest.mark.parametrize(
    ("heading", "row", "said"),
    [
        ("book", BOOK | {"kind": "rumor"}, "claim X: kind got 'rumor'; takes one of statement, assumption"),
        ("book", BOOK | {"id": "p3"}, "claim p3: id got 'p3'; takes letters and digits, a capital first"),
        ("book", BOOK | {"titel": "t"}, "claim X: unknown fields ['titel']; near: title"),
        ("book", BOOK | {"why": "a"} | {"whi": "a"}, "claim X: unknown fields ['whi']; near: why"),
        (
            "book",
            {**{k: v for k, v in BOOK.items() if k != "why"}, "whi": "a"},
            "claim X: missing fields ['why'], unknown",
        ),
        ("book", BOOK | {"xyz": "t"}, "claim X: unknown fields ['xyz']; takes id, title, kind"),
        ("book", BOOK | {"depends_on": "P1"}, "claim X: depends_on got 'P1'; takes a list of ids"),
        ("book", BOOK | {"depends_on": ["P1", "p"]}, "claim X: depends_on got 'p'; takes letters"),
        ("book", BOOK | {"why": " "}, "claim X: why got ' '; takes the reason for the verdict"),
        ("book", {"id": "X"}, "claim X: missing fields ['title', 'source', 'statement', 'verdict', 'why']; takes"),
        (
            "book",
            BOOK | {"verdict": "proved with a condition"},
            "claim X: missing fields ['condition_kind']; takes one",
        ),
        ("book", BOOK | {"weight": "slip"}, "claim X: weight got 'slip'; takes nothing, for the statement is the book"),
        ("book", BOOK | {"verdict": "supported", "argued": {"source": "a", "basis": "b"}}, "claim X: argued.basis got"),
        ("book", "a row", "claim ? got 'a row'; takes fields with their values"),
        ("book", [], "claim ? got []; takes fields with their values"),
        ("paper", BOOK, "claim X: missing fields ['wording']; takes one of verbatim"),
        ("paper", PAPER | {"wording": "implied"}, "claim X: quote got 'a sentence'; takes nothing, for the paper does"),
        (
            "paper",
            PAPER | {"quote": {"later": "b"}},
            "claim X: quote missing fields ['submission']; takes one text",
        ),
        ("paper", PAPER | {"verdict": "refuted"}, "claim X: missing fields ['weight']; takes one of substance, slip"),
        ("reader", BOOK, "unknown headings ['reader']; takes the headings paper and book"),
    ],
)
def test_a_refusal_names_file_claim_and_field_what_it_got_and_what_it_takes(heading: str, row: Any, said: str) -> None:
    with pytest.raises(LedgerError) as caught:
        read({heading: [row]}, "page.yaml")
    assert str(caught.value).startswith(f"page.yaml: {said}")
    assert "\n" not in str(caught.value)


TEXTS = ("title", "source", "differs", "statement", "why", "note")
LISTS = ("depends_on", "defined_by", "corrected", "formerly")
BOTH = {"submission": "a", "later": "b"}
READ = {"source": "a", "basis": "read"}


@pytest.mark.parametrize(
    ("heading", "change"),
    [
        *(("book", {name: wrong}) for name in TEXTS for wrong in (3, " ")),
        *(("book", {name: wrong}) for name in LISTS for wrong in ("P1", 3, [3], ["p"])),
        *(("paper", {"quote": wrong}) for wrong in (3, " ", ["a"], BOTH | {"latest": "c"}, BOTH | {"later": " "})),
        *(("paper", {"versions": "submission", "quote": wrong}) for wrong in (BOTH, {"later": "b"})),
        *(("paper", {"versions": "later", "quote": wrong}) for wrong in (BOTH, {"submission": "a"})),
        *(("book", {"wording": wrong}) for wrong in ("verbatim", "paraphrase", "implied")),
        *(("book", {"verdict": "supported", "argued": wrong}) for wrong in (3, "a", READ | {"more": "b"})),
        *(("book", {"verdict": "heuristic", "argued": wrong}) for wrong in (3, "a", {"source": "a"})),
        ("book", {"quote": "a"}),
        ("book", {"quote": BOTH}),
        ("paper", {"weight": "slip"}),
        ("book", {"condition_kind": "hypothesis"}),
    ],
    ids=str,
)
def test_every_rule_of_the_schema_refuses_what_breaks_it_alone(heading: str, change: dict[str, Any]) -> None:
    row = PAPER if heading == "paper" else BOOK
    assert fault({heading: [row]}, "f") is None
    assert str(fault({heading: [row | change]}, "f")).startswith(f"f: claim X: {[*change][-1]}")


@pytest.mark.parametrize(
    ("document", "said"), [([], "f: got []; takes the headings"), ({"book": BOOK}, "f: book: got")]
)
def test_a_file_of_another_shape_is_refused(document: Any, said: str) -> None:
    assert str(fault(document, "f")).startswith(said)


def test_a_quotation_that_is_given_once_is_that_of_each_version() -> None:
    (both,) = read({"paper": [PAPER]}, "f")
    (later,) = read({"paper": [PAPER | {"versions": "later"}]}, "f")
    assert both["quote"] == {"submission": "a sentence", "later": "a sentence"}
    assert later["quote"] == {"later": "a sentence"}


def test_the_table_says_when_a_field_is_needed() -> None:
    needed = {field.name: field.required for field in field_table()}
    assert {name for name, when in needed.items() if when == "always"} == set(required())
    said = {field.name: field.in_words for field in field_table()}
    assert said["versions"].endswith("it stands. One of both, submission, later; both if left out.")
    assert said["note"] == "What else there is to say of the verdict."
    asked = {"wording", "quote", "condition_kind", "weight", "argued"}
    assert {name for name, when in needed.items() if when == "sometimes"} == asked
