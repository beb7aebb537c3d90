"""Entries of the cache appear whole or not at all, are made once, and lie where the user or the platform says."""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assocmem.language import files
from assocmem.language.cache import cache_folder, cached_folder, files_sha256, fingerprint


def visible(folder: Path) -> list[str]:
    """What a reader of the cache takes for entries; locks and scratch folders are hidden."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_a_cache_entry_appears_whole_or_not_at_all(own_cache: Path) -> None:
    def fails(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        cached_folder("entry", fails)
    assert [path.name for path in own_cache.iterdir()] == [".entry.lock"]
    made = cached_folder("entry", lambda folder: (folder / "a").write_text("1") and None)
    assert cached_folder("entry", fails) == made == own_cache / "entry"
    assert (made / "a").read_text() == "1"


def test_of_two_makers_one_makes_the_entry_and_the_other_waits(own_cache: Path) -> None:
    made: list[str] = []

    def fill(folder: Path) -> None:
        made.append(folder.name)
        time.sleep(0.1)  # Long enough for the other to look.
        (folder / "a").write_text(str(len(made)))

    with ThreadPoolExecutor(2) as pool:
        folders = list(pool.map(lambda _: cached_folder("entry", fill), range(2)))
    assert folders == [own_cache / "entry"] * 2
    assert len(made) == 1
    assert (own_cache / "entry" / "a").read_text() == "1"


def test_entries_of_other_names_may_be_made_while_one_is(own_cache: Path) -> None:
    cached_folder("outer", lambda folder: cached_folder("inner", lambda inner: (inner / "a").touch()) and None)
    assert visible(own_cache) == ["inner", "outer"]


def test_an_entry_that_comes_in_spite_of_the_lock_stays(own_cache: Path) -> None:
    def slow(folder: Path) -> None:
        (own_cache / "entry").mkdir()
        (own_cache / "entry" / "a").write_text("first")
        (folder / "a").write_text("second")

    assert (cached_folder("entry", slow) / "a").read_text() == "first"
    assert visible(own_cache) == ["entry"]
    assert [path.name for path in own_cache.iterdir() if path.is_dir()] == ["entry"]


def test_an_error_of_the_maker_is_not_taken_for_an_entry(own_cache: Path) -> None:
    def fails(folder: Path) -> None:
        raise FileExistsError("of the maker's own")

    with pytest.raises(FileExistsError, match="own"):
        cached_folder("entry", fails)


def test_an_entry_is_on_the_disk_before_it_has_its_name(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[bool] = []
    usual = files.flush_folder
    monkeypatch.setattr(
        files, "flush_folder", lambda folder: (flushed.append((own_cache / "entry").exists()), usual(folder))
    )
    cached_folder("entry", lambda folder: (folder / "a").touch())
    assert flushed == [False]


def test_the_cache_is_where_the_user_says(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder() == own_cache
    monkeypatch.setenv("ASSOCMEM_CACHE", "~/mine")
    assert cache_folder() == Path.home() / "mine"


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="XDG_CACHE_HOME is of Linux and its kin")
def test_the_cache_is_else_where_the_platform_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSOCMEM_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "assocmem"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path(os.path.expanduser("~")) / ".cache" / "assocmem"


def test_fingerprints_see_every_change(tmp_path: Path) -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
    with pytest.raises(TypeError, match="JSON"):
        fingerprint({"a": tmp_path})
    for name, text in (("a", "1"), ("b", "2"), ("c", "1")):
        (tmp_path / name).write_text(text)
    one, two, three = (str(tmp_path / name) for name in "abc")
    assert files_sha256(one, two) == files_sha256(three, two)
    assert len({files_sha256(one, two), files_sha256(two, one), files_sha256(one), files_sha256(one, one)}) == 4
