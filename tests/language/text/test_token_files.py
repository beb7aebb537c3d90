"""Token files give back every id, survive being killed while they are made, and say what is wrong with them."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from assocmem.language.text import token_files
from assocmem.language.text.token_files import TokenFileError, build_tokens, dtype_for, open_tokens


def words(size: int) -> Tokenizer:
    """A tokenizer of ``size`` words, w0 to the last, split at white space."""
    made = Tokenizer(models.WordLevel({f"w{i}": i for i in range(size)}, unk_token="w0"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return made


SMALL = words(50)
TEXTS = [("one", "w1 w2 w3"), ("empty", ""), ("two", "w49"), ("three", "w7 w8 w9 w10")]


def build(folder: Path, texts: list[tuple[str, str]] = TEXTS, tokenizer: Tokenizer = SMALL, **more: Any) -> Any:
    options: dict[str, Any] = {
        "name": "words",
        "source": "test",
        "shard_documents": 2,
        "workers": 2,
        "progress": False,
    } | more
    return build_tokens(folder, lambda: iter(texts), tokenizer, **options)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 49), max_size=6), max_size=7),
    st.integers(1, 4),
    st.integers(1, 3),
    st.none() | st.integers(0, 49),
)
def test_every_id_comes_back(rows: list[list[int]], shard: int, workers: int, start: int | None) -> None:
    texts = [(f"d{i}", " ".join(f"w{t}" for t in row)) for i, row in enumerate(rows)]
    with tempfile.TemporaryDirectory() as folder:
        made = build(Path(folder), texts, shard_documents=shard, workers=workers, start=start)
        first = [] if start is None else [start]
        assert [made.document(i).tolist() for i in range(len(rows))] == [first + row for row in rows]
        assert made.tokens.tolist() == [t for row in rows for t in first + row]
        assert made.manifest["documents"] == [name for name, _ in texts]
        assert open_tokens(folder, verify=True).manifest == made.manifest
        assert sorted(p.name for p in Path(folder).iterdir()) == ["lock", "manifest.json", "tokens.bin"]


@pytest.mark.parametrize(("size", "dtype"), [(65535, "<u2"), (65536, "<u2"), (65537, "<u4")])
def test_border_of_the_two_kinds(tmp_path: Path, size: int, dtype: str) -> None:
    assert dtype_for(size) == dtype
    made = build(tmp_path, [("a", f"w{size - 1} w0")], words(size))
    assert (made.manifest["dtype"], made.tokens.dtype.str) == (dtype, dtype)
    assert made.tokens.tolist() == [size - 1, 0]


@given(st.integers(0, 30), st.integers(1, 8), st.integers(1, 8))
def test_windows_are_views(count: int, length: int, step: int) -> None:
    tokens = np.arange(count, dtype="<u2")
    windows = token_files.TokenFile(tokens, {}).windows(length, step)
    assert windows.tolist() == [list(range(i, i + length)) for i in range(0, count - length + 1, step)]
    assert windows.shape[1] == length
    assert not windows.size or np.shares_memory(windows, tokens)


def test_mapped_ids_cannot_be_written(tmp_path: Path) -> None:
    made = build(tmp_path)
    assert isinstance(made.tokens, np.memmap)
    for view in (made.tokens, made.windows(2)):
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 1
    with pytest.raises(ValueError, match="positive"):
        made.windows(0)


def killed(folder: Path, dying: str, at: int) -> int:
    """Build in a child process that dies in its ``at``-th call of a function of os; its exit status, 0 if it ended.

    A dying write leaves half of its data: that of a small file is in the buffer until fsync.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    calls, usual = [0], getattr(os, dying)

    def dies(*arguments: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] == at:
            if dying == "fsync" and stat.S_ISREG(os.fstat(arguments[0]).st_mode):
                os.truncate(arguments[0], os.fstat(arguments[0]).st_size // 2)
            os._exit(9)
        return usual(*arguments, **options)

    try:
        setattr(os, dying, dies)
        build(folder, workers=1, shard_documents=1)
        os._exit(0)
    finally:
        os._exit(1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(
    ("dying", "calls", "before"),
    [
        ("fsync", 20, (1, 7, 17, 18, 19, 20, 21)),
        ("replace", 10, (8, 9, 10, 11)),
        ("rmdir", 1, (1,)),
    ],
)
def test_a_build_killed_anywhere_goes_on(tmp_path: Path, dying: str, calls: int, before: tuple[int, ...]) -> None:
    """Two files for each of four shards, the ids, and the manifest; after each file the names in its folder."""
    build(tmp_path / "whole", shard_documents=1)
    for at in before:
        folder = tmp_path / str(at)
        assert killed(folder, dying, at) == (9 if at <= calls else 0)
        if at <= calls and dying != "rmdir" and (dying, at) != ("fsync", calls):  # Of the names, when it is finished.
            with pytest.raises(TokenFileError, match="not finished"):
                open_tokens(folder)
        build(folder, shard_documents=1)
        open_tokens(folder, verify=True)
        assert sorted(p.name for p in folder.iterdir()) == ["lock", "manifest.json", "tokens.bin"]
        for name in ("tokens.bin", "manifest.json"):
            assert (folder / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_what_is_finished_is_not_encoded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[str] = []
    usual = token_files._ids

    def counted(job: Any, name: str, text: str) -> Any:
        encoded.append(name)
        return usual(job, name, text)

    monkeypatch.setattr(token_files, "_ids", counted)
    with monkeypatch.context() as patch:
        patch.setattr(token_files, "_join", interrupted)
        with pytest.raises(KeyboardInterrupt):
            build(tmp_path, TEXTS[:3], shard_documents=1, workers=1)
    assert build(tmp_path, shard_documents=1, workers=1).tokens.tolist() == [1, 2, 3, 49, 7, 8, 9, 10]
    assert encoded == ["one", "empty", "two", "three"]


def test_an_interrupted_build_of_something_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swapped = Tokenizer(models.WordLevel({f"w{i}": 49 - i for i in range(50)}, unk_token="w0"))
    swapped.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    other = [("one", "w1 w2 w4"), *TEXTS[1:]]
    for k, (options, first) in enumerate([({"start": 5}, 5), ({"tokenizer": swapped}, 48), ({"texts": other}, 1)]):
        folder = tmp_path / str(k)
        with monkeypatch.context() as patch:
            patch.setattr(token_files, "_join", interrupted)
            with pytest.raises(KeyboardInterrupt):
                build(folder)
        made = build(folder, **options)  # type: ignore[arg-type]
        assert made.tokens.tolist()[0] == first
        assert made.tokens.tolist() == build(tmp_path / f"{k} alone", **options).tokens.tolist()  # type: ignore[arg-type]


def test_only_the_start_is_added_to_the_ids_of_a_text(tmp_path: Path) -> None:
    adding = words(50)
    adding.post_processor = processors.TemplateProcessing(
        single="w48 $A w49", special_tokens=[("w48", 48), ("w49", 49)]
    )
    assert adding.encode("w1").ids == [48, 1, 49]
    assert build(tmp_path, [("a", "w1")], adding, start=7).tokens.tolist() == [7, 1]


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def other_process(work: Callable[[], object]) -> Iterator[int]:
    """A child of this process that works and ends; it is not left behind when the block fails."""
    child = os.fork()
    if not child:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    try:
        yield child
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_second_build_of_a_folder_waits_for_the_first(tmp_path: Path) -> None:
    """The child holds the folder until it has read a byte; what is made meanwhile must be made after it."""
    (reading, writing), (told, telling) = os.pipe(), os.pipe()

    def hold() -> None:
        with FileLock(tmp_path / token_files.LOCK):
            os.write(telling, b"x")
            os.read(reading, 1)
            (tmp_path / "first").write_text("")

    with other_process(hold):
        os.read(told, 1)
        with ThreadPoolExecutor(1) as pool:
            made = pool.submit(build, tmp_path)
            with pytest.raises(TimeoutError):
                made.result(timeout=0.3)
            assert [path.name for path in tmp_path.iterdir()] == ["lock"]
            os.write(writing, b"x")
            assert made.result(timeout=60).tokens.tolist() == [1, 2, 3, 49, 7, 8, 9, 10]
    for end in (reading, writing, told, telling):
        os.close(end)
    assert (tmp_path / "first").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_of_two_processes_that_build_one_folder_one_encodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [(f"{name} {copy}", text) for copy in range(5) for name, text in TEXTS]  # No two shards are the same.
    encoded, usual = tmp_path / "encoded", token_files._ids

    def counted(job: Any, name: str, text: str) -> Any:
        with encoded.open("a") as file:
            file.write("x")
        time.sleep(0.01)  # Long enough for the other to begin.
        return usual(job, name, text)

    monkeypatch.setattr(token_files, "_ids", counted)
    with other_process(lambda: build(tmp_path / "folder", texts, shard_documents=1)):
        build(tmp_path / "folder", texts, shard_documents=1)
    assert encoded.read_text() == "x" * len(texts)
    assert sorted(p.name for p in (tmp_path / "folder").iterdir()) == ["lock", "manifest.json", "tokens.bin"]
    build(tmp_path / "alone", texts, shard_documents=1)
    for name in ("tokens.bin", "manifest.json"):
        assert (tmp_path / "folder" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()


def test_a_finished_file_opens_where_no_lock_can_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a folder where this user may not write."""
    build(tmp_path)
    monkeypatch.setattr(token_files, "FileLock", lambda _: pytest.fail("a lock for a finished file"))
    assert build(tmp_path).tokens.tolist() == [1, 2, 3, 49, 7, 8, 9, 10]


def test_a_full_disk_is_named_and_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for calls in (0, 5, 4):  # The ids of a shard, the description of another, the ids of all.
        left = iter(range(calls))
        usual = os.fsync

        def filling(handle: int, left: Iterator[int] = left, usual: Callable[[int], None] = usual) -> None:
            """Files alone: the names in a folder take no more room."""
            if stat.S_ISREG(os.fstat(handle).st_mode) and next(left, None) is None:
                raise OSError(errno.ENOSPC, "No space left on device")
            usual(handle)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", filling)
            with pytest.raises(OSError, match="No space left") as caught:
                build(tmp_path, shard_documents=1, workers=1)
        if calls == 4:
            assert caught.value.filename == str(tmp_path / "tokens.bin")
        assert all(p.suffix in (".bin", ".json") and "-" not in p.name for p in (tmp_path / "shards").iterdir())
        assert sorted(p.name for p in tmp_path.iterdir()) == ["lock", "shards"]
    assert build(tmp_path, shard_documents=1).tokens.tolist() == [1, 2, 3, 49, 7, 8, 9, 10]


def test_what_cannot_be_encoded_is_named(tmp_path: Path) -> None:
    for wrong in ("w1 \ud800", None):
        with pytest.raises(ValueError, match="document 'bad' cannot be encoded"):
            build(tmp_path, [*TEXTS, ("bad", wrong)])  # type: ignore[list-item]
    odd = "w1 \0 \ufeff\U0001f600 w2"
    assert build(tmp_path, [("\ud800", odd)], start=np.uint8(3)).tokens.tolist() == [3, 1, 0, 0, 2]
    assert open_tokens(tmp_path).manifest["documents"] == ["\ud800"]


def test_documents_are_named_from_either_end(tmp_path: Path) -> None:
    made = build(tmp_path)
    assert made.document(-1).tolist() == made.document(3).tolist() == [7, 8, 9, 10]
    for index in (4, -5):
        with pytest.raises(IndexError, match="index must be one of 4 documents"):
            made.document(index)


def test_a_damaged_shard_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for ending, damage in (
        (".bin", lambda data: bytes(len(data))),
        (".json", lambda _: b"[]"),
        (".json", lambda _: b"{}"),
        (".json", lambda _: b"\xff"),
        (".json", lambda data: data.replace(b'"lengths": [', b'"lengths": [0, ')),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(token_files, "_join", interrupted)
            with pytest.raises(KeyboardInterrupt):
                build(tmp_path)
        for shard in (tmp_path / "shards").glob(f"*{ending}"):
            shard.write_bytes(damage(shard.read_bytes()))
        assert build(tmp_path).tokens.tolist() == [1, 2, 3, 49, 7, 8, 9, 10]
        (tmp_path / "manifest.json").unlink()


def test_a_finished_file_is_opened_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path)
    monkeypatch.setattr(token_files, "_shard", lambda *_: pytest.fail("encoded again"))
    assert build(tmp_path).tokens.tolist() == [1, 2, 3, 49, 7, 8, 9, 10]
    with pytest.raises(TokenFileError, match="of another list of documents"):
        build(tmp_path, [*TEXTS[:-1], ("three", "w7")])
    with pytest.raises(TokenFileError, match="of another list of documents"):
        build(tmp_path, [*TEXTS[:-1], ("four", TEXTS[-1][1])])
    with pytest.raises(TokenFileError, match="of another source"):
        build(tmp_path, source="other")
    with pytest.raises(TokenFileError, match="of another tokenizer"):
        build(tmp_path, tokenizer=words(51))
    with pytest.raises(TokenFileError, match="of another start"):
        build(tmp_path, start=1)


def test_damage_is_found(tmp_path: Path) -> None:
    build(tmp_path)
    path = tmp_path / "tokens.bin"
    data = path.read_bytes()
    path.write_bytes(b"\x05" + data[1:])
    open_tokens(tmp_path)
    with pytest.raises(TokenFileError, match="damaged"):
        open_tokens(tmp_path, verify=True)
    path.write_bytes(data + bytes(2))
    with pytest.raises(TokenFileError, match="18 bytes where"):
        open_tokens(tmp_path)
    path.write_bytes(data[:-1])
    with pytest.raises(TokenFileError, match="15 bytes where"):
        open_tokens(tmp_path)
    path.unlink()
    with pytest.raises(TokenFileError, match="missing"):
        open_tokens(tmp_path)
    with pytest.raises(FileNotFoundError, match="absent"):
        open_tokens(tmp_path / "absent")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("version", 2, "version 1"),
        ("dtype", "<u4", "does not fit the vocabulary"),
        ("dtype", None, "lacks dtype"),
        ("count", 7, "offsets do not fit"),
        ("offsets", [0, 3, 2, 4, 8], "must not fall"),
        ("offsets", [0, 3, "3", 4, 8], "must be whole numbers"),
        ("offsets", [0, 3, 3.5, 4, 8], "must be whole numbers"),
        ("offsets", [], "offsets do not fit"),
        ("offsets", [1, 3, 3, 4, 8], "offsets do not fit"),
        ("offsets", [0, 3, 3, 4, 7], "offsets do not fit"),
        ("tokenizer", {"vocabulary": 0}, "does not fit the vocabulary"),
        ("tokenizer", {"vocabulary": 2**40}, "does not fit the vocabulary"),
        ("documents", ["one"], "offsets do not fit"),
        ("tokenizer", {}, "does not fit the vocabulary"),
    ],
)
def test_a_wrong_manifest_is_named(tmp_path: Path, field: str, value: object, message: str) -> None:
    path = tmp_path / "manifest.json"
    manifest = build(tmp_path).manifest | {field: value}
    path.write_text(json.dumps(manifest))
    with pytest.raises(TokenFileError, match=message):
        open_tokens(tmp_path)
    path.write_text("{")
    with pytest.raises(TokenFileError, match="not JSON"):
        open_tokens(tmp_path)


def test_tokenizers_that_cut_are_refused(tmp_path: Path) -> None:
    cutting = words(50)
    cutting.enable_truncation(2)
    with pytest.raises(ValueError, match="truncate"):
        build(tmp_path, tokenizer=cutting)
    padding = words(50)
    padding.enable_padding()
    with pytest.raises(ValueError, match="pad"):
        build(tmp_path, tokenizer=padding)
    with pytest.raises(ValueError, match="tokenizer must have a vocabulary"):
        build(tmp_path, tokenizer=Tokenizer(models.WordLevel({}, unk_token="w0")))
    for start in (50, -1):
        with pytest.raises(ValueError, match="start must be an id below 50"):
            build(tmp_path, start=start)
    for wrong in ("shard_documents", "workers"):
        with pytest.raises(ValueError, match="shard_documents and workers must be positive"):
            build(tmp_path, **{wrong: 0})  # type: ignore[arg-type]
    for vocabulary in (0, 2**32 + 1):
        with pytest.raises(ValueError, match="vocabulary must be"):
            dtype_for(vocabulary)
    assert list(tmp_path.iterdir()) == []


def test_a_build_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        build(tmp_path / "file" / "folder")
    with pytest.raises(OSError, match="file"):
        build(tmp_path / "file")


def test_a_file_is_read_once_and_again_when_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSOCMEM_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "t"
    made = build(folder, [("a", "w1 w0 w1")], words(2))
    reads: list[Path] = []
    whole = token_files._read_all
    monkeypatch.setattr(token_files, "_read_all", lambda path, dtype: reads.append(path) or whole(path, dtype))
    for _ in range(3):
        open_tokens(folder, verify=True)
    assert len(reads) == 1
    data = np.array([0, 0, 1], dtype=made.manifest["dtype"])  # The same ids in another order.
    (folder / "tokens.bin").write_bytes(data.tobytes())
    with pytest.raises(TokenFileError, match=r"tokens\.bin is damaged: its sha256"):
        open_tokens(folder, verify=True)
    assert len(reads) == 2


def test_an_id_that_the_vocabulary_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSOCMEM_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "t"
    build(folder, [("a", "w1 w0 w1")], words(2))
    data = np.array([0, 7, 1], dtype="<u2").tobytes()
    (folder / "tokens.bin").write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"sha256": sha256(data).hexdigest()}))
    with pytest.raises(TokenFileError, match=r"tokens\.bin has the id 7, .* the vocabulary is 2"):
        open_tokens(folder, verify=True)
