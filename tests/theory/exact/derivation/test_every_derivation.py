"""Every derivation of the book: each altered step is refused, most with a point at which it is certainly false."""

from __future__ import annotations

import pytest

from assocmem.claims import claims
from assocmem.theory.energies.derivations import refuted_by, sandwich
from assocmem.theory.exact.derivation import Derivation, Printed, mutants
from derivation_makers import SHOWN, makers, shown

MAKERS = dict(makers())
DERIVATIONS = [name for name, make in MAKERS.items() if isinstance(make(), Derivation)]


def test_what_a_reader_is_shown_changes_only_when_it_is_meant_to() -> None:
    """A number that is put into a line and its reason alike would be refused by no step; the text has it."""
    assert sorted(path.stem for path in SHOWN.glob("*.txt")) == sorted(shown())
    for chapter, text in shown().items():
        assert text == (SHOWN / f"{chapter}.txt").read_text(encoding="utf-8"), "run tests/helpers/derivation_makers.py"


def test_derivations_are_found() -> None:
    assert len(DERIVATIONS) >= 25


@pytest.mark.parametrize("name", DERIVATIONS)
def test_every_altered_step_is_refused(name: str) -> None:
    made = MAKERS[name]()
    assert isinstance(made, Derivation)
    refusals = dict(mutants(made))
    assert [label for label, text in refusals.items() if text is None] == []
    assert sum("false at" in str(text) for text in refusals.values()) >= len(refusals) / 2, "refused by form alone"


def test_every_derivation_names_a_claim() -> None:
    made = [make() for make in MAKERS.values()]
    names = {one.name for one in made if isinstance(one, Derivation | Printed)}
    assert {name for name in names if name not in claims} == set()
    labels = [one.label for one in made if isinstance(one, Derivation)]
    assert len(labels) == len(set(labels)), "two derivations have one address"


@pytest.mark.parametrize("name", DERIVATIONS)
def test_the_ledger_shows_it(name: str) -> None:
    made = MAKERS[name]()
    assert isinstance(made, Derivation)
    shown = [one.as_dict() for item in claims[made.name].check().evidence for one in item.finding.derivations]
    assert made.as_dict() in shown


def test_what_the_ledger_shows_belongs_to_claims_and_is_tried_here() -> None:
    tried = {made.label for made in (MAKERS[name]() for name in DERIVATIONS) if isinstance(made, Derivation)}
    for name in sorted({made.name for made in (MAKERS[one]() for one in DERIVATIONS) if isinstance(made, Derivation)}):
        for item in claims[name].check(kinds=("symbolic",)).evidence:
            for held in item.finding.derivations:
                assert held.name in claims
                assert held.label in tried


@pytest.mark.parametrize("name", ["P1", "P2", "P2-FIX", "P3-FIX"])
def test_a_sandwich_shows_both_sides_and_an_altered_one_does_not(name: str) -> None:
    formal = claims[name].formal
    assert len(sandwich(formal.lower, formal.middle, formal.upper)) == 2
    for mutant in claims[name].mutants:
        assert len(sandwich(mutant.formal.lower, mutant.formal.middle, mutant.formal.upper)) < 2


def test_the_printed_third_proposition_is_refuted_and_its_mutants_are_not() -> None:
    formal = claims["P3"].formal
    assert refuted_by(formal.lower, formal.middle)
    assert not any(refuted_by(mutant.formal.lower, mutant.formal.middle) for mutant in claims["P3"].mutants)
