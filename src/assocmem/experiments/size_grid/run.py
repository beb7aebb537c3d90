"""Trains a cell of the size grid until its held-out loss has had no new minimum for long enough; keeps all losses.

Nothing of the paper's rule is applied here: the record has the series from which every reading of it is taken later.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from assocmem.experiments.records import Record
from assocmem.experiments.size_grid.config import EXPERIMENT, GridCell
from assocmem.experiments.size_grid.text import GridText, grid_text
from assocmem.language.models.letter_decoder import LetterDecoder

__all__ = ["run", "stops_after"]

REPORT = Callable[[str], None]
SMOOTHED = 5
"""Evaluations whose running median decides on a new minimum."""
FADING = 0.99
"""Of the running mean of weights, which is evaluated beside them."""
CLEAN_ROWS = 256
"""Rows of the training data, and of the held-out ones for the running mean, that are evaluated besides."""
AT_ONCE = 128
"""Rows of an evaluation that are computed at once."""
BETAS, DECAY, CLIP = (0.9, 0.95), 0.1, 1.0
DIGITS = 6


def run(config: GridCell, report: REPORT = lambda _: None) -> Record:
    """Train a cell.

    Parameters
    ----------
    config : GridCell
        The cell.
    report : Callable
        Told now and then how far it is, a line at a time.

    Returns
    -------
    Record
        A row an evaluation: ``step``, ``held_out`` (nats per id over all held-out rows), ``train_clean`` (over some
        rows of the training data, without dropout), both again for the running mean of the weights (``_mean``), and
        ``losses``, of each update since the last. Its summary has the counts of weights, where the held-out loss was
        least, and whether the cell stopped by itself or is ``censored``.

    Raises
    ------
    ValueError
        Where the text is too short.
    FloatingPointError
        When a loss is no longer finite.
    """
    began = time.perf_counter()
    text = grid_text(
        config.data,
        tokens=config.tokens,
        rows=config.held_out_rows,
        context=config.context,
        seed=config.seed,
        alphabet=config.alphabet,
        order=config.order,
    )
    cell = _Cell(config, text)
    rows = list(cell.rows(report))
    held_out = [row["held_out"] for row in rows]
    least = min(range(len(rows)), key=held_out.__getitem__)
    passes = rows[-1]["step"] * config.rows * config.context / config.tokens
    return Record(
        name=f"{EXPERIMENT}-cell",
        scale=config.scale,
        config=asdict(config) | {"data": text.identity, "rate": config.rate, "longest": config.longest},
        seed=config.seed,
        series=rows,
        summary={
            **cell.model.counts,
            "tokens": config.tokens,
            "least_held_out_nats": held_out[least],
            "least_at": rows[least]["step"],
            "updates": rows[-1]["step"],
            "passes": round(passes, 2),
            "censored": not cell.stopped,
        },
        wall_s=round(time.perf_counter() - began, 1),
    )


def stops_after(held_out: list[float], every: int, patience: int) -> bool:
    """Whether the held-out loss has had no new minimum for long enough; its running median over five is looked at.

    Parameters
    ----------
    held_out : list of float
        At each evaluation so far.
    every : int
        Updates between them.
    patience : int
        Updates without a new minimum after which it is enough; half of the updates before the minimum, if that is more.

    Returns
    -------
    bool
        True where training ends.
    """
    medians = [statistics.median(held_out[max(0, i - SMOOTHED + 1) : i + 1]) for i in range(len(held_out))]
    least = min(range(len(medians)), key=medians.__getitem__)
    since = (len(medians) - 1 - least) * every
    return since >= max(patience, (least + 1) * every / 2)


class _Cell:
    """The model of a cell, what trains it, and what it reads."""

    def __init__(self, config: GridCell, text: GridText) -> None:
        self.config, self.text, self.stopped = config, text, False
        self.draws = torch.Generator().manual_seed(config.seed)
        with torch.random.fork_rng():
            torch.manual_seed(config.seed)
            self.model = LetterDecoder(
                text.vocabulary,
                config.width,
                layers=config.layers,
                heads=config.heads,
                context=config.context,
                dropout=config.dropout,
            )
        self.mean = deepcopy(self.model)
        matrices = [p for p in self.model.parameters() if p.ndim == 2]
        others = [p for p in self.model.parameters() if p.ndim == 1]
        groups = [{"params": matrices, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=config.rate, betas=BETAS, fused=True)
        self.places = torch.arange(config.context + 1)
        starts = torch.randint(self.starts, (CLEAN_ROWS,), generator=torch.Generator().manual_seed(config.seed + 1))
        self.clean = text.train[starts[:, None] + self.places]

    @property
    def starts(self) -> int:
        """From how many places a row can begin."""
        return len(self.text.train) - self.config.context

    def rows(self, report: REPORT) -> Iterator[dict[str, Any]]:
        """Evaluations, one after another, until the cell stops."""
        losses: list[Tensor] = []
        held_out: list[float] = []
        for step in range(1, self.config.longest + 1):
            losses.append(self._update(step))
            if step % self.config.evaluate_every and step < self.config.longest:
                continue
            nats, since = self._evaluated(), _digits(torch.stack(losses).tolist())
            if not all(map(math.isfinite, (nats["held_out"], *since))):
                raise FloatingPointError(f"a loss is no longer finite after {step} updates")
            losses.clear()
            held_out.append(nats["held_out"])
            yield {"step": step, **nats, "losses": since}
            if len(held_out) % 20 == 0:
                report(f"update {step:,} of at most {self.config.longest:,}: held-out loss {held_out[-1]:.4f}")
            if stops_after(held_out, self.config.evaluate_every, self.config.patience):
                self.stopped = True
                return

    def _update(self, step: int) -> Tensor:
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate(step)
        starts = torch.randint(self.starts, (self.config.rows,), generator=self.draws)
        self.model.train()
        loss = self.model.nats(self.text.train[starts[:, None] + self.places])
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), CLIP)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            own = min(FADING, step / (step + 1))  # A plain mean at first.
            torch._foreach_lerp_(list(self.mean.parameters()), list(self.model.parameters()), 1 - own)
        return loss.detach()

    def _rate(self, step: int) -> float:
        config = self.config
        if step <= config.warmup:
            return config.rate * step / config.warmup
        if config.schedule == "constant":
            return config.rate
        done = (step - config.warmup) / max(1, config.longest - config.warmup)
        return config.rate * (1 + math.cos(math.pi * done)) / 2

    def _evaluated(self) -> dict[str, float]:
        some = self.text.held_out[:CLEAN_ROWS]
        return {
            "held_out": _nats(self.model, self.text.held_out),
            "train_clean": _nats(self.model, self.clean),
            "held_out_mean": _nats(self.mean, some),
            "train_clean_mean": _nats(self.mean, self.clean),
        }


@torch.inference_mode()
def _nats(model: LetterDecoder, rows: Tensor) -> float:
    """Mean loss over rows, without dropout."""
    model.train(False)
    parts = [float(model.nats(part)) * len(part) for part in torch.split(rows, AT_ONCE)]
    return round(sum(parts) / len(rows), DIGITS)


def _digits(values: list[float]) -> list[float]:
    return [round(value, 4) for value in values]
