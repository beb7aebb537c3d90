"""A GGUF file that the test itself writes becomes a folder of plain safetensors with the numbers it stands for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from assocmem.language import load_causal_lm
from assocmem.language.models.fetched.conversion import convert

gguf = pytest.importorskip("gguf", reason="the extra gguf is not installed")
pytest.importorskip("sentencepiece", reason="the extra gguf is not installed")

WIDTH, HIDDEN, HEADS, WORDS = 64, 64, 4, ["<s>", "</s>", "a", "b", "ab", "Ġ", "Ġa", "Ġab"]
MERGES = ["a b", "Ġ ab"]


def written(path: Path) -> dict[str, np.ndarray]:
    """A Llama of one layer whose feed-forward matrices are quantized; returns the numbers of those matrices."""
    random = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(32)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(len(WORDS))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(WORDS)
    writer.add_token_merges(MERGES)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)

    def numbers(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    plain: dict[str, Any] = {"token_embd": numbers(len(WORDS), WIDTH), "output_norm": numbers(WIDTH)}
    plain |= {f"blk.0.attn_{one}": numbers(WIDTH, WIDTH) for one in ("q", "k", "v", "output")}
    plain |= {f"blk.0.{one}_norm": numbers(WIDTH) for one in ("attn", "ffn")}
    for name, values in plain.items():
        writer.add_tensor(f"{name}.weight", values)
    kind = gguf.GGMLQuantizationType.Q4_1
    meant = {}
    for name in ("gate", "up", "down"):
        packed = gguf.quants.quantize(numbers(HIDDEN, WIDTH), kind)
        writer.add_tensor(f"blk.0.ffn_{name}.weight", packed, raw_dtype=kind)
        meant[name] = gguf.quants.dequantize(packed, kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return meant


def test_a_quantized_model_becomes_the_numbers_that_it_stands_for(tmp_path: Path) -> None:
    meant = written(tmp_path / "weights.gguf")
    folder = tmp_path / "folder"
    folder.mkdir()
    convert(tmp_path / "weights.gguf", folder)
    assert {one.suffix for one in folder.iterdir()} <= {".json", ".safetensors"}
    language = load_causal_lm(folder)
    assert not hasattr(language.model.config, "quantization_config")
    layer = language.model.model.layers[0].mlp
    for name, values in meant.items():
        torch.testing.assert_close(getattr(layer, f"{name}_proj").weight.detach(), torch.tensor(values), rtol=0, atol=0)
    assert language.tokenizer("ab ab", add_special_tokens=False)["input_ids"] == [4, 7]
    assert language.tokenizer.bos_token_id == 0


def test_a_file_that_is_no_gguf_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "weights.gguf").write_bytes(b"GGUF but no more")
    with pytest.raises(ValueError, match=r"weights\.gguf cannot be read"):
        convert(tmp_path / "weights.gguf", tmp_path)
