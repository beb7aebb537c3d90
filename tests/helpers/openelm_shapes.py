"""A small OpenELM with different layers, and how many weights a configuration has when the model is built."""

from __future__ import annotations

from typing import Any

import torch

from assocmem.language.models.openelm import OpenElmForCausalLM
from assocmem.language.models.openelm_config import (
    OpenElmConfig,
)

TINY: dict[str, Any] = {
    "vocab_size": 61,
    "hidden_size": 20,
    "num_hidden_layers": 3,
    "head_dim": 8,
    "num_query_heads": [2, 4, 6],
    "num_kv_heads": [1, 2, 3],
    "intermediate_sizes": [12, 24, 40],
    "initializer_range": 0.3,
}


def meta_count(config: OpenElmConfig, within: str = "") -> int:
    with torch.device("meta"):
        model = OpenElmForCausalLM(config)
    return sum(p.numel() for name, p in model.named_parameters() if within in name)
