"""The shapes of published decoders (GPT-2, LLaMA, OpenELM), and OpenELM's rules for widths that differ by layer.

GPT-2: Radford et al. (2019), inner widths as in the released code. LLaMA: the configurations published with the models.
OpenELM: Mehta et al. (2024), with the rules of the CoreNet library, written here from what they compute.
"""

from __future__ import annotations

from dataclasses import dataclass

from assocmem.theory.balance.transformer_size import Block, Decoder, Whole


@dataclass(frozen=True)
class GptShape:
    """GPT-2: full attention, LayerNorm, biases, trained positions; d_FF = 4 d_emb unless ``inner`` is given."""

    layers: Whole
    width: Whole
    heads: Whole
    inner: Whole = None
    vocabulary: Whole = 50257
    context: Whole = 1024

    def decoder(self) -> Decoder:
        """The decoder of this shape; the number of heads leaves no trace in its counts."""
        inner = 4 * self.width if self.inner is None else self.inner
        block = Block(self.width, self.width, self.width, inner, biases=True)
        return Decoder(((self.layers, block),), self.vocabulary, self.context)


@dataclass(frozen=True)
class LlamaShape:
    """LLaMA: grouped keys and values, gated feed-forward, RMSNorm, no biases, rotary positions."""

    layers: Whole
    width: Whole
    heads: Whole
    kv_heads: Whole
    head_dim: Whole
    inner: Whole
    vocabulary: Whole = 32000
    tied: bool = False

    def decoder(self) -> Decoder:
        """The decoder of this shape."""
        queries, keys = self.heads * self.head_dim, self.kv_heads * self.head_dim
        return Decoder(
            ((self.layers, Block(self.width, queries, keys, self.inner, gated=True)),), self.vocabulary, 0, self.tied
        )


@dataclass(frozen=True)
class OpenElmShape:
    """OpenELM: like LLaMA with tied embeddings and normalized queries and keys; heads and d_FF differ by layer."""

    width: int
    heads: tuple[int, ...]
    kv_heads: tuple[int, ...]
    inner: tuple[int, ...]
    head_dim: int = 64
    vocabulary: int = 32000
    gated: bool = True

    def decoder(self) -> Decoder:
        """The decoder of this shape.

        Raises
        ------
        ValueError
            When the three lists are not of one length.
        """
        layers = zip(self.heads, self.kv_heads, self.inner, strict=True)
        blocks = tuple(
            (1, Block(self.width, q * self.head_dim, kv * self.head_dim, inner, self.gated, head_norm=self.head_dim))
            for q, kv, inner in layers
        )
        return Decoder(blocks, self.vocabulary)


def divisible(value: float, divisor: int) -> int:
    """The multiple of the divisor nearest to the value, at least one; the next above if it loses more than a tenth."""
    near = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return near + divisor if near < 0.9 * value else near


def spread(ends: tuple[float, float], layers: int) -> list[float]:
    """Multipliers by layer: equally spaced between both ends, each rounded to two decimals."""
    low, high = ends
    if layers == 1:
        return [round(low, 2)]
    step = (high - low) / (layers - 1)
    return [round(low + i * step, 2) for i in range(layers - 1)] + [round(high, 2)]


def openelm(
    layers: int,
    width: int,
    *,
    qkv: tuple[float, float] = (0.5, 1.0),
    ffn: tuple[float, float] = (0.5, 4.0),
    head_dim: int = 64,
    groups: int = 4,
    divisor: int = 256,
    vocabulary: int = 32000,
) -> OpenElmShape:
    """The shape that OpenELM's rules give.

    qkv, ffn : multipliers of d_emb, first and last layer, for the query columns and for d_FF.
    groups : query heads to one key head; query columns are made divisible by head_dim * groups, d_FF by divisor.
    """
    heads = [divisible(width * m, head_dim * groups) // head_dim for m in spread(qkv, layers)]
    inner = tuple(divisible(m * width, divisor) for m in spread(ffn, layers))
    return OpenElmShape(width, tuple(heads), tuple(h // groups for h in heads), inner, head_dim, vocabulary)


GPT2 = {
    "GPT-2 small": GptShape(12, 768, 12),
    "GPT-2 medium": GptShape(24, 1024, 16),
    "GPT-2 large": GptShape(36, 1280, 20),
    "GPT-2 XL": GptShape(48, 1600, 25),
}
"""The four sizes of GPT-2: layers, width, heads."""
LLAMA = {
    "TinyLlama": LlamaShape(22, 2048, 32, 4, 64, 5632),
    "LLaMA 7B": LlamaShape(32, 4096, 32, 32, 128, 11008),
    "LLaMA 13B": LlamaShape(40, 5120, 40, 40, 128, 13824),
    "Llama 3 8B": LlamaShape(32, 4096, 32, 8, 128, 14336, 128256),
}
"""LLaMA and its kin; Llama 2 has the shapes of LLaMA at 7B and 13B."""
OPENELM = {
    "OpenELM 270M": openelm(16, 1280),
    "OpenELM 450M": openelm(20, 1536),
    "OpenELM 1.1B": openelm(28, 2048),
    "OpenELM 3B": openelm(36, 3072, head_dim=128),
}
"""The four published sizes of OpenELM."""
PUBLISHED: dict[str, GptShape | LlamaShape | OpenElmShape] = {**GPT2, **LLAMA, **OPENELM}
"""All of them by name."""
MEDIUM = GPT2["GPT-2 medium"]
"""The model of Appendix E."""
