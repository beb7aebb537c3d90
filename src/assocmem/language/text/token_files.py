"""Token files: long texts as ids on disk, mapped into memory, made in parallel and safe to interrupt.

A folder holds ``tokens.bin`` (ids in a row, little-endian, two bytes each where the vocabulary allows it) and
``manifest.json``, written last, so that a folder with a manifest is finished. Until then a folder ``shards`` holds the
finished parts; each is named by the sha256 of its documents and of how they are encoded, so that a later call can
only reuse what it would make again. One process builds a folder at a time, which holds its file ``lock``; others wait.
"""

from __future__ import annotations

import json
import operator
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from jaxtyping import UInt
from rich.console import Console
from rich.progress import Progress
from tokenizers import Tokenizer

from assocmem.language.cache import cache_folder, fingerprint
from assocmem.language.files import replacing, write_bytes, write_json

__all__ = ["Documents", "TokenFile", "TokenFileError", "build_tokens", "dtype_for", "open_tokens"]

VERSION = 1
DATA, MANIFEST, SHARDS, LOCK = "tokens.bin", "manifest.json", "shards", "lock"
FIELDS = {
    "version": int,
    "dtype": str,
    "count": int,
    "sha256": str,
    "tokenizer": dict,
    "source": str,
    "start": object,
    "inputs": str,
    "documents": list,
    "offsets": list,
}

Documents = Callable[[], Iterable[tuple[str, str]]]
"""Gives (name, text) of each document in the same order whenever it is called."""
Ids = UInt[np.ndarray, " tokens"]
"""Ids in a row, two or four bytes each."""


class TokenFileError(ValueError):
    """A token file that is unfinished, damaged, or not what its manifest says; the message names the file."""


@dataclass(frozen=True)
class TokenFile:
    """Ids mapped read-only from disk, and the manifest that describes them.

    Attributes
    ----------
    tokens : UInt[ndarray, "tokens"]
        All documents, one after another.
    manifest : dict
        Among others ``dtype``, ``count``, ``sha256``, ``tokenizer``, ``source``, ``documents`` and their ``offsets``.
    """

    tokens: Ids
    manifest: dict[str, Any]

    def document(self, index: int) -> Ids:
        """The ids of one document.

        Parameters
        ----------
        index : int
            Its place; -1 is the last.

        Returns
        -------
        UInt[ndarray, "tokens"]
            A view.

        Raises
        ------
        IndexError
            Where there is no such document.
        """
        offsets = self.manifest["offsets"]
        documents = range(len(offsets) - 1)
        if not -len(documents) <= index < len(documents):
            raise IndexError(f"index must be one of {len(documents)} documents, got {index}")
        index = documents[index]
        return self.tokens[offsets[index] : offsets[index + 1]]

    def windows(self, length: int, step: int | None = None) -> UInt[np.ndarray, "windows length"]:
        """Windows of equal length; what is left at the end and fills no window is not used.

        For inputs with their targets take windows of one id more than the context, a context apart.

        Parameters
        ----------
        length : int
            Ids of a window.
        step : int or None
            From the start of a window to that of the next; ``length`` if None.

        Returns
        -------
        UInt[ndarray, "windows length"]
            A view: nothing is copied. There may be no window.

        Raises
        ------
        ValueError
            Unless both are positive.
        """
        step = length if step is None else step
        if length < 1 or step < 1:
            raise ValueError(f"length and step must be positive, got {length} and {step}")
        if length > len(self.tokens):
            return np.empty((0, length), dtype=self.tokens.dtype)
        windows: UInt[np.ndarray, "windows length"] = np.lib.stride_tricks.sliding_window_view(self.tokens, length)[
            ::step
        ]
        return windows


def dtype_for(vocabulary: int) -> str:
    """The numpy type of ids.

    Parameters
    ----------
    vocabulary : int
        One more than the greatest id.

    Returns
    -------
    str
        ``<u2`` for up to 65,536 tokens, else ``<u4``.

    Raises
    ------
    ValueError
        For fewer than 1 and more than 2^32.
    """
    if not 1 <= vocabulary <= 2**32:
        raise ValueError(f"vocabulary must be from 1 to 2^32, got {vocabulary}")
    return "<u2" if vocabulary <= 2**16 else "<u4"


def build_tokens(
    folder: str | Path,
    documents: Documents,
    tokenizer: Tokenizer,
    *,
    name: str,
    source: str,
    start: int | None = None,
    shard_documents: int = 8,
    workers: int | None = None,
    progress: bool = True,
) -> TokenFile:
    """Encode all documents into a folder.

    An interrupted build goes on at the next call; a finished one of the same documents, tokenizer, and
    ``shard_documents`` is opened.

    Parameters
    ----------
    folder : str or Path
        Where the token file goes.
    documents : Documents
        Gives name and text of each, whenever it is called.
    tokenizer : Tokenizer
        Encodes them, without marks of its own.
    name, source : str
        What the manifest calls the tokenizer and the text.
    start : int or None
        The id that stands before each document; None for none.
    shard_documents : int
        Documents that are encoded and written together.
    workers : int or None
        Threads (tokenizers run outside the interpreter's lock), one per core if None; the bytes do not depend on them.
    progress : bool
        Whether a bar is shown.

    Returns
    -------
    TokenFile
        The finished file, mapped from disk.

    Raises
    ------
    ValueError
        For a tokenizer that truncates or pads, a document that it cannot encode, and numbers that are out of range.
    OSError
        Where the folder cannot be written.
    TokenFileError
        When the folder holds a finished file of something else.
    """
    vocabulary = _vocabulary(tokenizer)
    if shard_documents < 1 or (workers is not None and workers < 1):
        raise ValueError(f"shard_documents and workers must be positive, got {shard_documents} and {workers}")
    if start is not None and not 0 <= (start := operator.index(start)) < vocabulary:
        raise ValueError(f"start must be an id below {vocabulary}, got {start}")
    folder, digest = Path(folder), sha256(tokenizer.to_str().encode()).hexdigest()
    job = _Job(folder, tokenizer, start, dtype_for(vocabulary), fingerprint([VERSION, digest, start]))
    described = {"tokenizer": {"name": name, "sha256": digest, "vocabulary": vocabulary}, "source": source}
    if not (folder / MANIFEST).exists():
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / LOCK):
            if not (folder / MANIFEST).exists():  # Nor made by another process meanwhile.
                (folder / SHARDS).mkdir(exist_ok=True)
                parts = list(_encoded(job, documents, shard_documents, workers or os.cpu_count() or 1, progress))
                _finish(job, parts, described)
                return open_tokens(folder)
    return _finished(job, documents, described, shard_documents)


def _vocabulary(tokenizer: Tokenizer) -> int:
    """One more than the largest id of a tokenizer, which must give all ids of a text and no others."""
    if tokenizer.truncation is not None or tokenizer.padding is not None:
        raise ValueError("the tokenizer must neither truncate nor pad")
    largest: int = max(tokenizer.get_vocab(with_added_tokens=True).values(), default=-1)
    if largest < 0:
        raise ValueError("the tokenizer must have a vocabulary, got none")
    return 1 + largest


@dataclass(frozen=True)
class _Job:
    """How a shard is made: everything that its bytes depend on beside its documents."""

    folder: Path
    tokenizer: Tokenizer
    start: int | None
    dtype: str
    identity: str

    def key(self, group: tuple[tuple[str, str], ...]) -> str:
        return fingerprint([self.identity, *group])


@dataclass(frozen=True)
class _Part:
    """A finished shard: its key, its file, its documents' names and numbers of ids."""

    key: str
    path: Path
    names: list[str]
    lengths: list[int]


def _groups(documents: Iterable[tuple[str, str]], size: int) -> Iterator[tuple[tuple[str, str], ...]]:
    """Runs of ``size`` documents, the last one shorter."""
    stream = iter(documents)
    while group := tuple(islice(stream, size)):
        yield group


def _finished(job: _Job, documents: Documents, described: dict[str, Any], size: int) -> TokenFile:
    """The finished file, if it is the one that is wanted."""
    finished = open_tokens(job.folder)
    inputs = fingerprint([job.key(group) for group in _groups(documents(), size)])
    for field, value in {**described, "start": job.start, "inputs": inputs}.items():
        if finished.manifest[field] != value:
            what = "list of documents (or shard_documents)" if field == "inputs" else field
            raise TokenFileError(f"{job.folder} holds a finished token file of another {what}; choose another folder")
    shutil.rmtree(job.folder / SHARDS, ignore_errors=True)
    return finished


def _finish(job: _Job, parts: list[_Part], described: dict[str, Any]) -> None:
    """Join the shards, describe the file, and only then remove them; what a kill leaves behind is among the shards."""
    size, digest = _join(job.folder, parts)
    lengths = [length for part in parts for length in part.lengths]
    manifest = described | {
        "version": VERSION,
        "dtype": job.dtype,
        "count": size // np.dtype(job.dtype).itemsize,
        "sha256": digest,
        "start": job.start,
        "inputs": fingerprint([part.key for part in parts]),
        "documents": [name for part in parts for name in part.names],
        "offsets": np.cumsum([0, *lengths]).tolist(),
    }
    write_json(job.folder / MANIFEST, manifest, scratch_in=job.folder / SHARDS, sort_keys=True)
    shutil.rmtree(job.folder / SHARDS, ignore_errors=True)


def _encoded(job: _Job, documents: Documents, size: int, workers: int, progress: bool) -> Iterator[_Part]:
    """The shards in order; no more than two per worker are in memory at a time."""
    waiting: deque[Future[_Part]] = deque()
    bar = Progress(console=Console(stderr=True), disable=not progress)
    with bar, ThreadPoolExecutor(workers) as pool:
        task = bar.add_task("documents", total=None)
        try:
            for group in _groups(documents(), size):
                waiting.append(pool.submit(_shard, job, group))
                if len(waiting) >= 2 * workers:
                    yield _reported(waiting.popleft().result(), bar, task)
            while waiting:
                yield _reported(waiting.popleft().result(), bar, task)
        finally:
            for future in waiting:
                future.cancel()


def _reported(part: _Part, bar: Progress, task: Any) -> _Part:
    bar.advance(task, len(part.names))
    return part


def _shard(job: _Job, group: tuple[tuple[str, str], ...]) -> _Part:
    """Reuse or make one shard; its description is written after its ids, and counts only if they match it."""
    key = job.key(group)
    path = job.folder / SHARDS / f"{key}.bin"
    names, note = [name for name, _ in group], path.with_suffix(".json")
    if path.exists() and note.exists():
        with suppress(ValueError, KeyError, TypeError):
            known = json.loads(note.read_text(encoding="utf-8"))
            if known["sha256"] == sha256(path.read_bytes()).hexdigest() and len(known["lengths"]) == len(names):
                return _Part(key, path, names, known["lengths"])
    rows = [_ids(job, *document) for document in group]
    data = np.concatenate(rows).tobytes()
    lengths = [len(row) for row in rows]
    write_bytes(path, data)
    write_json(note, {"sha256": sha256(data).hexdigest(), "lengths": lengths})
    return _Part(key, path, names, lengths)


def _ids(job: _Job, name: str, text: str) -> Ids:
    first = [] if job.start is None else [job.start]
    try:
        return np.array([*first, *job.tokenizer.encode(text, add_special_tokens=False).ids], dtype=job.dtype)
    except (TypeError, UnicodeError) as error:  # Half a surrogate pair, or no text at all.
        raise ValueError(f"document {name!r} cannot be encoded: {error}") from error


def _join(folder: Path, parts: list[_Part]) -> tuple[int, str]:
    """All shards as one file; its bytes and sha256. A full disk is named, and not filled for good."""
    size, digest = 0, sha256()
    try:
        with replacing(folder / DATA, scratch_in=folder / SHARDS) as file:
            for part in parts:
                data = part.path.read_bytes()
                digest.update(data)
                size += file.write(data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder / DATA)) from error
    return size, digest.hexdigest()


def open_tokens(folder: str | Path, *, verify: bool = False) -> TokenFile:
    """Open a finished token file.

    Parameters
    ----------
    folder : str or Path
        Where it is.
    verify : bool
        Whether the sha256 of the ids is checked too, and that all lie within the vocabulary; their number always is.
        A file that was found right is not read again while neither it nor its manifest changes.

    Returns
    -------
    TokenFile
        Mapped read-only.

    Raises
    ------
    FileNotFoundError
        Where there is no folder.
    TokenFileError
        For what is unfinished or does not fit.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder of tokens: {folder}")
    manifest, path = _manifest(folder), folder / DATA
    if not path.exists():
        raise TokenFileError(f"{path} is missing, which {MANIFEST} describes")
    expected, size = manifest["count"] * np.dtype(manifest["dtype"]).itemsize, path.stat().st_size
    if size != expected:
        raise TokenFileError(f"{path} has {size} bytes where {MANIFEST} says {expected}")
    if verify:
        _verify(path, manifest)
    if not manifest["count"]:
        return TokenFile(np.empty(0, dtype=manifest["dtype"]), manifest)  # An empty file cannot be mapped.
    return TokenFile(np.memmap(path, dtype=manifest["dtype"], mode="r"), manifest)


def _verify(path: Path, manifest: dict[str, Any]) -> None:
    """Read all ids once: they are those of the manifest, and the tokenizer has them. The cache remembers that."""
    state = path.stat()
    seen = [str(path.resolve()), state.st_size, state.st_mtime_ns, state.st_ino, manifest["sha256"]]
    note = cache_folder() / "verified" / fingerprint(seen)
    if note.exists():
        return
    digest, largest = _read_all(path, manifest["dtype"])
    if digest != manifest["sha256"]:
        raise TokenFileError(f"{path} is damaged: its sha256 is {digest}, {MANIFEST} says {manifest['sha256']}")
    vocabulary = manifest["tokenizer"]["vocabulary"]
    if largest >= vocabulary:
        raise TokenFileError(f"{path} has the id {largest}, and {MANIFEST} says that the vocabulary is {vocabulary}")
    with suppress(OSError):  # What cannot be remembered is read again.
        note.parent.mkdir(parents=True, exist_ok=True)
        note.touch()


def _read_all(path: Path, dtype: str) -> tuple[str, int]:
    """The sha256 of a file of ids, and the largest of them, -1 without any."""
    digest, largest = sha256(), -1
    with path.open("rb") as file:
        while block := file.read(1 << 22):  # A multiple of the size of an id.
            digest.update(block)
            largest = max(largest, int(np.frombuffer(block, dtype=dtype).max()))
    return digest.hexdigest(), largest


def _manifest(folder: Path) -> dict[str, Any]:
    """The manifest, with every field of its kind and all of them in agreement."""
    path = folder / MANIFEST
    if not path.exists():
        raise TokenFileError(f"{folder} has no {MANIFEST}: its build was not finished; call build_tokens again")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TokenFileError(f"{path} is not JSON: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("version") != VERSION:
        raise TokenFileError(f"{path} is not a manifest of version {VERSION}")
    for field, kind in FIELDS.items():
        if field not in manifest or not isinstance(manifest[field], kind):
            raise TokenFileError(f"{path} lacks {field}, or it is not a {kind.__name__}")
    _check_agreement(path, manifest)
    return manifest


def _check_agreement(path: Path, manifest: dict[str, Any]) -> None:
    """The fields of a manifest fit each other."""
    vocabulary, offsets = manifest["tokenizer"].get("vocabulary"), manifest["offsets"]
    known = type(vocabulary) is int and 1 <= vocabulary <= 2**32
    if not known or manifest["dtype"] != dtype_for(vocabulary):
        raise TokenFileError(f"{path}: dtype {manifest['dtype']} does not fit the vocabulary of the tokenizer")
    if not all(type(offset) is int for offset in offsets):
        raise TokenFileError(f"{path}: offsets must be whole numbers")
    if len(offsets) != len(manifest["documents"]) + 1 or offsets[0] != 0 or offsets[-1] != manifest["count"]:
        raise TokenFileError(f"{path}: offsets do not fit the documents and the count")
    if any(a > b for a, b in pairwise(offsets)):
        raise TokenFileError(f"{path}: offsets must not fall")
