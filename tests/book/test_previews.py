"""What pages say of themselves, the map of the site, the numbers of chapters and figures: the same everywhere."""

from __future__ import annotations

import re
from types import SimpleNamespace

import jupytext
import pytest
import yaml
from docutils import nodes

from assocmem.claims import claims
from assocmem.claims.pages import BY_SLUG
from assocmem.claims.views.addresses import SITE
from bookext.site.addresses import MISSING, sitemap
from bookext.site.figure_numbers import chapter, figure_number, number_by_page
from bookext.site.previews import description, first_words, tags
from repository import ROOT

LONG = "The first paragraph of the page that is prose, with enough words."


def test_description_is_the_first_prose_and_of_a_claim_its_verdict_and_statement() -> None:
    inside = nodes.admonition("", nodes.paragraph("", "In a box: " + LONG))
    page = nodes.document(None, None, inside, nodes.paragraph("", "Short."), nodes.paragraph("", LONG + " x" * 200))
    assert first_words(page).startswith(LONG)
    assert len(description("book/index", page)) <= 200
    text = description("claims/p4", None)
    assert text.startswith(f"{claims['P4'].verdict.capitalize()}: ")
    assert "$" not in text
    assert description("search", None) == ""


def test_tags_are_escaped_and_name_the_page() -> None:
    head = tags("A & B", 'He said "no".', f"{SITE}/book/index.html", "Book")
    assert '<meta name="description" content="He said &quot;no&quot;." />' in head
    assert '<meta property="og:title" content="A &amp; B" />' in head
    assert f'<meta property="og:url" content="{SITE}/book/index.html" />' in head


def test_map_names_pages_and_wrong_addresses_load_nothing() -> None:
    assert f"<loc>{SITE}/claims/p4.html</loc>" in sitemap(["claims/p4"])
    text = MISSING.read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="(?!SITE/|data:,)([^"]*)"', text) == []


def test_addresses_are_those_of_the_configuration() -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert config["html"]["baseurl"].rstrip("/") == SITE


@pytest.mark.parametrize(
    ("name", "number"),
    [("notebooks/05a_reported_losses", "5a"), ("notebooks/11_what_stands", "11"), ("book/index", "")],
)
def test_chapter_of_a_page_is_the_number_of_its_file(name: str, number: str) -> None:
    assert chapter(name) == number


def test_figures_are_numbered_on_each_page_from_one_on() -> None:
    env = SimpleNamespace(
        toc_fignumbers={
            "notebooks/05_x": {"figure": {"b": (4,), "a": (3,)}},
            "book/index": {"figure": {"c": (1,)}},
        }
    )
    number_by_page(None, env)
    assert env.toc_fignumbers["notebooks/05_x"]["figure"] == {"a": ("5.1",), "b": ("5.2",)}
    assert env.toc_fignumbers["book/index"]["figure"] == {"c": ("1",)}
    assert figure_number("notebooks/09a_plateaus", 3) == "9a.3"


@pytest.mark.parametrize("source", sorted((ROOT / "notebooks").glob("*.md")), ids=lambda path: path.stem)
def test_chapter_number_is_one_in_file_title_and_claims(source: object) -> None:
    number = chapter(source.stem)
    title = jupytext.read(source).cells[0].source.splitlines()[0]
    assert title.startswith(f"# {number}. "), title
    slug = source.stem.partition("_")[2]
    if slug in BY_SLUG:
        assert str(BY_SLUG[slug].number) == number.rstrip("abc")


def test_no_other_numbers_are_counted_in_the_contents() -> None:
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    assert not any(part.get("numbered") for part in parts)
