"""The tokenizer that the book trains itself: a small byte-level BPE learned from a corpus, then read from the cache.

Its first token, ``<|endoftext|>``, stands before every document, as in GPT-2's training data.
"""

from __future__ import annotations

from pathlib import Path

import tokenizers
import torch
from jaxtyping import Int
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from assocmem.language.cache import cached_folder, files_sha256, fingerprint
from assocmem.language.text.docstring_corpus import Corpus

__all__ = ["END_OF_TEXT", "byte_pair_tokenizer", "token_stream"]

END_OF_TEXT = "<|endoftext|>"


def byte_pair_tokenizer(corpus: Corpus, vocabulary: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE, learned from the training part of a corpus; the same for the same corpus.

    Parameters
    ----------
    corpus : Corpus
        Only ``corpus.train`` is read.
    vocabulary : int
        Number of tokens: the 256 bytes, the end of text, and what is learned.

    Returns
    -------
    PreTrainedTokenizerFast
        From the cache where it is there.

    Raises
    ------
    ValueError
        When the vocabulary does not hold the 256 bytes and the end of text.
    """
    if vocabulary < 257:
        raise ValueError(f"vocabulary must be at least 257 (all bytes and the end of text), got {vocabulary}")
    key = fingerprint([corpus.sha256, vocabulary, tokenizers.__version__, files_sha256(__file__)])[:16]

    def fill(folder: Path) -> None:
        _trained(corpus, vocabulary).save_pretrained(folder)

    folder = cached_folder(f"tokenizer-{key}", fill)
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(folder)
    return tokenizer


def _trained(corpus: Corpus, vocabulary: int) -> PreTrainedTokenizerFast:
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END_OF_TEXT],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    bpe.train_from_iterator((text for _, text in corpus.train), trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=bpe, bos_token=END_OF_TEXT, eos_token=END_OF_TEXT
    )


def token_stream(tokenizer: PreTrainedTokenizerBase, documents: tuple[tuple[str, str], ...]) -> Int[Tensor, " tokens"]:
    """All documents as one row of token ids, each after the end-of-text token.

    Parameters
    ----------
    tokenizer : PreTrainedTokenizerBase
        With a token for the start of a text.
    documents : tuple of (str, str)
        Name and text of each.

    Returns
    -------
    Int[Tensor, "tokens"]
        The ids, int64.
    """
    start = tokenizer.bos_token_id
    rows = tokenizer([text for _, text in documents], add_special_tokens=False)["input_ids"]
    return torch.tensor([token for row in rows for token in (start, *row)])
