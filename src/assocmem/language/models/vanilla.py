"""Plain decoders for short lines: the transformers library's OPT, whose normalization may stand before or after.

Vaswani et al. (2017) normalize after each residual sum and use ReLU, as OPT does with ``do_layer_norm_before=False``.
Their fixed sinusoids are replaced by learned positions, which OPT has. OPT neither multiplies embeddings by the root of
their width nor applies dropout to them, as theirs does.
"""

from __future__ import annotations

from transformers import OPTConfig, OPTForCausalLM

__all__ = ["vanilla"]


def vanilla(
    *,
    vocabulary: int,
    layers: int,
    width: int,
    heads: int,
    context: int,
    inner: int | None = None,
    norm: str = "before",
    dropout: float = 0.0,
    deviation: float = 0.02,
    pad: int = 0,
    end: int = 1,
) -> OPTForCausalLM:
    """A decoder with ReLU, learned positions, biases and tied embeddings; torch's random numbers give its weights.

    Parameters
    ----------
    vocabulary : int
        One more than the greatest id.
    layers, width, heads : int
        Layers, model width, and heads of attention, which divide the width.
    context : int
        The most ids in a row, both ends of a line counted; for a longer row the model raises IndexError.
    inner : int or None
        Width of the feed-forward layers, 4 ``width`` if None.
    norm : str
        "before" (pre-LN, with a last normalization) or "after" (post-LN, without).
    dropout : float
        Of attention weights and of what each part adds to the residual, in [0, 1), in training only.
    deviation : float
        Of the normal law from which matrices are drawn.
    pad, end : int
        Ids of the filling and of the start and end of a line. The embedding of ``pad`` starts at 0.

    Returns
    -------
    OPTForCausalLM
        With fresh weights; biases start at 0.

    Raises
    ------
    ValueError
        That names the argument.

    Notes
    -----
    For width ``w``, vocabulary ``V`` and inner width ``w_FF`` the model has
    ``w (V + context + 2) + layers (4 w^2 + 9 w + 2 w w_FF + w_FF)`` parameters and, with norm "before", ``2 w`` more.
    The 2 is OPT's: its positions begin in row 2, and row 1 serves masked ids only. Without an attention mask positions
    count from the first id; with one they count the ids that it shows.
    """
    if norm not in ("before", "after"):
        raise ValueError(f"norm must be 'before' or 'after', got {norm!r}")
    inner = 4 * width if inner is None else inner
    for name, value in (
        ("vocabulary", vocabulary),
        ("layers", layers),
        ("width", width),
        ("heads", heads),
        ("context", context),
        ("inner", inner),
    ):
        _whole(name, value, 1)
    if width % heads:
        raise ValueError(f"width must be a multiple of heads={heads}, got {width}")
    if isinstance(dropout, bool) or not isinstance(dropout, int | float) or not 0 <= dropout < 1:
        raise ValueError(f"dropout must lie in [0, 1), got {dropout!r}")
    if not 0 < deviation < float("inf"):
        raise ValueError(f"deviation must be positive and finite, got {deviation!r}")
    for name, value in (("pad", pad), ("end", end)):
        _whole(name, value, 0)
        if value >= vocabulary:
            raise ValueError(f"{name} must be an id below vocabulary={vocabulary}, got {value}")
    if pad == end:
        raise ValueError(f"end must differ from pad={pad}, whose embedding is not trained where it is read")
    return OPTForCausalLM(
        OPTConfig(
            vocab_size=vocabulary,
            hidden_size=width,
            word_embed_proj_dim=width,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            ffn_dim=inner,
            max_position_embeddings=context,
            do_layer_norm_before=norm == "before",
            activation_function="relu",
            dropout=dropout,
            attention_dropout=dropout,
            init_std=deviation,
            pad_token_id=pad,
            bos_token_id=end,
            eos_token_id=end,
        )
    )


def _whole(name: str, value: object, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")
