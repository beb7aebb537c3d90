"""The check of the built site finds each fault by itself, and nothing in a page without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from check_site import Site

GOOD = '<body id="top"><a href="#top">up</a><img src="a.png" alt="A line."><a href="other.html#end">on</a>{}</body>'


def site(folder: Path, planted: str = "", name: str = "page.html") -> Site:
    for path, text in ((name, GOOD.format(planted)), ("other.html", '<p id="end"></p>'), ("a.png", "")):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return Site(folder)


def test_page_without_a_fault_has_none(tmp_path: Path) -> None:
    faults = site(tmp_path)
    assert faults.requests() + faults.images() + faults.identifiers() + faults.targets() + faults.buttons() == []


@pytest.mark.parametrize(
    ("planted", "check", "message"),
    [
        ('<script src="https://example.org/x.js"></script>', "requests", "loads https://example.org/x.js"),
        ('<link rel="stylesheet" href="//example.org/x.css">', "requests", "loads //example.org/x.css"),
        ('<iframe src="http://example.org"></iframe>', "requests", "loads http://example.org"),
        ('<img src="a.png">', "images", "no alt text on a.png"),
        ('<img src="a.png" alt=" ">', "images", "no alt text on a.png"),
        ('<p id="top"></p>', "identifiers", "id 'top' occurs 2 times"),
        ('<a href="gone.html">x</a>', "targets", "gone.html leads to no file"),
        ('<a href="#gone">x</a>', "targets", "#gone leads to no place"),
        ('<a href="other.html#gone">x</a>', "targets", "other.html#gone leads to no place"),
        ('<img src="gone.png" alt="x">', "targets", "gone.png leads to no file"),
    ],
)
def test_planted_fault_is_found(tmp_path: Path, planted: str, check: str, message: str) -> None:
    assert any(message in fault for fault in getattr(site(tmp_path, planted), check)())


COLAB = '<a href="https://colab.research.google.com/github/o/r/blob/main/{}">c</a>'
BINDER = '<a href="https://mybinder.org/v2/gh/o/r/main?urlpath=tree/{}">b</a>'
DOWNLOAD = '<a href="../_sources/{}">d</a>'
NAME = "notebooks/01_logsumexp.ipynb"
BUTTONS = (COLAB + BINDER + DOWNLOAD).replace("{}", NAME)


@pytest.mark.parametrize(
    ("buttons", "messages"),
    [
        (BUTTONS, []),
        (BUTTONS.replace("blob/main/" + NAME, "blob/main/notebooks/01_logsumexp.md"), ["Colab leads to"]),
        (COLAB.format(NAME) + DOWNLOAD.format(NAME), ["Binder leads to nothing"]),
        (COLAB.format(NAME) + BINDER.format(NAME), ["no download of"]),
    ],
    ids=["all three", "source instead of notebook", "no Binder", "no download"],
)
def test_buttons_of_a_notebook_page_lead_to_its_notebook(tmp_path: Path, buttons: str, messages: list[str]) -> None:
    faults = site(tmp_path, buttons, "notebooks/01_logsumexp.html").buttons()
    assert len(faults) == len(messages)
    assert all(any(message in fault for fault in faults) for message in messages)


def test_buttons_to_a_notebook_outside_the_repository_are_found(tmp_path: Path) -> None:
    gone = BUTTONS.replace("01_logsumexp", "99_gone")
    faults = site(tmp_path, gone, "notebooks/99_gone.html").buttons()
    assert faults == ["notebooks/99_gone.html: notebooks/99_gone.ipynb is not a file of the repository"]
