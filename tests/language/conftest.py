"""An empty cache for every test of the room, and one small model that is trained once for all of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSOCMEM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the smallest model, trained on the corpus of random words; not to be changed."""
    from assocmem.language import train_small_lm
    from made_up_corpus import TINY, corpus

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSOCMEM_CACHE", str(tmp_path_factory.mktemp("trained once")))
        return train_small_lm(TINY, corpus())


@pytest.fixture
def tiny_model(trained_once: Path, tmp_path: Path) -> Path:
    """A copy of that folder, under its name, that the test may change."""
    return Path(shutil.copytree(trained_once, tmp_path / "models" / trained_once.name))
