"""Runs notebooks/*.md and writes the executed copies that nbval compares and the download buttons serve.

The copies say what the pages say: directives are rendered as Markdown, roles as links, captions stand under their
figures. They hold no images but have fixed cell ids, so their diffs are small. They begin with a cell that installs the
package where it is missing. `make reference` calls this.
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
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from bookext.notebook_text import Surroundings, rendered  # noqa: E402
from bookext.site.figure_numbers import figure_number  # noqa: E402

NOTEBOOKS = ROOT / "notebooks"
INSTALL = "%pip install -q 'assocmem[all] @ git+https://github.com/assocmem/beyond-scaling-laws-book'"
ADDED = ("install", "caption-")
"""How the ids of cells begin that the page does not have."""
HEAVY = ("image/png", "image/svg+xml", "application/vnd.plotly.v1+json")


def install() -> nbformat.NotebookNode:
    """The first cell of a copy, for a reader who opens it where the package is not installed, or not all of it."""
    names = ("assocmem", "matplotlib", "transformers")
    source = f"from importlib.util import find_spec\nif not all(map(find_spec, {names})):\n    {INSTALL}"
    cell = {"cell_type": "code", "id": "install", "metadata": {}, "source": source, "outputs": []}
    return nbformat.from_dict({**cell, "execution_count": None})


def written(source: Path) -> nbformat.NotebookNode:
    """One MyST notebook as it is read outside the book, not run yet."""
    book = jupytext.read(source)
    figures: dict[str, str] = {}
    captions: dict[str, str] = {}
    for number, cell in enumerate(book.cells):
        cell["id"] = f"cell-{number:03d}"
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        if figure.get("name"):
            shown = figures[figure["name"]] = figure_number(source.stem, len(figures) + 1)
            captions[cell["id"]] = f"*Figure {shown}.* {figure.get('caption', '').strip()}"
    around = Surroundings(source.stem.partition("_")[2], figures)
    cells = [install()]
    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell["source"] = rendered(cell["source"], around)
        cells.append(cell)
        if cell["id"] in captions:
            text = rendered(captions[cell["id"]], around)
            made = {"cell_type": "markdown", "id": f"caption-{cell['id'][5:]}", "metadata": {}, "source": text}
            cells.append(nbformat.from_dict(made))
    book.cells = cells
    book.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return book


def executed(source: Path) -> nbformat.NotebookNode:
    """Run one MyST notebook and return it with clean outputs."""
    book = written(source)
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
