"""The Sphinx extension: the cache key follows the source, citations name the claim, unknown ids end the build."""

from __future__ import annotations

from pathlib import Path

import pytest
from bookext import bibtex, find, source_key
from sphinx.errors import ExtensionError

from assocmem.claims import claims


def test_cache_key_changes_with_source_pins_and_records(tmp_path: Path) -> None:
    for name in ("src/a.py", "constraints.txt", "results/r.json"):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("1", encoding="utf-8")
    seen = {source_key(tmp_path)}
    for name in ("src/a.py", "constraints.txt", "results/r.json"):
        (tmp_path / name).write_text("2", encoding="utf-8")
        key = source_key(tmp_path)
        assert key not in seen, name
        seen.add(key)


def test_citation_names_claim_and_verdict() -> None:
    assert "Claim P3" in bibtex(claims["P3"])
    assert "refuted" in bibtex(claims["P3"])


def test_unknown_claim_ends_the_build_with_near_matches() -> None:
    with pytest.raises(ExtensionError, match="P3-FIX"):
        find("P3-FXI")
