"""What a training run is asked to do: one dataclass with three presets, filled from names and values by `configure`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import torch

from assocmem.language.models.architectures import Sizes, has_sizes
from assocmem.language.text.gutenberg import MIRROR
from assocmem.language.text.tokenizer_loading import BOOK
from assocmem.language.training.train import Training

__all__ = ["PRESETS", "TrainingRun", "configure"]

AUTO = "auto"
LEAST = {
    "vocabulary": 257,
    "context": 2,
    "train_tokens": 1,
    "held_out_tokens": 1,
    "lines": 1,
    "tokens_budget": 1,
    "batch_tokens": 1,
    "layers": 1,
    "width": 1,
    "heads": 1,
    "inner": 1,
    "micro": 1,
}


@dataclass(frozen=True)
class TrainingRun:
    """What is trained on what, and how.

    data : see `text_sources.text_source`; also ``questions`` or ``questions:GRAMMAR``, or a folder of token files.
    words : books as words alone. tokenizer : see `text_rows.tokenized`; vocabulary : of the tokenizer that is learned.
    model, layers, width, heads, inner, norm, dropout : see `fresh_models.fresh_model`.
    context : tokens of a row. train_tokens : train on so many tokens of the training part only; held_out_tokens : take
    the held-out loss on so many at most. held_out_share : of the documents. lines : of questions.
    steps : updates; tokens_budget : tokens to be trained on in all, which set the steps where those are None.
    batch_tokens : tokens an update, over all devices; micro : rows that a device takes at once.
    warmup : updates, a tenth of them if None. device : cpu, cuda, or auto (a GPU where there is one).
    download : GPT-2's tokenizer may be fetched; mirror : of Project Gutenberg.
    The other fields are those of `training_plan.Training`.

    Raises ValueError that begins with the name of the field.
    """

    scale: str
    data: str | None = "docstrings"
    words: bool = False
    tokenizer: str = BOOK
    vocabulary: int = 1024
    model: str = "gpt2"
    layers: int | None = 2
    width: int | None = 64
    heads: int | None = 4
    inner: int | None = None
    norm: str = "before"
    dropout: float | None = None
    context: int = 64
    train_tokens: int | None = None
    held_out_tokens: int = 8192
    held_out_share: float = 0.05
    lines: int = 5000
    steps: int | None = 40
    tokens_budget: int | None = None
    batch_tokens: int = 512
    micro: int | None = None
    learning_rate: float = 3e-3
    warmup: int | None = None
    schedule: str = "cosine"
    betas: tuple[float, float] = (0.9, 0.95)
    epsilon: float = 1e-8
    weight_decay: float = 0.1
    clip: float = 1.0
    log_every: int = 10
    evaluate_every: int | None = 20
    save_every: int | None = 20
    keep: int = 2
    seed: int = 0
    precision: str = "float32"
    compile: bool = False
    shard: str = "none"
    device: str = AUTO
    workers: int = 0
    exact: bool = False
    download: bool = False
    mirror: str = MIRROR

    def __post_init__(self) -> None:
        for name, least in LEAST.items():
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(f"{name} must be at least {least}, got {value}")
        if not 0 < self.held_out_share < 1:
            raise ValueError(f"held_out_share must lie between 0 and 1, got {self.held_out_share}")
        if self.dropout is not None and not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must lie in [0, 1), got {self.dropout}")
        if self.norm not in ("before", "after"):
            raise ValueError(f"norm must be before or after, got {self.norm!r}")
        if (self.steps is None) == (self.tokens_budget is None):
            raise ValueError(f"steps must be given where tokens_budget is not, and not with it, got {self.steps}")
        if self.data is None:
            raise ValueError("data must be named for this scale, as gutenberg:FOLDER-OF-BOOKS")
        if not self.on_questions and self.batch_tokens % self.context:
            raise ValueError(f"batch_tokens must be a multiple of context={self.context}, got {self.batch_tokens}")
        if has_sizes(self.model):
            _ = self.sizes
        if not self.on_questions:
            self.plan(self.context)

    @property
    def on_questions(self) -> bool:
        """Whether the data is a grammar of questions, whose rows are lines."""
        return self.data is not None and self.data.partition(":")[0] == "questions"

    @property
    def sizes(self) -> Sizes | None:
        """The sizes of a model that has them."""
        if not has_sizes(self.model):
            return None
        given = {name: value for name in ("layers", "width", "heads") if (value := getattr(self, name)) is not None}
        return Sizes(**given, inner=self.inner)

    def plan(self, length: float) -> Training:
        """The training on rows of ``length`` tokens (the mean, where they differ)."""
        batch = max(1, round(self.batch_tokens / length))
        ranks = int(os.environ.get("WORLD_SIZE", "1"))
        at_once = (self.micro or batch // ranks) * ranks
        if not at_once or batch % at_once:
            got = f"batch_tokens gives {batch} rows an update, which {ranks} processes cannot share"
            raise ValueError(got + ("" if self.micro is None else f", {self.micro} rows at once (micro)"))
        steps = self.steps if self.steps is not None else max(1, round((self.tokens_budget or 0) / (batch * length)))
        shared = {field.name for field in fields(Training)} & {field.name for field in fields(self)}
        device = ("cuda" if torch.cuda.is_available() else "cpu") if self.device == AUTO else self.device
        settings = {name: getattr(self, name) for name in shared} | {
            "steps": steps,
            "batch": batch,
            "warmup": steps // 10 if self.warmup is None else self.warmup,
            "device": device,
        }
        return Training(**settings)


_SMOKE = TrainingRun("smoke")
_LOCAL = replace(
    _SMOKE,
    scale="local",
    vocabulary=2048,
    layers=4,
    width=128,
    context=128,
    held_out_tokens=65_536,
    lines=100_000,
    steps=3000,
    batch_tokens=1024,
    learning_rate=1e-3,
    log_every=50,
    evaluate_every=500,
    save_every=500,
)
_PAPER = {
    **asdict(_LOCAL),
    "scale": "paper",
    "data": None,
    "words": True,
    "tokenizer": "gpt2",
    "model": "openelm:1",
    "context": 1024,
    "held_out_tokens": 2_000_000,
    "steps": 6000,
    "batch_tokens": 491_520,
    "micro": 12,
    "learning_rate": 6e-4,
    "warmup": 2000,
    "log_every": 10,
    "evaluate_every": 250,
    "precision": "bfloat16",
    "compile": True,
    "device": "cuda",
    "workers": 2,
}
PRESETS: dict[str, dict[str, Any]] = {"smoke": asdict(_SMOKE), "local": asdict(_LOCAL), "paper": _PAPER}
"""Seconds and minutes on one core; and Model 1 of the paper's Appendix F.3 and G on books that the caller names.

Of "paper" these are printed: words of Project Gutenberg in GPT-2's encoding, 5% held out (the paper takes the last 5%
of the tokens, here documents are drawn), context 1024, batch 12 (taken as rows at once), 491,520 tokens an iteration,
betas and epsilon of AdamW, dropout 0.1, and 6000 steps, about where the paper's validation loss is least. Learning
rate, warmup, schedule, weight decay and clip are not printed; here they are nanoGPT's, which has the printed batch, but
for the end of the cosine, 0 here.
"""


def configure(scale: str, given: Mapping[str, Any]) -> TrainingRun:
    """The preset of a scale with the given fields in place of its own; text is read as the type of the field.

    ``steps`` and ``tokens_budget`` each replace the other. Raises ValueError that begins with the field's name.
    """
    if scale not in PRESETS:
        raise ValueError(f"scale got {scale!r}; takes one of {', '.join(PRESETS)}")
    hints = get_type_hints(TrainingRun)
    del hints["scale"]
    unknown = sorted(set(given) - set(hints))
    if unknown:
        raise ValueError(f"unknown setting {unknown[0]!r}; takes {', '.join(hints)}")
    asked = {name: _read(name, hints[name], value) for name, value in given.items()}
    model = asked.get("model", PRESETS[scale]["model"])
    sized = [name for name in ("layers", "width", "heads", "inner") if asked.get(name) is not None]
    if sized and not has_sizes(model):
        raise ValueError(f"{sized[0]} does not apply to model {model!r}, which has its own")
    chosen = PRESETS[scale] | ({} if has_sizes(model) else {"layers": None, "width": None, "heads": None})
    if asked.get("tokens_budget") is not None:
        chosen["steps"] = None
    return TrainingRun(**(chosen | asked))


def _read(name: str, hint: Any, value: Any) -> Any:
    """The value as its type; raises ValueError for what it does not hold."""
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if type(None) in kinds and value in (None, "none"):
        return None
    kind = next(one for one in kinds if one is not type(None))
    wanted = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}.get(kind, "two numbers")
    try:
        if kind is int and not isinstance(value, bool):
            number = float(value)
            if number == int(number):
                return int(number) if isinstance(value, float) or not str(value).isdecimal() else int(value)
        elif kind is float and not isinstance(value, bool):
            return float(value)
        elif kind is bool and str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        elif kind is str and isinstance(value, str):
            return value
        elif get_origin(kind) is tuple:
            first, second = value.strip("[]()").split(",") if isinstance(value, str) else value
            return float(first), float(second)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"{name} got {value!r}; takes {wanted}")
