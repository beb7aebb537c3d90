"""A text as token files of two parts that share no document: made once in a folder, opened ever after.

A folder holds the token files ``train`` and ``held-out``, the tokenizer, ``held-out-bytes.npy`` (for each held-out
token the UTF-8 bytes of text up to its end) and ``text.json``, written last, which names all that the folder was made
from. Any number of processes may want the same folder: one makes it, the others wait.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from jaxtyping import Int64
from transformers import PreTrainedTokenizerFast

from assocmem.language.cache import cache_folder, files_sha256, fingerprint
from assocmem.language.files import flush_folder, replacing, write_json
from assocmem.language.text import rows
from assocmem.language.text.rows import text_ends
from assocmem.language.text.sources import TextSource
from assocmem.language.text.token_files import (
    LOCK,
    MANIFEST,
    Documents,
    Ids,
    TokenFile,
    TokenFileError,
    build_tokens,
    open_tokens,
)
from assocmem.language.text.tokenizer_loading import BOOK, backend, learned_tokenizer, load_tokenizer, start_of

__all__ = ["TextTokens", "is_tokens", "open_text", "tokenized"]

NOTE, TRAIN, HELD_OUT, ENDS, TOKENIZER = "text.json", "train", "held-out", "held-out-bytes.npy", "tokenizer"
OWN = {NOTE, TRAIN, HELD_OUT, ENDS, TOKENIZER, LOCK}
"""All that a folder may hold."""
REPORT = Callable[[str], None]


@dataclass(frozen=True)
class TextTokens:
    """Both parts of a text as ids.

    Attributes
    ----------
    train, held_out : UInt[ndarray, "tokens"]
        The ids of each part.
    ends : Int64[ndarray, "tokens"] or None
        For each held-out token the bytes of text up to its end (see :func:`~assocmem.language.text.rows.text_ends`);
        None where the text is not known.
    tokenizer : PreTrainedTokenizerFast or None
        None where only ids are known.
    vocabulary : int
        One more than the greatest id that may occur.
    identity : dict
        What a record says of the data; no path.
    words : int or None
        Of the training part: what white space separates. None where the text is not known.
    """

    train: Ids
    held_out: Ids
    ends: Int64[np.ndarray, " tokens"] | None
    tokenizer: PreTrainedTokenizerFast | None
    vocabulary: int
    identity: dict[str, Any]
    words: int | None = None


def tokenized(
    source: TextSource,
    tokenizer: str = BOOK,
    *,
    vocabulary: int = 2048,
    folder: Path | None = None,
    download: bool = False,
    report: REPORT = lambda _: None,
    progress: bool = False,
) -> TextTokens:
    """The text as token files: made, gone on with after a kill, or opened.

    Parameters
    ----------
    source : TextSource
        The text and its parts.
    tokenizer : str
        ``book``, learned from the part that is trained on, or what
        :func:`~assocmem.language.text.tokenizer_loading.load_tokenizer` takes.
    vocabulary : int
        Tokens of the tokenizer that is learned.
    folder : Path or None
        Where the token files go; in the cache if None.
    download : bool
        Whether GPT-2's tokenizer may be fetched.
    report : Callable
        Is told where they go, if they are made.
    progress : bool
        Whether a bar is shown.

    Returns
    -------
    TextTokens
        The ids, mapped from disk.

    Raises
    ------
    TokenFileError
        For a folder of something else, and for held-out documents that change while they are read.
    ValueError
        For a tokenizer that is none, and text that cannot be encoded or split.
    OSError
        For a tokenizer that cannot be had, and a folder that cannot be written.
    """
    loaded = None if tokenizer == BOOK else load_tokenizer(tokenizer, download=download)
    by = [BOOK, vocabulary] if loaded is None else [backend(loaded).to_str(), start_of(loaded)]
    key = fingerprint([source.key, by, files_sha256(__file__, rows.__file__)])
    place = folder or cache_folder() / "texts" / key[:16]
    _check_place(place)
    if not _is_made(place, key):
        parts = source.parts()  # Raises what is wrong with the text, while there is no folder yet.
        place.mkdir(parents=True, exist_ok=True)
        with FileLock(place / LOCK):
            if not _is_made(place, key):
                report(f"tokens of {source.name} go to {place}")
                _make(place, key, source, parts, loaded, tokenizer, vocabulary, progress)
    for remark in _note(place).get("remarks", []):
        report(remark)
    return open_text(place)


def _is_made(place: Path, key: str) -> bool:
    """Whether the folder is finished; it must have been made from the same."""
    if not (place / NOTE).is_file():
        return False
    if _note(place).get("key") != key:
        raise TokenFileError(f"tokens got {place}, which holds another text or tokenizer; give another folder")
    return True


def _note(place: Path) -> dict[str, Any]:
    """What the folder was made from."""
    try:
        note = json.loads((place / NOTE).read_text(encoding="utf-8"))
    except ValueError as error:
        raise TokenFileError(f"{place / NOTE} is damaged: {error}; delete the folder") from None
    if not isinstance(note, dict):
        raise TokenFileError(f"{place / NOTE} is damaged: it holds no mapping; delete the folder")
    return note


def _check_place(place: Path) -> None:
    if place.exists() and not place.is_dir():
        raise TokenFileError(f"tokens got {place}, which is a file; takes a folder")
    visible = [one.name for one in place.iterdir() if not one.name.startswith(".")] if place.is_dir() else []
    strange = sorted(set(visible) - OWN)
    if strange:
        raise TokenFileError(f"tokens got {place}, which holds other files ({strange[0]}); give a folder of its own")


def _make(
    place: Path,
    key: str,
    source: TextSource,
    parts: tuple[Documents, Documents],
    loaded: PreTrainedTokenizerFast | None,
    name: str,
    vocabulary: int,
    progress: bool,
) -> None:
    train, held_out = parts
    tokenizer = learned_tokenizer(train, vocabulary) if loaded is None else loaded
    inner, start, called = backend(tokenizer), start_of(tokenizer), Path(name).name
    tokenizer.save_pretrained(str(place / TOKENIZER))
    flush_folder(place / TOKENIZER)
    for part, documents in ((TRAIN, train), (HELD_OUT, held_out)):
        build_tokens(place / part, documents, inner, name=called, source=source.name, start=start, progress=progress)
    ends = text_ends(held_out, inner, start)
    if len(ends) != len(open_tokens(place / HELD_OUT).tokens):
        raise TokenFileError(f"{place}: the held-out documents changed while they were read")
    with replacing(place / ENDS) as file:
        np.save(file, ends)
    words = sum(len(text.split()) for _, text in train())
    note = {
        "key": key,
        "source": source.name,
        "start": start,
        "words": words,
        "remarks": [] if source.remarks is None else source.remarks(),
        "ends": sha256((place / ENDS).read_bytes()).hexdigest(),
    }
    write_json(place / NOTE, note)


def is_tokens(folder: Path) -> bool:
    """Whether a folder is one that :func:`~assocmem.language.text.tokenized_text.open_text` takes."""
    return (folder / NOTE).is_file() or (folder / MANIFEST).is_file()


def open_text(folder: Path, share: float = 0.05) -> TextTokens:
    """Open a folder that :func:`~assocmem.language.text.tokenized_text.tokenized` made, or any finished token file.

    Of a bare token file, whose texts are not known, the last documents are held out: as few as hold a ``share`` of the
    tokens, but not the first; of one document the last ``share`` of its tokens.

    Parameters
    ----------
    folder : Path
        With ``text.json``, or with what :func:`~assocmem.language.text.token_files.build_tokens` makes.
    share : float
        Of the tokens of a bare token file, to be held out.

    Returns
    -------
    TextTokens
        The ids, mapped from disk.

    Raises
    ------
    TokenFileError
        For a folder that is neither, or unfinished.
    """
    if (folder / MANIFEST).is_file():
        return _bare(open_tokens(folder, verify=True), folder.resolve().name, share)
    if not (folder / NOTE).is_file():
        raise TokenFileError(f"{folder} has neither {NOTE} nor {MANIFEST}: no finished folder of tokens")
    train, held_out = (open_tokens(folder / part, verify=True) for part in (TRAIN, HELD_OUT))
    tokenizer = _tokenizer(folder / TOKENIZER)
    identity = {
        "source": train.manifest["source"],
        "tokenizer": train.manifest["tokenizer"],
        "train": _about(train),
        "held_out": _about(held_out),
    }
    note, path = _note(folder), folder / ENDS
    if "ends" in note and (not path.is_file() or sha256(path.read_bytes()).hexdigest() != note["ends"]):
        raise TokenFileError(f"{path} is damaged or missing; delete the folder and it is made again")
    ends, words = np.load(path, mmap_mode="r"), note.get("words")
    return TextTokens(train.tokens, held_out.tokens, ends, tokenizer, _vocabulary(train), identity, words)


def _tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    try:
        tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(folder)
    except Exception as error:  # The library raises what its parsers raise, and does not name the file.
        said = str(error).splitlines()[0]
        raise TokenFileError(f"{folder} holds no tokenizer that can be read ({said}); delete {folder.parent}") from None
    return tokenizer


def _bare(whole: TokenFile, name: str, share: float) -> TextTokens:
    offsets, count = whole.manifest["offsets"], len(whole.tokens)
    border, starts = count - max(1, int(count * share)), [start for start in offsets[1:-1] if 0 < start < count]
    border = max((start for start in starts if start <= border), default=min(starts, default=border))
    identity = {"source": name, "tokenizer": whole.manifest["tokenizer"], "all": _about(whole), "split_at": border}
    return TextTokens(whole.tokens[:border], whole.tokens[border:], None, None, _vocabulary(whole), identity)


def _about(part: TokenFile) -> dict[str, Any]:
    return {
        "tokens": part.manifest["count"],
        "documents": len(part.manifest["documents"]),
        "sha256": part.manifest["sha256"],
    }


def _vocabulary(part: TokenFile) -> int:
    size = part.manifest["tokenizer"]["vocabulary"]
    assert isinstance(size, int)
    return size
