"""Runs notebooks/*.md and writes the executed copies that nbval compares and the download buttons serve.

The copies hold no images and fixed cell ids, so their diffs are small. `make reference` calls this.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbval.plugin import coalesce_streams

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
HEAVY = ("image/png", "image/svg+xml", "application/vnd.plotly.v1+json")


def executed(source: Path) -> nbformat.NotebookNode:
    """Run one MyST notebook and return it with clean outputs."""
    book = jupytext.read(source)
    for number, cell in enumerate(book.cells):
        cell["id"] = f"cell-{number:03d}"
    book.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    NotebookClient(book, timeout=300, kernel_name="python3").execute()
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            cell.outputs = []
        cell.outputs = coalesce_streams(cell.outputs)
        for output in cell.outputs:
            for kind in HEAVY:
                output.get("data", {}).pop(kind, None)
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
