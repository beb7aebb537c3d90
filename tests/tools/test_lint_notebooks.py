"""The linter of the notebooks finds each planted fault, passes what is allowed, and the notebooks have none."""

from __future__ import annotations

from pathlib import Path

import jupytext
import nbformat
import pytest

from bare_values import bare
from lint_notebooks import HEADER, contents_faults, faults
from notebook_exceptions import exceptions, stale
from prose_numbers import prose
from repository import ROOT

SOURCES = sorted((ROOT / "notebooks").glob("*.md"))
ALT = {"mystnb": {"image": {"alt": "A line."}}}


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_notebook_keeps_the_style_bars(source: Path) -> None:
    assert not faults(source)


def test_every_exception_excuses_something() -> None:
    assert not stale(ROOT / "notebooks", exceptions())


def code(source: str, **metadata: object) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, metadata=metadata)


def planted(folder: Path, *cells: nbformat.NotebookNode) -> Path:
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = nbformat.v4.new_notebook(cells=list(cells), metadata={"kernelspec": spec})
    text = jupytext.writes(notebook, fmt="md:myst")
    source = folder / "planted.md"
    source.write_text(HEADER + text.split("---\n", 2)[2], encoding="utf-8")
    return source


@pytest.mark.parametrize(
    ("source", "metadata", "message"),
    [
        ("def f(): pass", {}, "defines a function"),
        ("class A: pass", {}, "defines a function"),
        ("async def f(): pass", {}, "defines a function"),
        ("f = lambda: 1", {}, "defines a function"),
        ("x = 1\n" * 16, {}, "16 lines, at most 15"),
        ("1;", {}, "a trailing ';'"),
        ("open('x')", {}, "opens a path"),
        ("p.read_text()", {}, "opens a path"),
        ("!pip install x", {}, "calls a shell"),
        ("%matplotlib inline", {}, "calls a shell"),
        ("plt.show()\nprint(1)", {}, "figure without alt text"),
        ("plt.show()\nprint(1)", {"mystnb": {"image": {"alt": " "}}}, "figure without alt text"),
        ("plt.show()", ALT, "figure without numbers"),
        ("plt.figure()\nprint(1)", ALT, "figure without plt.show()"),
        ("show(fig, name='a')", {}, "interactive figure without alt text"),
        ("show(fig, name='a', alt='')", {}, "interactive figure without alt text"),
        ("fig.show()", {}, "shows a figure without alt text"),
        ("1", {"tags": ["nbval-ignore-output"]}, "nbval-ignore-output takes the cell out"),
        ("1", {"tags": ["nbval-skip"]}, "nbval-skip takes the cell out"),
        ("1", {"tags": ["raises-exception"]}, "raises-exception takes the cell out"),
        ("1", {"tags": ["skip-execution"]}, "skip-execution takes the cell out"),
        ("1", {"tags": ["remove-cell"]}, "remove-cell takes the cell out"),
        ("1  # NBVAL_IGNORE_OUTPUT", {}, "NBVAL_IGNORE_OUTPUT takes the cell out"),
        ("assert True", {"tags": ["hide-cell"]}, "asserts where the reader does not see it"),
    ],
)
def test_fault_in_a_code_cell_is_found(tmp_path: Path, source: str, metadata: dict[str, object], message: str) -> None:
    problems = faults(planted(tmp_path, code(source, **metadata)), [])
    assert [fault for fault in problems if message in fault], problems


@pytest.mark.parametrize(
    ("source", "metadata"),
    [
        ("x = 1\n" * 3, {}),
        ("plt.plot(x)\nplt.show()\nprint(1)", ALT),
        ("plt.plot(x)\nplt.show()\nTable(head, rows)", ALT),
        ("show(fig, name='a', alt='A line.')", {}),
        ("assert True", {}),
        ("print(defined, is_open(1))", {}),
        ("1", {"tags": ["hide-input"]}),
    ],
)
def test_sound_code_cell_passes(tmp_path: Path, source: str, metadata: dict[str, object]) -> None:
    assert not faults(planted(tmp_path, code(source, **metadata)), [])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The loss is 3.2 nats.", "3.2"),
        ("It falls by -0.25 in all.", "-0.25"),
        ("In 40 % of the runs.", "40 %"),
        ("In 12.5% of the runs.", "12.5%"),
        ("In 7 percent of the runs.", "7 percent"),
        ("```{note}\nThe loss is 3.2 nats.\n```", "3.2"),
        ("````{note}\n```{code-block} python\n1.5\n```\nAfter it 2.5.\n````", "2.5"),
        ("```{note} Title with 4.5\nWords.\n```", "4.5"),
        ("| a | 3.14 |", "3.14"),
    ],
)
def test_number_typed_into_prose_is_found(tmp_path: Path, text: str, number: str) -> None:
    problems = faults(planted(tmp_path, nbformat.v4.new_markdown_cell(text)), [])
    assert problems == [f"planted.md cell 0: number {number} typed into prose; let a cell print it"]


@pytest.mark.parametrize(
    "text",
    [
        "With $x=0.5$ and $$y\n=1.5$$ it holds.",
        "The call `f(0.5)` and\n```python\nf(1.5)\n```\nend.",
        "Section 4.1, Sections 5.1 and 5.2, equation (3.7), Figure 2.1, version 1.0.4, Appendix C.1, Python 3.11.",
        "Three patterns, 2 minima, 1,000 tokens, in 2024.",
        "[a link](https://example.org/1.5) and <!-- 2.5 -->.",
        "```{math}\n:label: x\n1.5\n```",
        "10.1109/5.771073 is no number of ours.",
        "```{claim} DISC-2.2\n```\nAfter it.",
        "```{claim-box} F1-7.74 DISC-2.2\n```\nAfter it, {number}`entropy-published` nats.",
    ],
)
def test_math_code_places_and_counts_are_no_typed_results(tmp_path: Path, text: str) -> None:
    assert not faults(planted(tmp_path, nbformat.v4.new_markdown_cell(text)), []), prose(text)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ([4, 4, 1], "median of lines is 4, at most 3"),
        ([1] * 8 + [9, 9], "90th percentile of lines is 9, at most 8"),
        ([1, 3, 15] + [3] * 8, None),
    ],
)
def test_lengths_of_all_cells_have_a_median_and_a_ninetieth_percentile(
    tmp_path: Path, sizes: list[int], message: str | None
) -> None:
    problems = faults(planted(tmp_path, *(code("\n".join(["x = 1"] * size)) for size in sizes)), [])
    assert problems == ([f"planted.md: {message}"] if message else [])


def test_two_interactive_figures_of_one_name_are_found(tmp_path: Path) -> None:
    cells = [code("show(fig, name='a', alt='A line.')") for _ in range(2)]
    assert faults(planted(tmp_path, *cells), []) == ["planted.md: two figures are named 'a'"]


def test_figure_that_only_the_executed_copy_shows_is_found(tmp_path: Path) -> None:
    source = planted(tmp_path, code("draw()"))
    cells = [nbformat.v4.new_code_cell("import it", id="install"), nbformat.v4.new_code_cell("draw()", id="cell-000")]
    copy = nbformat.v4.new_notebook(cells=cells)
    copy.cells[1].outputs = [
        nbformat.v4.new_output("display_data", {"text/plain": "<Figure size 640x480 with 1 Axes>"})
    ]
    nbformat.write(copy, source.with_suffix(".ipynb"))
    assert faults(source, []) == ["planted.md cell 0: figure without plt.show()"]


@pytest.mark.parametrize(
    "data",
    [
        {"text/plain": "0"},
        {"text/plain": "True"},
        {"text/plain": "(0, -D_x + D_y)"},
        {"text/plain": "{'A': [0.5, 1],\n 'B': [2]}"},
        {"text/plain": "'354,823,168'"},
        {"text/plain": "tensor([[0.2500, 0.0000],\n        [0.5000, 0.0000]])"},
        {"text/plain": "<generator object f at 0x7f>"},
        {"text/plain": "Claim X: a statement"},
        {"text/plain": "0", "text/latex": "$0$"},
        {"text/plain": "-1/6", "text/latex": "$-1/6$"},
        {"text/plain": "True", "text/latex": r"$\text{True}$"},
        {"text/plain": "(0, x)", "text/latex": "$(0, x)$"},
        {"text/plain": "[x, y]", "text/latex": "$[x, y]$"},
    ],
)
def test_bare_value_is_found(tmp_path: Path, data: dict[str, str]) -> None:
    assert bare(data)
    problems = faults(shows(tmp_path, data), [])
    assert [fault for fault in problems if fault.startswith("planted.ipynb cell-001: shows")], problems


@pytest.mark.parametrize(
    "data",
    [
        {"text/plain": "n  2 n", "text/markdown": "| n | 2 n |"},
        {"text/plain": "R/2", "text/latex": "$R/2$"},
        {"text/plain": "exp(-d)", "text/latex": "$e^{-d}$"},
        {"text/plain": "0", "text/html": "<b>0</b>"},
        {"text/plain": "A line that rises.\n[panel 1] x; y\nline: x 0 1; y 0 1"},
        {"text/plain": "line: A line.\ntrace 0 (scatter): x n=2"},
        {"text/plain": "line: A line.\nslider n: 1, 2\naxes {}"},
    ],
)
def test_table_formula_and_picture_pass(tmp_path: Path, data: dict[str, str]) -> None:
    assert not faults(shows(tmp_path, data), [])


def shows(folder: Path, data: dict[str, str]) -> Path:
    """A notebook with an executed copy whose one cell shows the data."""
    source = planted(folder, code("value()"))
    copy = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("value()", id="cell-001", execution_count=1)])
    copy.cells[0].outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    nbformat.write(copy, source.with_suffix(".ipynb"))
    return source


ENTRY = {"notebook": "planted", "text": "run()", "allows": "nbval-ignore-output", "reason": "Prints a wall time."}
TIMED = code("run()\nprint(1)", tags=["nbval-ignore-output"])


def test_listed_exception_passes_and_only_for_its_cell_and_tag(tmp_path: Path) -> None:
    source = planted(tmp_path, TIMED)
    assert not faults(source, [ENTRY])
    assert faults(source, [{**ENTRY, "text": "other()"}])
    assert faults(source, [{**ENTRY, "allows": "nbval-skip"}])
    assert faults(source, [{**ENTRY, "notebook": "other"}])


def test_listed_number_passes(tmp_path: Path) -> None:
    source = planted(tmp_path, nbformat.v4.new_markdown_cell("With 0.99 of it, and 3.2 of that."))
    entry = {"notebook": "planted", "text": "With 0.99", "allows": "0.99", "reason": "Chosen."}
    assert faults(source, [entry]) == ["planted.md cell 0: number 3.2 typed into prose; let a cell print it"]


def test_stale_exception_is_found(tmp_path: Path) -> None:
    planted(tmp_path, TIMED)
    assert not stale(tmp_path, [ENTRY])
    for change in ({"text": "gone()"}, {"allows": "nbval-skip"}, {"notebook": "gone"}):
        assert stale(tmp_path, [{**ENTRY, **change}])


def test_exception_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.yml"
    path.write_text("- {notebook: a, text: b, allows: c}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks reason"):
        exceptions(path)


SENTENCE = nbformat.v4.new_markdown_cell("Before.\n\n## How fast\n\nWith 0.99 of\nit, all moves.")
CHOSEN = {"notebook": "planted", "text": "With 0.99 of it", "allows": "0.99", "reason": "Chosen."}


@pytest.mark.parametrize("box", ["```{claim} P3\n```", "```{claim} P3\n```\n\n+++"])
def test_an_exception_holds_when_a_box_is_put_before_its_heading(tmp_path: Path, box: str) -> None:
    source = planted(tmp_path, SENTENCE, TIMED)
    source.write_text(source.read_text(encoding="utf-8").replace("## How fast", f"{box}\n\n## How fast"), "utf-8")
    assert not faults(source, [CHOSEN, ENTRY])
    assert not stale(tmp_path, [CHOSEN, ENTRY])
    assert len(faults(source, [])) == 2


def test_a_number_is_excused_in_its_own_words_only(tmp_path: Path) -> None:
    twice = nbformat.v4.new_markdown_cell("With 0.99 of it, all moves. The loss is 0.99 nats.")
    found = faults(planted(tmp_path, twice), [CHOSEN])
    assert found == ["planted.md cell 0: number 0.99 typed into prose; let a cell print it"]


@pytest.mark.parametrize("entry", [CHOSEN, ENTRY])
def test_words_that_stand_in_two_cells_excuse_neither_for_long(tmp_path: Path, entry: dict[str, str]) -> None:
    again = nbformat.v4.new_markdown_cell("With 0.99 of it, again."), code(TIMED.source, tags=["nbval-ignore-output"])
    planted(tmp_path, SENTENCE, TIMED, *again)
    (fault,) = stale(tmp_path, [entry])
    assert "2 cells of planted hold the text" in fault


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (HEADER, ""),
        ("format_name: myst", "format_name: light"),
        ("kernelspec:", "kernelspec: ["),
        ("name: python3\n---", "name: python3"),
        ("---\n", "--\n"),
        ("---\n", "\n---\n"),
    ],
)
def test_a_notebook_without_its_header_is_named(right: str, wrong: str, tmp_path: Path) -> None:
    source = planted(tmp_path, SENTENCE)
    assert not faults(source, [CHOSEN])
    source.write_text(source.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")
    (fault,) = faults(source, [CHOSEN])
    assert fault.startswith("planted.md: does not begin with the header")


def test_contents_and_notebooks_name_each_other(tmp_path: Path) -> None:
    planted(tmp_path)
    contents = tmp_path / "_toc.yml"
    text = "root: home\nparts:\n  - chapters:\n      - file: home\n        sections:\n          - file: {}\n"
    for entry in ("notebooks/planted", "'notebooks/planted'  # quoted"):
        contents.write_text(text.format(entry), encoding="utf-8")
        assert not contents_faults(tmp_path, contents)
    contents.write_text(text.format("notebooks/other\n# - file: notebooks/planted"), encoding="utf-8")
    assert contents_faults(tmp_path, contents) == [
        "planted.md: is not in _toc.yml, so the book does not have it",
        "_toc.yml: notebooks/other is not there",
    ]


def test_the_contents_of_the_book_are_its_notebooks() -> None:
    assert contents_faults(ROOT / "notebooks", ROOT / "_toc.yml") == []
