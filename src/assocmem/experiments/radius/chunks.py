"""Chunks of a text as ids of a model: cut from documents, from a file of ids, or from OpenWebText as it is streamed.

Documents are encoded with the model's own tokenizer and cut into pieces of equal length; what is left over is not used.
Ids are cut as they stand. Where another tokenizer made them, each chunk is decoded, the mark between documents becomes
a blank line, and of its encoding the *last* ``length`` ids are taken: so all models see the same texts and stand at the
same place of each, whatever their tokenizers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import file_digest, sha256
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64, UInt
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from assocmem.experiments.radius.config import DOCSTRINGS, FEWEST, OPENWEBTEXT, RadiusRun
from assocmem.language import offline_corpus
from assocmem.language.text.byte_pair_tokenizer import END_OF_TEXT
from assocmem.language.text.openwebtext import streamed
from assocmem.language.text.sources import text_source
from assocmem.language.text.tokenized_text import is_tokens, open_text
from assocmem.language.text.tokenizer_loading import backend, load_tokenizer

__all__ = ["Chunks", "chunks_for", "data_name"]

ENCODED = 256
"""Documents that are encoded together."""


@dataclass(frozen=True)
class Chunks:
    """What goes through the model.

    Attributes
    ----------
    ids : list[Int64[ndarray, "T"]]
        A row of ids for each chunk, in the order of the text, the start token included.
    identity : dict
        What a record says of them; no path.
    """

    ids: list[Int64[np.ndarray, " T"]]
    identity: dict[str, Any]


def chunks_for(config: RadiusRun, tokenizer: PreTrainedTokenizerBase) -> Chunks:
    """The chunks that a run speaks of, for one model.

    Parameters
    ----------
    config : RadiusRun
        The text, how many chunks, their length.
    tokenizer : PreTrainedTokenizerBase
        The model's own.

    Returns
    -------
    Chunks
        As many as asked.

    Raises
    ------
    ValueError
        Where the text has fewer; for ids and texts that cannot be read.
    OSError
        For data that cannot be had.
    """
    path = Path(config.data).expanduser()
    if config.data == OPENWEBTEXT:
        pieces, about = _from_stream(config, tokenizer), {"name": "OpenWebText", "streamed": True}
        rows = list(islice(pieces, config.chunks or None))
        available = len(rows)
    elif path.suffix == ".bin" or is_tokens(path):
        rows, about = _from_ids(config, path, tokenizer)
        available = len(rows)
    else:
        rows, about = _from_documents(config, tokenizer)
        available = len(rows)
    if available < max(config.chunks, FEWEST):
        raise ValueError(
            f"chunks got {config.chunks or 'all'}; the data has {available} of {config.length} tokens, "
            f"and at least {FEWEST} are needed"
        )
    if 0 < config.chunks < available:
        chosen = np.sort(np.random.default_rng(config.seeds[0]).choice(available, config.chunks, replace=False))
        rows = [rows[i] for i in chosen]
    mark = tokenizer.bos_token_id if config.start else None
    start = [] if mark is None else [mark]
    ids = [np.array([*start, *row], dtype=np.int64) for row in rows]
    return Chunks(ids, about | {"available": available, "start": mark, "sha256": _digest(ids)})


def data_name(config: RadiusRun) -> str:
    """What a record calls the data: of a file its name, of one of nanoGPT's two files that of the folder it is in."""
    path = Path(config.data).expanduser()
    if not path.exists():
        return config.data
    path = path.resolve()
    return path.parent.name if path.name in ("train.bin", "val.bin") else path.stem if path.is_file() else path.name


def _digest(ids: Iterable[Int64[np.ndarray, " T"]]) -> str:
    digest = sha256()
    for row in ids:
        digest.update(len(row).to_bytes(8, "little") + row.astype("<i8").tobytes())
    return digest.hexdigest()


def _pieces(ids: list[int], length: int) -> list[list[int]]:
    return [ids[at : at + length] for at in range(0, len(ids) - length + 1, length)]


def _encoded(documents: Iterable[str], tokenizer: PreTrainedTokenizerBase) -> Iterator[list[int]]:
    stream = iter(documents)
    while group := list(islice(stream, ENCODED)):
        yield from tokenizer(group, add_special_tokens=False, verbose=False)["input_ids"]


def _from_documents(config: RadiusRun, tokenizer: PreTrainedTokenizerBase) -> tuple[list[list[int]], dict[str, Any]]:
    """All pieces of all documents that are trained on: the paper's chunks come from the training data."""
    about: dict[str, Any]
    if config.data == DOCSTRINGS:
        corpus = offline_corpus()
        texts, about = [text for _, text in corpus.train], {"name": "offline corpus, training part", **corpus.identity}
    else:
        source = text_source(config.data)
        train, held_out = source.parts()
        texts = [text for part in (train, held_out) for _, text in part()]
        about = {"name": source.name, "key": source.key}
    rows = [piece for ids in _encoded(texts, tokenizer) for piece in _pieces(ids, config.length)]
    return rows, about | {"documents": len(texts)}


def _from_stream(config: RadiusRun, tokenizer: PreTrainedTokenizerBase) -> Iterator[list[int]]:
    """One piece, drawn at random, of each document that has one."""
    draw = np.random.default_rng(config.seeds[0])
    for ids in _encoded(streamed(config.seeds[0]), tokenizer):
        pieces = _pieces(ids, config.length)
        if pieces:
            yield pieces[draw.integers(len(pieces))]


def _from_ids(
    config: RadiusRun, path: Path, tokenizer: PreTrainedTokenizerBase
) -> tuple[list[list[int]], dict[str, Any]]:
    """All windows of a file of ids; where the model has another tokenizer, the end of each one's text, encoded anew."""
    stream, theirs, about = _open(config, path)
    count = len(stream) // config.length
    windows = stream[: count * config.length].reshape(count, config.length)
    if len(stream) and int(stream.max()) >= len(theirs):
        raise ValueError(f"data got {path.name}, which has ids of another tokenizer than {config.tokenizer}")
    if _same(theirs, tokenizer):
        return [row.tolist() for row in windows], about
    texts = [_text(theirs, row.tolist()) for row in windows]
    rows = [ids[-config.length :] for ids in _encoded(texts, tokenizer)]
    if config.positions == "all":
        rows = [row for row in rows if len(row) == config.length]
    return [row for row in rows if row], about | {"encoded_anew": "the last tokens of each chunk's text"}


def _open(config: RadiusRun, path: Path) -> tuple[UInt[np.ndarray, " tokens"], PreTrainedTokenizerFast, dict[str, Any]]:
    """The ids, the tokenizer that made them, and what identifies them."""
    if is_tokens(path):
        text = open_text(path)
        known = text.tokenizer or load_tokenizer(config.tokenizer)
        return np.concatenate([text.train, text.held_out]), known, {"name": path.name, **text.identity}
    if not path.is_file():
        raise FileNotFoundError(f"data got {config.data!r}, which is no file")
    if path.stat().st_size % 2:
        raise ValueError(f"data got {path.name}, which is no file of two-byte ids: it has an odd number of bytes")
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    ids, known = np.fromfile(path, dtype="<u2"), load_tokenizer(config.tokenizer)
    by = {"vocabulary": len(known), "sha256": sha256(backend(known).to_str().encode()).hexdigest()}
    return ids, known, {"name": path.name, "sha256_of_file": digest, "tokens": len(ids), "tokenizer": by}


def _same(one: PreTrainedTokenizerFast, other: PreTrainedTokenizerBase) -> bool:
    if not isinstance(other, PreTrainedTokenizerFast):
        return False
    return bool(backend(one).get_vocab() == backend(other).get_vocab())


def _text(tokenizer: PreTrainedTokenizerFast, ids: list[int]) -> str:
    """The text of some ids: a cut through a character leaves nothing at the ends."""
    text = backend(tokenizer).decode(ids, skip_special_tokens=False)
    return text.replace(END_OF_TEXT, "\n\n").strip("�")
