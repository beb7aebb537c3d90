"""What every page keeps to: a number of its own, and of the re-cut ones summary, takeaways, few boxes, every claim."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from page_claims import BOX
from repository import ROOT

PAGES = sorted((ROOT / "notebooks").glob("*.md"))
RECUT = [page for page in PAGES if "```{claim-lines}\n```" in page.read_text(encoding="utf-8")]
MOST_BOXES = 8


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_title_bears_the_number_of_the_file(page: Path) -> None:
    title = re.search(r"^# (.+)$", page.read_text(encoding="utf-8"), flags=re.M)
    assert title
    assert title[1].startswith(f"{page.stem.partition('_')[0].lstrip('0')}. ")


def test_chapter_five_is_recut() -> None:
    assert "05_cross_entropy" in {page.stem for page in RECUT}


@pytest.mark.parametrize("page", RECUT, ids=lambda path: path.stem)
def test_a_recut_page_asks_answers_and_sums_up(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for part in ("**The question.**", "**The answer.**", "**What would change our mind.**", ":class: takeaway"):
        assert part in text, part
    assert len(BOX.findall(text)) <= MOST_BOXES
    assert text.index("In short") < text.index("## "), "the summary comes first"
