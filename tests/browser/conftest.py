"""Opens the built site in Chromium for the tests of this folder; `make browse` runs them, `make test` does not.

They are skipped, with the reason, where there is no Playwright, no Chromium or no built site.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsing import CHROMIUM, FLAGS, SITE, Visit, missing, served


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all tests of this folder, so that `make test` leaves them to `make browse`."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A browser."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: `make browse` installs it")
    if missing():
        pytest.skip(missing())
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def address(browser: Any) -> Iterator[str]:
    """Where the site is served."""
    with served(SITE) as url:
        yield url


def visit(browser: Any, address: str, width: int, height: int) -> Iterator[Visit]:
    """A tab of a size, with permission to copy."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    yield Visit(context.new_page(), address)
    context.close()


@pytest.fixture
def wide(browser: Any, address: str) -> Iterator[Visit]:
    """A tab on a wide screen."""
    yield from visit(browser, address, 1280, 900)


@pytest.fixture
def phone(browser: Any, address: str) -> Iterator[Visit]:
    """A tab on a phone."""
    yield from visit(browser, address, 390, 844)
