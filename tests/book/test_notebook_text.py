"""A page's text outside the book: every directive and role has a form in Markdown, and an unknown one is refused."""

from __future__ import annotations

import pytest

from assocmem.claims import claims
from assocmem.claims.views.addresses import address
from bookext.notebook_text import Surroundings, cited, rendered

AROUND = Surroundings("cross_entropy", {"fig-floor": "5.2"})


def test_a_claim_keeps_title_verdict_statement_and_reason() -> None:
    text = rendered("Before.\n\n```{claim} P4\n```\n\nAfter.", AROUND)
    claim = claims["P4"]
    assert text.startswith("Before.\n\n> **")
    assert text.endswith("\n\nAfter.")
    for part in (claim.title, "**refuted**", claim.statement.splitlines()[0], str(claim.why)[:40], address("P4")):
        assert part in text, part


def test_a_box_of_two_says_what_holds_instead() -> None:
    text = rendered("```{claim-box} P4 P4-FIX\n```", AROUND)
    assert "*Holds instead*" in text
    assert claims["P4-FIX"].statement.splitlines()[0] in text


def test_lines_without_a_body_are_the_claims_of_the_page() -> None:
    rows = rendered("```{claim-lines}\n```", AROUND).splitlines()
    assert len(rows) == 2 + sum(claim.page == "cross_entropy" for claim in claims.values())
    assert len(rendered("```{claim-lines}\nP4 P5\n```", AROUND).splitlines()) == 4


def test_roles_become_links_and_words() -> None:
    text = rendered("{claim}`P4`, {claim-ref}`P5`, {numref}`fig-floor`, {verdict}`proved`, {number}`roots`.", AROUND)
    assert f"[P4]({address('P4')}) (**refuted**), [P5]({address('P5')}), Figure 5.2, **proved**," in text
    assert "{" not in text


def test_citations_name_authors_and_year() -> None:
    assert cited("niu2024").startswith("[Niu et al. (2024)](https://")
    assert rendered("{cite:p}`krotov2016,hopfield1982`", AROUND).startswith("([Krotov and Hopfield, 2016](")


def test_boxes_within_boxes_notes_and_links_keep_their_text() -> None:
    text = rendered(
        "::::{admonition} In short\n:class: x\n\nSee[^a] [7](07_balance.md).\n\n:::{note}\nInner.\n:::\n::::", AROUND
    )
    assert text.splitlines()[0] == "> **In short**"
    assert "See<sup>1</sup> [7](https://assocmem.github.io/beyond-scaling-laws-book/notebooks/07_balance.html)." in text
    assert "> > Inner." in text
    assert rendered("[^a]: Why.", AROUND) == "*Note 1.* Why."


def test_a_block_of_code_stays() -> None:
    source = "```\npip install x\n{not a role}`x`\n```"
    assert rendered(source, AROUND) == source


@pytest.mark.parametrize("source", ["```{mermaid}\nx\n```", "{kbd}`x`"])
def test_what_has_no_form_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="no Markdown form"):
        rendered(source, AROUND)
