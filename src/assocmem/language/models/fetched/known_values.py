"""Whether a converted model computes what it must: its loss on a fixed text, and how it ends a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from assocmem.language.models.pretrained import LanguageModel

__all__ = ["SENTENCE", "TEXT", "TOLERANCE", "Values", "values"]

TEXT = (
    "The harbor lay quiet under a low gray sky. Two men were mending a net on the wall, and a girl with a red scarf "
    "counted the boats that had come back in the night. There had been nine of them the evening before, and now there "
    "were eight. Nobody said anything about it. The baker opened his shop, the church bell rang seven times, and a dog "
    "ran along the pier as it did every morning. Toward noon the wind turned to the west and the clouds broke. The "
    "girl was the first to see the sail, small and white against the dark water, and she began to shout."
)
"""A text of our own, which no model was trained on before this file was published."""
SENTENCE = "The capital of France is"
TOLERANCE = 0.005
"""Nats a token: rounding on other machines moves the loss by less, a wrong tokenizer or a wrong matrix by far more."""


@dataclass(frozen=True)
class Values:
    """What was computed.

    Attributes
    ----------
    loss_nats : float
        On ``TEXT`` after the start token, per predicted token.
    ending : str
        The two tokens that follow ``SENTENCE``, each the most probable one.
    parameters : int
        How many there are.
    """

    loss_nats: float
    ending: str
    parameters: int


@torch.no_grad()
def values(language: LanguageModel) -> Values:
    """Compute what is compared with the catalog.

    Parameters
    ----------
    language : LanguageModel
        The model with its tokenizer.

    Returns
    -------
    Values
        Of this model.
    """
    rows = _tokens(language, TEXT)
    loss = functional.cross_entropy(_logits(language, rows)[:-1], rows[1:])
    sentence = _tokens(language, SENTENCE)
    for _ in range(2):
        sentence = torch.cat([sentence, _logits(language, sentence)[-1:].argmax(-1)])
    said = language.tokenizer.decode(sentence[-2:].tolist())
    return Values(float(loss), str(said), int(language.identity["parameters"]))


def _tokens(language: LanguageModel, text: str) -> Tensor:
    start = [] if language.tokenizer.bos_token_id is None else [language.tokenizer.bos_token_id]
    return torch.tensor(start + language.tokenizer(text, add_special_tokens=False)["input_ids"])


def _logits(language: LanguageModel, row: Tensor) -> Tensor:
    logits: Tensor = language.model(row[None].to(language.model.device), use_cache=False).logits[0]
    return logits.float().cpu()
