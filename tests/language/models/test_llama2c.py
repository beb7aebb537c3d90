"""A llama2.c checkpoint, written here from its definition, becomes the same model."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from assocmem.language import load_causal_lm
from assocmem.language.models.llama2c import convert


def _checkpoint(model: LlamaForCausalLM) -> bytes:
    """A model in the format of llama2.c, written from its definition: adjacent pairs rotate together there."""
    config, state = model.config, model.state_dict()
    half = config.hidden_size // config.num_attention_heads // 2

    def paired(weight: torch.Tensor) -> torch.Tensor:
        heads = weight.view(-1, 2 * half, weight.shape[1])
        return torch.stack([heads[:, :half], heads[:, half:]], 2).reshape(weight.shape)

    def every(name: str) -> list[torch.Tensor]:
        rows = [state[f"model.layers.{i}.{name}.weight"] for i in range(config.num_hidden_layers)]
        return [paired(w) for w in rows] if name.endswith(("q_proj", "k_proj")) else rows

    names = [
        "input_layernorm",
        *(f"self_attn.{c}_proj" for c in "qkvo"),
        "post_attention_layernorm",
        "mlp.gate_proj",
        "mlp.down_proj",
        "mlp.up_proj",
    ]
    layers = [weight for name in names for weight in every(name)]
    parts = [state["model.embed_tokens.weight"], *layers, state["model.norm.weight"]]
    parts.append(torch.zeros(2 * config.max_position_embeddings * half))
    header = torch.tensor(
        [
            config.hidden_size,
            config.intermediate_size,
            config.num_hidden_layers,
            config.num_attention_heads,
            config.num_key_value_heads,
            config.vocab_size,
            config.max_position_embeddings,
        ],
        dtype=torch.int32,
    )
    return header.numpy().tobytes() + torch.cat([p.flatten() for p in parts]).numpy().tobytes()


def _pieces() -> bytes:
    """A vocabulary of 270 pieces in the format of llama2.c: three marks, 256 bytes, then pieces with scores."""
    special = [b"<unk>", b"\n<s>\n", b"\n</s>\n", *(f"<0x{i:02X}>".encode() for i in range(256))]
    pieces = [(piece, 0.0) for piece in special]
    scored = [" a", "ab", " ab", " ", "a", "b", "c", "é"]
    pieces += [(piece.encode(), float(-rank)) for rank, piece in enumerate(scored)]
    pieces += [(f"<unused{i}>".encode(), -99.0) for i in range(3)]
    rows = [struct.pack("<fi", score, len(piece)) + piece for piece, score in pieces]
    return (27).to_bytes(4, "little") + b"".join(rows)


def test_a_llama2c_checkpoint_becomes_the_same_model(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=270,
        hidden_size=32,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=16,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        initializer_range=0.3,
    )
    model = LlamaForCausalLM(config).eval()
    (tmp_path / "m.bin").write_bytes(_checkpoint(model))
    (tmp_path / "t.bin").write_bytes(_pieces())
    convert(tmp_path / "m.bin", tmp_path / "t.bin", tmp_path / "folder")
    language = load_causal_lm(tmp_path / "folder")
    tokens = torch.tensor([[1, 262, 260, 7, 9, 265]])
    with torch.no_grad():
        torch.testing.assert_close(language.model(tokens).logits, model(tokens).logits)
    ids = language.tokenizer("ab c é z", add_special_tokens=False)["input_ids"]
    # The best score joins " " with "a" first, so " ab" is never met as "ab" after a space; "z" is a byte.
    assert language.tokenizer.convert_ids_to_tokens(ids) == ["▁ab", "▁", "c", "▁", "é", "▁", "<0x7A>"]
    assert language.tokenizer.decode(ids) == "ab c é z"
    with pytest.raises(FileExistsError, match="folder"):
        convert(tmp_path / "m.bin", tmp_path / "t.bin", tmp_path / "folder")
    (tmp_path / "m.bin").write_bytes(_checkpoint(model)[:-4])
    with pytest.raises(ValueError, match="header says"):
        convert(tmp_path / "m.bin", tmp_path / "t.bin", tmp_path / "other")
    (tmp_path / "m.bin").write_bytes(_checkpoint(model)[:27])
    with pytest.raises(ValueError, match="27 bytes"):
        convert(tmp_path / "m.bin", tmp_path / "t.bin", tmp_path / "other")
    (tmp_path / "m.bin").write_bytes(_checkpoint(model))
    (tmp_path / "t.bin").write_bytes(_pieces()[:-20])
    with pytest.raises(struct.error):
        convert(tmp_path / "m.bin", tmp_path / "t.bin", tmp_path / "other")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["folder"]
