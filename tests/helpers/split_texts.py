"""Thirty short texts, their two parts, and a tokenizer of bytes, for the tests of text."""

from __future__ import annotations

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from assocmem.language.text.byte_pair_tokenizer import END_OF_TEXT
from assocmem.language.text.held_out_split import split

Docs = list[tuple[str, str]]


TEXTS = [(f"d{i}", f"Text {i} says that {i * i} is the square of {i}.\nÜber {'x' * i}. " * 9) for i in range(30)]


def parts(documents: Docs, share: float) -> tuple[Docs, Docs]:
    train, held_out = split(lambda: iter(documents), share)
    return list(train()), list(held_out())


def byte_level(vocabulary: int = 300) -> Tokenizer:
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=[END_OF_TEXT], initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator([text for _, text in TEXTS], trainer)
    return bpe


BYTES = byte_level()
