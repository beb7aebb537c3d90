"""Text and language models: corpora, a grammar of known entropy, tokens on disk, models and a look into attention.

The names below are loaded when they are first asked for, so that the grammar can be used without loading transformers.
"""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

with warnings.catch_warnings():  # Before transformers loads it: in a notebook without widgets tqdm would complain.
    warnings.filterwarnings("ignore", message="IProgress not found")
    importlib.import_module("tqdm.auto")

if TYPE_CHECKING:
    from assocmem.language.models.attention import Captured, Layer, capture
    from assocmem.language.models.load import LanguageModel, ModelUnavailableError, load_causal_lm
    from assocmem.language.models.openelm import OpenElmForCausalLM
    from assocmem.language.models.openelm_config import OpenElmConfig
    from assocmem.language.models.small_lm import SIZES, SmallLM, train_small_lm
    from assocmem.language.text.docstring_corpus import Corpus, offline_corpus
    from assocmem.language.training.train import Trained, Training, train

__all__ = [
    "SIZES",
    "Captured",
    "Corpus",
    "LanguageModel",
    "Layer",
    "ModelUnavailableError",
    "OpenElmConfig",
    "OpenElmForCausalLM",
    "SmallLM",
    "Trained",
    "Training",
    "capture",
    "load_causal_lm",
    "offline_corpus",
    "train",
    "train_small_lm",
]

_HOMES = {
    "models.attention": ("Captured", "Layer", "capture"),
    "text.docstring_corpus": ("Corpus", "offline_corpus"),
    "models.load": ("LanguageModel", "ModelUnavailableError", "load_causal_lm"),
    "models.openelm": ("OpenElmForCausalLM",),
    "models.openelm_config": ("OpenElmConfig",),
    "models.small_lm": ("SIZES", "SmallLM", "train_small_lm"),
    "training.train": ("Trained", "Training", "train"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
