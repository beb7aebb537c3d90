"""Interactive figures: named, readable aloud, the same each time, and compared through a summary of their numbers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import plotly.graph_objects as go
import pytest

from assocmem.figures import show
from assocmem.figures.interactive import BOOK, covered
from nbval_tolerance import RTOL, same_text, without_covered_html
from repository import ROOT

X = np.linspace(-2, 2, 41)
HILL = np.exp(-(X[:, None] ** 2) - X[None] ** 2)


def figure(heights: np.ndarray = HILL, extra: object = (1.0, 2.0, None)) -> go.Figure:
    drawn = [
        go.Surface(x=X, y=X, z=heights, name="E"),
        go.Scatter3d(x=extra, y=[1, 2, 3], z=[0, 0, 0], text=["a", "b"]),
    ]
    return go.Figure(drawn, frames=[go.Frame(data=[go.Surface(z=heights * k)]) for k in (1, 2)])


def summary(fig: go.Figure) -> str:
    return show(fig, name="hill", alt="A hill.").summary


def test_output_is_the_same_each_time() -> None:
    assert show(figure(), name="hill", alt="A hill.").html == show(figure(), name="hill", alt="A hill.").html


def test_figure_carries_its_alternative_text() -> None:
    html = show(figure(), name="hill", alt='A "hill" & a dale.').html
    assert 'role="img" aria-label="A &quot;hill&quot; &amp; a dale."' in html
    assert "<noscript>A &quot;hill&quot; &amp; a dale.</noscript>" in html


def test_book_uses_its_own_script_and_a_notebook_embeds_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BOOK, raising=False)
    alone = show(figure(), name="hill", alt="A hill.")
    monkeypatch.setenv(BOOK, "1")
    page = show(figure(), name="hill", alt="A hill.")
    assert len(alone.html) > 1_000_000 > len(page.html)
    assert "<script src" not in alone.html + page.html
    assert "cdn" not in page.html
    assert "Plotly.animate" not in page.html, "frames wait for the reader"
    assert alone.summary == page.summary


@pytest.mark.parametrize("name", ["", "Hill", "hill top", "hill_top", "-hill"])
def test_malformed_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name="):
        show(figure(), name=name, alt="A hill.")


def test_blank_alt_and_a_figure_of_another_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="alt="):
        show(figure(), name="hill", alt=" ")
    with pytest.raises(TypeError, match="list"):
        show([1, 2], name="hill", alt="A hill.")  # type: ignore[arg-type]


def test_rounding_noise_passes() -> None:
    noise = 1 + 1e-12 * np.sin(np.arange(HILL.size)).reshape(HILL.shape)
    assert same_text(summary(figure()), summary(figure(HILL * noise)))


@pytest.mark.parametrize("index", [(0, 0), (20, 20), (7, 31), (40, 40)])
def test_one_changed_point_among_many_is_seen(index: tuple[int, int]) -> None:
    changed = HILL.copy()
    changed[index] += 0.01
    assert not same_text(summary(figure()), summary(figure(changed)))


def test_swapped_points_a_changed_trace_a_label_a_frame_and_a_line_of_the_layout_are_seen() -> None:
    before = summary(figure())
    swapped = HILL.copy()
    swapped[3, 3], swapped[3, 9] = HILL[3, 9], HILL[3, 3]
    others = [figure(swapped), figure(extra=(1.0, 2.1, None)), figure(extra=(1.0, 2.0, 3.0))]
    for change in (
        lambda f: f.data[1].update(text=["a", "c"]),
        lambda f: f.frames[1].data[0].update(z=HILL),
        lambda f: f.data[0].update(name="F"),
        lambda f: f.update_layout(title="E"),
        lambda f: f.add_shape(type="line", x0=0, x1=1, y0=0, y1=1),
    ):
        other = figure()
        change(other)
        others.append(other)
    summaries = [summary(other) for other in others]
    assert not [text for text in summaries if same_text(before, text)]


def test_only_html_that_a_summary_speaks_for_is_left_out() -> None:
    made = show(figure(), name="hill", alt="A hill.")._repr_mimebundle_()
    assert covered(made)
    assert not covered({"text/html": "<b>1.5</b>", "text/plain": "x"})
    assert not covered({**made, "text/plain": made["text/plain"].replace("n=41", "n=42")})
    assert not covered({"text/html": made["text/html"]})
    output = nbformat.from_dict({"output_type": "display_data", "data": {"text/html": "<b>1.5</b>"}, "metadata": {}})
    assert without_covered_html(output) == output


FIRST = "import plotly.graph_objects as go\nfrom assocmem.figures import show"
CELL = 'show(go.Figure(go.Scatter(y=[{}])), name="line", alt="A line.")'
STORED = "1.0, 2.0, 4.0"
NOW = {
    STORED: True,
    f"1.0, {2 * (1 + 0.2 * RTOL)}, 4.0": True,
    f"1.0, {2 * (1 + 9 * RTOL)}, 4.0": False,
    "1.0, 4.0, 2.0": False,
    "1.0, 2.0": False,
}


def test_planted_notebook_fails_where_a_figure_changes_and_only_there(tmp_path: Path) -> None:
    from reference import executed

    sources = [FIRST, *[CELL.format(STORED)] * len(NOW)]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    jupytext.write(book, tmp_path / "planted.md", fmt="md:myst")
    copy = executed(tmp_path / "planted.md")
    assert all(list(cell.outputs[0]["data"]) == ["text/plain"] for cell in copy.cells[2:])
    for cell, values in zip(copy.cells[2:], NOW, strict=True):
        cell["source"] = CELL.format(values)
    nbformat.write(copy, tmp_path / "planted.ipynb")
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT / 'tests' / 'helpers'}\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-rA",
        "-p",
        "nbval_tolerance",
        "-p",
        "no:cacheprovider",
        "--nbval",
        "--nbval-current-env",
        "-c",
        str(tmp_path / "pytest.ini"),
        str(tmp_path / "planted.ipynb"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    passed = [f"PASSED planted.ipynb::Cell {i + 2}" in done.stdout for i in range(len(NOW))]
    failed = [f"FAILED planted.ipynb::Cell {i + 2}" in done.stdout for i in range(len(NOW))]
    assert passed == list(NOW.values()), done.stdout
    assert failed == [not same for same in NOW.values()]
    details = done.stdout.split("short test summary")[0]  # which repeats them where CI is set
    assert details.count("mismatch 'text/plain'") == failed.count(True)
