"""Rows of tokens for training, each token predicted once, and the bytes of text that a held-out loss is of."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Int, Int64
from tokenizers import Tokenizer
from torch import Tensor
from torch.utils.data import Dataset

from assocmem.language.text.token_files import Documents, Ids, TokenFile

__all__ = ["RandomChunks", "TextRows", "bytes_predicted", "text_ends"]


class TextRows(Dataset[dict[str, Tensor]]):
    """Rows of ``context`` tokens of int64, each starting with the last token of the row before.

    A model predicts all tokens of a row but the first, so that over all rows every token is predicted exactly once,
    except the first of all and what is left at the end and fills no row.

    Parameters
    ----------
    tokens : UInt[ndarray, "tokens"]
        Ids in a row.
    context : int
        Tokens of a row.

    Raises
    ------
    ValueError
        Where there is no row.
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

    def __getitem__(self, index: int) -> dict[str, Int[Tensor, " context"]]:
        row = torch.from_numpy(self.windows[index].astype(np.int64))
        return {"input_ids": row, "labels": row}

    @property
    def predicted(self) -> int:
        """How many tokens all rows together predict: the tokens from the second on, without a gap."""
        return len(self) * (self.context - 1)


class RandomChunks(Dataset[dict[str, Tensor]]):
    """Rows of ``context`` tokens of int64 that begin anywhere, drawn with replacement as the paper's appendix says.

    Where row ``i`` begins follows from the seed and ``i`` alone, so a training that goes on takes the same rows.

    Parameters
    ----------
    tokens : UInt[ndarray, "tokens"]
        Ids in a row.
    context : int
        Tokens of a row, of which all but the first are predicted.
    count : int
        How many rows are drawn.
    seed : int
        Of the draw.

    Raises
    ------
    ValueError
        Where no row fits.
    """

    def __init__(self, tokens: Ids, context: int, count: int, seed: int) -> None:
        TextRows(tokens, context)  # Raises what is wrong.
        self.tokens, self.context, self.count, self.seed = tokens, context, count, seed

    def __len__(self) -> int:
        return self.count

    def start(self, index: int) -> int:
        """Where a row begins.

        Parameters
        ----------
        index : int
            Of the row.

        Returns
        -------
        int
            From 0 to the last place from which a row fits, all alike.
        """
        return int(np.random.default_rng([self.seed, index]).integers(len(self.tokens) - self.context + 1))

    def __getitem__(self, index: int) -> dict[str, Int[Tensor, " context"]]:
        start = self.start(range(self.count)[index])
        row = torch.from_numpy(self.tokens[start : start + self.context].astype(np.int64))
        return {"input_ids": row, "labels": row}


def bytes_predicted(ends: Int64[np.ndarray, " tokens"], rows: TextRows) -> int:
    """UTF-8 bytes of the text that the predicted tokens of held-out rows cover.

    They are the bytes up to the end of the last predicted token less those of the very first token, which is not
    predicted (none, where it marks the start of a document). Marks cover no bytes; a character that is spread over
    several tokens belongs to the first of them. Bits per byte are the nats of all predicted tokens, those of the marks
    among them, over ln 2 times these bytes.

    Parameters
    ----------
    ends : Int64[ndarray, "tokens"]
        Of all held-out tokens, as :func:`~assocmem.language.text.rows.text_ends` gives them.
    rows : TextRows
        The rows of the same tokens.

    Returns
    -------
    int
        The number of bytes.
    """
    return int(ends[rows.predicted] - ends[0])


def text_ends(documents: Documents, tokenizer: Tokenizer, start: int | None) -> Int64[np.ndarray, " tokens"]:
    """For each token of the documents the UTF-8 bytes of all text up to its end.

    The end of a token is where its offsets say, never before that of an earlier one; what a tokenizer drops after the
    last token of a document belongs to that token, so that whole documents count with all their bytes.

    Parameters
    ----------
    documents : Documents
        Gives them in order.
    tokenizer : Tokenizer
        Encodes them, without marks of its own.
    start : int or None
        The id that stands before each document and covers no bytes; None for none.

    Returns
    -------
    Int64[ndarray, "tokens"]
        Never falling.
    """
    ends, before = [np.empty(0, dtype=np.int64)], 0
    for _, text in documents():
        codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
        sizes = 1 + sum((codes >= border).astype(np.int64) for border in (0x80, 0x800, 0x10000))
        total = np.concatenate(([0], np.cumsum(sizes)))
        marks = [] if start is None else [0]
        places = [end for _, end in tokenizer.encode(text, add_special_tokens=False).offsets]
        characters = np.maximum.accumulate(np.array([*marks, *places], dtype=np.int64))
        if len(characters):
            characters[-1] = len(text)
        ends.append(before + total[characters])
        before += int(total[-1])
    return np.concatenate(ends)
