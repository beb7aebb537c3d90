"""A reader finds a claim: by search, by the ledger's filter and its address, by a card at a link."""

from __future__ import annotations

import re

import pytest

from assocmem.claims import claims
from assocmem.claims.views.addresses import anchor, key
from browsing import Visit


@pytest.mark.parametrize("name", ["P4", "X-CE-SMALL", "P4-FIX"])
def test_search_for_an_id_gives_the_page_of_the_claim_first(wide: Visit, name: str) -> None:
    page = wide.open(f"search.html?q={name}")
    first = page.locator("#search-results ul.search li a").first
    first.wait_for()
    assert first.get_attribute("href").split("?")[0].split("#")[0] == f"claims/{key(name)}.html"
    assert wide.faults == []


def shown(visit: Visit) -> list[str]:
    """The anchors of the ledger's lines that are seen."""
    rows = visit.page.locator("tr.ledger-row:visible")
    return [str(row) for row in rows.evaluate_all("(rows) => rows.map((row) => row.id)")]


def test_filter_of_the_ledger_is_kept_in_the_address(wide: Visit) -> None:
    page = wide.open("book/ledger.html")
    assert len(shown(wide)) == len(claims)
    page.locator(".ledger-tools summary").click()
    page.select_option("#ledger-verdict", "v-refuted")
    refuted = {anchor(claim.id, "ledger") for claim in claims.values() if claim.verdict == "refuted"}
    assert set(shown(wide)) == refuted
    assert "verdict=v-refuted" in page.url
    page.fill("#ledger-text", "proposition")
    fewer = shown(wide)
    assert 0 < len(fewer) < len(refuted)
    assert str(len(fewer)) in page.locator("#ledger-count").inner_text()
    again = wide.open(page.url.removeprefix(wide.address).lstrip("/"))
    assert shown(wide) == fewer
    again.locator(".ledger-tools button[type=reset]").click()
    again.wait_for_function("() => !location.search")
    assert len(shown(wide)) == len(claims)
    assert wide.faults == []


def test_card_of_a_claim_opens_by_keyboard_and_closes(wide: Visit) -> None:
    page = wide.open("book/ledger.html")
    page.locator("#ledger-text").focus()
    for _ in range(200):
        page.keyboard.press("Tab")
        if re.search(r"/claims/", page.evaluate("() => document.activeElement.href || ''")):
            break
    card = page.locator("#claim-card")
    card.wait_for()
    name = page.evaluate("() => document.activeElement.getAttribute('href')").split("/")[-1].removesuffix(".html")
    claim = next(claim for claim in claims.values() if key(claim.id) == name)
    assert claim.verdict in card.inner_text()
    assert page.evaluate("() => document.activeElement.getAttribute('aria-describedby')") == "claim-card"
    page.keyboard.press("Escape")
    assert card.count() == 0
    assert wide.faults == []


def test_page_of_a_claim_gives_its_citation_to_the_clipboard(wide: Visit) -> None:
    page = wide.open(f"claims/{key('P4')}.html")
    page.locator(".claim-cite button.copy").click()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("@misc{assocmem-p4,")
    assert f"/claims/{key('P4')}.html" in copied
    assert wide.faults == []


def test_button_of_a_box_copies_the_link_to_the_claim(wide: Visit) -> None:
    page = wide.open("notebooks/05_cross_entropy.html")
    page.locator(".admonition.claim button.copy[data-copy-link]:visible").first.click()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("http")
    assert "claim" in copied
    assert wide.faults == []
