"""Text and language models: corpora, a grammar of known entropy, tokens on disk, models and a look into attention."""

from __future__ import annotations

import assocmem.language.quiet  # noqa: F401  # First, so that loading transformers is quiet.
from assocmem.language.attention import Captured, Layer, capture
from assocmem.language.docstring_corpus import Corpus, offline_corpus
from assocmem.language.models import LanguageModel, ModelUnavailableError, load_causal_lm
from assocmem.language.openelm import OpenElmForCausalLM
from assocmem.language.openelm_config import OpenElmConfig
from assocmem.language.small_lm import SIZES, SmallLM, train_small_lm

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
    "capture",
    "load_causal_lm",
    "offline_corpus",
    "train_small_lm",
]
