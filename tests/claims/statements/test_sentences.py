"""Every verdict has a reason of its own: short, of two sentences at most, and not said again in the note.

Sentences and words are counted past formulas, links and abbreviations.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from assocmem.claims import claims
from assocmem.claims.statements import read, sentences

ROW = {"id": "X", "title": "t", "source": "s", "statement": "m", "verdict": "proved", "why": "One."}
LONGEST = 60


def words(text: str) -> int:
    """How many words a text has; a formula or a link is one."""
    return len(re.sub(r"\{[\w:]+\}`[^`]*`|\$[^$]*\$", "M", text).split())


def parts(text: str | None) -> set[str]:
    """The sentences of a text, roughly, the shortest left out, which may be an abbreviation's end."""
    return {part for part in re.split(r"(?<=\.)\s+", text or "") if words(part) > 3}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("One.", 1),
        ("One. Two.", 2),
        ("By Hoffmann et al. (2022) it is $0.5$. See {claim}`P1.2`.", 2),
        ("Is it? (It is.)", 2),
        ("$x. y$ holds.", 1),
    ],
)
def test_sentences_are_counted(text: str, number: int) -> None:
    assert sentences(text) == number


def test_a_third_sentence_is_refused() -> None:
    (row,) = read({"book": [{**ROW, "why": "One. Two."}]}, "page.yaml")
    assert row["why"] == "One. Two."
    with pytest.raises(ValueError, match=r"page\.yaml: claim X: why has 3 sentences; takes 2"):
        read({"book": [{**ROW, "why": "One. Two. Three."}]}, "page.yaml")


def test_every_claim_has_a_reason() -> None:
    assert not [claim.id for claim in claims.values() if not claim.why]


def test_no_two_claims_have_the_same_reason() -> None:
    count = Counter(" ".join(claim.why.split()) for claim in claims.values())
    assert not [claim.id for claim in claims.values() if count[" ".join(claim.why.split())] > 1]


def test_no_reason_is_long() -> None:
    assert not {claim.id: words(claim.why) for claim in claims.values() if words(claim.why) > LONGEST}


def test_no_note_says_the_reason_again() -> None:
    assert not {claim.id: again for claim in claims.values() if (again := parts(claim.why) & parts(claim.note))}
