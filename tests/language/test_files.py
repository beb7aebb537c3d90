"""Files and folders appear whole or not at all, are on the disk when they do, and no reader meets their halves."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assocmem.language.files import flush_folder, replacing, write_bytes, write_folder, write_json, write_text


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From now on: what is flushed (a file or a folder) and what takes its name, in order."""
    calls: list[str] = []
    flush, move, rename = os.fsync, os.replace, Path.rename

    def flushed(handle: int) -> None:
        calls.append("flush folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "flush file")
        flush(handle)

    def moved(source: Any, target: Any) -> None:
        calls.append("name")
        move(source, target)

    def renamed(self: Path, target: Any) -> Path:
        calls.append("name")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "replace", moved)
    monkeypatch.setattr(Path, "rename", renamed)
    return calls


WRITERS: dict[str, tuple[Callable[[Path], None], bytes]] = {
    "bytes": (lambda path: write_bytes(path, b"\r\n\x00"), b"\r\n\x00"),
    "text": (lambda path: write_text(path, "é\r\n"), "é\r\n".encode()),
    "json": (lambda path: write_json(path, {"b": 1, "a": "é"}, sort_keys=True), b'{"a": "\\u00e9", "b": 1}\n'),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_holds_what_was_written_and_nothing_stays_beside_it(name: str, tmp_path: Path) -> None:
    write, content = WRITERS[name]
    for before in (None, b"an older and longer file"):
        if before is not None:
            (tmp_path / "file.json").write_bytes(before)
        write(tmp_path / "file.json")
        assert (tmp_path / "file.json").read_bytes() == content
        assert names(tmp_path) == ["file.json"]


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_is_flushed_before_it_takes_its_name_and_its_folder_after(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = recorded(monkeypatch)
    WRITERS[name][0](tmp_path / "file.json")
    assert calls == ["flush file", "name", "flush folder"]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
@pytest.mark.parametrize("before", [None, b"old"])
def test_an_error_leaves_what_was_there_and_nothing_else(
    failing: str, before: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if before is not None:
        (tmp_path / "file").write_bytes(before)
    monkeypatch.setattr(os, failing, full)
    with pytest.raises(OSError, match="No space left"):
        write_text(tmp_path / "file", "new")
    assert names(tmp_path) == ([] if before is None else ["file"])
    assert before is None or (tmp_path / "file").read_bytes() == before


def test_a_reader_meets_the_old_file_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
        assert [one.name for one in tmp_path.glob("*.txt")] == ["file.txt"]
        (scratch,) = set(names(tmp_path)) - {"file.txt"}
        assert scratch.startswith(".file.txt-")
    assert path.read_text() == "new"


def test_a_block_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    def stops() -> None:
        with replacing(tmp_path / "file") as file:
            file.write(b"half")
            raise KeyboardInterrupt

    (tmp_path / "file").write_text("old")
    with pytest.raises(KeyboardInterrupt):
        stops()
    assert names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_a_scratch_file_may_lie_in_another_folder(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    with replacing(tmp_path / "file", scratch_in=tmp_path / "scratch") as file:
        file.write(b"x")
        assert names(tmp_path) == ["scratch"]
        assert len(names(tmp_path / "scratch")) == 1
    assert names(tmp_path) == ["file", "scratch"]
    assert names(tmp_path / "scratch") == []


@pytest.mark.parametrize(
    ("value", "layout", "error"), [(object(), {}, TypeError), (float("nan"), {"allow_nan": False}, ValueError)]
)
def test_what_json_cannot_hold_is_refused_before_anything_is_written(
    value: object, layout: dict[str, Any], error: type[Exception], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(error, match="JSON"):
        write_json(tmp_path / "file", {"a": value}, **layout)
    assert (tmp_path / "file").read_text() == "old"
    write_json(tmp_path / "file", {"a": 1.5}, indent=1, **layout)
    assert json.loads((tmp_path / "file").read_text()) == {"a": 1.5}


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_files_and_folders_have_the_usual_modes(tmp_path: Path) -> None:
    umask = os.umask(0o022)
    try:
        write_text(tmp_path / "file", "x")
        write_folder(tmp_path / "folder", lambda _: None)
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o755


def test_a_folder_is_flushed_before_it_takes_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(folder: Path) -> None:
        (folder / "inner").mkdir()
        (folder / "a").write_text("1")
        (folder / "inner" / "b").write_text("2")
        assert not (tmp_path / "above" / "folder").exists()
        assert folder.name.startswith(".folder-")

    calls = recorded(monkeypatch)
    write_folder(tmp_path / "above" / "folder", fill)
    assert sorted(calls[:4]) == ["flush file", "flush file", "flush folder", "flush folder"]
    assert calls[4:] == ["name", "flush folder"]
    assert names(tmp_path / "above") == ["folder"]
    assert (tmp_path / "above" / "folder" / "inner" / "b").read_text() == "2"


def test_a_folder_that_cannot_be_filled_is_not_there(tmp_path: Path) -> None:
    def fails(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "folder", fails)
    assert names(tmp_path) == []


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_folder_that_is_there_stays_as_it_is(when: str, tmp_path: Path) -> None:
    def first() -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "a").write_text("first")

    def fill(folder: Path) -> None:
        assert when == "meanwhile"
        first()

    if when == "before":
        first()
    with pytest.raises(FileExistsError, match="folder"):
        write_folder(tmp_path / "folder", fill)
    assert names(tmp_path) == ["folder"]
    assert (tmp_path / "folder" / "a").read_text() == "first"


def test_a_drive_that_cannot_flush_folders_is_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = os.fsync

    def fails(number: int) -> Callable[[int], None]:
        def flush(handle: int) -> None:
            if stat.S_ISDIR(os.fstat(handle).st_mode):
                raise OSError(number, os.strerror(number))
            usual(handle)

        return flush

    monkeypatch.setattr(os, "fsync", fails(errno.EINVAL))
    write_text(tmp_path / "file", "x")
    flush_folder(tmp_path)
    monkeypatch.setattr(os, "fsync", fails(errno.EIO))
    with pytest.raises(OSError, match="error"):
        flush_folder(tmp_path)
