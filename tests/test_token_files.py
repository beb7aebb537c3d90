"""Token files give back every id, survive being killed while they are made, and say what is wrong with them."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from assocmem.language import token_files
from assocmem.language.token_files import TokenFileError, build_tokens, dtype_for, open_tokens


def words(size: int) -> Tokenizer:
    """A tokenizer of ``size`` words, w0 to the last, split at white space."""
    made = Tokenizer(models.WordLevel({f"w{i}": i for i in range(size)}, unk_token="w0"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return made


SMALL = words(50)
TEXTS = [("one", "w1 w2 w3"), ("empty", ""), ("two", "w49"), ("three", "w7 w8 w9 w10")]


def build(folder: Path, texts: list[tuple[str, str]] = TEXTS, tokenizer: Tokenizer = SMALL, **more: Any) -> Any:
    options = {"name": "words", "source": "test", "shard_documents": 2, "workers": 2, "progress": False} | more
    return build_tokens(folder, lambda: iter(texts), tokenizer, **options)


@settings(max_examples=30, deadline=None)
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
        assert sorted(p.name for p in Path(folder).iterdir()) == ["manifest.json", "tokens.bin"]


@pytest.mark.parametrize(("size", "dtype"), [(65535, "<u2"), (65536, "<u2"), (65537, "<u4")])
def test_border_of_the_two_kinds(tmp_path: Path, size: int, dtype: str) -> None:
    assert dtype_for(size) == dtype
    made = build(tmp_path, [("a", f"w{size - 1} w0")], words(size))
    assert (made.manifest["dtype"], made.tokens.dtype.str) == (dtype, dtype)
    assert made.tokens.tolist() == [size - 1, 0]


@given(st.integers(0, 30), st.integers(1, 8), st.integers(1, 8))
def test_windows_are_views(count: int, length: int, step: int) -> None:
    tokens = np.arange(count, dtype="<u2")
    found = token_files.TokenFile(tokens, {}).windows(length, step)
    assert found.tolist() == [list(range(i, i + length)) for i in range(0, count - length + 1, step)]
    assert found.shape[1] == length
    assert not found.size or np.shares_memory(found, tokens)


def test_mapped_ids_cannot_be_written(tmp_path: Path) -> None:
    made = build(tmp_path)
    assert isinstance(made.tokens, np.memmap)
    for view in (made.tokens, made.windows(2)):
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 1
    with pytest.raises(ValueError, match="positive"):
        made.windows(0)


def killed(folder: Path, function: str, at: int) -> int:
    """Build in a child process that dies at the ``at``-th call of a function of the module; its exit status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    calls, usual = [0], getattr(token_files, function)

    def dies(*arguments: Any) -> Any:
        calls[0] += 1
        return os._exit(9) if calls[0] == at else usual(*arguments)

    try:
        setattr(token_files, function, dies)
        build(folder, workers=1, shard_documents=1)
    finally:
        os._exit(1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(("function", "at"), [("_atomic", 4), ("_join", 1), ("_atomic", 9)])
def test_a_killed_build_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, at: int) -> None:
    folder, whole = tmp_path / "killed", tmp_path / "whole"
    assert killed(folder, function, at) == 9
    with pytest.raises(TokenFileError, match="not finished"):
        open_tokens(folder)
    kept = len(list((folder / "shards").glob("*.json")))
    assert kept == (1 if at == 4 else 4)
    build(whole, shard_documents=1)
    written: list[str] = []
    usual = token_files._atomic
    monkeypatch.setattr(token_files, "_atomic", lambda path, data: (written.append(path.name), usual(path, data)))
    build(folder, shard_documents=1)
    assert len(written) == 2 * (4 - kept) + 1  # Two files for each shard that was lacking, and the manifest.
    assert written[-1] == "manifest.json"
    for name in ("tokens.bin", "manifest.json"):
        assert (folder / name).read_bytes() == (whole / name).read_bytes()


def test_a_damaged_shard_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(token_files, "_join", interrupted)
        with pytest.raises(KeyboardInterrupt):
            build(tmp_path)
    shard = next((tmp_path / "shards").glob("*.bin"))
    shard.write_bytes(bytes(len(shard.read_bytes())))
    assert build(tmp_path).tokens.tolist() == [1, 2, 3, 49, 7, 8, 9, 10]


def test_a_finished_file_is_opened_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path)
    monkeypatch.setattr(token_files, "_shard", lambda *_: pytest.fail("encoded again"))
    assert build(tmp_path).tokens.tolist() == [1, 2, 3, 49, 7, 8, 9, 10]
    with pytest.raises(TokenFileError, match="another inputs"):
        build(tmp_path, [*TEXTS[:-1], ("three", "w7")])
    with pytest.raises(TokenFileError, match="another source"):
        build(tmp_path, source="other")
    with pytest.raises(TokenFileError, match="another tokenizer"):
        build(tmp_path, tokenizer=words(51))
    with pytest.raises(TokenFileError, match="another start"):
        build(tmp_path, start=1)


def test_damage_is_found(tmp_path: Path) -> None:
    build(tmp_path)
    path = tmp_path / "tokens.bin"
    data = path.read_bytes()
    path.write_bytes(b"\x05" + data[1:])
    open_tokens(tmp_path)
    with pytest.raises(TokenFileError, match="damaged"):
        open_tokens(tmp_path, verify=True)
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
    with pytest.raises(ValueError, match="start"):
        build(tmp_path, start=50)
