"""The hand-laid pictures say no more than the ledger: no arrow without a path, and the verdicts are the ledger's."""

from __future__ import annotations

import pytest

from assocmem.claims import claims
from assocmem.claims.views import layouts
from assocmem.claims.views.addresses import address
from assocmem.claims.views.pictures import Picture, argument, unsupported, why
from assocmem.figures.argument import Layout
from assocmem.figures.interactive import BOOK

BOTH = (layouts.WHY, layouts.ARGUMENT)


def rests(user: str, basis: str, limit: int = 30) -> bool:
    """Whether one claim leads to the other, by a search of its own."""
    claim = claims[user]
    below = (*claim.depends_on, *claim.defined_by)
    return limit > 0 and (basis in below or any(rests(name, basis, limit - 1) for name in below))


@pytest.mark.parametrize("layout", BOTH, ids=["why", "argument"])
def test_every_arrow_has_a_path_in_the_ledger(layout: Layout) -> None:
    assert [(basis, user) for basis, user in layout.arrows if not rests(user, basis)] == []


@pytest.mark.parametrize("layout", BOTH, ids=["why", "argument"])
def test_an_arrow_against_the_ledger_is_refused(layout: Layout) -> None:
    for basis, user in layout.arrows:
        turned = layout._replace(arrows=[(user, basis)])
        assert unsupported(turned) == [(user, basis)]
        with pytest.raises(ValueError, match="no path in the ledger"):
            Picture(turned, "g")


def test_pictures_are_small_and_end_with_the_propositions() -> None:
    assert len(layouts.WHY.statements) == 8
    assert 8 <= len(layouts.ARGUMENT.statements) <= 14
    assert {"ASM1", "P4", "P5"} <= set(layouts.ARGUMENT.statements)
    for layout in BOTH:
        alone = set(layout.statements) - {name for pair in layout.arrows for name in pair}
        assert not alone


def test_a_picture_shows_the_ledgers_verdicts_and_leads_to_the_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BOOK, "1")
    html = why()._repr_mimebundle_()["text/html"]
    for name in layouts.WHY.statements:
        assert html.count(f'href="{address(name)}"') == 2, "in the drawing and in the list"
    assert f"Proposition 4 (the loss is at least 1): {claims['P4'].verdict}" in repr(why())
    assert html.count("✗\u00a0refuted") == 2 * sum(claims[name].verdict == "refuted" for name in layouts.WHY.statements)


def test_outside_the_book_a_picture_is_an_image_with_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BOOK, raising=False)
    bundle = argument()._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "text/plain"}
    assert bundle["image/svg+xml"].startswith("<svg")
