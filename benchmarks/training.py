"""`train` beside a plain loop that does the same work: same model, same rows, one process, interleaved rounds, medians.

    python benchmarks/training.py --scale local      # minutes on one core; writes results/bench-training-local.json

The plain loop is what one would write by hand: a tensor of rows, forward, backward, clip, step, a learning rate set by
a formula. It takes the rows that `train` took, in their order; the two must log the same losses, or there is no record.
Ratios are medians over rounds, each with its least and greatest value, and of processor time, which other work on the
machine lengthens less than wall time; on a GPU, of wall time.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

import torch
import typer
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.utils.data import Dataset
from transformers import PreTrainedModel, set_seed

from assocmem.cli.options import GroupedHelp, takes_settings
from assocmem.experiments import Record, write
from assocmem.experiments.records import versions
from assocmem.language.models.vanilla import vanilla
from assocmem.language.training.throughput import flop_per_token, peak
from assocmem.language.training.train import Training, train
from assocmem.settings import Whole, read, setting, settings_class

ROOT = Path(__file__).resolve().parents[1]
WARM = 10
"""Updates that are not timed: kernels are compiled in them, buffers made."""
ALLOWED = 1e-3
"""How far logged losses may differ, relatively: sums in another order, over a hundred updates."""


@dataclass(frozen=True)
class Size:
    """A model and the batches it learns from."""

    name: str
    layers: int
    width: int
    heads: int
    vocabulary: int
    context: int
    plan: Training

    def model(self) -> PreTrainedModel:
        """With random weights, without dropout."""
        return vanilla(
            vocabulary=self.vocabulary, layers=self.layers, width=self.width, heads=self.heads, context=self.context
        )


_PLAN = Training(steps=WARM + 60, batch=8, learning_rate=1e-3, warmup=10, log_every=10)
_GPU = replace(_PLAN, steps=WARM + 200, batch=64, micro=32, device="cuda", precision="bfloat16", compile=True)
SIZES = {
    "smoke": [Size("tiny", 1, 32, 2, 70, 32, replace(_PLAN, steps=WARM + 10))],
    "local": [
        Size("tiny", 2, 64, 2, 70, 16, _PLAN),
        Size("accumulated", 2, 64, 2, 70, 16, replace(_PLAN, micro=2)),
        Size("small", 4, 256, 4, 2048, 128, replace(_PLAN, steps=WARM + 10)),
    ],
    "paper": [Size("45M", 6, 512, 8, 50304, 1024, _GPU), Size("124M", 12, 768, 12, 50304, 1024, _GPU)],
}


class Watched(Dataset[dict[str, Tensor]]):
    """Random rows; remembers which were taken, and when the timed ones began and ended (wall and processor seconds)."""

    def __init__(self, size: Size) -> None:
        make = torch.Generator().manual_seed(0)
        self.rows = torch.randint(2, size.vocabulary, (size.plan.batch * 16, size.context), generator=make)
        self.taken: list[int] = []
        self.batch = size.plan.batch
        self.times: list[tuple[float, float]] = []

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        if len(self.taken) % self.batch == 0:
            self.times.append(now())
        self.taken.append(index)
        return {"input_ids": self.rows[index], "labels": self.rows[index]}


@dataclass(frozen=True)
class Run:
    """Losses as logged, and seconds of a timed update (wall, processor)."""

    losses: list[float]
    seconds: tuple[float, float]


def now() -> tuple[float, float]:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter(), time.process_time()


def per_update(times: list[tuple[float, float]]) -> tuple[float, float]:
    """From the first timed update to the last one's beginning."""
    (wall, cpu), (wall_end, cpu_end) = times[WARM], times[-1]
    count = len(times) - 1 - WARM
    return (wall_end - wall) / count, (cpu_end - cpu) / count


def ours(size: Size, rows: Watched) -> Run:
    """Through `train`, as a user calls it."""
    with TemporaryDirectory() as folder:
        trained = train(
            size.model,
            rows,
            size.plan,
            Path(folder),
            identity={"size": size.name},
            length=size.context,
            predicted=size.context - 1,
        )
    return Run([row["loss"] for row in trained.metrics], per_update(rows.times))


def plain(size: Size, rows: Watched) -> Run:
    """The loop by hand, on the rows that `train` has taken."""
    plan = size.plan
    set_seed(plan.seed)
    model: nn.Module = size.model()
    model.to(plan.device)
    data, order = rows.rows.to(plan.device), torch.tensor(rows.taken).view(-1, plan.micro or plan.batch)
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": decayed, "weight_decay": plan.weight_decay}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=plan.learning_rate, betas=plan.betas, eps=plan.epsilon, fused=True)
    parts = plan.batch // (plan.micro or plan.batch)
    if plan.compile:
        model = torch.compile(model)  # type: ignore[assignment]
    model.train()
    losses, times = [], []
    total = torch.zeros((), device=plan.device)
    for step in range(plan.steps):
        times.append(now())
        for group in optimizer.param_groups:
            group["lr"] = plan.learning_rate * rate(step, plan)
        for part in range(parts):
            batch = data[order[step * parts + part]]
            with torch.autocast(plan.device, torch.bfloat16, enabled=plan.precision == "bfloat16"):
                loss = model(input_ids=batch, labels=batch).loss / parts
            loss.backward()
            total += loss.detach()
        nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if (step + 1) % plan.log_every == 0:
            losses.append(float(total) / plan.log_every)
            total.zero_()
    return Run(losses, per_update(times))


def rate(step: int, plan: Training) -> float:
    """Warmup, then half a cosine: the factor of the learning rate."""
    if step < plan.warmup:
        return step / plan.warmup
    return 0.5 * (1 + math.cos(math.pi * (step - plan.warmup) / (plan.steps - plan.warmup)))


def measure(size: Size, rounds: int) -> list[dict[str, Any]]:
    """A row for each of the two; raises ArithmeticError where their losses differ.

    One round before the others warms up and gives the order of rows; then the two take turns in going first.
    """
    runs: dict[str, list[Run]] = {"assocmem": [], "plain loop": []}
    first = Watched(size)
    ours(size, first)
    for number in range(rounds):
        for name in sorted(runs, reverse=number % 2 == 0):
            runs[name].append(ours(size, Watched(size)) if name == "assocmem" else plain(size, first))
        one, other = (each[number].losses for each in runs.values())
        off = max(abs(a - b) / b for a, b in zip(one, other, strict=True))
        if off > ALLOWED:
            raise ArithmeticError(f"{size.name}: losses differ by {off:.2g} of them; the two did not do the same")
    which = 0 if size.plan.device == "cuda" else 1
    seconds = {name: [statistics.median(run.seconds[i] for run in each) for i in (0, 1)] for name, each in runs.items()}
    pairs = list(zip(runs["plain loop"], runs["assocmem"], strict=True))
    times = {"assocmem": [1.0], "plain loop": sorted(b.seconds[which] / a.seconds[which] for b, a in pairs)}
    model, tokens, top = size.model(), size.plan.batch * (size.context - 1), roof(size.plan)
    return [
        {
            "task": "training",
            "size": size.name,
            "peer": name,
            "parameters": model.num_parameters(),
            "tokens_per_update": tokens,
            "wall_s_per_update": wall,
            "cpu_s_per_update": cpu,
            "times_ours": statistics.median(times[name]),
            "times_ours_range": [times[name][0], times[name][-1]],
            "tokens_per_s": tokens / wall,
            "tokens_per_cpu_s": tokens / cpu,
            "first_loss": runs[name][-1].losses[0],
            "last_loss": runs[name][-1].losses[-1],
            "peak_flop_per_s": top,
            "rounds": rounds,
            "mfu": tokens / (wall, cpu)[which] * flop_per_token(model, size.context) / top if top else None,
        }
        for name, (wall, cpu) in seconds.items()
    ]


def roof(plan: Training) -> float | None:
    """Peak of the device; on a CPU the rate of a matrix product in processor time, as the tokens are counted."""
    if plan.device == "cuda":
        sheet = peak(torch.device("cuda"), bfloat16=plan.precision == "bfloat16")
        return sheet.flops if sheet else None
    matrix, times = torch.ones(1024, 1024), []
    for _ in range(10):
        began = time.process_time()
        matrix @ matrix
        times.append(time.process_time() - began)
    return 2 * 1024**3 / min(times)


def show(rows: list[dict[str, Any]]) -> None:
    """The table in the terminal."""
    table = Table(
        "size",
        "by",
        "CPU ms",
        "wall ms",
        "x ours",
        "range",
        "tokens/CPU s",
        "MFU",
        "last loss",
        title="An update: medians of interleaved rounds",
    )
    for row in rows:
        mfu = "" if row["mfu"] is None else f"{row['mfu']:.1%}"
        table.add_row(
            row["size"],
            row["peer"],
            f"{row['cpu_s_per_update'] * 1e3:.2f}",
            f"{row['wall_s_per_update'] * 1e3:.2f}",
            f"{row['times_ours']:.3f}",
            "{:.2f}-{:.2f}".format(*row["times_ours_range"]),
            f"{row['tokens_per_cpu_s']:.0f}",
            mfu,
            f"{row['last_loss']:.4f}",
        )
    Console(width=120).print(table)


@settings_class()
class Benchmark:
    """What is compared, and how often. A call raises ValueError that begins with the name of the setting."""

    scale: str
    rounds: Annotated[Whole, setting("in each the two take turns", ge=1)] = 8
    device: Annotated[Literal["cpu", "cuda"] | None, setting("the scale's own if not given")] = None

    def fit_together(self) -> None:
        """Check the scale; raises ValueError for one that there is not."""
        if self.scale not in SIZES:
            raise ValueError(f"scale got {self.scale!r}; takes one of {', '.join(SIZES)}")


def configure(scale: str, overrides: Mapping[str, Any]) -> Benchmark:
    """The settings of a scale."""
    return read(Benchmark, {"scale": scale}, overrides)


@takes_settings(Benchmark, configure)
def main(
    settings: Benchmark,
    scale: Annotated[str, typer.Option(help="smoke (seconds), local (minutes) or paper (a GPU)")] = "local",
    out: Annotated[Path, typer.Option(help="folder of the record")] = ROOT / "results",
) -> None:
    """Run, print, record: `train` beside a plain loop that does the same work, in interleaved rounds."""
    start, rows = time.perf_counter(), []
    for size in SIZES[scale]:
        device = settings.device or size.plan.device
        rows += measure(replace(size, plan=replace(size.plan, device=device)), settings.rounds)
    show(rows)
    config = {"rounds": settings.rounds, "warm_updates": WARM, "threads": torch.get_num_threads()}
    ratios = {row["size"]: row["times_ours"] for row in rows if row["peer"] == "plain loop"}
    record = Record(
        "bench-training",
        scale,
        config,
        0,
        rows,
        {"plain_loop_times_ours": ratios},
        time.perf_counter() - start,
        versions=versions(("assocmem", "torch", "transformers", "accelerate")),
    )
    print(write(record, out))


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(cls=GroupedHelp)(main)
    app()
