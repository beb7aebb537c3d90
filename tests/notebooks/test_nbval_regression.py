"""The notebook regression regresses: a changed number fails, rounding passes, an unrun or stale cell is found."""

from __future__ import annotations

from repository import ROOT

import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
import yaml

from nbval_tolerance import RTOL, same_text
from assocmem.claims import claims
from assocmem.claims.views.addresses import address
from reference import ADDED, INSTALL, install, written

SOURCES = sorted((ROOT / "notebooks").glob("*.md"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_executed_copy_is_complete_and_says_what_its_source_says(source: Path) -> None:
    copy = nbformat.read(source.with_suffix(".ipynb"), 4)
    wanted = [(c.id, c.cell_type, c.source) for c in written(source).cells]
    assert [(c.id, c.cell_type, c.source) for c in copy.cells] == wanted, "run `make reference`"
    page = [c for c in copy.cells if not c.id.startswith(ADDED)]
    assert [c.cell_type for c in page] == [c.cell_type for c in jupytext.read(source).cells]
    assert all(c.get("execution_count") for c in copy.cells if c.cell_type == "code"), "a cell was never run"
    assert not [o for c in copy.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})]


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_a_copy_loses_no_claim_no_citation_and_no_reference(source: Path) -> None:
    text = "\n".join(c.source for c in nbformat.read(source.with_suffix(".ipynb"), 4).cells if c.cell_type == "markdown")
    left = re.findall(r"^(?:`{3,}|:{3,})\{[\w:-]+\}.*|\{[\w:-]+\}`[^`]*`|\[\^[\w-]+\]", text, flags=re.M)
    assert not left, left
    named = re.findall(r"^`{3}\{claim(?:-box)?\} (.+)$", source.read_text(encoding="utf-8"), flags=re.M)
    for claim_id in " ".join(named).split():
        claim = claims[claim_id]
        assert claim.title in text, claim_id
        assert address(claim.id) in text, claim_id


def test_every_copy_begins_by_installing_the_package_where_it_is_missing() -> None:
    repository = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    assert f"assocmem[all] @ git+{repository}" in INSTALL
    assert f'pip install "assocmem[all] @ git+{repository}"' in (ROOT / "book" / "how_to_read.md").read_text(encoding="utf-8")
    for source in SOURCES:
        first = nbformat.read(source.with_suffix(".ipynb"), 4).cells[0]
        assert (first.cell_type, first.source) == ("code", install().source), source.stem


def test_every_copy_has_a_source() -> None:
    assert {p.stem for p in (ROOT / "notebooks").glob("*.ipynb")} == {p.stem for p in SOURCES}


ROOT_TWO = 2**0.5
STORED = {
    f"{ROOT_TWO * (1 + 0.5 * RTOL):.12f} 3 nats\n": "PASSED",
    f"{ROOT_TWO * (1 + 2.5 * RTOL):.12f} 3 nats\n": "FAILED",
    "1.414213562373 4 nats\n": "FAILED",
    "1.414213562373 3 bits\n": "FAILED",
    "-1.414213562373 3 nats\n": "FAILED",
    "1.414213562373 3 nats\n1\n": "FAILED",
}


def run_copy(folder: Path, cells: list[tuple[str, str]]) -> str:
    """What nbval reports on a notebook of cells with stored outputs."""
    book = nbformat.v4.new_notebook()
    for source, stored in cells:
        cell = nbformat.v4.new_code_cell(source, execution_count=1)
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=stored)]
        book.cells.append(cell)
    nbformat.write(book, folder / "copy.ipynb")
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT / 'tests' / 'helpers'}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "nbval_tolerance", "-p", "no:cacheprovider", "--nbval",
               "--nbval-current-env", "-c", str(folder / "pytest.ini"), str(folder / "copy.ipynb")]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder).stdout


def test_a_change_beyond_the_tolerance_fails_and_so_does_an_integer_a_word_a_sign_a_line(tmp_path: Path) -> None:
    report = run_copy(tmp_path, [("print(f'{2 ** 0.5:.12f}', 3, 'nats')", stored) for stored in STORED])
    for index, outcome in enumerate(STORED.values()):
        assert f"{outcome} copy.ipynb::Cell {index}" in report, (index, report)


def test_notebooks_are_run_in_an_empty_folder(tmp_path: Path) -> None:
    report = run_copy(tmp_path, [("import os\nprint(os.listdir())", "[]\n"), ("print(open('copy.ipynb'))", "")])
    assert "PASSED copy.ipynb::Cell 0" in report, report
    assert "FAILED copy.ipynb::Cell 1" in report
    assert "FileNotFoundError" in report


def test_numbers_are_compared_as_numbers() -> None:
    assert same_text("a 1.2999999", "a 1.3000001")
    assert not same_text("a 1.299", "a 1.301")
    assert not same_text("1e-3", "1e-4")
    assert same_text("L 1e65096", "L 1e65096")
    assert not same_text("L 1e65096", "L 1e65097")
