"""Trains a language model on text or on questions, and says what the loss on held-out data is: ``assocmem train``.

The run lives in a folder named after all that decides it, so that the same call goes on where it was cut off, and reads
a finished run instead of repeating it.
"""

from __future__ import annotations

import math
import re
import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerFast

from assocmem.experiments.records import Record
from assocmem.experiments.training.config import TrainingRun
from assocmem.language.cache import fingerprint
from assocmem.language.machine import check_room
from assocmem.language.models.architectures import Fresh, fresh_model
from assocmem.language.questions.entropy import entropy_floor
from assocmem.language.questions.grammar import VARIANTS
from assocmem.language.questions.pairs import corpus
from assocmem.language.questions.rows import QuestionRows, word_tokenizer
from assocmem.language.text.rows import RandomChunks, TextRows, bytes_predicted
from assocmem.language.text.sources import text_source
from assocmem.language.text.tokenized_text import is_tokens, open_text, tokenized
from assocmem.language.text.tokenizer_loading import start_of
from assocmem.language.training.folder import since_least
from assocmem.language.training.plan import Training
from assocmem.language.training.ranks import is_first_process, process_count
from assocmem.language.training.train import Trained, train

__all__ = ["run"]

REPORT = Callable[[str], None]
_BYTES = 3 * 4
"""On the disk for each weight of a checkpoint: itself and the two means of AdamW, in float32."""
SPEED = ("tokens_per_second", "updates_per_second", "flop_per_token", "mfu", "seconds", "ranks", "peak", "resumed")
"""What the record takes from the report of a training."""


@dataclass(frozen=True)
class _Data:
    """Rows of both parts, and what is known of them.

    Attributes
    ----------
    train, held_out : TextRows, RandomChunks or QuestionRows
        The rows.
    trained_tokens : int
        Of the training part, each counted once.
    length, predicted : float
        Mean tokens of a row, and predicted ones.
    vocabulary : int
        Number of ids.
    start : int or None
        The id that starts a text.
    tokenizer : PreTrainedTokenizerFast or None
        None where ids alone are known.
    identity : dict
        What identifies the data.
    held_out_predicted : int
        Tokens that the held-out loss is a mean over.
    held_out_bytes : int or None
        Bytes of text that they cover, None where there is no text.
    floor : float or None
        The least mean loss that a model can have, where it is known.
    tokens_per_word : float or None
        Of the training part, where its text is known; words are what white space separates.
    """

    train: TextRows | RandomChunks | QuestionRows
    held_out: TextRows | QuestionRows
    trained_tokens: int
    length: float
    predicted: float
    vocabulary: int
    start: int | None
    tokenizer: PreTrainedTokenizerFast | None
    identity: dict[str, Any]
    held_out_predicted: int
    held_out_bytes: int | None = None
    floor: float | None = None
    tokens_per_word: float | None = None


def run(
    config: TrainingRun,
    report: REPORT = lambda _: None,
    *,
    out: Path,
    tokens: Path | None = None,
    progress: bool = False,
) -> Record:
    """Train, or go on with a run that was cut off. Under torchrun every process calls this.

    Parameters
    ----------
    config : TrainingRun
        What is trained on what.
    report : Callable
        Told what is being done, a line at a time.
    out : Path
        Where the run's folder is.
    tokens : Path or None
        Folder for the token files of a text, in the cache if None.
    progress : bool
        Whether bars are shown.

    Returns
    -------
    Record
        Its summary has ``held_out_nats`` per predicted token at the end, ``bits_per_byte`` of text as
        :func:`assocmem.language.text.rows.bytes_predicted` defines it, ``floor_nats`` of questions, ``least_at``, where
        the held-out loss was least (its ``tokens`` are those trained on till then, and ``evaluations_after`` says how
        many followed: with 0 the least is at the end, and may not be the least that there is), and speed.

    Raises
    ------
    ValueError
        In one line, for what cannot be trained.
    OSError
        In one line, for what cannot be read or written.
    FloatingPointError
        When a loss is no longer finite.
    """
    began = time.perf_counter()
    _refuse(config)
    data = _questions(config) if config.on_questions else _text(config, tokens, report, progress)
    context = _longest(config, data) if config.on_questions else config.context
    model = fresh_model(
        config.model,
        vocabulary=data.vocabulary,
        context=context,
        sizes=config.sizes,
        norm=config.norm,
        dropout=config.dropout,
        start=data.start,
        feed_forward=config.feed_forward,
        initialization=config.initialization,
    )
    plan = config.plan(data.length)
    identity = {"model": model.identity, "data": data.identity, "rows": _counts(config, data)}
    name = _name(config, data, [asdict(plan), identity])
    report(
        f"{model.parameters:,} parameters, {len(data.train):,} rows, {plan.steps:,} updates of {plan.batch} rows: "
        f"{out / name}"
    )
    check_room(out, model.parameters * _BYTES * (plan.keep + 1 if plan.save_every else 1))
    trained = train(
        model.make,
        data.train,
        plan,
        out / name,
        identity=identity,
        held_out=data.held_out,
        length=data.length,
        predicted=data.predicted,
        progress=progress,
        report=report,
    )
    if is_first_process() and data.tokenizer is not None:
        data.tokenizer.save_pretrained(str(trained.model))  # So that the folder opens as a whole.
    shown = {
        "data": data.identity["source"],
        "tokenizer": data.identity.get("tokenizer"),
        "model": model.identity,
        "identity": data.identity,
        "plan": asdict(plan),
    }
    return Record(
        name=name,
        scale=config.scale,
        config=asdict(config) | shown,
        seed=config.seed,
        series=trained.metrics,
        summary=_summary(data, model, trained, plan),
        wall_s=round(time.perf_counter() - began, 1),
    )


def _refuse(config: TrainingRun) -> None:
    """Raise what needs no data to be seen: a machine that lacks the device, a model that is none or has other sizes."""
    config.plan(config.context).check_machine(process_count())
    fresh_model(
        config.model,
        vocabulary=1,
        context=config.context,
        sizes=config.sizes,
        norm=config.norm,
        dropout=config.dropout,
        feed_forward=config.feed_forward,
        initialization=config.initialization,
    )


def _text(config: TrainingRun, folder: Path | None, report: REPORT, progress: bool) -> _Data:
    assert config.data is not None
    if is_tokens(Path(config.data).expanduser()):
        text = open_text(Path(config.data).expanduser(), config.held_out_share)
    else:
        source = text_source(
            config.data,
            words=config.words,
            joined_by={"space": " ", "line": "\n"}[config.joined_by],
            share=config.held_out_share,
            mirror=config.mirror,
        )
        text = tokenized(
            source,
            config.tokenizer,
            vocabulary=config.vocabulary,
            folder=folder,
            download=config.download,
            report=report,
            progress=progress and is_first_process(),
        )
    tokens = text.train[: config.train_tokens]
    rows: TextRows | RandomChunks = TextRows(tokens, config.context)
    if config.sampling == "with_replacement":
        plan = config.plan(config.context)
        rows = RandomChunks(tokens, config.context, plan.steps * plan.batch, config.seed)
    held_out = TextRows(text.held_out[: config.held_out_tokens], config.context)
    start = None if text.tokenizer is None else start_of(text.tokenizer)
    return _Data(
        rows,
        held_out,
        len(tokens),
        config.context,
        config.context - 1,
        text.vocabulary,
        start,
        text.tokenizer,
        text.identity,
        held_out.predicted,
        None if text.ends is None else bytes_predicted(text.ends, held_out),
        tokens_per_word=None if text.words is None else len(text.train) / max(1, text.words),
    )


def _questions(config: TrainingRun) -> _Data:
    assert config.data is not None
    name = config.data.partition(":")[2] or "measured"
    if name not in VARIANTS:
        raise ValueError(f"data got {config.data!r}; questions: takes one of {', '.join(VARIANTS)}")
    if config.train_tokens is not None:
        raise ValueError(f"train_tokens does not apply to questions, but lines does; got {config.train_tokens}")
    grammar = VARIANTS[name]
    pairs = corpus(grammar, config.seed, {"train": config.lines, "dev": 1 + config.held_out_tokens // 8})
    ends = list(accumulate(len(pair.tokens) + 2 for pair in pairs.dev))
    lines = max(1, bisect_right(ends, config.held_out_tokens))
    rows, dev = QuestionRows(pairs.train, grammar), QuestionRows(pairs.dev[:lines], grammar)
    tokenizer = word_tokenizer(grammar)
    identity = {"source": f"questions, {name}", "train": rows.identity, "held_out": dev.identity}
    return _Data(
        rows,
        dev,
        round((rows.predicted + 1) * len(rows)),
        rows.predicted + 1,
        rows.predicted,
        len(tokenizer),
        tokenizer.eos_token_id,
        tokenizer,
        identity,
        round(dev.predicted * len(dev)),
        floor=float(entropy_floor(grammar).per_token().mid()),
    )


def _longest(config: TrainingRun, data: _Data) -> int:
    """The longest line, which the context of a model of lines is."""
    longest = max(len(part[i]["input_ids"]) for part in (data.train, data.held_out) for i in range(len(part)))
    if longest > config.context:
        raise ValueError(f"context must be at least {longest}, the longest line, got {config.context}")
    return config.context


def _counts(config: TrainingRun, data: _Data) -> dict[str, Any]:
    counts: dict[str, Any] = {"context": config.context, "train": len(data.train), "held_out": len(data.held_out)}
    if config.sampling != "passes":
        counts |= {"sampling": config.sampling, "of_tokens": data.trained_tokens}
    return counts


def _name(config: TrainingRun, data: _Data, identity: Any) -> str:
    words = ("train", data.identity["source"], config.model, fingerprint(identity)[:8])
    return "-".join(re.sub(r"[^a-z0-9]+", "-", Path(word).name.lower()).strip("-") for word in words)


def _rows_of_a_pass(data: _Data) -> float:
    """How many rows hold the training part once."""
    return data.trained_tokens / data.length if isinstance(data.train, RandomChunks) else len(data.train)


def _summary(data: _Data, model: Fresh, trained: Trained, plan: Training) -> dict[str, Any]:
    """The numbers that the run is made for."""
    held_out = [row for row in trained.metrics if "held_out" in row]
    nats = [row["held_out"] for row in held_out]
    losses = [row["loss"] for row in trained.metrics if "loss" in row]
    updates, after = trained.report["updates"], since_least(nats)
    row_tokens = plan.batch * data.length
    bits = None
    if data.held_out_bytes:
        bits = nats[-1] * data.held_out_predicted / (math.log(2) * data.held_out_bytes)
    return {
        "held_out_nats": nats[-1],
        "least_held_out_nats": min(nats),
        "least_at": {
            "update": held_out[len(nats) - 1 - after]["step"],
            "tokens": round(held_out[len(nats) - 1 - after]["step"] * row_tokens),
            "evaluations_after": after,
        },
        "updates": updates,
        "stopped_by": trained.report["stopped_by"],
        "bits_per_byte": bits,
        "floor_nats": data.floor,
        "last_loss_nats": losses[-1],
        "held_out_predicted": data.held_out_predicted,
        "held_out_bytes": data.held_out_bytes,
        "parameters": model.parameters,
        "passes": updates * plan.batch / _rows_of_a_pass(data),
        "tokens_per_word": data.tokens_per_word,
        **{name: trained.report.get(name) for name in SPEED},
    }
