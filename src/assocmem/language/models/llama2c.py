"""Turns a checkpoint of llama2.c, a small Llama with its SentencePiece vocabulary, into a folder for transformers.

    python -m assocmem.language.models.llama2c MODEL.bin TOKENIZER.bin FOLDER

The format: seven int32 (width, hidden width, layers, heads, key heads, vocabulary, context; a negative vocabulary says
that the output matrix is not tied), then float32 weights. Its rotary encoding turns adjacent pairs of coordinates, that
of transformers turns coordinate i with i + n/2, so the rows of the query and key matrices are reordered.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import torch
from jaxtyping import Float32
from tokenizers import Tokenizer, decoders, models, normalizers
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from assocmem.language.files import write_folder

__all__ = ["convert"]

SPACE = "\u2581"
HEADER = 28


def convert(model: Path, tokenizer: Path, folder: Path) -> None:
    """Write a model as safetensors and its tokenizer to a new folder, which appears whole or not at all.

    Parameters
    ----------
    model, tokenizer : Path
        The files of llama2.c.
    folder : Path
        Where the model goes.

    Raises
    ------
    ValueError
        When the model file has no whole header, or is shorter or longer than its header says.
    FileExistsError
        When the folder is there already.
    OSError
        Where a file cannot be read or the folder not be written.
    """

    def fill(scratch: Path) -> None:
        vocabulary = _converted_model(model.read_bytes(), scratch)
        _converted_tokenizer(tokenizer.read_bytes(), vocabulary).save_pretrained(scratch)

    write_folder(folder, fill)


def _converted_model(data: bytes, folder: Path) -> int:
    if len(data) < HEADER:
        raise ValueError(f"the model file has {len(data)} bytes, fewer than its header of {HEADER}")
    header: tuple[int, ...] = struct.unpack("<7i", data[:HEADER])
    width, hidden, layers, heads, shared, vocabulary, context = header
    tied, vocabulary, size = vocabulary > 0, abs(vocabulary), width // heads
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=shared,
        max_position_embeddings=context,
        rms_norm_eps=1e-5,
        tie_word_embeddings=tied,
        bos_token_id=1,
        eos_token_id=2,
    )
    shapes: dict[str, tuple[int, ...]] = {
        "embed_tokens": (vocabulary, width),
        "input_layernorm": (layers, width),
        "self_attn.q_proj": (layers, width, width),
        "self_attn.k_proj": (layers, shared * size, width),
        "self_attn.v_proj": (layers, shared * size, width),
        "self_attn.o_proj": (layers, width, width),
        "post_attention_layernorm": (layers, width),
        "mlp.gate_proj": (layers, hidden, width),
        "mlp.down_proj": (layers, width, hidden),
        "mlp.up_proj": (layers, hidden, width),
        "norm": (width,),
        "rotary": (2, context, size // 2),
        **({} if tied else {"lm_head": (vocabulary, width)}),
    }
    parts = _split(torch.frombuffer(bytearray(data[HEADER:]), dtype=torch.float32), shapes)
    for name, count in (("self_attn.q_proj", heads), ("self_attn.k_proj", shared)):
        parts[name] = parts[name].view(layers, count, size // 2, 2, width).transpose(2, 3).reshape(shapes[name])
    state = {f"model.{name}.weight": parts[name] for name in ("embed_tokens", "norm")}
    state["lm_head.weight"] = parts["embed_tokens" if tied else "lm_head"]
    for name in set(parts) - {"embed_tokens", "norm", "rotary", "lm_head"}:
        state |= {f"model.layers.{layer}.{name}.weight": parts[name][layer] for layer in range(layers)}
    whole = LlamaForCausalLM(config)
    whole.load_state_dict(state)
    whole.save_pretrained(folder)
    return vocabulary


def _split(flat: Float32[Tensor, " numbers"], shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    sizes = [int(torch.tensor(shape).prod()) for shape in shapes.values()]
    if sum(sizes) != len(flat):
        raise ValueError(f"the model file holds {len(flat)} numbers where its header says {sum(sizes)}")
    parts = torch.split(flat, sizes)
    return {name: part.view(shape).clone() for (name, shape), part in zip(shapes.items(), parts, strict=True)}


def _converted_tokenizer(data: bytes, vocabulary: int) -> PreTrainedTokenizerFast:
    """Pieces with scores, as byte pair merges in the order of their scores, with single bytes where no piece fits."""
    pieces, offset = [], 4
    for _ in range(vocabulary):
        score, length = struct.unpack_from("<fi", data, offset)
        text = data[offset + 8 : offset + 8 + length].decode("utf-8")
        pieces.append((text.strip("\n") if text in ("\n<s>\n", "\n</s>\n") else text.replace(" ", SPACE), score))
        offset += 8 + length
    pieces[:3] = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0)]
    ids = {text: index for index, (text, _) in enumerate(pieces)}
    ranked = sorted(((-score, text) for text, score in pieces[259:] if len(text) > 1), key=lambda pair: pair[0])
    merges = [
        (text[:cut], text[cut:])
        for _, text in ranked
        for cut in range(1, len(text))
        if text[:cut] in ids and text[cut:] in ids
    ]
    made = Tokenizer(models.BPE(ids, merges, unk_token="<unk>", byte_fallback=True))
    made.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)])
    made.decoder = decoders.Sequence(
        [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=made, bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )


if __name__ == "__main__":
    convert(*(Path(word) for word in sys.argv[1:4]))
