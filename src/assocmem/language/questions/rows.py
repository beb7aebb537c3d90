"""Lines of the Question-Formation task as rows of ids: every word a token, one token for both ends of a line."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Int
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import Tensor
from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerFast

from assocmem.language.questions.grammar import Grammar, vocabulary
from assocmem.language.questions.pairs import Pair

__all__ = ["END", "PAD", "QuestionRows", "word_tokenizer"]

PAD, END = "<pad>", "<end>"
EXTRA = {PAD: 0, END: 1}
"""What stands beside the words, and its ids."""
NOWHERE = ""
"""Stands for unknown words in the tokenizer; no word can be empty, so that it has no id and they are an error."""


def word_tokenizer(grammar: Grammar) -> PreTrainedTokenizerFast:
    """A tokenizer of whole words, those of the grammar and no other; 70 ids for its 68 words.

    It splits at spaces, tabs and line ends, and adds no ends: ``[END, *tokenizer(pair.line), END]`` is a row.
    For a word that is not in the grammar it raises the exception of the tokenizers library, "Missing [UNK] token".

    Parameters
    ----------
    grammar : Grammar
        Whose vocabulary is taken.

    Returns
    -------
    PreTrainedTokenizerFast
        Pad is id 0, end id 1, words follow.

    Raises
    ------
    ValueError
        For a grammar with a word that holds one of the two marks.
    """
    words = Tokenizer(models.WordLevel({**EXTRA, **_ids(grammar)}, unk_token=NOWHERE))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=words, pad_token=PAD, bos_token=END, eos_token=END
    )


class QuestionRows(Dataset[dict[str, Tensor]]):
    """Rows ``end, tokens of the line, end`` of int64; all but the first token are predicted.

    Parameters
    ----------
    pairs : sequence of Pair
        The lines.
    grammar : Grammar
        Whose vocabulary is taken.

    Raises
    ------
    ValueError
        Where there is no line, and for a word that the grammar does not have.
    """

    def __init__(self, pairs: Sequence[Pair], grammar: Grammar) -> None:
        if not pairs:
            raise ValueError("pairs must hold at least one line, got none")
        ids = _ids(grammar)
        self.rows = [_row(number, pair, ids) for number, pair in enumerate(pairs, start=1)]
        self.identity: dict[str, Any] = {"lines": len(pairs), "sha256": _digest(pairs)}

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Int[Tensor, " tokens"]]:
        return {"input_ids": self.rows[index], "labels": self.rows[index]}

    @property
    def predicted(self) -> float:
        """Mean number of predicted tokens of a row: all but the start."""
        return sum(len(row) - 1 for row in self.rows) / len(self.rows)


def _ids(grammar: Grammar) -> dict[str, int]:
    """The words' ids, from 2 on."""
    words = vocabulary(grammar)
    for word in words:
        if PAD in word or END in word:
            raise ValueError(f"grammar must have no word with {PAD} or {END} in it, got {word!r}")
    return {word: number for number, word in enumerate(words, start=len(EXTRA))}


def _row(number: int, pair: Pair, ids: dict[str, int]) -> Int[Tensor, " tokens"]:
    unknown = [word for word in pair.tokens if word not in ids]
    if unknown:
        raise ValueError(f"pairs, line {number}: the grammar has no word {unknown[0]!r}")
    return torch.tensor([EXTRA[END], *(ids[word] for word in pair.tokens), EXTRA[END]])


def _digest(pairs: Sequence[Pair]) -> str:
    digest = hashlib.sha256()
    for pair in pairs:
        digest.update(f"{pair.line}\n".encode())
    return digest.hexdigest()
