"""The notebook regression regresses: a changed number fails, rounding passes, an unrun or stale cell is found."""

from __future__ import annotations

from repository import ROOT

import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
import yaml

from nbval_tolerance import RTOL, same_text
from reference import INSTALL, NOTE_ID, note

SOURCES = sorted((ROOT / "notebooks").glob("*.md"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_executed_copy_is_complete_and_equals_its_source(source: Path) -> None:
    copy = nbformat.read(source.with_suffix(".ipynb"), 4)
    written = jupytext.read(source)
    copied = [cell for cell in copy.cells if cell.id != NOTE_ID]
    assert [(c.cell_type, c.source) for c in copied] == [(c.cell_type, c.source) for c in written.cells]
    assert all(c.get("execution_count") for c in copy.cells if c.cell_type == "code"), "a cell was never run"
    assert not [o for c in copy.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})]


def test_every_copy_begins_with_how_to_install_the_package_elsewhere() -> None:
    repository = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]["url"]
    assert f"git+{repository}" in INSTALL
    assert INSTALL in note().source
    assert INSTALL in (ROOT / "book" / "how_to_read.md").read_text(encoding="utf-8")
    for source in SOURCES:
        assert nbformat.read(source.with_suffix(".ipynb"), 4).cells[0] == note(), f"{source.stem}: run `make reference`"


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
