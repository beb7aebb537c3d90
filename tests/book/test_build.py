"""A faulty book is not published: not by the first build, nor by the second, which re-reads less, nor by the third."""

from __future__ import annotations

from pathlib import Path

import pytest

from minibook import CLAIMS, build, built_page, make_project, plant, write

pytestmark = pytest.mark.slow

CELL = "```{{code-cell}} ipython3\n{}\n```"
FIGURE = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])\nplt.show()"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small book, built once without a fault."""
    folder = make_project(tmp_path_factory.mktemp("book"))
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the value is 17" in (built_page(folder) or "")
    return folder


FAULTS = {CELL.format("1 / 0"): "ZeroDivisionError", "See {ref}`nowhere`.": "undefined label: 'nowhere'"}


def test_fault_is_named_by_every_build_and_leaves_no_page(project: Path) -> None:
    """A build names each fault, as a warning that is an error: the third as the first, though it reads less."""
    plant(project, "\n\n".join(FAULTS))
    for attempt in range(3):
        done = build(project)
        assert done.returncode != 0, (attempt, done.stdout)
        assert [text for text in FAULTS.values() if text not in done.stdout + done.stderr] == [], attempt
        assert built_page(project) is None, attempt


WARNED = {
    CELL.format(FIGURE): "a figure has no alt text",
    CELL.format("import sys\nprint('careful', file=sys.stderr)"): "stderr",
    CELL.format("go.Figure()"): "skipping unknown output mime type",
    CELL.format(
        "from IPython.display import HTML\nHTML(go.Figure().to_html(full_html=False))"
    ): "a plotly figure is not shown",
    "```{claim} M1\n```": "claim M1 has a box on this page already",
}
FOUND = {
    '<p id="twice"></p><p id="twice"></p>': "'twice' occurs 2 times",
    "<a href='gone.html'>here</a>": "gone.html leads to no file",
    "<a href='#gone'>here</a>": "#gone leads to no place",
    '<script src="https://example.org/x.js"></script>': "loads https://example.org/x.js",
}


@pytest.mark.parametrize("faults", [WARNED, FOUND], ids=["warned of by Sphinx", "found in the site"])
def test_page_with_a_fault_is_not_published(project: Path, faults: dict[str, str]) -> None:
    plant(project, "\n\n".join(faults))
    done = build(project)
    assert done.returncode != 0, done.stdout
    assert [message for message in faults.values() if message not in done.stdout + done.stderr] == []
    assert built_page(project) is None


def test_stored_verdict_that_its_checks_do_not_give_fails(project: Path) -> None:
    plant(project, "")
    data = project / "src/assocmem/claims/small/small.yaml"
    write(data, CLAIMS.replace("verdict: refuted, weight: substance", "verdict: proved"))
    done = build(project)
    write(data, CLAIMS)
    assert done.returncode != 0
    assert "M2: stored proved, computed refuted" in done.stdout + done.stderr
    assert built_page(project) is None
