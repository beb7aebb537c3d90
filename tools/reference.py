"""Runs notebooks/*.md and writes the executed copies that nbval compares and the download buttons serve.

The copies hold no images and fixed cell ids, so their diffs are small. They begin with a note that only a reader
outside the book needs: how to install the package there. `make reference` calls this.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbval.plugin import coalesce_streams

from assocmem.figures.interactive import covered

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
NOTE_ID = "how-to-run"
INSTALL = "%pip install -q git+https://github.com/assocmem/beyond-scaling-laws-book"
HEAVY = ("image/png", "image/svg+xml", "application/vnd.plotly.v1+json")


def note() -> nbformat.NotebookNode:
    """The first cell of a copy, for a reader who opens it where the package is not installed."""
    text = f"*In Colab, or wherever `assocmem` is not installed, run this in a new cell first:*\n```\n{INSTALL}\n```"
    return nbformat.from_dict({"cell_type": "markdown", "id": NOTE_ID, "metadata": {}, "source": text})


def executed(source: Path) -> nbformat.NotebookNode:
    """Run one MyST notebook and return it with clean outputs."""
    book = jupytext.read(source)
    for number, cell in enumerate(book.cells):
        cell["id"] = f"cell-{number:03d}"
    book.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    with tempfile.TemporaryDirectory() as elsewhere:
        resources = {"metadata": {"path": elsewhere}}
        NotebookClient(book, timeout=300, kernel_name="python3", resources=resources).execute()
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            cell.outputs = []
        cell.outputs = coalesce_streams(cell.outputs)
        for output in cell.outputs:
            data = output.get("data", {})
            for kind in (*HEAVY, *(["text/html"] if covered(data) else [])):
                data.pop(kind, None)
    book.cells.insert(0, note())
    book.metadata.pop("language_info", None)
    return book


def main(names: list[str]) -> None:
    """Rewrite the copies of the named notebooks, or of all."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for source in sorted(NOTEBOOKS.glob("*.md")):
        if names and source.stem not in names:
            continue
        scratch = source.with_suffix(".ipynb.tmp")
        nbformat.write(executed(source), scratch)
        scratch.replace(source.with_suffix(".ipynb"))
        print(source.with_suffix(".ipynb").relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
