"""What all tests share: slow files start first, so that two processes end together.

The distribution by file gives the files out in the order of collection; a file that builds books for a minute must not
be the last.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--paper FOLDER``: where the text of the paper lies, for those who have it."""
    parser.addoption("--paper", metavar="FOLDER", help="folder with the text of both versions of the paper")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with a test marked ``slow`` before all others, each group in its own order."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
