"""Each claim has a page that says all of it, that the search opens first, and to which boxes, lists and names lead."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from check_site import Site
from minibook import build, built_page, make_project, plant

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small book, built once."""
    folder = make_project(tmp_path_factory.mktemp("book"))
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def article(project: Path, name: str) -> str:
    """What a page says itself."""
    text = built_page(project, name)
    assert text is not None, name
    return text[text.index("<article") : text.index("</article>")]


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).replace("\u00a0", " ").split())


def index(project: Path) -> dict[str, Any]:
    """The index that the search reads."""
    text = (project / "_build/html/searchindex.js").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    return found


def test_page_of_a_claim_says_all_of_it(project: Path) -> None:
    text = article(project, "claims/m2.html")
    plain = words(text)
    for part in (
        "M2: Zero is positive",
        "✗ refuted",
        "Section 2; in the later version only; in our words.",
        "Printed: “zero is found to be positive”",
        "A root: false by itself",
        "What holds instead # M2-FIX Zero is not negative ✓ proved",
        "Symbolic, refutes it: it is not. Scope: one number.",
        "Altered statements that the checks tell apart # The checks return another verdict",
        "the number minus two",
        "asks the same checks of another statement of this shape: a tuple, such as (0, True)",
        "Carries: M1 (One is positive)",
        "heuristic until 2026-01-02, commit abc1234 ; then ✗ refuted . Zero was looked at.",
        "Dispute this with your reading, a counterexample or a proof; what decides",
        "@misc{assocmem-m2,",
        "← M1: One is positive",
        "→ M3: Two follows",
    ):
        assert part in plain, part
    assert re.search(r"In the book: A page of one chapter ; its line in the ledger", plain)
    assert 'id="claim-m2"' in text
    assert 'data-copy-link="#claim-m2"' in text
    assert "https://assocmem.github.io/beyond-scaling-laws-book/claims/m2.html" in text, "the citation stays"


def test_page_of_a_claim_links_to_the_line_that_decides(project: Path) -> None:
    link = re.search(
        r'href="[^"]*/blob/main/src/assocmem/claims/small/small.py#L(\d+)"', article(project, "claims/m2.html")
    )
    assert link
    source = (project / "src/assocmem/claims/small/small.py").read_text(encoding="utf-8").splitlines()
    assert source[int(link[1]) - 1].strip().startswith(("@check", "def sign"))


def test_page_of_a_claim_shows_its_derivations_line_by_line(project: Path) -> None:
    assert re.search(r"tag_derivation.*✓.*0=0.*the same number twice", article(project, "claims/m2-fix.html"), re.S)
    assert "tag_derivation" not in article(project, "claims/m2.html")


def test_page_of_a_former_id_says_where_it_went(project: Path) -> None:
    text = article(project, "claims/m4.html")
    assert "M4: now part of M3" in words(text)
    assert 'href="m3.html"' in text
    assert 'id="claim-m4"' in text


def test_claims_are_not_in_the_sidebar(project: Path) -> None:
    text = built_page(project, "book/ledger.html") or ""
    assert "claims/" not in text[: text.index("<article")]


def test_box_holds_the_printed_and_the_corrected_form(project: Path) -> None:
    text = article(project, "notebooks/01_small.html")
    plain = words(text)
    assert "M2 Zero is positive ✗ refuted #" in plain
    assert 'aria-label="Copy link"' in text
    assert "Holds instead: M2-FIX Zero is not negative ✓ proved #" in plain
    assert re.search(r"Why\. .*Details .*Evidence for M2: symbolic", plain)
    assert 'href="../claims/m2.html"' in text
    assert text.count('<details class="claim-details">') == 2, "one fold a box"


def test_lists_of_claims_have_one_line_each(project: Path) -> None:
    tables = re.findall(r'<table class="claim-lines.*?</table>', article(project, "notebooks/01_small.html"), re.S)
    names = [re.findall(r"<tr.*?claims/([a-z0-9-]+)\.html", table, re.S) for table in tables]
    assert names == [["m1", "m2", "m3", "m5", "m2-fix"], ["m1", "m2"]]


def test_words_in_a_line_are_computed(project: Path) -> None:
    plain = words(article(project, "notebooks/01_small.html"))
    assert "M2 ✗ refuted is ✗ refuted , M1 stands." in plain
    assert "Of 3 statements 1 is false by itself." in plain


def test_search_opens_the_page_of_an_id_first(project: Path) -> None:
    found = index(project)
    for name in ("m1", "m2", "m2-fix", "m3", "m4"):
        assert [found["docnames"][entry[0]] for entry in found["indexentries"][name]] == [f"claims/{name}"], name
    assert found["docnames"][found["indexentries"]["zero is positive"][0][0]] == "claims/m2"


def test_search_does_not_look_into_folds_lists_and_altered_statements(project: Path) -> None:
    found = index(project)
    assert "minus" not in found["terms"], "the name of an altered statement"
    assert "zero" in found["terms"] or "zero" in found["titleterms"]
    held = found["terms"].get("carri", [])
    pages = [found["docnames"][number] for number in ([held] if isinstance(held, int) else held)]
    assert [name for name in pages if name.startswith("claims/")] == []


def test_a_site_without_the_page_of_a_claim_has_a_fault(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims/p4.html").write_text('<p id="claim-p4"></p>', encoding="utf-8")
    (tmp_path / "claims/p5.html").write_text('<p id="claim-p4"></p>', encoding="utf-8")
    faults = Site(tmp_path).claim_pages()
    assert "claims/p3.html is missing, the page of P3" in faults
    assert "claims/p5.html: no place claim-p5" in faults
    assert not [fault for fault in faults if "p4.html" in fault]


def test_next_build_has_the_pages_and_drops_those_of_no_claim(project: Path) -> None:
    (project / "claims/m9.md").write_text("# M9\n", encoding="utf-8")
    assert build(project).returncode == 0
    assert built_page(project, "claims/m2.html")
    assert built_page(project, "claims/m9.html") is None
    assert Site(project / "_build/html").targets() == []


def test_wrong_names_end_the_build(project: Path) -> None:
    for text, message in (
        ("{number}`root`", "near matches: roots"),
        ("{verdict}`true`", "verdict 'true' is none of the ledger's"),
        ("{claim-ref}`M2-FX`", "M2-FIX"),
    ):
        plant(project, text)
        done = build(project)
        assert done.returncode != 0, text
        assert message in done.stdout + done.stderr, text
