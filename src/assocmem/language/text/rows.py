"""Text as rows for training: token files of two parts that share no document, and the bytes that a held-out loss is of.

A folder holds the token files ``train`` and ``held-out``, the tokenizer, ``held-out-bytes.npy`` (for each held-out
token the UTF-8 bytes of text up to its end) and ``text.json``, written last, which names all that the folder was made
from. Any number of processes may ask for the same folder: one makes it, the others wait.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerFast

from assocmem.language.cache import cache_folder, code, fingerprint
from assocmem.language.files import write_text
from assocmem.language.text.sources import TextSource
from assocmem.language.text.token_files import (
    MANIFEST,
    Documents,
    Ids,
    TokenFile,
    TokenFileError,
    build_tokens,
    open_tokens,
)
from assocmem.language.text.tokenizers import BOOK, backend, learned_tokenizer, load_tokenizer, start_of

__all__ = ["TextRows", "TextTokens", "bytes_predicted", "is_tokens", "open_text", "text_ends", "tokenized"]

NOTE, TRAIN, HELD_OUT, ENDS, TOKENIZER, LOCK = (
    "text.json",
    "train",
    "held-out",
    "held-out-bytes.npy",
    "tokenizer",
    "lock",
)
REPORT = Callable[[str], None]


class TextRows(Dataset[dict[str, Tensor]]):
    """Rows of ``context`` tokens of int64, each starting with the last token of the row before.

    A model predicts all tokens of a row but the first, so that over all rows every token is predicted exactly once,
    except the first of all and what is left at the end and fills no row.

    Raises ValueError where there is no row.
    """

    def __init__(self, tokens: Ids, context: int) -> None:
        if context < 2:
            raise ValueError(f"context must be at least 2, got {context}")
        self.context = context
        self.windows = TokenFile(tokens, {}).windows(context, context - 1)
        if not len(self.windows):
            raise ValueError(f"context={context} is longer than a part of the data, which has {len(tokens)} tokens")

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        row = torch.from_numpy(self.windows[index].astype(np.int64))
        return {"input_ids": row, "labels": row}

    @property
    def predicted(self) -> int:
        """How many tokens all rows together predict: the tokens from the second on, without a gap."""
        return len(self) * (self.context - 1)


@dataclass(frozen=True)
class TextTokens:
    """Both parts of a text as ids.

    ends : int64, for each held-out token the bytes of text up to its end (see `text_ends`); None where the text is not
    known. tokenizer : None where only ids are known. vocabulary : one more than the greatest id that may occur.
    identity : what a record says of the data; no path.
    """

    train: Ids
    held_out: Ids
    ends: NDArray[np.int64] | None
    tokenizer: PreTrainedTokenizerFast | None
    vocabulary: int
    identity: dict[str, Any]


def bytes_predicted(ends: NDArray[np.int64], rows: TextRows) -> int:
    """UTF-8 bytes of the text that the predicted tokens of held-out rows cover.

    They are the bytes up to the end of the last predicted token less those of the very first token, which is not
    predicted (none, where it marks the start of a document). Marks cover no bytes; a character that is spread over
    several tokens belongs to the first of them. Bits per byte are the nats of all predicted tokens, those of the marks
    among them, over ln 2 times these bytes.
    """
    return int(ends[rows.predicted] - ends[0])


def text_ends(documents: Documents, tokenizer: Tokenizer, start: int | None) -> NDArray[np.int64]:
    """For each token of the documents, each after ``start`` if given, the UTF-8 bytes of all text up to its end.

    The end of a token is where its offsets say, never before that of an earlier one; what a tokenizer drops after the
    last token of a document belongs to that token, so that whole documents count with all their bytes.
    """
    found, before = [np.empty(0, dtype=np.int64)], 0
    for _, text in documents():
        codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
        sizes = 1 + sum((codes >= border).astype(np.int64) for border in (0x80, 0x800, 0x10000))
        total = np.concatenate(([0], np.cumsum(sizes)))
        marks = [] if start is None else [0]
        ends = [end for _, end in tokenizer.encode(text, add_special_tokens=False).offsets]
        characters = np.maximum.accumulate(np.array([*marks, *ends], dtype=np.int64))
        if len(characters):
            characters[-1] = len(text)
        found.append(before + total[characters])
        before += int(total[-1])
    return np.concatenate(found)


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
    """The text as token files in ``folder`` (in the cache if None): made, gone on with after a kill, or opened.

    tokenizer : `BOOK`, learned with ``vocabulary`` tokens from the part that is trained on, or what `load_tokenizer`
    takes. Raises what that, the source and `build_tokens` raise, and TokenFileError for a folder of something else.
    """
    given = None if tokenizer == BOOK else load_tokenizer(tokenizer, download=download)
    by = [BOOK, vocabulary] if given is None else [backend(given).to_str(), start_of(given)]
    key = fingerprint([source.key, by, code(__file__)])
    place = folder or cache_folder() / "texts" / key[:16]
    _check_place(place)
    place.mkdir(parents=True, exist_ok=True)
    with WeakFileLock(place / LOCK):
        if (place / NOTE).is_file():
            if json.loads((place / NOTE).read_text(encoding="utf-8"))["key"] != key:
                raise TokenFileError(f"tokens got {place}, which holds another text or tokenizer; give another folder")
        else:
            report(f"tokens of {source.name} go to {place}")
            _make(place, key, source, given, tokenizer, vocabulary, progress)
    return open_text(place)


def _check_place(place: Path) -> None:
    known = {NOTE, TRAIN, HELD_OUT, ENDS, TOKENIZER, LOCK}
    if place.exists() and not place.is_dir():
        raise TokenFileError(f"tokens got {place}, which is a file; takes a folder")
    strange = sorted(one.name for one in place.iterdir() if one.name not in known) if place.is_dir() else []
    if strange:
        raise TokenFileError(f"tokens got {place}, which holds other files ({strange[0]}); give a folder of its own")


def _make(
    place: Path,
    key: str,
    source: TextSource,
    given: PreTrainedTokenizerFast | None,
    name: str,
    vocabulary: int,
    progress: bool,
) -> None:
    train, held_out = source.parts()
    tokenizer = learned_tokenizer(train, vocabulary) if given is None else given
    inner, start, called = backend(tokenizer), start_of(tokenizer), Path(name).name
    tokenizer.save_pretrained(str(place / TOKENIZER))
    for part, documents in ((TRAIN, train), (HELD_OUT, held_out)):
        build_tokens(place / part, documents, inner, name=called, source=source.name, start=start, progress=progress)
    ends = text_ends(held_out, inner, start)
    if len(ends) != len(open_tokens(place / HELD_OUT).tokens):
        raise TokenFileError(f"{place}: the held-out documents changed while they were read")
    np.save(place / ENDS, ends)
    write_text(place / NOTE, json.dumps({"key": key, "source": source.name, "start": start}) + "\n")


def is_tokens(folder: Path) -> bool:
    """Whether a folder is one that `open_text` takes."""
    return (folder / NOTE).is_file() or (folder / MANIFEST).is_file()


def open_text(folder: Path, share: float = 0.05) -> TextTokens:
    """A folder that `tokenized` made, or any finished token file (`token_files.build_tokens`).

    Of a bare token file, whose texts are not known, the last documents are held out: as few as hold a ``share`` of the
    tokens, but not the first; of one document the last ``share`` of its tokens.

    Raises TokenFileError for what is neither, or unfinished.
    """
    if (folder / MANIFEST).is_file():
        return _bare(open_tokens(folder), folder.resolve().name, share)
    if not (folder / NOTE).is_file():
        raise TokenFileError(f"{folder} has neither {NOTE} nor {MANIFEST}: no finished folder of tokens")
    train, held_out = open_tokens(folder / TRAIN), open_tokens(folder / HELD_OUT)
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(folder / TOKENIZER)
    identity = {
        "source": train.manifest["source"],
        "tokenizer": train.manifest["tokenizer"],
        "train": _about(train),
        "held_out": _about(held_out),
    }
    ends = np.load(folder / ENDS, mmap_mode="r")
    return TextTokens(train.tokens, held_out.tokens, ends, tokenizer, _vocabulary(train), identity)


def _bare(found: TokenFile, name: str, share: float) -> TextTokens:
    offsets, count = found.manifest["offsets"], len(found.tokens)
    border, starts = count - max(1, int(count * share)), [start for start in offsets[1:-1] if 0 < start < count]
    border = max((start for start in starts if start <= border), default=min(starts, default=border))
    identity = {"source": name, "tokenizer": found.manifest["tokenizer"], "all": _about(found), "split_at": border}
    return TextTokens(found.tokens[:border], found.tokens[border:], None, None, _vocabulary(found), identity)


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
