"""The configuration of OpenELM (Mehta et al., 2024), and those of the three models that the paper trains with it.

Heads and feed-forward widths differ by layer. They follow from multipliers by the rules of
``assocmem.theory.balance.transformer_shapes``, or are given as lists; the lists are what is stored, so a saved
configuration says the whole shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from transformers import PretrainedConfig

from assocmem.theory.balance.transformer_shapes import OpenElmShape, openelm

__all__ = ["INITIALIZATIONS", "PRINTED_SIZES", "OpenElmConfig", "from_shape", "paper_config"]

INITIALIZATIONS = ("normal", "corenet")
"""How weights may start."""
PRINTED_SIZES = {1: 39.95, 2: 60.26, 3: 80.20}
"""Millions of parameters in the Transformer layers of Models 1, 2 and 3, as the paper prints them."""
_KV_HEADS = {1: (3, 3, 3, 3, 4, 4, 4, 5), 2: (3, 3, 3, 3, 4, 4, 4, 5), 3: (3, 3, 3, 4, 4, 4, 5, 5)}
_WIDTHS = {1: 954, 2: 1280, 3: 1440}
_GROWING = {1: (2.19, 64), 2: (1.84, 8), 3: (2.03, 64)}
"""Last multiplier and divisor of feed-forward widths that begin at 0.5 d_emb, as OpenELM's do: nearest to the size."""
_FIRST = 0.5
_NEAREST_INNER = {1: 1280, 2: 1496, 3: 1824}
"""One d_FF for all eight layers: the multiple of 8 whose count is nearest to the printed size."""
_CONSTANT = 1.25
"""The one multiplier for the three models that comes nearest to all three printed sizes."""


class OpenElmConfig(PretrainedConfig):
    """Shape and settings of an OpenELM model; by default those of OpenELM 270M.

    Parameters
    ----------
    vocab_size : int
        One more than the greatest id.
    hidden_size, num_hidden_layers, head_dim : int
        ``d_emb``, ``l``, and columns of one head (even; free of ``d_emb``).
    qkv_multipliers, ffn_multipliers : sequence of float
        Of ``d_emb``, first and last layer, for query columns and for ``d_FF``.
    num_gqa_groups : int
        Query heads to one key head.
    ffn_dim_divisor : int
        What every ``d_FF`` is made divisible by.
    num_query_heads, num_kv_heads, intermediate_sizes : sequence of int or None
        One value for each layer, in place of what the multipliers would make. Without ``num_kv_heads``, there are
        ``num_gqa_groups`` query heads to one key head.
    max_position_embeddings : int
        The context trained with. Rotary positions go on beyond it, so it is not enforced.
    rope_theta, rms_norm_eps : float
        Base of the rotary positions, and what keeps an RMSNorm from dividing by 0.
    attention_dropout, embedding_dropout : float
        Probabilities in [0, 1), used in training only.
    initialization : {"normal", "corenet"}
        How weights start, see :class:`~assocmem.language.models.openelm.OpenElmForCausalLM`.
    initializer_range : float
        Standard deviation of every matrix at a normal start.
    use_cache : bool
        Whether keys and values are returned when not training.
    tie_word_embeddings : bool
        True: logits are read from the token table.
    bos_token_id, eos_token_id, pad_token_id : int or None
        Marks of a text.

    Raises
    ------
    ValueError
        With the argument's name, for values that make no model.
    """

    model_type = "assocmem_openelm"
    keys_to_ignore_at_inference = ["past_key_values"]  # noqa: RUF012  # The Trainer adds a list to it.

    vocab_size: int = 32000
    hidden_size: int = 1280
    num_hidden_layers: int = 16
    head_dim: int = 64
    qkv_multipliers: Sequence[float] = (0.5, 1.0)
    ffn_multipliers: Sequence[float] = (0.5, 4.0)
    num_gqa_groups: int = 4
    ffn_dim_divisor: int = 256
    num_query_heads: Sequence[int] | None = None
    num_kv_heads: Sequence[int] | None = None
    intermediate_sizes: Sequence[int] | None = None
    max_position_embeddings: int = 2048
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-6
    attention_dropout: float = 0.0
    embedding_dropout: float = 0.0
    initialization: str = "normal"
    initializer_range: float = 0.02
    use_cache: bool = True
    tie_word_embeddings: bool = True
    bos_token_id: int | None = None
    eos_token_id: int | None = None
    pad_token_id: int | None = None

    def __post_init__(self, **kwargs: Any) -> None:
        """Check the values, then fill in the lists."""
        self._check_numbers()
        rules = openelm(
            self.num_hidden_layers,
            self.hidden_size,
            qkv=_ends("qkv_multipliers", self.qkv_multipliers),
            ffn=_ends("ffn_multipliers", self.ffn_multipliers),
            head_dim=self.head_dim,
            groups=self.num_gqa_groups,
            divisor=self.ffn_dim_divisor,
            vocabulary=self.vocab_size,
        )
        self.qkv_multipliers, self.ffn_multipliers = list(self.qkv_multipliers), list(self.ffn_multipliers)
        heads = self._by_layer("num_query_heads", self.num_query_heads, rules.heads)
        groups = self.num_gqa_groups
        if self.num_kv_heads is None and any(q % groups for q in heads):
            raise ValueError(f"num_query_heads={heads} must be multiples of num_gqa_groups={groups}")
        self.num_query_heads = heads
        self.num_kv_heads = self._by_layer("num_kv_heads", self.num_kv_heads, [q // groups for q in heads])
        if any(q % k for q, k in zip(heads, self.num_kv_heads, strict=True)):
            raise ValueError(f"num_kv_heads={self.num_kv_heads} must divide num_query_heads={heads} layer by layer")
        self.intermediate_sizes = self._by_layer("intermediate_sizes", self.intermediate_sizes, rules.inner)
        super().__post_init__(**kwargs)  # type: ignore[no-untyped-call]

    def shape(self) -> OpenElmShape:
        """The shape for the exact counts of ``assocmem.theory.balance.transformer_size``."""
        heads, kv, inner = (tuple(x or ()) for x in (self.num_query_heads, self.num_kv_heads, self.intermediate_sizes))
        return OpenElmShape(self.hidden_size, heads, kv, inner, self.head_dim, self.vocab_size)

    def _check_numbers(self) -> None:
        for name in (
            "vocab_size",
            "hidden_size",
            "num_hidden_layers",
            "head_dim",
            "num_gqa_groups",
            "ffn_dim_divisor",
            "max_position_embeddings",
        ):
            _natural(name, getattr(self, name))
        if self.head_dim % 2:
            raise ValueError(f"head_dim must be even for rotary positions, got {self.head_dim}")
        for name in ("rope_theta", "rms_norm_eps", "initializer_range"):
            if not _positive(getattr(self, name)):
                raise ValueError(f"{name} must be positive and finite, got {getattr(self, name)!r}")
        for name in ("attention_dropout", "embedding_dropout"):
            if not _real(getattr(self, name), lambda value: 0 <= value < 1):
                raise ValueError(f"{name} must lie in [0, 1), got {getattr(self, name)!r}")
        if self.initialization not in INITIALIZATIONS:
            takes = " or ".join(map(repr, INITIALIZATIONS))
            raise ValueError(f"initialization must be {takes}, got {self.initialization!r}")
        if not self.tie_word_embeddings:
            raise ValueError("tie_word_embeddings must be True: OpenELM reads logits from the token table")

    def _by_layer(self, name: str, listed: Sequence[int] | None, otherwise: Sequence[int]) -> list[int]:
        values = list(listed) if isinstance(listed, Iterable) else list(otherwise) if listed is None else [listed]
        if len(values) != self.num_hidden_layers:
            raise ValueError(f"{name} needs num_hidden_layers={self.num_hidden_layers} values, got {len(values)}")
        for value in values:
            _natural(name, value)
        return values


def from_shape(shape: OpenElmShape, **settings: Any) -> OpenElmConfig:
    """The configuration of a shape.

    Parameters
    ----------
    shape : OpenElmShape
        Widths and heads of each layer.
    **settings : Any
        Other arguments of :class:`~assocmem.language.models.openelm_config.OpenElmConfig`.

    Returns
    -------
    OpenElmConfig
        With these lists.

    Raises
    ------
    ValueError
        For a shape without gated feed-forward layers, of which this model has no form.
    """
    if not shape.gated:
        raise ValueError("shape.gated must be True: the feed-forward layers of this model are gated")
    return OpenElmConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.width,
        num_hidden_layers=len(shape.heads),
        head_dim=shape.head_dim,
        num_query_heads=shape.heads,
        num_kv_heads=shape.kv_heads,
        intermediate_sizes=shape.inner,
        **settings,
    )


def paper_config(model: int, inner: str | Sequence[int] = "growing", **settings: Any) -> OpenElmConfig:
    """Model 1, 2 or 3 of the paper (Appendix F.1 as submitted, G.1 in the later version).

    As printed: widths 954, 1280, 1440; eight layers; the lists of heads; head dimension 64; 50,257 tokens; context
    1024; RMSNorm; normalized queries and keys; swish; both dropouts 0.1; initializer range 0.02. All else is assumed,
    as the notes below say; no start, end or padding token is set.

    Parameters
    ----------
    model : int
        1, 2 or 3.
    inner : str or sequence of int
        "growing", from half of ``d_emb`` in the first layer to 2.19, 1.84 and 2.03 times it in the last, made divisible
        by 64, 8 and 64, nearest to the sizes; "nearest", one ``d_FF`` in all layers, the multiple of 8 nearest to the
        size (1280, 1496, 1824); "constant", the multiplier 1.25 and divisor 256 for all three models; or the eight
        widths. All are choices of this book.
    **settings : Any
        Arguments of :class:`~assocmem.language.models.openelm_config.OpenElmConfig` that are to differ.

    Returns
    -------
    OpenElmConfig
        The model's.

    Raises
    ------
    ValueError
        For another model or another name.

    Notes
    -----
    What the three configurations rest on beside the printed values, where ``d_FF`` is chosen as by default:

    * the printed size is of the eight blocks alone, without the token table and the last RMSNorm;
    * ``d_FF``, which is not printed, grows from layer to layer, as it does in OpenELM, from the multiplier 0.5 on, as
      in OpenELM's own models, to the one that comes nearest to the printed size;
    * the feed-forward layer of swish is gated: three matrices (SwiGLU);
    * no biases;
    * two RMSNorms in a block, each before its part, and one after the last block; epsilon 1e-6;
    * queries and keys of a layer have one RMSNorm weight of 64 numbers each, shared by the heads;
    * positions are rotary, of base 10,000;
    * the logits are read from the token table;
    * every matrix starts normal with mean 0 and the printed initializer range as deviation, whatever the depth;
    * the printed dropouts act on attention weights and on embedded tokens, and there is no other dropout;
    * the width 954 is as printed, although no multiple of the head dimension;
    * the lists of heads are as printed, although the printed multipliers (0.5, 1.0) do not give them.
    """
    if model not in PRINTED_SIZES:
        raise ValueError(f"model must be 1, 2 or 3, got {model!r}")
    if isinstance(inner, str):
        if inner not in ("growing", "nearest", "constant"):
            raise ValueError(f"inner must be 'growing', 'nearest', 'constant' or eight widths, got {inner!r}")
        widths = [_NEAREST_INNER[model]] * 8 if inner == "nearest" else None
    else:
        widths = list(inner)
    last, divisor = _GROWING[model]
    chosen: dict[str, Any] = {
        "vocab_size": 50257,
        "hidden_size": _WIDTHS[model],
        "num_hidden_layers": 8,
        "head_dim": 64,
        "num_query_heads": [2 * k for k in _KV_HEADS[model]],
        "num_kv_heads": _KV_HEADS[model],
        "num_gqa_groups": 2,
        "ffn_multipliers": (_FIRST, last) if inner == "growing" else (_CONSTANT, _CONSTANT),
        "ffn_dim_divisor": divisor if inner == "growing" else 256,
        "intermediate_sizes": widths,
        "max_position_embeddings": 1024,
        "attention_dropout": 0.1,
        "embedding_dropout": 0.1,
    }
    return OpenElmConfig(**(chosen | settings))


def _natural(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} must be a positive whole number, got {value!r}")


def _real(value: object, holds: Callable[[float], bool]) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and holds(value)


def _positive(value: object) -> bool:
    return _real(value, lambda number: 0 < number < float("inf"))


def _ends(name: str, ends: Sequence[float]) -> tuple[float, float]:
    if not isinstance(ends, Sequence) or len(ends) != 2 or not all(_positive(end) for end in ends):
        raise ValueError(f"{name} must be two positive numbers, first and last layer, got {ends!r}")
    return ends[0], ends[1]
