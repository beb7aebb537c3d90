"""How near the paper's statements are to the paper: quotations are short, and stand there, where it is at hand.

``pytest --paper FOLDER tests/claims/statements/test_wording.py`` looks every quotation up in both versions.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assocmem.claims import claims
from assocmem.claims.statements import WORDS
from paper_text import plain_words, runs, squeezed, texts

PRINTED = [claim for claim in claims.values() if claim.origin == "paper" and claim.wording != "implied"]


def words(quote: str) -> list[str]:
    """The words of a quotation, without its formulas."""
    return re.findall(r"[A-Za-z][\w'’\-]*", re.sub(r"\$[^$]*\$", " ", quote))


def test_no_sentence_is_quoted_whole() -> None:
    long = {c.id: quote for c in PRINTED for quote in c.quote.values() if len(words(quote)) > WORDS}
    assert not long


def test_a_quotation_says_something() -> None:
    short = {c.id: quote for c in PRINTED for quote in c.quote.values() if len(squeezed(quote)) < 8 or "TO DO" in quote}
    assert not short


def test_quotations_stand_in_the_text_where_it_is_at_hand(request: pytest.FixtureRequest) -> None:
    folder = request.config.getoption("--paper", None)
    if folder is None:
        pytest.skip("the paper's text is not at hand; pass its folder with --paper")
    printed = texts(Path(folder))
    missing = [
        (claim.id, version, quote)
        for claim in PRINTED
        for version, quote in claim.quote.items()
        if squeezed(quote) not in printed[version]
    ]
    assert not missing, "\n".join(map(str, missing))


def test_no_statement_or_note_copies_a_sentence_where_the_text_is_at_hand(request: pytest.FixtureRequest) -> None:
    folder = request.config.getoption("--paper", None)
    if folder is None:
        pytest.skip("the paper's text is not at hand; pass its folder with --paper")
    printed = runs(Path(folder), WORDS + 1)
    copied = {
        claim.id: " ".join(run)
        for claim in claims.values()
        for text in (claim.statement, claim.reason, claim.differs or "")
        for words in [plain_words(text)]
        for run in (tuple(words[i : i + WORDS + 1]) for i in range(len(words) - WORDS))
        if run in printed
    }
    assert not copied


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"$\max_{1 \leq i \leq n} x_i$", r"\max_{1\le i\le n}x_i"),
        (r"\text{LogSumExp}(x)", r"\operatorname{LogSumExp}(x)"),
        ("a smooth sur-\nrogate", "a smooth surrogate"),
        (r"M^\top x", r"M^{\mathsf{T}}x"),
    ],
)
def test_the_same_words_in_other_type_are_found(one: str, other: str) -> None:
    assert squeezed(one) == squeezed(other)


@pytest.mark.parametrize(
    ("one", "other"), [("x < y", r"x \le y"), ("e^{-x}", "f^{-x}"), ("a convex energy", "a concave energy")]
)
def test_other_words_are_not_found(one: str, other: str) -> None:
    assert squeezed(one) != squeezed(other)
