"""A corpus of random words, and the smallest of small language models to train on it."""

from __future__ import annotations

import torch

from assocmem.language import Corpus, SmallLM

WORDS = ["the", "energy", "of", "a", "pattern", "is", "low", "and", "distance", "query", "from", "large", "or", "small"]


def corpus() -> Corpus:
    generator = torch.Generator().manual_seed(0)
    rows = torch.randint(len(WORDS), (30, 60), generator=generator).tolist()
    documents = tuple((f"m{i}", " ".join(WORDS[j] for j in row)) for i, row in enumerate(rows))
    return Corpus(documents[:25], documents[25:], {"none": "0"}, "made up")


TINY = SmallLM(1, 16, 2, 16, 300, steps=3, batch=2, learning_rate=1e-3)
