"""From settings to captured vectors: the models that a run speaks of, one after another, on its chunks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64
from transformers import PreTrainedModel

from assocmem.experiments.radius.chunks import chunks_for
from assocmem.experiments.radius.config import BOOK, RadiusRun
from assocmem.experiments.radius.vectors import TRACK, Vectors, capture
from assocmem.language import SIZES, LanguageModel, load_causal_lm, train_small_lm
from assocmem.language.cache import cache_folder, fingerprint
from assocmem.language.models.hidden_states import layer_names
from assocmem.language.models.pretrained import untrained_like
from assocmem.language.training.ranks import process_count

__all__ = ["Captured", "captured", "model_name"]

REPORT = Callable[[str], None]
Track = Callable[[list[int], str], "Iterator[int] | list[int]"]


@dataclass(frozen=True)
class Captured:
    """The vectors of one model.

    Attributes
    ----------
    name : str
        What tells it from the other models of the run.
    vectors : Vectors
        On disk.
    ids : list[Int64[ndarray, "T"]]
        The chunks.
    about : dict
        What a record says: identity of model and chunks, ``trained``, ``width``, ``seed``.
    """

    name: str
    vectors: Vectors
    ids: list[Int64[np.ndarray, " T"]]
    about: dict[str, Any]


def model_name(config: RadiusRun) -> str:
    """What a record calls the model: of a folder its name alone."""
    path = Path(config.model).expanduser()
    return path.resolve().name if path.is_dir() else config.model


def captured(config: RadiusRun, report: REPORT, track: Track) -> Iterator[Captured]:
    """Capture each model of a run, or go on with it: those with trained weights, each followed by its fresh twin.

    Parameters
    ----------
    config : RadiusRun
        What is captured.
    report : Callable
        Told what is being done.
    track : Callable
        Hands on numbers of shards under a few words.

    Yields
    ------
    Captured
        Complete once all ranks are done.

    Raises
    ------
    ValueError, OSError
        For models and texts that cannot be had or do not fit.
    """
    for width, seed in _models(config):
        name = f"model {model_name(config)}" if width is None else f"model of width {width}, seed {seed}"
        report(f"{name}: load or train")
        language = _model(config, width, seed)
        names = layer_names(language.model)
        if config.layer not in names:
            raise ValueError(f"layer got {config.layer!r}; takes one of {', '.join(names)}")
        chunks = chunks_for(config, language.tokenizer)
        own = int(language.model.config.get_text_config().hidden_size)
        facts = {"width": own, "seed": seed, "chunks": chunks.identity, "positions": config.positions}
        ids, architecture, identity = chunks.ids, language.model.config, language.identity
        model: PreTrainedModel = language.model
        del language
        for trained in (True, False) if config.untrained else (True,):
            if not trained:
                del model
                model = untrained_like(architecture, seed, config.device)
            about = {**facts, "trained": trained, "model": identity}
            key = fingerprint([about, config.length])[:16]
            folder = (config.vectors or cache_folder() / "vectors") / f"{model_name(config).split('/')[-1]}-{key}"
            words = f"{name}, {'trained' if trained else 'fresh'} weights"
            report(f"{words}: {len(ids)} chunks, vectors in {folder}")
            tracked: TRACK = _worded(track, words)
            vectors = capture(
                folder,
                model,
                ids,
                about,
                batch=config.batch,
                whole=config.positions == "all",
                rank=int(os.environ.get("RANK", "0")),
                ranks=process_count(),
                track=tracked,
            )
            _meet()
            yield Captured(words, vectors, ids, about)


def _meet() -> None:
    """Wait until all processes of torchrun have captured their shards."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier()


def _worded(track: Track, words: str) -> TRACK:
    return lambda shards: track(shards, words)


def _models(config: RadiusRun) -> list[tuple[int | None, int]]:
    """Width and seed of each model; a model that is not the book's has its own width."""
    if config.model != BOOK:
        return [(None, config.seeds[0])]
    return [(width, seed) for width in config.widths for seed in config.seeds]


def _model(config: RadiusRun, width: int | None, seed: int) -> LanguageModel:
    if width is None:
        return load_causal_lm(config.model, revision=config.revision, device=config.device, dtype=torch.float32)
    size = replace(SIZES["smoke" if config.scale == "smoke" else "local"], seed=seed, width=width)
    steps = size.steps if config.steps is None else config.steps
    return load_causal_lm(train_small_lm(replace(size, steps=steps)), device=config.device)
