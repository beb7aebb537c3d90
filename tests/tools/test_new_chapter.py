"""The maker of pages: what it writes passes the linter and loads; what it refuses leaves nothing."""

from __future__ import annotations

import ast
import importlib.util
import shutil
import warnings
from pathlib import Path

import pytest
import yaml

import new_chapter
from assocmem.claims import statements
from lint_notebooks import contents_faults, faults
from repository import ROOT

PAGES = Path("src/assocmem/claims/pages.py")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The places that a new page touches, without anything else."""
    (tmp_path / PAGES).parent.mkdir(parents=True)
    shutil.copy(ROOT / PAGES, tmp_path / PAGES)
    for folder in ("src/assocmem/claims/views", "tests/claims/statements"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "_toc.yml", tmp_path)
    (tmp_path / "notebooks").mkdir()
    for source in (ROOT / "notebooks").glob("*.md"):
        shutil.copy(source, tmp_path / "notebooks")
    return tmp_path


def made(root: Path, stem: str, *, claims: bool = True) -> set[str]:
    files = new_chapter.planned(root, stem, "What it asks", claims=claims)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return {str(path.relative_to(root)) for path in files}


@pytest.mark.parametrize(
    ("stem", "chapter", "listed"),
    [
        ("12_my_slug", "my_slug", "after notebooks/11_what_stands"),
        ("08a_my_slug", "radius", "under notebooks/08_radius"),
    ],
)
def test_a_new_page_has_what_the_build_and_the_tests_ask(stem: str, chapter: str, listed: str, copy: Path) -> None:
    written = made(copy, stem)
    assert not faults(copy / "notebooks" / f"{stem}.md")
    assert not contents_faults(copy / "notebooks", copy / "_toc.yml")
    spec = importlib.util.spec_from_file_location("pages_copy", copy / PAGES)
    assert spec is not None
    assert spec.loader is not None
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    page = pages.BY_SLUG["my_slug"]
    assert (page.chapter, page.number) == (chapter, int(stem[:2]))
    named = f"src/assocmem/claims/{chapter}/my_slug.yaml"
    assert {named, f"tests/claims/{chapter}/test_my_slug.py"} <= written
    text = (copy / named).read_text(encoding="utf-8")
    assert text.splitlines()[0] == (ROOT / "src/assocmem/claims/radius/radius.yaml").read_text().splitlines()[0]
    assert statements.read(yaml.safe_load(text), named) == []
    place, other = listed.split()
    toc = yaml.safe_load((copy / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [one for part in toc["parts"] for one in part["chapters"]]
    files = [one["file"] for one in chapters]
    if place == "after":
        assert files[files.index(other) + 1] == f"notebooks/{stem}"
    else:
        assert chapters[files.index(other)]["sections"][-1] == {"file": f"notebooks/{stem}"}


def test_a_page_without_claims_is_a_notebook_and_its_entry(copy: Path) -> None:
    assert made(copy, "13f_my_slug", claims=False) == {"notebooks/13f_my_slug.md", "_toc.yml"}
    assert not contents_faults(copy / "notebooks", copy / "_toc.yml")


@pytest.mark.parametrize(
    ("stem", "message"),
    [
        ("my_slug", "takes two digits"),
        ("12_My", "takes two digits"),
        ("12_radius", "taken by notebooks/08_radius.md"),
        ("08_other", "taken by notebooks/08_radius.md"),
        ("77a_other", "no chapter 77"),
        ("13z_other", "which has no claims; give --no-claims"),
        ("00_other", "comes after another one"),
        ("12_class", "'class' is a word of Python"),
        ("12_pages", "src/assocmem/claims/pages.py is there already"),
        ("12_views", "src/assocmem/claims/views is there already"),
        ("12_statements", "tests/claims/statements is there already"),
    ],
)
def test_what_cannot_be_made_is_said_in_a_line(stem: str, message: str, copy: Path) -> None:
    with pytest.raises(ValueError, match=message):
        new_chapter.planned(copy, stem, "What it asks")


@pytest.mark.parametrize("title", ["", " ", "two\nlines", 'a """ b'])
def test_a_title_is_words_in_one_line(title: str, copy: Path) -> None:
    with pytest.raises(ValueError, match="title got"):
        new_chapter.planned(copy, "12_my_slug", title)


@pytest.mark.parametrize("title", ["Is it {true}?", r"What $\nabla\rho$ is", 'The "energy"', "It's: #1"])
def test_every_other_title_makes_files_that_can_be_read(title: str, copy: Path) -> None:
    files = {path.name: text for path, text in new_chapter.planned(copy, "12_my_slug", title).items()}
    assert f"\n# 12. {title}\n" in files["12_my_slug.md"]
    assert yaml.safe_load(files["my_slug.yaml"]) == {"paper": [], "book": []}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(files["__init__.py"], "__init__.py", "exec")
    assert title in str(ast.get_docstring(ast.parse(files["__init__.py"])))
