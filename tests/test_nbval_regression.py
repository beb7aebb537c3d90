"""The notebook regression regresses: a changed number fails, rounding passes, an unrun or stale cell is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest

from nbval_tolerance import RTOL, same_text

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "notebooks").glob("*.md"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_executed_copy_is_complete_and_equals_its_source(source: Path) -> None:
    copy = nbformat.read(source.with_suffix(".ipynb"), 4)
    written = jupytext.read(source)
    assert [(c.cell_type, c.source) for c in copy.cells] == [(c.cell_type, c.source) for c in written.cells]
    assert all(c.get("execution_count") for c in copy.cells if c.cell_type == "code"), "a cell was never run"
    assert not [o for c in copy.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})]


def test_every_copy_has_a_source() -> None:
    assert {p.stem for p in (ROOT / "notebooks").glob("*.ipynb")} == {p.stem for p in SOURCES}


def run_copy(folder: Path, value: str) -> int:
    book = nbformat.v4.new_notebook()
    cell = nbformat.v4.new_code_cell("print(f'{2 ** 0.5:.12f}', 3, 'nats')", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=value)]
    book.cells = [cell]
    nbformat.write(book, folder / "copy.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "nbval_tolerance", "-p", "no:cacheprovider", "--nbval",
               "--nbval-current-env", "-c", str(folder / "pytest.ini"), str(folder / "copy.ipynb")]  # fmt: skip
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT / 'tests'}\n", encoding="utf-8")
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize(
    ("change", "code"),
    [(0.5 * RTOL, 0), (2.5 * RTOL, 1)],
)
def test_a_change_within_the_tolerance_passes_and_one_beyond_fails(tmp_path: Path, change: float, code: int) -> None:
    assert run_copy(tmp_path, f"{2**0.5 * (1 + change):.12f} 3 nats\n") == code


@pytest.mark.parametrize("value", ["1.414213562373 4 nats\n", "1.414213562373 3 bits\n", "-1.414213562373 3 nats\n"])
def test_a_changed_integer_word_or_sign_fails(tmp_path: Path, value: str) -> None:
    assert run_copy(tmp_path, value) == 1


def test_numbers_are_compared_as_numbers() -> None:
    assert same_text("a 1.2999999", "a 1.3000001")
    assert not same_text("a 1.299", "a 1.301")
    assert not same_text("1e-3", "1e-4")


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_notebook_keeps_the_style_bars(source: Path) -> None:
    from lint_notebooks import faults

    assert not faults(source)


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("def f(): pass", "defines"),
        ("x = 1\n" * 16, "16 lines"),
        ("plt.show()", "alt text"),
        ("f = lambda: 1", "defines"),
    ],
)
def test_linter_finds_planted_faults(tmp_path: Path, cell: str, word: str) -> None:
    from lint_notebooks import faults

    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    jupytext.write(book, tmp_path / "planted.md", fmt="md:myst")
    assert any(word in fault for fault in faults(tmp_path / "planted.md"))
