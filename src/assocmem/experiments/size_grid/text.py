"""The text of the size grid: ids of training data that a seed draws, and held-out rows that are the same for all cells.

Documents are cut into pieces of about 2,000 characters, and the pieces of all documents are shuffled by a fixed seed:
only so are training and held-out text alike, and a gap between their losses is one of learning, not of books. The
first pieces are held out. What a cell trains on are pieces of the rest, in an order that its own seed draws.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from torch import Tensor

from assocmem.language.cache import cached_folder, files_sha256, fingerprint
from assocmem.language.text.sources import text_source

__all__ = ["LETTERS", "GridText", "as_letters", "grid_text", "pieces_of"]

LETTERS = " abcdefghijklmnopqrstuvwxyz"
"""The alphabet, by id."""
PIECE = 2000
"""Characters of a piece, about."""
SHUFFLED_BY = 20261201
"""The seed that shuffles pieces, of no cell's choice."""
TOKENS = 512
"""Of the learned tokenizer."""


@dataclass(frozen=True)
class GridText:
    """What one cell reads.

    Attributes
    ----------
    train : Int64[Tensor, "tokens"]
        Ids that are trained on.
    held_out : Int64[Tensor, "rows context+1"]
        Rows whose ids but the first are predicted.
    vocabulary : int
        Number of ids.
    identity : dict
        What a record says of the text; no path.
    """

    train: Int64[Tensor, " tokens"]
    held_out: Int64[Tensor, "rows length"]
    vocabulary: int
    identity: dict[str, object]


def as_letters(text: str) -> str:
    """A text in lower case with letters a to z alone; whatever stands between them is one space.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        Of the characters of ``LETTERS``.
    """
    return re.sub(r"[^a-z]+", " ", text.lower()).strip()


def pieces_of(text: str) -> Iterator[str]:
    """Cut a text at spaces into pieces of about ``PIECE`` characters; a rest of less than half of that is left out.

    Parameters
    ----------
    text : str
        Of words with a space between them.

    Yields
    ------
    str
        Pieces, each ending in a space, so that they may follow one another in any order.
    """
    start = 0
    while len(text) - start > PIECE // 2:
        end = text.find(" ", start + PIECE)
        end = len(text) if end < 0 else end
        yield f"{text[start:end].strip()} "
        start = end


@lru_cache(maxsize=4)
def _shuffled(data: str) -> tuple[str, list[str]]:
    """What the source is called with a hash, and all pieces of both of its parts, shuffled."""
    source = text_source(data)

    def fill(folder: Path) -> None:
        found = [piece for part in source.parts() for _, text in part() for piece in pieces_of(as_letters(text))]
        order = np.random.default_rng(SHUFFLED_BY).permutation(len(found))
        (folder / "pieces.txt").write_text("\n".join(found[i] for i in order), encoding="ascii")

    key = fingerprint([source.key, files_sha256(__file__)])[:16]
    pieces = (cached_folder(f"pieces-{key}", fill) / "pieces.txt").read_text(encoding="ascii").split("\n")
    return f"{source.name} {key}", pieces


def grid_text(
    data: str, *, tokens: int, rows: int, context: int, seed: int, alphabet: str = "letters", order: str = "pieces"
) -> GridText:
    """Draw the text of a cell.

    Parameters
    ----------
    data : str
        As :func:`~assocmem.language.text.sources.text_source` takes it.
    tokens : int
        Ids to train on.
    rows, context : int
        Held-out rows, and ids of each that are predicted.
    seed : int
        Draws what is trained on.
    alphabet : str
        "letters" or "bpe".
    order : str
        "pieces", or "contiguous": training text is one run of the text before it was cut, and held-out text another.

    Returns
    -------
    GridText
        For one cell.

    Raises
    ------
    ValueError
        Where the text is too short, naming ``tokens``.
    """
    name, pieces = _shuffled(data)
    if order == "contiguous":
        return _contiguous(data, tokens, rows, context, seed)
    encoder = _encoder(data) if alphabet == "bpe" else None
    held, used = _taken(pieces, rows * context + 1, encoder)
    rest = pieces[used:]
    drawn = np.random.default_rng([seed, SHUFFLED_BY]).permutation(len(rest))
    train, _ = _taken([rest[i] for i in drawn], tokens, encoder)
    if len(held) < rows * context + 1 or len(train) < tokens:
        raise ValueError(f"tokens got {tokens}, and the text has {len(train)} beside what is held out")
    return GridText(
        torch.from_numpy(train[:tokens]),
        _rows(held, rows, context),
        TOKENS if encoder is not None else len(LETTERS),
        {"source": name, "alphabet": alphabet, "order": order, "train": fingerprint(train[:tokens].tolist())[:16]},
    )


def _contiguous(data: str, tokens: int, rows: int, context: int, seed: int) -> GridText:
    """Training text from one place of the whole, and held-out text from its end."""
    source = text_source(data)
    whole = _ids(" ".join(as_letters(text) for part in source.parts() for _, text in part()))
    border = len(whole) - rows * context - 1
    if border < tokens:
        raise ValueError(f"tokens got {tokens}, and the text has {max(0, border)} beside what is held out")
    start = int(np.random.default_rng([seed, SHUFFLED_BY]).integers(border - tokens + 1))
    train = whole[start : start + tokens].copy()
    identity = {"source": source.name, "alphabet": "letters", "order": "contiguous", "start": start}
    return GridText(torch.from_numpy(train), _rows(whole[border:], rows, context), len(LETTERS), identity)


def _taken(pieces: list[str], count: int, encoder: Tokenizer | None) -> tuple[Int64[np.ndarray, " ids"], int]:
    """The ids of the first pieces that hold ``count``, and how many pieces those are."""
    parts: list[Int64[np.ndarray, " ids"]] = []
    held = 0
    for piece in pieces:
        if held >= count:
            break
        parts.append(_ids(piece) if encoder is None else np.array(encoder.encode(piece).ids, dtype=np.int64))
        held += len(parts[-1])
    return (np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)), len(parts)


def _ids(text: str) -> Int64[np.ndarray, " ids"]:
    """Ids by ``LETTERS``: a space is 0, a is 1."""
    codes = np.frombuffer(text.encode("ascii"), dtype=np.uint8).astype(np.int64)
    return np.where(codes == ord(" "), 0, codes - ord("a") + 1)


def _rows(ids: Int64[np.ndarray, " ids"], rows: int, context: int) -> Int64[Tensor, "rows length"]:
    """Rows that overlap by one id, so that each id but the first is predicted once."""
    starts = np.arange(rows)[:, None] * context
    return torch.from_numpy(ids[starts + np.arange(context + 1)])


@lru_cache(maxsize=2)
def _encoder(data: str) -> Tokenizer:
    """Tokens learned from pieces that are not held out by any cell."""
    _, pieces = _shuffled(data)
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = [letter if letter != " " else "\u0120" for letter in LETTERS]  # As ByteLevel writes them.
    trainer = trainers.BpeTrainer(vocab_size=TOKENS, initial_alphabet=alphabet, show_progress=False)
    learned.train_from_iterator(pieces[len(pieces) // 2 :], trainer)
    return learned
