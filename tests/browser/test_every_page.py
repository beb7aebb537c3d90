"""Every page on a phone and on a wide screen: not wider than the window, no error, no other host, readable by all.

Pages of claims and modules have one form each: their width is looked at on all, the rest on a sample.
"""

from __future__ import annotations

import pytest

from browsing import Visit, pages, sample

PAGES = pages()
CONTRAST = "color-contrast"


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_a_phone_and_asks_no_other_host(phone: Visit, name: str) -> None:
    phone.open(name)
    assert phone.width() <= 390, phone.widest()
    assert phone.faults == []


@pytest.mark.parametrize("folder", ["claims", "api"])
def test_pages_of_one_form_fit_a_phone(phone: Visit, folder: str) -> None:
    wider = {}
    for name in pages(folder):
        phone.open(name)
        if phone.width() > 390:
            wider[name] = phone.widest()
    assert wider == {}
    assert phone.faults == []


@pytest.mark.parametrize("name", [*PAGES, *sample("claims", 20), *sample("api", 6)])
def test_page_breaks_no_rule_of_axe_in_light_and_dark(wide: Visit, name: str) -> None:
    wide.open(name)
    assert wide.axe() == []
    wide.dark()
    assert wide.axe(CONTRAST) == [], "dark"
    assert wide.faults == []


@pytest.mark.parametrize("name", ["notebooks/05_cross_entropy.html", "notebooks/02_energies.html"])
def test_no_formula_is_a_tab_stop_and_every_figure_has_one(wide: Visit, name: str) -> None:
    page = wide.open(name)
    assert page.locator("mjx-container").count() > 5
    assert page.locator("mjx-container[tabindex='0']").count() == 0


def test_dark_mode_is_chosen_by_the_button_and_stays(wide: Visit) -> None:
    page = wide.open("notebooks/05_cross_entropy.html")
    light = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    for _ in range(3):
        page.locator("button.theme-switch-button:visible").first.click()
        if page.evaluate("() => document.documentElement.dataset.theme") == "dark":
            break
    dark = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert dark != light
    wide.open("book/ledger.html")
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == dark
    assert wide.faults == []
