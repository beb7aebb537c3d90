"""Trains a causal language model with the transformers Trainer: held-out loss, metrics as lines of JSON, exact resume.

``train`` may be killed at any moment. Called again with the same arguments it goes on from the newest checkpoint that
is whole and ends, on the same number of ranks, with the weights and metrics that a run has which nothing stopped (on a
GPU: where its kernels repeat exactly, see ``exact``). SIGTERM lets it write a checkpoint at the next logged loss. Under
torchrun the same call trains on all ranks (DDP, or FSDP with ``shard``). Of the Trainer
only public arguments and callbacks are used; what it leaves to its callers is in ``Guard``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset
from transformers import PreTrainedModel, TrainingArguments, set_seed
from transformers.trainer_callback import PrinterCallback

from assocmem.language.silenced_transformers import silenced_transformers
from assocmem.language.training.folder import (
    METRICS,
    MODEL,
    DamagedRunError,
    Guard,
    HeldRunError,
    RunFolder,
    WrongRunError,
    barrier,
)
from assocmem.language.training.losses import Losses, LossTrainer
from assocmem.language.training.plan import Training
from assocmem.language.training.ranks import process_count
from assocmem.language.training.restored_process_state import restored_process_state
from assocmem.language.training.stopped import StoppedError
from assocmem.language.training.throughput import Clock, flop_per_token, peak

__all__ = [
    "METRICS",
    "DamagedRunError",
    "HeldRunError",
    "StoppedError",
    "Trained",
    "Training",
    "WrongRunError",
    "pad",
    "train",
]

IGNORED = -100
"""The label of a token that is not predicted."""
Rows = Dataset[dict[str, Tensor]]
Make = Callable[[], PreTrainedModel]


@dataclass(frozen=True)
class Trained:
    """A finished run: its folder, the metrics in order, and the report.

    Attributes
    ----------
    folder : Path
        Of the run.
    metrics : list[dict]
        Each with ``step`` and either ``loss`` (mean over the updates since the last), ``losses`` (of each of them),
        ``grad_norm`` and ``learning_rate`` (of the last of them), or ``held_out``.
    report : dict
        ``tokens_per_second`` (predicted tokens, over all ranks, without evaluations and checkpoints),
        ``updates_per_second``, ``flop_per_token``, ``mfu``, ``peak``, ``parameters``, ``ranks``, ``device``,
        ``resumed`` and ``seconds`` (of the process that finished the run, from its first update on); ``updates``, and
        ``stopped_by`` "patience" where that had run out, be it at the plan's last update, else "steps".
    """

    folder: Path
    metrics: list[dict[str, Any]]
    report: dict[str, Any]

    @property
    def model(self) -> Path:
        """The folder of the trained model, for from_pretrained."""
        return self.folder / MODEL


class HeldOut:
    """Mean loss over all predicted tokens of held-out rows, weighing tokens, not rows, alike.

    It gets the negative log-likelihood of each token in place of logits, so that no logits are kept.
    """

    def __init__(self) -> None:
        self.total, self.count = 0.0, 0

    @staticmethod
    def nats(logits: Any, labels: Tensor) -> Tensor:
        """Nats of each next token.

        Parameters
        ----------
        logits : Tensor
            Of shape (rows, length, vocabulary), or a tuple that begins with them.
        labels : Tensor
            Of shape (rows, length).

        Returns
        -------
        Tensor
            Of shape (rows, length - 1); 0 where nothing is predicted.
        """
        logits = logits[0] if isinstance(logits, tuple) else logits
        return cross_entropy(logits[:, :-1].float().mT, labels[:, 1:], ignore_index=IGNORED, reduction="none")

    def __call__(self, predicted: Any, compute_result: bool = False) -> dict[str, float]:
        self.total += float(predicted.predictions.double().sum())
        self.count += int((predicted.label_ids[:, 1:] != IGNORED).sum())
        if not compute_result:
            return {}
        mean = self.total / self.count if self.count else math.nan
        self.total, self.count = 0.0, 0
        return {"held_out": mean}


def pad(rows: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """Make a batch of rows of different lengths.

    The first label, which no token predicts, is ignored too: for models whose class name does not tell the Trainer
    their loss (GPT-2's), it divides by the number of all labels, and every loss would be too small.

    Parameters
    ----------
    rows : Sequence[Mapping]
        Each with ``input_ids`` and ``labels``.

    Returns
    -------
    dict
        ``input_ids`` filled up with 0, ``labels`` with the ignored label.
    """
    fill = {"input_ids": 0, "labels": IGNORED}
    batch = {name: pad_sequence([row[name] for row in rows], True, value) for name, value in fill.items()}
    batch["labels"][:, 0] = IGNORED
    return batch


def train(
    model: Make,
    rows: Rows,
    plan: Training,
    folder: Path,
    *,
    identity: Mapping[str, Any],
    held_out: Rows | None = None,
    length: float,
    predicted: float,
    progress: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Train a model, or go on with a run that was cut off, or return the finished one that the folder holds.

    Losses are in nats per predicted token: ``loss`` over each batch, ``held_out`` over all tokens of the held-out rows.
    Random numbers and switches of the process are afterwards as they were before.

    Parameters
    ----------
    model : Callable
        Makes the model; called after the seed is set, so that its weights follow from the seed.
    rows : Dataset
        Of rows ``{"input_ids": (T,), "labels": (T,)}`` of int64, labels -100 where not predicted.
    plan : Training
        How it is trained.
    folder : Path
        Of the run.
    identity : Mapping
        What else decides the result (data, model), as JSON; a run of another identity is refused.
    held_out : Dataset or None
        Rows that are not trained on.
    length : float
        Mean tokens of a row, for the speed that is reported.
    predicted : float
        How many of them are predicted.
    progress : bool
        Whether a bar is shown.
    report : Callable
        Told of checkpoints that are passed over because they are damaged, a line each.

    Returns
    -------
    Trained
        The finished run.

    Raises
    ------
    WrongRunError
        When the folder holds another run.
    DamagedRunError
        When no checkpoint is whole where there are some, or a finished run is not as it was written.
    HeldRunError
        When another process works on the folder.
    StoppedError
        When SIGTERM has ended the training, after a checkpoint at the next logged loss; no Exception.
    FloatingPointError
        When a logged loss or gradient is no longer finite.
    ValueError
        That names the argument.
    """
    if "plan" in identity:
        raise ValueError("identity must not have the key 'plan', which is the plan's own")
    for name, value in (("length", length), ("predicted", predicted)):
        if not 0 < value < math.inf:
            raise ValueError(f"{name} must be positive and finite, got {value!r}")
    for name, data in (("rows", rows), ("held_out", held_out)):
        if data is not None and len(data) == 0:  # type: ignore[arg-type]  # Datasets here have a length.
            raise ValueError(f"{name} must hold at least one row, got none")
    if plan.evaluate_every and held_out is None:
        raise ValueError("evaluate_every needs held_out rows, got None")
    place = RunFolder(folder, {"plan": asdict(plan), **identity})
    if not place.finished:
        with silenced_transformers(progress), restored_process_state():
            _run(model, rows, plan, place, held_out, length, predicted, progress, report)
    return Trained(folder, *place.read())


def _run(
    make: Make,
    rows: Rows,
    plan: Training,
    place: RunFolder,
    held_out: Rows | None,
    length: float,
    predicted: float,
    progress: bool,
    say: Callable[[str], None],
) -> None:
    ranks = process_count()
    arguments = plan.arguments(place.path, ranks, progress=progress, held_out=held_out is not None)
    with place.held() if arguments.process_index == 0 else nullcontext():
        if arguments.process_index == 0:
            place.newest(say)
            place.open()
        barrier()
        _work_on(make, rows, plan, place, held_out, length, predicted, arguments)


def _work_on(
    make: Make,
    rows: Rows,
    plan: Training,
    place: RunFolder,
    held_out: Rows | None,
    length: float,
    predicted: float,
    arguments: TrainingArguments,
) -> None:
    ranks = process_count()
    newest = next(reversed(place.checkpoints()), None)
    set_seed(plan.seed)
    fresh, clock, losses = make(), Clock(), Losses()
    guard = Guard(place, losses, plan.patience)
    caches, report = getattr(fresh.config, "use_cache", None), _work(fresh, length)  # A model may keep no cache.
    trainer = LossTrainer(
        losses,
        model=fresh,
        args=arguments,
        train_dataset=rows,
        eval_dataset=held_out,
        data_collator=pad,
        compute_metrics=HeldOut(),
        preprocess_logits_for_metrics=HeldOut.nats,
        callbacks=[guard, clock],
    )
    trainer.remove_callback(PrinterCallback)
    began = time.perf_counter()
    with guard.stopping():
        trainer.train(resume_from_checkpoint=str(newest) if newest else None)
    report |= {"seconds": time.perf_counter() - began, "resumed": newest is not None, "ranks": ranks}
    if caches is not None:
        fresh.config.use_cache = caches  # The Trainer switches it off for itself.
    trainer.save_model(str(place.path / MODEL))
    if trainer.is_world_process_zero():
        updates = trainer.state.global_step
        over = guard.out_of_patience(trainer.state.log_history)
        report |= {"updates": updates, "stopped_by": "patience" if over else "steps"}
        tokens = predicted * _rows_an_update(plan.batch, updates, len(rows))  # type: ignore[arg-type]
        place.finish(report | _speed(arguments.device, plan, clock, tokens, report))
    barrier()


def _work(model: PreTrainedModel, length: float) -> dict[str, Any]:
    """What the report says of the model; taken before it is sharded."""
    return {"parameters": model.num_parameters(), "flop_per_token": flop_per_token(model, length)}


def _rows_an_update(batch: int, steps: int, rows: int) -> float:
    """Mean rows of an update: the last one of a pass over the data takes what is left."""
    passes, rest = divmod(steps, -(-rows // batch))
    return (passes * rows + rest * batch) / steps


def _speed(
    device: torch.device, plan: Training, clock: Clock, tokens: float, report: Mapping[str, Any]
) -> dict[str, Any]:
    """Tokens a second over all ranks and model FLOP utilization, for ``tokens`` an update; None where not to be had."""
    rate, roof = clock.per_second(), peak(device, bfloat16=plan.precision == "bfloat16")
    tokens_per_second = None if rate is None else rate * tokens
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    speed: dict[str, Any] = {"device": name, "tokens_per_second": tokens_per_second, "updates_per_second": rate}
    speed |= {"mfu": None, "peak": None}
    if roof is not None:
        speed["peak"] = {"flop_per_second": roof.flops, "source": roof.source}
        if tokens_per_second is not None:
            speed["mfu"] = tokens_per_second * report["flop_per_token"] / (roof.flops * report["ranks"])
    return speed
