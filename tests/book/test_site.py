"""The built site, where one is, has no fault: the same check that `make book` makes before it publishes.

Skipped when no book was built from the present sources; the tests of the small book hold the check in every run.
"""

from __future__ import annotations

import json

import pytest

from bookext.guards import site_key
from check_site import Site
from repository import ROOT

SITE = ROOT / "_build" / "html"
BUILT = SITE / "build.json"
FRESH = BUILT.exists() and json.loads(BUILT.read_text(encoding="utf-8"))["sources"] == site_key()
pytestmark = pytest.mark.skipif(not FRESH, reason="no book was built from the present sources")


@pytest.fixture(scope="module")
def site() -> Site:
    return Site(SITE)


@pytest.mark.parametrize("check", ["requests", "images", "identifiers", "targets", "buttons", "claim_pages", "files"])
def test_built_site_has_no_fault(site: Site, check: str) -> None:
    assert getattr(site, check)() == []
