"""What the built pages hold: numbers that follow the source, boxes and rows that link both ways, counts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

import assocmem
from assocmem.claims.verdicts import RULES
from check_site import Site
from minibook import SMALL, build, built_page, make_project, write

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small book, built once."""
    folder = make_project(tmp_path_factory.mktemp("book"))
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def page(project: Path, name: str) -> str:
    text = built_page(project, name)
    assert text is not None, name
    return text


def ids(text: str) -> list[str]:
    return re.findall(r'\bid="([^"]+)"', text)


def row(project: Path, name: str) -> str:
    """The part of the ledger page that is one claim's line."""
    text = page(project, "book/ledger.html")
    start = text.rindex("<tr", 0, text.index(f'id="ledger-{name}"'))
    return text[start : text.index("</tr>", start)]


def plain_words(text: str) -> str:
    """A text without tags, emphasis and line breaks, and with straight apostrophes."""
    return " ".join(re.sub(r"<[^>]+>|\*", " ", text).replace("’", "'").split())


def test_site_has_no_fault(project: Path) -> None:
    assert Site(project / "_build/html").requests() == []
    assert Site(project / "_build/html").identifiers() == []
    assert Site(project / "_build/html").targets() == []


def test_every_claim_has_one_box_anchor_and_one_row_anchor(project: Path) -> None:
    for name in ("m1", "m2", "m2-fix"):
        assert ids(page(project, "notebooks/01_small.html")).count(f"claim-{name}") == 1
        assert ids(page(project, "book/ledger.html")).count(f"ledger-{name}") == 1


def test_row_is_one_line_that_links_to_the_claims_page_and_to_its_box(project: Path) -> None:
    line = row(project, "m2")
    assert 'href="../claims/m2.html"' in line
    assert 'href="../notebooks/01_small.html#claim-m2">1</a>' in line
    assert plain_words(line).split() == ["M2", "Zero", "is", "positive", "✗", "refuted", "1"]
    assert line.count("<td") == 4


def test_filter_offers_what_the_rows_are(project: Path) -> None:
    text = page(project, "book/ledger.html")
    assert re.search(r'class="[^"]*ledger-row v-refuted c-1 o-paper e-root w-paraphrase k-symbolic', row(project, "m2"))
    offered = re.findall(r'<option value="([^"]+)"', text)
    assert {"v-refuted", "c-1", "o-paper", "o-book", "e-root", "w-paraphrase", "k-symbolic", "k-argued"} <= set(offered)
    assert 'aria-live="polite"' in text


def test_row_of_a_merged_claim_answers_to_its_former_anchor(project: Path) -> None:
    assert 'id="ledger-m4"' in row(project, "m3")


def test_home_page_counts_the_registry(project: Path) -> None:
    text = re.sub(r"<[^>]+>", "", page(project, "book/index.html"))
    assert "Of the 3 statements that the paper prints and the ledger holds, 3 are decided" in text
    assert "; one more, which it only implies, is not counted." in text
    assert "What is false: 1 error of substance that stands by itself; 1 statement that falls with another" in text
    assert re.search(r"The paper.s statements: 3\. 1 ✓.proved, 1 ✗.refuted, 1 §✗.contradicted\.", text)


def test_errata_lists_the_refuted_statement_with_what_holds(project: Path) -> None:
    text = page(project, "book/errata.html")
    assert "/claims/m2-fix.html" in text
    assert "/claims/m1.html" not in text
    assert "/claims/m5.html" not in text
    assert text.index("/claims/m2.html") < text.index("/claims/m3.html")
    plain = re.sub(r"<[^>]+>", "", text)
    assert "Printed: “zero is found to be positive”" in plain
    assert "§✗\u00a0contradicted (argued, consequence)" in plain
    assert "Follows from: M2." in plain


def test_an_argued_claim_shows_its_source_and_no_check(project: Path) -> None:
    assert "k-argued" in row(project, "m3")
    assert "e-consequence" in row(project, "m3")
    text = plain_words(page(project, "claims/m3.html"))
    assert "Argued: the paper, Section 3 (read). No computation decides it" in text


def test_the_rule_of_every_verdict_is_quoted_from_the_code(project: Path) -> None:
    text = plain_words(page(project, "book/errata.html"))
    for rule in RULES.values():
        assert plain_words(rule)[:60] in text


def test_graph_marks_what_hangs_on_a_refuted_claim(project: Path) -> None:
    text = page(project, "book/graph.html")
    assert "<title>M1 rests on M2, and hangs on a refuted claim</title>" in text
    assert 'aria-label="M2, refuted: Zero is positive"' in text
    assert re.search(r"M2: Zero is positive</a>.* carries .*M1: One is positive", text)


def test_graph_begins_with_the_picture_in_words_and_leads_to_the_claims_of_this_build(project: Path) -> None:
    text = page(project, "book/graph.html")
    assert text.index('class="argument-drawing"') < text.index("<details")
    assert 'href="../claims/m2.html"' in text
    assert "assocmem.github.io/beyond-scaling-laws-book/claims/" not in text


def test_plotly_is_loaded_from_the_site_and_only_where_it_is_used(project: Path) -> None:
    text = page(project, "notebooks/01_small.html")
    assert re.search(r'<script src="\.\./_static/plotly_later\.js(\?v=\w+)?"></script>', text)
    assert "plotly.min.js" not in text, "it would be loaded before the formulas"
    assert re.search(r'<script type="text/plotly">\s*window\.PLOTLYENV', text)
    assert "plotly_later" not in page(project, "book/ledger.html")
    assert 'aria-label="A line that rises."' in page(project, "notebooks/01_small.html")
    assert (project / "_build/html/_static/plotly.min.js").stat().st_size > 1_000_000


def test_ledger_is_published_as_data(project: Path) -> None:
    published = json.loads(page(project, "claims.json"))
    jsonschema.validate(published, json.loads(page(project, "claims.schema.json")))
    fields = json.loads(page(project, "statements.schema.json"))
    assert fields["$id"].endswith("/statements.schema.json")
    assert published["version"] == assocmem.__version__
    rows = {entry["id"]: entry for entry in published["claims"]}
    assert [one["verdict"] for one in rows["M1"]["mutations"]] == ["refuted"]
    assert rows["M2"]["verdict"] == "refuted"
    assert rows["M2"]["evidence"][0]["kind"] == "symbolic"
    assert [change["until"] for change in rows["M2"]["history"]] == ["abc1234"]


def test_pages_say_what_they_were_built_from(project: Path) -> None:
    assert f"Built from version {assocmem.__version__}." in page(project, "notebooks/01_small.html"), (
        "the small book is no repository"
    )
    assert json.loads(page(project, "build.json"))["version"] == assocmem.__version__


def test_changed_function_changes_the_published_number(project: Path) -> None:
    assert "the value is 17" in page(project, "notebooks/01_small.html")
    write(project / "src/assocmem/small.py", SMALL.replace("17", "18"))
    before = page(project, "build.json")
    assert build(project).returncode == 0
    assert page(project, "build.json") != before
    assert "the value is 18" in page(project, "notebooks/01_small.html")
    assert "the value is 17" not in page(project, "notebooks/01_small.html")
