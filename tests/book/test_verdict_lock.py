"""A verdict that changes is noticed by the build, and names the pages that speak of the claim."""

from __future__ import annotations

from pathlib import Path

import pytest

import verdict_changed
from bookext import verdict_lock
from repository import ROOT


def test_every_page_that_speaks_of_a_claim_was_looked_at_since_its_verdict_changed() -> None:
    assert verdict_lock.report() == []


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A repository in which Proposition 3 was proved when its pages were last looked at."""
    for name in ("reviews/verdicts.yaml", "src/assocmem/claims/views/history.yaml", "book/index.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("\nP3: refuted\n", "\nP3: proved\n"), encoding="utf-8")
    return tmp_path


def test_a_changed_verdict_names_the_pages_and_claims_that_speak_of_it(other: Path) -> None:
    (line,) = verdict_lock.report(other)
    assert line.startswith("P3: the verdict was 'proved' and is 'refuted'; look at book/index.md:")
    assert "claim LIM-DEP" in verdict_lock.speaking("F3-GAP", other), "its reason names the claim"
    names = verdict_lock.speaking("P3-FIX", other)
    assert names[0].startswith("book/index.md:")
    assert verdict_lock.speaking("P3-FI", other) == [], "a longer id is another claim"


def test_a_change_is_entered_with_its_reason_and_only_where_there_is_one(other: Path) -> None:
    with pytest.raises(ValueError, match="the reason has 0 characters; takes 1 to 300"):
        verdict_changed.write(["P3"], " ", other)
    with pytest.raises(ValueError, match="P4 has not changed; changed are P3"):
        verdict_changed.write(["P4"], "why", other)
    verdict_changed.write(["P3"], "One sign is wrong.", other)
    assert verdict_lock.report(other) == []
    text = (other / "src/assocmem/claims/views/history.yaml").read_text(encoding="utf-8")
    assert "P3:\n- date: " in text
    assert "reason: One sign is wrong." in text
    assert text.startswith("# Changes of verdicts")


def test_a_claim_that_is_new_or_gone_is_a_change() -> None:
    assert verdict_lock.changed({"A": "proved", "B": "empty"}, {"B": "empty", "C": "refuted"}) == {
        "A": ("proved", "gone"),
        "C": ("new", "refuted"),
    }
