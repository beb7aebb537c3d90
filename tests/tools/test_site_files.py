"""What a reader takes from the site is looked at: each fault is found by itself, and nothing in a site without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_files import HEAVIEST, beside, notebooks, pages

HEAD = """<title>T</title><meta name="description" content="d" /><meta property="og:title" content="t" />
<meta property="og:url" content="u" /><meta property="og:description" content="d" />"""


def lay(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_site_without_a_fault_has_none(tmp_path: Path) -> None:
    loc = "".join(f"<loc>https://x.org/{name}</loc>" for name in ("book/a.html", "notebooks/b.html"))
    files = {"book/a.html": HEAD, "notebooks/b.html": HEAD, "404.html": "", "sitemap.xml": loc, "api/c.html": HEAD}
    root = lay(tmp_path / "root", {"notebooks/b.ipynb": "{}"})
    site = lay(tmp_path / "site", {**files, "_sources/notebooks/b.ipynb": "{}"})
    assert [*notebooks(site, root), *pages(site), *beside(site)] == []


@pytest.mark.parametrize(
    "left", ["```{claim} P4", "::::{admonition} x", "{claim}`P4`", "{cite:p}`niu2024`", "{doc}`x`"]
)
def test_a_served_notebook_that_only_the_book_understands_is_found(tmp_path: Path, left: str) -> None:
    files = {"_sources/notebooks/b.ipynb": left, "notebooks/b.ipynb": left}
    assert len(list(notebooks(lay(tmp_path, files), tmp_path))) == 1


def test_a_served_notebook_that_is_another_or_not_tracked_is_found(tmp_path: Path) -> None:
    site = lay(
        tmp_path, {"_sources/notebooks/b.ipynb": "{}", "_sources/notebooks/c.ipynb": "{}", "notebooks/b.ipynb": "{ }"}
    )
    assert list(notebooks(site, tmp_path)) == [
        "notebooks/b.ipynb: not the file of the repository",
        "notebooks/c.ipynb: the repository has no such file",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (HEAD + " " * HEAVIEST, "at most 4000000"),
        (HEAD.replace("og:title", "og:name"), 'no property="og:title"'),
        (HEAD.replace('name="description"', 'name="keywords"'), 'no name="description"'),
        (HEAD + '<p id="ledger-f1-7.74">', "'ledger-f1-7.74' has a dot"),
    ],
)
def test_a_page_that_is_heavy_or_mute_or_has_a_dotted_identifier_is_found(
    tmp_path: Path, text: str, fault: str
) -> None:
    (found,) = pages(lay(tmp_path, {"book/a.html": text}))
    assert fault in found


def test_names_of_code_may_have_dots(tmp_path: Path) -> None:
    assert list(pages(lay(tmp_path, {"api/a.html": HEAD + '<dt id="assocmem.memory.energy">'}))) == []


def test_a_map_that_misses_a_page_is_found(tmp_path: Path) -> None:
    site = lay(tmp_path, {"404.html": "", "sitemap.xml": "", "claims/p4.html": HEAD})
    assert list(beside(site)) == ["sitemap.xml: no claims/p4.html"]
    (site / "404.html").unlink()
    assert list(beside(site)) == ["404.html is missing"]
