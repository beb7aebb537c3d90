"""A book of one notebook and five claims, built by the project's own Makefile, configuration and extension.

`make book` on the whole takes minutes; on this copy it takes seconds, so that the tests can plant faults in it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from repository import ROOT

COPIED = (
    "Makefile",
    "_config.yml",
    "constraints.txt",
    "pyproject.toml",
    "tools/check_site.py",
    "tools/site_files.py",
    "book/_ext",
    "book/_static",
    "book/references.bib",
    "book/bibliography.md",
    "book/ledger.md",
    "src/assocmem/__init__.py",
    "src/assocmem/figures/argument.py",
    "src/assocmem/figures/graph.py",
    "src/assocmem/figures/graph_layout.py",
    "src/assocmem/figures/interactive.py",
    "src/assocmem/claims/*.py",
    "src/assocmem/claims/views/*.py",
    "src/assocmem/claims/views/*.json",
    "src/assocmem/claims/views/*.yaml",
    "src/assocmem/experiments/__init__.py*",
    "src/assocmem/experiments/provenance.py",
    "src/assocmem/theory/exact/*.py",
)

TOC = """
format: jb-book
root: book/index
chapters:
  - file: notebooks/01_small
  - file: book/ledger
  - file: book/graph
  - file: book/errata
  - file: book/dispute
  - file: book/bibliography
"""
HISTORY = """
M2:
- {date: '2026-01-02', was: heuristic, now: refuted, until: abc1234, reason: Zero was looked at.}
"""
INDEX = """
# A small book

It cites {cite:p}`niu2024`.

```{claim-counts}
```
"""
NOTEBOOK = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A page of one chapter

```{claim} M1
```

```{claim-box} M2 M2-FIX
```

{claim}`M2` is {verdict}`refuted`, {claim-ref}`M1` stands.
Of {number}`statements-of-paper` statements {number}`roots` is false by itself.

```{claim-lines}
```

```{claim-lines}
M1 M2
```

```{code-cell} ipython3
import plotly.graph_objects as go
from assocmem.figures.interactive import show
from assocmem.small import value
print("the value is", value())
```

```{code-cell} ipython3
show(go.Figure(go.Scatter(y=[1, 2, 4])), name="line", alt="A line that rises.")
```

PLANTED
"""
SMALL = '''"""A number that a notebook prints."""


def value() -> int:
    """The number."""
    return 17
'''
ERRATA = """
# Errata

```{claim-errata}
```

# Verdicts

```{verdict-rules}
```
"""
CLAIMS = """
paper:
- {id: M1, title: One is positive, source: "Section 1", wording: verbatim, quote: "$1>0$", statement: "$1>0$.",
   depends_on: [M2], verdict: proved, why: "One comes after zero."}
- {id: M2, title: Zero is positive, source: "Section 2", versions: later, wording: paraphrase,
   quote: "zero is found to be positive", statement: "$0>0$.", verdict: refuted, weight: substance,
   corrected: [M2-FIX], why: "Nothing is greater than itself.", note: "$0=0$."}
- {id: M3, title: Two follows, source: "Section 3", wording: verbatim, quote: "so two is negative",
   statement: "So two is negative.", depends_on: [M2], verdict: contradicted, weight: substance, formerly: [M4],
   argued: {source: "the paper, Section 3", basis: read}, why: "The paper says the reverse.",
   note: "It says two lines above that two is positive."}
- {id: M5, title: Nobody says so, source: "Section 3", wording: implied, statement: "Three is negative.",
   verdict: not yet treated, why: "It is open."}
book:
- {id: M2-FIX, title: Zero is not negative, source: "this book", statement: "$0\\\\ge0$.", verdict: proved,
   why: "It equals itself."}
"""
CHECKS = '''"""The checks of three small claims."""

from assocmem.claims import Finding, check, claim


class Line:
    """One line of a derivation as a page shows it."""

    def _repr_markdown_(self):
        return "| | | |\\n|:--|:--|:--|\\n| ✓ | $0=0$ | the same number twice |\\n"

    def as_dict(self):
        return {"name": "M2-FIX"}


claim("M1", (1, True), mutants={"the number minus two": (-1, True)})
claim("M2", (0, True), mutants={"the number minus two": (-2, True)})
claim("M2-FIX", (0, False), mutants={"the number minus two": (-2, False)})


@check("M1", "M2", "M2-FIX", kind="symbolic", scope="one number")
def sign(statement):
    """Compares the number with zero."""
    true = statement[0] > 0 if statement[1] else statement[0] >= 0
    finding = Finding.holds("it is") if true else Finding.fails("it is not")
    object.__setattr__(finding, "derivations", () if statement[1] else (Line(),))
    return finding
'''


LAYOUTS = '''"""A picture of two small claims."""

from assocmem.figures.argument import Layout, Statement

WHY = ARGUMENT = Layout(
    "A small argument",
    {"M2": Statement(0, 0, "Zero", "is positive"), "M3": Statement(0, 1, "Two", "is negative")},
    (("M2", "M3"),),
)
'''


def write(path: Path, text: str) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.lstrip("\n"), encoding="utf-8")


def make_project(folder: Path, planted: str = "") -> Path:
    """Lay out the small book, with a text planted at the end of its notebook."""
    for source in (path for pattern in COPIED for path in ROOT.glob(pattern)):
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
    write(folder / "_toc.yml", TOC)
    write(folder / "book/index.md", INDEX)
    write(folder / "book/errata.md", ERRATA)
    write(folder / "src/assocmem/claims/views/history.yaml", HISTORY)
    write(folder / "book/dispute.md", "# Dispute\n\nSay why.\n")
    graph = (ROOT / "book/graph.md").read_text(encoding="utf-8")
    write(folder / "book/graph.md", re.sub(r"{claim-ref}`[^`]+`", "a claim", graph))
    plant(folder, planted)
    nbformat.write(nbformat.v4.new_notebook(), folder / "notebooks/01_small.ipynb")
    write(folder / "src/assocmem/small.py", SMALL)
    write(folder / "src/assocmem/figures/__init__.py", '"""Drawing."""\n')
    write(folder / "src/assocmem/theory/__init__.py", '"""Exact mathematics."""\n')
    pages = folder / "src/assocmem/claims/pages.py"
    one = re.sub(r"CHAPTERS: .*?\n}", 'CHAPTERS = {1: ("small",)}', pages.read_text(encoding="utf-8"), flags=re.S)
    write(pages, one)
    write(folder / "src/assocmem/claims/small/__init__.py", '"""Chapter 1."""\n')
    write(folder / "src/assocmem/claims/small/small.py", CHECKS)
    write(folder / "src/assocmem/claims/small/small.yaml", CLAIMS)
    write(folder / "src/assocmem/claims/views/layouts.py", LAYOUTS)
    write(folder / "installed", "")
    return folder


def plant(folder: Path, text: str) -> None:
    """Put a text, or nothing, at the end of the notebook."""
    write(folder / "notebooks/01_small.md", NOTEBOOK.replace("PLANTED", text))


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """What `make book` does, with this interpreter's environment in place of a new one."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "ASSOCMEM"))}
    env |= {"PYTHONPATH": str(folder / "src"), "NO_COLOR": "1"}
    command = ["make", "-o", "installed", "book", "STAMP=installed", f"BIN={Path(sys.executable).parent}"]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def built_page(folder: Path, name: str = "notebooks/01_small.html") -> str | None:
    """A page of the published site; None when there is none."""
    path = folder / "_build/html" / name
    return path.read_text(encoding="utf-8") if path.exists() else None
