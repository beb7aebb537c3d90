"""Which architecture is trained, from fresh weights: small decoders, the paper's OpenELM models, or any configuration.

No weights are read and no code from a model's folder is run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, GPT2Config, PretrainedConfig, PreTrainedModel

import assocmem.language.models.openelm  # noqa: F401  # Makes the architecture known to AutoModelForCausalLM.
from assocmem.language.models.openelm_config import PRINTED_SIZES, OpenElmConfig, paper_config
from assocmem.language.models.vanilla import vanilla
from assocmem.language.silenced_transformers import silenced_transformers

__all__ = ["NAMES", "Fresh", "Sizes", "fresh_model", "has_sizes"]

SIZED = ("vanilla", "gpt2", "openelm")
"""Models whose sizes are free."""
PAPER = tuple(f"openelm:{model}" for model in PRINTED_SIZES)
NAMES = (*SIZED, *PAPER)
DIVISOR = 16
"""What the feed-forward widths of a small OpenELM are multiples of."""


@dataclass(frozen=True)
class Sizes:
    """The sizes of a small decoder.

    Attributes
    ----------
    layers, width, heads : int
        Layers, model width, and heads of attention, which divide the width.
    inner : int or None
        Width of the feed-forward layers: 4 model widths if None. Not of OpenELM, whose own grow with depth.

    Raises
    ------
    ValueError
        That names the field.
    """

    layers: int = 2
    width: int = 64
    heads: int = 4
    inner: int | None = None

    def __post_init__(self) -> None:
        for name in ("layers", "width", "heads", "inner"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
        if self.width % self.heads:
            raise ValueError(f"width must be a multiple of heads={self.heads}, got {self.width}")


@dataclass(frozen=True)
class Fresh:
    """An architecture that can be made with fresh weights.

    Attributes
    ----------
    name : str
        What a record calls it.
    make : Callable
        Makes a model; torch's random numbers give its weights.
    identity : dict
        All that the architecture depends on; no path.
    """

    name: str
    make: Callable[[], PreTrainedModel]
    identity: dict[str, Any]

    @property
    def parameters(self) -> int:
        """How many weights; tied ones count once. Nothing is allocated for them."""
        with silenced_transformers(), torch.device("meta"):
            return sum(p.numel() for p in self.make().parameters())


def has_sizes(name: str) -> bool:
    """Whether a model takes sizes: ``vanilla``, ``gpt2`` and ``openelm`` do."""
    return name in SIZED


def fresh_model(
    name: str,
    *,
    vocabulary: int,
    context: int,
    sizes: Sizes | None = None,
    norm: str = "before",
    dropout: float | None = None,
    start: int | None = None,
    feed_forward: str | None = None,
    initialization: str | None = None,
) -> Fresh:
    """The architecture that a name means.

    Parameters
    ----------
    name : str
        ``vanilla`` (:func:`~assocmem.language.models.vanilla.vanilla`, with one id more, which fills rows up),
        ``gpt2`` and ``openelm`` (heads and feed-forward widths grow with depth as in OpenELM, ``heads`` in the last
        layer) take sizes; ``openelm:1`` to ``openelm:3`` are the paper's models but for vocabulary and context; a
        folder with a config.json is taken as it is.
    vocabulary : int
        One more than the greatest id of a text.
    context : int
        Tokens of a row.
    sizes : Sizes or None
        Those of the class by default.
    norm : str
        Of vanilla: "before" or "after".
    dropout : float or None
        The model's own if None, which is 0 for those that take sizes.
    start : int or None
        The id that starts a text.
    feed_forward : {"growing", "constant"} or None
        Of the paper's models: whether feed-forward widths grow with depth, which None stands for, or are one width.
    initialization : {"normal", "corenet"} or None
        Of OpenELM models: how weights start; normal if None.

    Returns
    -------
    Fresh
        How to make the model.

    Raises
    ------
    ValueError
        That names the argument.
    """
    sizes = sizes or Sizes()
    if feed_forward is not None and name not in PAPER:
        raise ValueError(f"feed_forward goes with {PAPER[0]} to {PAPER[-1]}, not with model {name!r}")
    if initialization is not None and not name.startswith("openelm"):
        raise ValueError(f"initialization goes with openelm models, not with model {name!r}")
    own: dict[str, Any] = {} if dropout is None else {"attention_dropout": dropout, "embedding_dropout": dropout}
    if initialization is not None:
        own["initialization"] = initialization
    if name == "vanilla":
        shape: dict[str, Any] = {
            "vocabulary": vocabulary + 1,
            "layers": sizes.layers,
            "width": sizes.width,
            "heads": sizes.heads,
            "context": context,
            "inner": sizes.inner,
            "norm": norm,
            "dropout": dropout or 0.0,
            "pad": vocabulary,
            "end": 0 if start is None else start,
        }
        return Fresh(name, lambda: vanilla(**shape), {"name": name, **shape})
    if name == "gpt2":
        return _of(name, _gpt2(vocabulary, context, sizes, dropout or 0.0, start))
    if name == "openelm":
        return _of(
            name,
            OpenElmConfig(
                vocab_size=vocabulary,
                hidden_size=sizes.width,
                num_hidden_layers=sizes.layers,
                num_gqa_groups=1,
                head_dim=sizes.width // sizes.heads,
                ffn_dim_divisor=DIVISOR,
                max_position_embeddings=context,
                **own,
            ),
        )
    if name in PAPER:
        number = int(name.rpartition(":")[2])
        widths = "nearest" if feed_forward == "constant" else "growing"
        return _of(name, paper_config(number, widths, vocab_size=vocabulary, max_position_embeddings=context, **own))
    return _of(*_from_folder(name, vocabulary, context))


def _gpt2(vocabulary: int, context: int, sizes: Sizes, dropout: float, start: int | None) -> GPT2Config:
    return GPT2Config(
        vocab_size=vocabulary,
        n_positions=context,
        n_embd=sizes.width,
        n_layer=sizes.layers,
        n_head=sizes.heads,
        n_inner=sizes.inner,
        resid_pdrop=dropout,
        embd_pdrop=dropout,
        attn_pdrop=dropout,
        bos_token_id=start,
        eos_token_id=start,
    )


def _of(name: str, config: PretrainedConfig) -> Fresh:
    def make() -> PreTrainedModel:
        model: PreTrainedModel = AutoModelForCausalLM.from_config(  # type: ignore[no-untyped-call]
            config, dtype=torch.float32, trust_remote_code=False
        )
        return model

    changing = ("transformers_version", "_name_or_path", "dtype", "torch_dtype")
    shape = {key: value for key, value in config.to_dict().items() if key not in changing}
    return Fresh(name, make, {"name": name, **shape})


def _from_folder(name: str, vocabulary: int, context: int) -> tuple[str, PretrainedConfig]:
    folder = Path(name).expanduser()
    if not (folder / "config.json").is_file():
        raise ValueError(f"model got {name!r}; takes {', '.join(NAMES)} or a folder with a config.json")
    try:
        with silenced_transformers():
            config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"model got {name!r}, whose config.json is of no model of transformers") from error
    try:
        _ = _of(name, config).parameters
    except ValueError as error:
        kind = config.model_type
        raise ValueError(f"model got {name!r}, whose config.json is of no causal language model ({kind})") from error
    for field_name, least, why in (("vocab_size", vocabulary, "ids"), ("max_position_embeddings", context, "context")):
        value = getattr(config, field_name, None)
        if value is not None and value < least:
            raise ValueError(f"model got {name!r}, whose {field_name}={value} is less than the {why}, {least}")
    if None in (getattr(config, "num_hidden_layers", None), getattr(config, "hidden_size", None)):
        raise ValueError(f"model got {name!r}, whose config.json lacks num_hidden_layers or hidden_size")
    return folder.resolve().name, config
