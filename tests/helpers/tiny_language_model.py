"""A tiny random Llama with grouped keys, a tokenizer of words and a text, as a reader would have them."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast


def model_folder(parent: Path) -> Path:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=32,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=64,
        initializer_range=0.4,
    )
    place = parent / "Tiny_Llama"
    LlamaForCausalLM(config).save_pretrained(place)
    words = Tokenizer(models.WordLevel({f"w{i}": i for i in range(32)}, unk_token="w0"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(tokenizer_object=words).save_pretrained(place)
    return place


def text_file(parent: Path) -> Path:
    """Five texts of 40 words, and one of two."""
    generator = torch.Generator().manual_seed(4)
    rows = torch.randint(32, (5, 40), generator=generator).tolist()
    path = parent / "some text.txt"
    path.write_text("<|endoftext|>".join(" ".join(f"w{i}" for i in row) for row in rows) + "<|endoftext|>w1 w2")
    return path
