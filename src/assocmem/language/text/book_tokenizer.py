"""The book's own tokenizer: a small byte-level BPE trained on the training part of the offline corpus, then kept.

Its first token, ``<|endoftext|>``, stands before every document, as in GPT-2's training data.
"""

from __future__ import annotations

from pathlib import Path

import tokenizers
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from assocmem.language.cache import code, fingerprint, kept
from assocmem.language.text.docstring_corpus import Corpus

__all__ = ["END_OF_TEXT", "book_tokenizer", "token_stream"]

END_OF_TEXT = "<|endoftext|>"


def book_tokenizer(corpus: Corpus, vocabulary: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE of ``vocabulary`` tokens, learned from ``corpus.train``; the same for the same corpus.

    Raises ValueError when the vocabulary does not hold the 256 bytes and the end of text.
    """
    if vocabulary < 257:
        raise ValueError(f"vocabulary must be at least 257 (all bytes and the end of text), got {vocabulary}")
    key = fingerprint([corpus.sha256, vocabulary, tokenizers.__version__, code(__file__)])[:16]

    def make(folder: Path) -> None:
        _trained(corpus, vocabulary).save_pretrained(folder)

    made: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(kept(f"tokenizer-{key}", make))
    return made


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


def token_stream(tokenizer: PreTrainedTokenizerBase, documents: tuple[tuple[str, str], ...]) -> Tensor:
    """All documents as one row of token ids (int64), each after the end-of-text token."""
    start = tokenizer.bos_token_id
    rows = tokenizer([text for _, text in documents], add_special_tokens=False)["input_ids"]
    return torch.tensor([token for row in rows for token in (start, *row)])
