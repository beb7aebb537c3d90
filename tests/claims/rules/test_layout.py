"""One slug a page: notebook, statements, checks and tests bear the same name, in the folder of their chapter."""

from __future__ import annotations

import re
from pathlib import Path

from assocmem.claims import claims
from assocmem.claims.pages import BY_SLUG, CHAPTERS, PAGES
from assocmem.claims.verdicts import UNTREATED
from page_claims import BOX, modules, notebook
from repository import ROOT

LEDGER = ROOT / "src/assocmem/claims"
TESTS = ROOT / "tests/claims"
VIEWS = "views"
"""The folder that is no chapter: what can be read off the ledger."""
NO_PAGES = (VIEWS, "statements", "rules")
"""Folders of tests that are no chapter: also those of the statements' own fields, and of what every page keeps to."""
WITHOUT_CLAIMS = {
    path.stem.partition("_")[2]
    for path in (ROOT / "notebooks").glob("*.md")
    if path.stem.partition("_")[2] not in BY_SLUG and not BOX.search(path.read_text(encoding="utf-8"))
}
"""Pages of the book that state nothing, and show no box of a claim."""


def treated(slug: str) -> bool:
    """Whether some claim of the page has a verdict."""
    return any(claim.page == slug and claim.verdict != UNTREATED for claim in claims.values())


def files_of_pages() -> list[Path]:
    """The test files in the folders of chapters."""
    return [path for path in TESTS.glob("*/test_*.py") if path.parent.name not in NO_PAGES]


def checked(slug: str) -> bool:
    """Whether checks decide some claim of the page."""
    return any(claim.page == slug and claim.checks for claim in claims.values())


def test_a_chapter_bears_the_slug_of_its_first_page() -> None:
    assert {page.chapter for page in PAGES} == {slugs[0] for slugs in CHAPTERS.values()}
    folders = {path.name for path in LEDGER.iterdir() if path.is_dir()} - {"__pycache__", VIEWS}
    assert folders == {slugs[0] for slugs in CHAPTERS.values()}


def test_a_slug_names_one_page() -> None:
    assert len(BY_SLUG) == len(PAGES)


def test_every_page_has_its_statements_and_tests() -> None:
    missing = [p.slug for p in PAGES if not (LEDGER / p.chapter / f"{p.slug}.yaml").is_file()]
    missing += [p.slug for p in PAGES if not (TESTS / p.chapter / f"test_{p.slug}.py").is_file()]
    assert not missing


def test_a_page_has_checks_and_a_notebook_once_it_is_treated() -> None:
    for page in PAGES:
        assert bool(modules(page)) == checked(page.slug), page.slug
        assert (notebook(page) is not None) == treated(page.slug), page.slug


def test_the_test_file_of_a_page_holds_the_rules_for_that_page() -> None:
    for page in PAGES:
        text = (TESTS / page.chapter / f"test_{page.slug}.py").read_text(encoding="utf-8")
        assert re.search(rf'^class TestPage\(PageRules\):\n    slug = "{page.slug}"$', text, flags=re.MULTILINE), (
            page.slug
        )


def test_the_ledger_holds_nothing_that_is_no_page() -> None:
    strange = [
        path
        for chapter in sorted({page.chapter for page in PAGES})
        for path in (LEDGER / chapter).iterdir()
        if path.name not in ("__init__.py", "__pycache__") and path.stem not in BY_SLUG
    ]
    assert not strange
    assert not [p for p in files_of_pages() if p.stem.removeprefix("test_") not in BY_SLUG]


def test_a_page_stands_in_the_folder_of_its_chapter() -> None:
    placed = {path.stem: path.parent.name for path in LEDGER.glob("*/*.yaml") if path.parent.name != "views"}
    placed_tests = {path.stem.removeprefix("test_"): path.parent.name for path in files_of_pages()}
    assert placed == placed_tests == {page.slug: page.chapter for page in PAGES}


def numbers(path: Path) -> tuple[int, int]:
    """Chapter and place in it that the name of a notebook gives, as ``02b`` is 2 and 2."""
    digits, letter = re.fullmatch(r"(\d\d)([a-z]?)", path.stem.partition("_")[0]).groups()  # type: ignore[union-attr]
    return int(digits), ord(letter) - ord("a") + 1 if letter else 0


def test_notebooks_are_numbered_in_the_order_of_the_pages() -> None:
    """A page without claims may stand between two, so that letters are left out, but none goes back."""
    named = {path.stem.partition("_")[2]: numbers(path) for path in (ROOT / "notebooks").glob("*.md")}
    assert set(named) - WITHOUT_CLAIMS <= set(BY_SLUG)
    places = [(named[page.slug], page) for page in PAGES if page.slug in named]
    assert [place for place, _ in places] == sorted(place for place, _ in places)
    assert [page.slug for (number, _), page in places if number != page.number] == []
    assert [page.slug for (_, letter), page in places if (letter == 0) != (page.slug == page.chapter)] == []


def test_a_notebook_with_boxes_is_a_page() -> None:
    for path in (ROOT / "notebooks").glob("*.md"):
        shown = BOX.findall(path.read_text(encoding="utf-8"))
        assert not shown or path.stem.partition("_")[2] in BY_SLUG, path.stem


def test_formulas_in_texts_of_claims_stand_in_the_line() -> None:
    """Two dollar signs within a paragraph would turn the words between two formulas into mathematics."""
    for path in LEDGER.glob("*/*.yaml"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.startswith("#"):  # The schema that editors look up.
                continue
            assert "$$" not in line, f"{path.name}:{number}"
            assert line.replace("\\$", "").count("$") % 2 == 0, f"{path.name}:{number}"
