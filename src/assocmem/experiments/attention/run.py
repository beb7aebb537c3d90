"""How far attention is from nearest-neighbor search, head by head, in a trained language model on real text.

The definitions are in :mod:`assocmem.experiments.attention.measures`; null models say what agreement means when nothing
is searched for. Each number is a mean over the positions of a text, then over texts; intervals are bootstrapped over
texts.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import bootstrap
from torch import Tensor

from assocmem.experiments.attention.config import BOOK, PRESETS, AttentionSearch, configure
from assocmem.experiments.attention.measures import MEASURES, agreement, identity_residual, measure_head
from assocmem.experiments.records import Record
from assocmem.language import (
    SIZES,
    Captured,
    LanguageModel,
    capture,
    load_causal_lm,
    offline_corpus,
    train_small_lm,
)
from assocmem.language.models.pretrained import untrained_like
from assocmem.language.text.byte_pair_tokenizer import END_OF_TEXT

__all__ = ["BOOK", "SCALES", "AttentionSearch", "regime", "run"]

MEDIANS = ("ratio", "keys_for_90", "share_for_90")
"""Measures taken as the median over positions, because a few positions would rule their mean."""
NULLS = {
    "foreign_keys": "`nearest` for the same queries and the keys of another text, their positions permuted",
    "random_queries": "`nearest` for Gaussian queries with the mean and variance of each coordinate of the queries",
    "foreign_angle": "`angle` for the queries and keys of `foreign_keys`",
    "random_angle": "`angle` for the queries and keys of `random_queries`",
    "untrained": "`nearest` for a model of the same architecture with fresh random weights",
}
PROGRESS = Callable[[str], None]


SCALES = {scale: configure(scale, {}) for scale in PRESETS}
"""Seconds with the book's model, minutes with three of them, and the model of the paper's own experiment."""


def run(config: AttentionSearch, report: PROGRESS = lambda _: None) -> Record:
    """Measure all heads.

    Parameters
    ----------
    config : AttentionSearch
        What to measure.
    report : Callable
        Told what is being done, a line at a time.

    Returns
    -------
    Record
        A row a head; the summary has means over heads.

    Raises
    ------
    ValueError
        When fewer than two documents are long enough or when the model's attention cannot be recorded.
    OSError
        For a model or a text that cannot be had.
    """
    began = time.perf_counter()
    if config.model != BOOK:
        config = replace(config, seeds=config.seeds[:1])
    documents, source = _documents(config.text)
    rows: list[dict[str, Any]] = []
    measured: list[dict[str, np.ndarray]] = []
    about: list[dict[str, Any]] = []
    for seed in config.seeds:
        report(f"model {_model_name(config)}, seed {seed}: load or train")
        language = _model(config, seed)
        tokens = _texts(language.tokenizer, documents, config)
        report(f"model {_model_name(config)}, seed {seed}: measure {len(tokens)} texts")
        values, facts = _measured(language, tokens, config, seed)
        measured.append(values)
        about.append({"seed": seed, "texts": len(tokens), **language.identity, **facts})
        rows += _head_rows(values, config, seed)
    described = {**asdict(replace(config, text=None)), "text": source, "model": _model_name(config), "models": about}
    words = ["attention-search", _model_name(config), *([config.text.stem] if config.text else [])]
    return Record(
        name="-".join(_slug(word) for word in words),
        scale=config.scale,
        config=described,
        seed=config.seeds[0],
        series=rows,
        summary=_summary(measured, rows, config),
        wall_s=round(time.perf_counter() - began, 1),
    )


def regime(keys_for_90: float, share_for_90: float) -> str:
    """The kind of fixed point that a head's attention resembles, by the keys that hold 90% of the weight.

    After Ramsauer et al. (2020), Section 3: one key is a single pattern, more than half of the allowed keys a global
    average, anything between a metastable state.

    Parameters
    ----------
    keys_for_90 : float
        How many keys hold it.
    share_for_90 : float
        The same as a share of the allowed keys.

    Returns
    -------
    str
        single, metastable or global.
    """
    if keys_for_90 <= 1:
        return "single"
    return "global" if share_for_90 > 0.5 else "metastable"


def _documents(text: Path | None) -> tuple[list[str], dict[str, Any]]:
    """Documents and what identifies them, without a path."""
    if text is None:
        corpus = offline_corpus()
        return [t for _, t in corpus.held_out], {"name": "offline corpus, held-out part", **corpus.identity}
    whole = text.read_text(encoding="utf-8")
    documents = [part.strip() for part in whole.split(END_OF_TEXT) if part.strip()]
    digest = hashlib.sha256(whole.encode()).hexdigest()
    return documents, {"name": text.name, "sha256": digest, "documents": len(documents)}


def _model(config: AttentionSearch, seed: int) -> LanguageModel:
    if config.model != BOOK:
        return load_causal_lm(config.model, revision=config.revision, device=config.device)
    size = replace(SIZES["smoke" if config.scale == "smoke" else "local"], seed=seed)
    return load_causal_lm(train_small_lm(size), device=config.device)


def _model_name(config: AttentionSearch) -> str:
    path = Path(config.model).expanduser()
    return path.resolve().name if path.is_dir() else config.model


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.rsplit("/", 1)[-1].lower()).strip("-")


def _texts(tokenizer: Any, documents: list[str], config: AttentionSearch) -> list[Tensor]:
    """The first ``length`` tokens of each document that has them, the start token included if there is one."""
    start = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    texts: list[Tensor] = []
    for document in documents:
        tokens = start + tokenizer(document, add_special_tokens=False)["input_ids"]
        if len(tokens) >= config.length:
            texts.append(torch.tensor(tokens[: config.length]))
        if len(texts) == config.texts:
            break
    if len(texts) < 2:
        long = f"{len(texts)} of {len(documents)}"
        raise ValueError(f"length got {config.length}; only {long} documents have so many tokens")
    return texts


def _measured(
    language: LanguageModel, tokens: list[Tensor], config: AttentionSearch, seed: int
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Each measure as an array (texts, layers, heads), and facts of the model on these texts."""
    captures = [capture(language.model, row) for row in tokens]
    measures = _over_heads(captures, config.first)
    measures |= _null_agreement(captures, config.first, seed)
    fresh = untrained_like(language.model, seed)
    measures["untrained"] = _over_heads([capture(fresh, row) for row in tokens], config.first)["nearest"]
    loss = float(np.mean([one.loss_nats for one in captures]))
    residual = max(
        identity_residual(layer.queries[h], layer.keys[h], layer.allowed, layer.scale, layer.weights[h])
        for one in captures
        for layer in one.layers
        for h in range(len(layer.queries))
    )
    return measures, {"loss_nats": round(loss, 4), "identity_residual": float(f"{residual:.2g}")}


def _over_heads(captures: list[Captured], first: int) -> dict[str, np.ndarray]:
    shape = (len(captures), len(captures[0].layers), len(captures[0].layers[0].queries))
    measures = {name: np.empty(shape) for name in MEASURES}
    for text, one in enumerate(captures):
        for level, layer in enumerate(one.layers):
            for head in range(shape[2]):
                values = measure_head(layer.queries[head, first:], layer.keys[head], layer.allowed[first:], layer.scale)
                for name, value in values.items():
                    middle = value.median() if name in MEDIANS else value.mean()
                    measures[name][text, level, head] = float(middle)
    return measures


def _null_agreement(captures: list[Captured], first: int, seed: int) -> dict[str, np.ndarray]:
    """Agreement with another text's keys at permuted positions, and of random queries with the text's own keys."""
    generator = torch.Generator().manual_seed(seed)
    shape = (len(captures), len(captures[0].layers), len(captures[0].layers[0].queries))
    measures = {name: np.empty(shape) for name in ("foreign_keys", "foreign_angle", "random_queries", "random_angle")}
    for text, one in enumerate(captures):
        other = captures[(text + 1) % len(captures)]
        for level, (layer, theirs) in enumerate(zip(one.layers, other.layers, strict=True)):
            order = torch.randperm(len(layer.allowed), generator=generator).to(layer.keys.device)
            for head in range(shape[2]):
                queries, place = layer.queries[head, first:], (text, level, head)
                foreign = agreement(queries, theirs.keys[head][order], layer.allowed[first:])
                random = agreement(_gaussian_like(queries, generator), layer.keys[head], layer.allowed[first:])
                for name, where in zip(measures, (*foreign, *random), strict=True):
                    measures[name][place] = float(where.double().mean())
    return measures


def _gaussian_like(queries: Tensor, generator: torch.Generator) -> Tensor:
    noise = torch.randn(queries.shape, generator=generator).to(queries)
    return queries.mean(0) + queries.std(0) * noise


def _interval(values: np.ndarray, config: AttentionSearch) -> tuple[np.ndarray, np.ndarray]:
    """Bootstrapped 95% interval of the mean over axis 0, the texts."""
    result = bootstrap(
        (values,),
        np.mean,
        axis=0,
        n_resamples=config.resamples,
        method="percentile",
        batch=200,
        rng=np.random.default_rng(config.seeds[0]),
    )
    return result.confidence_interval.low, result.confidence_interval.high


def _head_rows(measures: dict[str, np.ndarray], config: AttentionSearch, seed: int) -> list[dict[str, Any]]:
    means = {name: values.mean(0) for name, values in measures.items()}
    for name in ("nearest", "nearest_weight", "kl_nats"):
        means[f"{name}_low"], means[f"{name}_high"] = _interval(measures[name], config)
    middle = {name: np.median(measures[name], 0) for name in ("keys_for_90", "share_for_90")}
    rows = []
    for layer, head in np.ndindex(*means["nearest"].shape):
        kind = regime(*(float(middle[name][layer, head]) for name in ("keys_for_90", "share_for_90")))
        numbers = {name: _rounded(values[layer, head]) for name, values in means.items()}
        rows.append({"seed": seed, "layer": layer, "head": head, "regime": kind, **numbers})
    return rows


def _summary(
    measured: list[dict[str, np.ndarray]], rows: list[dict[str, Any]], config: AttentionSearch
) -> dict[str, Any]:
    """Means over heads and seeds with intervals over texts, the spread over seeds, and shares of heads."""
    summary: dict[str, Any] = {}
    for name in measured[0]:
        by_seed = [measures[name].mean((1, 2)) for measures in measured]
        texts = min(len(values) for values in by_seed)
        low, high = _interval(np.mean([values[:texts] for values in by_seed], 0), config)
        seeds = [float(values.mean()) for values in by_seed]
        numbers = {"mean": np.mean(seeds), "low": low, "high": high, "seed_min": min(seeds), "seed_max": max(seeds)}
        summary[name] = {key: _rounded(value) for key, value in numbers.items()}
    kinds = [row["regime"] for row in rows]
    summary["regimes"] = {kind: _rounded(kinds.count(kind) / len(kinds)) for kind in ("single", "metastable", "global")}
    summary["heads"] = len(rows)
    summary["heads_nearest_most_often"] = sum(row["nearest"] > 0.5 for row in rows)
    summary["heads_nearest_nine_in_ten"] = sum(row["nearest"] > 0.9 for row in rows)
    nulls = ("foreign_keys", "random_queries")
    summary["heads_below_a_null"] = sum(row["nearest"] <= max(row[null] for null in nulls) for row in rows)
    summary["meaning"] = {**MEASURES, **NULLS}
    return summary


def _rounded(value: Any) -> float:
    return float(f"{float(value):.6g}")
