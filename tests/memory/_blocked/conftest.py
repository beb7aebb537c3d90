"""Blocks of three sizes, so that small data are cut everywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hard_data import planned


@pytest.fixture(params=[1 << 22, 24, 3], ids=["one block", "blocks", "crumbs"])
def blocks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Numbers held at once."""
    with planned(block_limit=request.param):
        yield
