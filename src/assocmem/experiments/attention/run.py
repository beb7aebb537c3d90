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
from transformers import PreTrainedTokenizerBase

from assocmem.experiments.attention.config import BOOK, PRESETS, AttentionSearch, configure
from assocmem.experiments.attention.measures import MEASURES
from assocmem.experiments.attention.nulls import NULLS, REPEATS_NEAREST, WITHOUT_FIRST
from assocmem.experiments.attention.streamed import Track, over_texts, untrained_over_texts
from assocmem.experiments.records import Record
from assocmem.language import SIZES, LanguageModel, load_causal_lm, offline_corpus, train_small_lm
from assocmem.language.machine import check_device
from assocmem.language.models.pretrained import untrained_like
from assocmem.language.text.byte_pair_tokenizer import END_OF_TEXT

__all__ = ["BOOK", "SCALES", "AttentionSearch", "regime", "run"]

PROGRESS = Callable[[str], None]


SCALES = {scale: configure(scale, {}) for scale in PRESETS}
"""Seconds with the book's model, minutes with three of them, and the model of the paper's own experiment."""


def _untracked(texts: list[Tensor], _: str) -> list[Tensor]:
    return texts


def run(config: AttentionSearch, report: PROGRESS = lambda _: None, track: Track = _untracked) -> Record:
    """Measure all heads.

    Parameters
    ----------
    config : AttentionSearch
        What to measure.
    report : Callable
        Told what is being done, a line at a time.
    track : Callable
        Hands on the texts that are measured, and may show how far it is.

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
    check_device(config.device)
    if config.model != BOOK:
        config = replace(config, seeds=config.seeds[:1])
    documents, source = _documents(config.text)
    rows: list[dict[str, Any]] = []
    measured: list[dict[str, np.ndarray]] = []
    about: list[dict[str, Any]] = []
    for seed in config.seeds:
        values, facts = _of_seed(config, seed, documents, report, track)
        measured.append(values)
        about.append({"seed": seed, **facts})
        rows += _head_rows(values, config, seed)
    described = {**asdict(replace(config, text=None)), "text": source, "model": _model_name(config), "models": about}
    words = ["attention-search", _model_name(config), *([config.text.stem] if config.text else [])]
    return Record(
        name="-".join(_slug(word) for word in words),
        scale=config.scale,
        config=described,
        seed=config.seeds[0],
        series=rows,
        summary=_summary(measured, rows, config, any(one.get("untrained_is_trivial") for one in about)),
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


def _texts(tokenizer: PreTrainedTokenizerBase, documents: list[str], config: AttentionSearch) -> list[Tensor]:
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


def _of_seed(
    config: AttentionSearch, seed: int, documents: list[str], report: PROGRESS, track: Track
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Each measure as an array (texts, layers, heads), and facts of the model on these texts.

    The model is let go before one with fresh weights is made.
    """
    name = f"model {_model_name(config)}, seed {seed}"
    report(f"{name}: load or train")
    language = _model(config, seed)
    tokens = _texts(language.tokenizer, documents, config)
    report(f"{name}: measure {len(tokens)} texts")
    measured = over_texts(language.model, tokens, config.first, seed, track)
    values = measured.values
    facts = {
        "texts": len(tokens),
        **language.identity,
        "loss_nats": round(measured.loss_nats, 4),
        "identity_residual": float(f"{measured.identity_residual:.2g}"),
    }
    if config.untrained:
        architecture = language.model.config
        del language
        report(f"{name}: the same with fresh weights")
        fresh = untrained_like(architecture, seed, config.device)
        agreement, facts["untrained_is_trivial"] = untrained_over_texts(fresh, tokens, config.first, track)
        values = values | agreement
    return values, facts


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
    measured: list[dict[str, np.ndarray]], rows: list[dict[str, Any]], config: AttentionSearch, trivial: bool
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
    summary["heads_first_most_often"] = sum(row["first"] > 0.5 for row in rows)
    summary["heads_at_or_below"] = at_or_below(rows, trivial=trivial)
    without = f"NAME{WITHOUT_FIRST}: NAME with the key of the first position left out and the other weights rescaled"
    nulls = {name: words for name, words in NULLS.items() if name in rows[0]}
    summary["meaning"] = {**MEASURES, **nulls, WITHOUT_FIRST: without}
    return summary


def at_or_below(rows: list[dict[str, Any]], *, trivial: bool) -> dict[str, dict[str, int]]:
    """Heads whose agreement is no greater than a null's: by null, and for any of them.

    Parameters
    ----------
    rows : list[dict]
        A row a head.
    trivial : bool
        Whether fresh weights agree by algebra, so that being below them says nothing: left out then.

    Returns
    -------
    dict
        Counts of all keys, and of the keys without the first position.
    """
    counts = {}
    for end in ("", WITHOUT_FIRST):
        nulls = [null for null in REPEATS_NEAREST.values() if f"{null}{end}" in rows[0]]
        nulls = [null for null in nulls if not (trivial and null == "untrained")]
        least = {null: [row[f"nearest{end}"] <= row[f"{null}{end}"] for row in rows] for null in nulls}
        least["any"] = [any(of_head) for of_head in zip(*least.values(), strict=True)]
        counts["without the first position" if end else "all keys"] = {null: sum(one) for null, one in least.items()}
    return counts


def _rounded(value: Any) -> float:
    return float(f"{float(value):.6g}")
