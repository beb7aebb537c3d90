"""The tool that alters the theory: it finds every number and sign, alters each, and sees whether a claim notices."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import perturb_theory
from assocmem.claims import claims
from perturb_theory import THEORY, Change, altered, answer, ask, changes, places

SOURCE = '''
"""Adds 1."""
BITS = 64

def excess(x: float = 0.5) -> float:
    """Returns x + 1."""
    return -x + 2 * (x - 1), f"{x:.3f}"
'''


def test_every_number_and_sign_is_found_and_no_docstring_annotation_or_format() -> None:
    found = [(ast.unparse(node), function) for node, function in places(ast.parse(SOURCE))]
    assert found == [
        ("64", ""),
        ("0.5", "excess"),
        ("-x + 2 * (x - 1)", "excess"),
        ("-x", "excess"),
        ("2", "excess"),
        ("x - 1", "excess"),
        ("1", "excess"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [("3", "4"), ("0.5", "0.505"), ("0.0", "0.01"), ("x + 1", "x - 1"), ("x - 1", "x + 1"), ("-x", "+x")],
)
def test_a_place_becomes_another(old: str, new: str) -> None:
    assert ast.unparse(altered(ast.parse(old, mode="eval").body)) == new


def test_an_altered_module_differs_in_one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perturb_theory, "THEORY", tmp_path)
    path = tmp_path / "module.py"
    path.write_text(SOURCE, encoding="utf-8")
    made = changes(path)
    assert [change.new for change in made][:3] == ["65", "0.505", "-x - 2 * (x - 1)"]
    space: dict[str, object] = {}
    exec(perturb_theory.altered_code(path, 2), space)
    assert space["excess"](0.5)[0] == 0.5  # type: ignore[operator]


def judged(file: str, function: str, old: str, name: str) -> list[str]:
    """What altering one place of the theory does to one claim."""
    change = next(c for c in changes(THEORY / file) if (c.function, c.old) == (function, old))
    verdict, texts = answer(claims[name])
    return ask(perturb_theory._in_place, change, [name], {name: {"verdict": verdict, "texts": texts, "seconds": 1.0}})


def test_a_wrong_constant_of_a_proof_is_refused() -> None:
    assert judged("logsumexp/lemmas.py", "lagrange_step", "2", "L1")[0] == "refused"


def test_a_change_that_no_claim_hangs_on_is_silent() -> None:
    assert judged("logsumexp/lemmas.py", "worst_slack", "5", "L1") == ["silent"]


def test_a_change_is_known_by_its_place() -> None:
    first = changes(THEORY / "logsumexp/lemmas.py")
    assert len({(c.line, c.column, c.number) for c in first}) == len(first)
    assert all(isinstance(change, Change) for change in first)


def test_a_constant_is_judged_by_the_claims_whose_checks_import_it() -> None:
    users = perturb_theory.importing()
    assert "X-CHIN-VALUE" in users["cross_entropy/fitted_laws.py"]
    assert "X-UNIT" in users["cross_entropy/units.py"]
    assert "X-UNIT" not in users["cross_entropy/fitted_laws.py"]
