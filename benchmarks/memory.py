"""The torch module beside its peers: same data, one process, interleaved rounds, ratios to it and to a bare matmul.

    python benchmarks/memory.py --scale local        # minutes on two cores; writes results/bench-memory-local.json

Peers that are not installed are named in the record as absent; `make bench` installs them. Each peer's answer is
compared with this module's before it is timed: a peer that computes something else is an error, not a row. How exact
each answer is, this module's included, is measured against differences in float64 for the first queries.
A ratio is the median, over rounds, of two times of the same round, which a machine that slows down lengthens alike.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import torch
import typer
from peak import peak_mb
from rich.console import Console
from rich.table import Table
from torch import Tensor

from assocmem.cli.options import GroupedHelp, takes_settings
from assocmem.experiments import Record, write
from assocmem.experiments.records import versions
from assocmem.memory import DistanceMemory, compiled, energy, energy_and_gradient, knn, retrieve
from assocmem.settings import Whole, read, setting, settings_class

ROOT = Path(__file__).resolve().parents[1]
SHAPES = {
    "smoke": [(512, 512, 64)],
    "local": [(512, 512, 64), (4096, 4096, 64), (2048, 4096, 1024), (8192, 8192, 1024)],
    "paper": [(100_000, 100_000, 64), (100_000, 100_000, 1024)],
}
K, BETA = 10, 1.0
FEW, SLOW = 2, 5.0
"""Peers that take longer than so many seconds are timed only so often; the record says how often."""
NAIVE = 1 << 30
"""Numbers that the naive peer may hold at once (4 GB)."""
LONG = 1 << 34
"""Products m d n up to which KeOps, which needs seconds for them on a CPU, is run there."""
FIRST = 64
"""Queries whose answers are compared with float64."""
Peer = Callable[[], object]
Peers = dict[str, Peer]


def data(m: int, d: int, n: int, seed: int, device: str) -> tuple[Tensor, Tensor]:
    """Patterns at norm near 30 and queries near some of them, so that every task has a meaningful answer (float32)."""
    make = torch.Generator().manual_seed(seed)
    patterns = torch.randn(d, n, generator=make) * (30 / n**0.5)
    picked = torch.randint(d, (m,), generator=make)
    queries = patterns[picked] + torch.randn(m, n, generator=make) * (1 / n**0.5)
    return queries.to(device), patterns.to(device)


def scores(x: Tensor, p: Tensor) -> Tensor:
    """2 x.p - |p|^2 as one materialized addmm."""
    return torch.addmm(-p.square().sum(1), x, p.T, alpha=2.0)


def energy_peers(x: Tensor, p: Tensor) -> Peers:
    norm = x.square().sum(1)
    peers: Peers = {
        "assocmem": lambda: energy(x, p, beta=BETA),
        "naive differences": lambda: -torch.logsumexp(-(x[:, None, :] - p).square().sum(-1), 1),
        "addmm + logsumexp": lambda: norm - torch.logsumexp(scores(x, p), 1),
        "cdist + logsumexp": lambda: -torch.logsumexp(-torch.cdist(x, p).square(), 1),
    }
    peers["assocmem, compiled"] = kernel(x, p)
    if len(x) * p.numel() > NAIVE:
        size = len(x) * p.numel() * 4 / 1e9
        peers["naive differences"] = absent(MemoryError(f"not run: holds {size:.0f} GB of differences at once"))
    if x.device.type == "cpu":
        peers["CPU flash attention's LSE"] = flash(x, p)
    try:
        if too_long(x, p):
            raise TimeoutError(too_long(x, p))
        from pykeops.torch import LazyTensor

        a, b = LazyTensor(x[:, None, :]), LazyTensor(p[None, :, :])
        peers["KeOps"] = lambda: -(-((a - b) ** 2).sum(-1)).logsumexp(1)[:, 0]
        peers["KeOps"]()
    except Exception as error:  # no compiler, or not installed
        peers["KeOps"] = absent(error)
    return peers


def kernel(x: Tensor, p: Tensor) -> Peer:
    """This module's energies with the weights summed in one compiled kernel; needs a compiler."""

    def call() -> Tensor:
        with compiled():
            return energy(x, p, beta=BETA)

    try:
        call()
    except Exception as error:  # torch raises what its compiler meets
        return absent(error)
    return call


def flash(x: Tensor, p: Tensor) -> Peer:
    """The log-sum-exp that torch's attention kernel for CPUs computes beside its retrieval (no public name)."""
    name = "_scaled_dot_product_flash_attention_for_cpu"
    if not hasattr(torch.ops.aten, name):
        return absent(AttributeError(f"this torch has no {name}"))
    attend, norm, mask = getattr(torch.ops.aten, name), x.square().sum(1), (-BETA * p.square().sum(1))[None, None, None]
    q, k = x[None, None], p[None, None]
    return lambda: norm - attend(q, k, k, 0.0, False, attn_mask=mask, scale=2 * BETA)[1].view(-1) / BETA


def too_long(x: Tensor, p: Tensor) -> str:
    """Why a slow peer is not run on a CPU at this size; empty where it is."""
    work = len(x) * p.numel()
    long = work > LONG and x.device.type == "cpu"
    return f"not run: {work:.1e} products, seconds to minutes each time" if long else ""


def knn_peers(x: Tensor, p: Tensor) -> Peers:
    norm = x.square().sum(1, keepdim=True)
    peers: Peers = {
        "assocmem": lambda: knn(x, p, K)[0],
        "addmm + topk": lambda: (norm - scores(x, p).topk(K, 1).values).clamp_min(0).sqrt(),
        "cdist + topk": lambda: torch.cdist(x, p).topk(K, 1, largest=False).values,
    }
    try:
        import faiss

        faiss.omp_set_num_threads(torch.get_num_threads())
        index = faiss.IndexFlatL2(p.shape[1])
        index.add(p.cpu().numpy())
        queries = x.cpu().numpy()
        peers["faiss"] = lambda: torch.from_numpy(index.search(queries, K)[0]).clamp_min(0).sqrt()
    except ImportError as error:
        peers["faiss"] = absent(error)
    try:
        from sklearn.neighbors import NearestNeighbors

        brute = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(p.cpu().numpy())
        wanted = x.cpu().numpy()
        peers["scikit-learn"] = lambda: torch.from_numpy(brute.kneighbors(wanted)[0])
    except ImportError as error:
        peers["scikit-learn"] = absent(error)
    return peers


def self_peers(x: Tensor, p: Tensor) -> Peers:
    """Neighbors among the patterns, each left out of its own list by index where the peer can do that."""
    del x
    norm = p.square().sum(1, keepdim=True)

    def masked() -> Tensor:
        nearness = scores(p, p)
        nearness.fill_diagonal_(-torch.inf)
        return (norm - nearness.topk(K, 1).values).clamp_min(0).sqrt()

    peers: Peers = {"assocmem": lambda: knn(p, k=K, exclude_self=True)[0], "addmm + topk": masked}
    try:
        import faiss

        faiss.omp_set_num_threads(torch.get_num_threads())
        index = faiss.IndexFlatL2(p.shape[1])
        index.add(p.cpu().numpy())
        queries = p.cpu().numpy()  # One more neighbor, and the first dropped: right here, where no pattern is double.
        peers["faiss"] = lambda: torch.from_numpy(index.search(queries, K + 1)[0][:, 1:]).clamp_min(0).sqrt()
    except ImportError as error:
        peers["faiss"] = absent(error)
    try:
        from sklearn.neighbors import NearestNeighbors

        brute = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(p.cpu().numpy())
        peers["scikit-learn"] = lambda: torch.from_numpy(brute.kneighbors()[0])
    except ImportError as error:
        peers["scikit-learn"] = absent(error)
    return peers


def retrieval_peers(x: Tensor, p: Tensor) -> Peers:
    layer = DistanceMemory(p, beta=BETA)
    bias, scale = (-BETA * p.square().sum(1))[None, None, None], 2 * BETA
    attend = torch.nn.functional.scaled_dot_product_attention

    def sdpa() -> Tensor:
        return attend(x[None, None], p[None, None], p[None, None], attn_mask=bias, scale=scale)[0, 0]

    def module() -> Tensor:
        with torch.no_grad():
            return layer(x)

    return {
        "assocmem": lambda: retrieve(x, p, beta=BETA),
        "assocmem DistanceMemory": module,
        "SDPA with key bias": sdpa,
        "addmm + softmax": lambda: torch.softmax(scores(x, p), 1) @ p,
    }


def gradient_peers(x: Tensor, p: Tensor) -> Peers:
    def autograd() -> Tensor:
        z = x.clone().requires_grad_()
        value = z.square().sum(1) - torch.logsumexp(scores(z, p), 1)
        return torch.autograd.grad(value.sum(), z)[0]

    return {"assocmem": lambda: energy_and_gradient(x, p, beta=BETA)[1], "autograd of addmm": autograd}


TASKS: dict[str, tuple[Callable[[Tensor, Tensor], Peers], float]] = {
    "energy": (energy_peers, 2e-2),
    "knn": (knn_peers, 5e-2),
    "self-knn": (self_peers, 5e-2),
    "retrieval": (retrieval_peers, 2e-2),
    "energy and gradient": (gradient_peers, 5e-2),
}
"""Task: its peers, and how far an expanded float32 peer may be off (float32 loses digits that this module keeps)."""


def exact(task: str, x: Tensor, p: Tensor) -> Tensor:
    """What the first queries should get: float64, direct differences, nothing of the module."""
    p = p.double()
    x = p[:FIRST] if task == "self-knn" else x[:FIRST].double()
    squares = torch.stack([(row - p).square().sum(-1) for row in x])
    if task == "energy":
        return -torch.logsumexp(-BETA * squares, 1) / BETA
    if task == "retrieval":
        return torch.softmax(-BETA * squares, 1) @ p
    if task == "energy and gradient":
        return 2 * (x - torch.softmax(-BETA * squares, 1) @ p)
    if task == "self-knn":
        squares.fill_diagonal_(torch.inf)
    return squares.topk(K, 1, largest=False).values.sqrt()


class AbsentError(Exception):
    """A peer that is not run here, and why."""


def absent(error: Exception) -> Peer:
    """Stands for a peer that cannot run here; calling it says why."""

    def missing() -> object:
        raise AbsentError(str(error).splitlines()[0])

    return missing


def clock(call: Peer, device: str) -> float:
    """Seconds of one call."""
    if device == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    call()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def measure(task: str, shape: tuple[int, int, int], rounds: int, seed: int, device: str) -> list[dict[str, object]]:
    """Rows of one task at one shape: median seconds, ratios to this module and to the bare product, memory, error."""
    x, p = data(*shape, seed, device)
    build, allowed = TASKS[task]
    peers, rows = build(x, p), []
    peaks: dict[str, float | None] = {}
    errors: dict[str, float] = {}
    right = exact(task, x, p)
    ours = torch.as_tensor(np.asarray(peers["assocmem"]().cpu()))  # type: ignore[attr-defined]
    ready: Peers = {}
    for name, call in peers.items():
        try:
            answer = torch.as_tensor(np.asarray(call().cpu()))  # type: ignore[attr-defined]
        except AbsentError as error:
            rows.append({"task": task, "shape": list(shape), "peer": name, "absent": str(error)})
            continue
        peaks[name] = peak_mb(call, device)
        errors[name] = float((answer[:FIRST].double() - right.cpu()).abs().max())
        off = float((answer.double() - ours.double()).abs().max())
        if off > allowed:
            raise ArithmeticError(f"{task} at {shape}: {name} is off by {off:.3g}, allowed {allowed}")
        ready[name] = call
    left = p if task == "self-knn" else x
    product = torch.empty(len(left), len(p), device=device)  # Written in place: fresh pages would slow the product.
    ready["torch.mm"] = lambda: torch.mm(left, p.T, out=product)
    times: dict[str, list[float]] = {name: [] for name in ready}
    for turn in range(rounds):
        for name, call in ready.items():
            if turn < FEW or times[name][0] < SLOW:
                times[name].append(clock(call, device))
    for name, seconds in times.items():
        over = {
            base: [mine / theirs for mine, theirs in zip(seconds, times[peer], strict=False)]
            for base, peer in (("ours", "assocmem"), ("matmul", "torch.mm"))
        }
        rows.append(
            {
                "task": task,
                "shape": list(shape),
                "peer": name,
                "median_s": statistics.median(seconds),
                "min_s": min(seconds),
                "max_s": max(seconds),
                "runs": len(seconds),
                "times_ours": statistics.median(over["ours"]),
                "least_times_ours": min(over["ours"]),
                "most_times_ours": max(over["ours"]),
                "times_matmul": statistics.median(over["matmul"]),
                "peak_mb": peaks.get(name),
                "error": errors.get(name),
            }
        )
    return rows


def show(rows: list[dict[str, object]]) -> None:
    """The table in the terminal."""
    columns = "task", "(m, d, n)", "peer", "median", "x ours", "x matmul", "peak MB", "error"
    table = Table(*columns, title="Medians of interleaved rounds")
    for row in rows:
        shape = str(tuple(row["shape"]))  # type: ignore[arg-type]
        if "absent" in row:
            table.add_row(str(row["task"]), shape, str(row["peer"]), "absent", *[""] * 4, style="dim")
        else:
            cells = f"{row['median_s'] * 1e3:.1f} ms", f"{row['times_ours']:.2f}", f"{row['times_matmul']:.2f}"  # type: ignore[operator]
            held = "" if row["peak_mb"] is None else f"{row['peak_mb']:.0f}"
            error = "" if row["error"] is None else f"{row['error']:.0e}"
            table.add_row(str(row["task"]), shape, str(row["peer"]), *cells, held, error)
    Console(width=120).print(table)


@settings_class()
class Benchmark:
    """What is compared, and how often. A call raises ValueError that begins with the name of the setting."""

    scale: str
    rounds: Annotated[Whole, setting("in each the peers take turns", ge=1)] = 11
    seed: Annotated[Whole, setting("of the data", ge=0)] = 0
    device: Annotated[Literal["cpu", "cuda"] | None, setting("a GPU where there is one, if not given")] = None

    def fit_together(self) -> None:
        """Check the scale; raises ValueError for one that there is not."""
        if self.scale not in SHAPES:
            raise ValueError(f"scale got {self.scale!r}; takes one of {', '.join(SHAPES)}")


def configure(scale: str, overrides: Mapping[str, Any]) -> Benchmark:
    """The settings of a scale."""
    return read(Benchmark, {"scale": scale}, overrides)


@takes_settings(Benchmark, configure)
def main(
    settings: Benchmark,
    scale: Annotated[str, typer.Option(help="smoke (seconds), local (minutes) or paper (a GPU)")] = "local",
    out: Annotated[Path, typer.Option(help="folder of the record")] = ROOT / "results",
) -> None:
    """Run, print, record: the torch module beside its peers, in interleaved rounds."""
    start, rows = time.perf_counter(), []
    device = settings.device or ("cuda" if torch.cuda.is_available() else "cpu")
    for shape in SHAPES[scale]:
        for task in TASKS:
            rows += measure(task, shape, settings.rounds, settings.seed, device)
    show(rows)
    names = ("assocmem", "torch", "numpy", "faiss-cpu", "scikit-learn", "pykeops")
    config = {"shapes": SHAPES[scale], "rounds": settings.rounds, "k": K, "beta": BETA, "dtype": "float32"}
    record = Record(
        "bench-memory",
        scale,
        config,
        settings.seed,
        rows,
        {"peers": sorted({str(r["peer"]) for r in rows})},
        time.perf_counter() - start,
        versions=versions(names),
    )
    print(write(record, out))


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(cls=GroupedHelp)(main)
    app()
