"""What the torch module and its peers answer to the same input, and how long calls of few queries take.

    python benchmarks/comparison.py --scale local    # minutes on one core; writes results/bench-comparison-local.json

Answers are compared with differences in float64. The data have the norms and the means of hidden states, or duplicates;
on plain data all peers are right to about float32. A ratio is the median, over rounds, of two times of the same round.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor

from assocmem.experiments import Record, write
from assocmem.experiments.records import versions
from assocmem.memory import DistanceMemory, Index, energy, knn, retrieve

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"smoke": (20, 600, 32), "local": (200, 3000, 768)}
"""Queries, patterns and dimension of each family of data."""
REPEATED = {"smoke": [(1, 500, 32)], "local": [(1, 20_000, 64), (16, 20_000, 64), (1, 20_000, 768), (16, 20_000, 768)]}
"""The same of calls that are repeated."""
K, BETA, ROUNDS = 10, 0.005, 9
Neighbors = tuple[Tensor, Tensor]


def families(m: int, d: int, n: int) -> dict[str, tuple[Tensor, Tensor]]:
    """Queries and patterns in float32 whose nearest neighbors are some tens apart at most."""
    make = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=make, dtype=torch.float64)

    spread, noise = 18 * normal(d, n) / n**0.5, 6 * normal(m, n) / n**0.5
    mean = torch.sign(normal(n)) / n**0.5
    centers = normal(50, n)
    clusters = spread + 3000 * (centers / centers.norm(dim=-1, keepdim=True))[torch.arange(d) % 50]
    double = spread + 300 * mean
    double[d // 2 :] = double[: d - d // 2]
    sets = {
        "around the origin": spread,
        "a common mean of norm 300": spread + 300 * mean,
        "a common mean of norm 3000": spread + 3000 * mean,
        "50 clusters at norm 3000": clusters,
        "near duplicates at norm 300": spread[:1] + 300 * mean + 1e-2 * spread,
        "every pattern twice": double,
    }
    scale = {"near duplicates at norm 300": 1e-2, "every pattern twice": 0.0}
    return {name: ((p[:m] + scale.get(name, 1.0) * noise).float(), p.float()) for name, p in sets.items()}


def faiss_index(p: Tensor) -> Callable[[Tensor, int], Neighbors]:
    """A flat index of faiss."""
    import faiss

    faiss.omp_set_num_threads(torch.get_num_threads())
    index = faiss.IndexFlatL2(p.shape[1])
    index.add(p.numpy())

    def search(x: Tensor, k: int) -> Neighbors:
        squares, found = index.search(x.numpy(), k)
        return torch.from_numpy(squares).clamp_min(0).sqrt(), torch.from_numpy(found)

    return search


def sklearn_neighbors(p: Tensor) -> Callable[[Tensor, int], Neighbors]:
    """Brute force of scikit-learn."""
    from sklearn.neighbors import NearestNeighbors

    fitted = NearestNeighbors(algorithm="brute").fit(p.numpy())

    def search(x: Tensor, k: int) -> Neighbors:
        lengths, found = fitted.kneighbors(x.numpy(), k)
        return torch.from_numpy(lengths), torch.from_numpy(found)

    return search


def keops_neighbors(p: Tensor) -> Callable[[Tensor, int], Neighbors]:
    """The k least of a symbolic matrix of KeOps, which forms differences."""
    from pykeops.torch import LazyTensor

    def search(x: Tensor, k: int) -> Neighbors:
        squares = ((LazyTensor(x[:, None, :]) - LazyTensor(p[None, :, :])) ** 2).sum(-1)
        least, found = squares.Kmin_argKmin(k, dim=1)
        return least.sqrt(), found.long()

    return search


def cdist_neighbors(p: Tensor) -> Callable[[Tensor, int], Neighbors]:
    """torch.cdist as it is by default."""

    def search(x: Tensor, k: int) -> Neighbors:
        least, found = torch.cdist(x, p).topk(k, 1, largest=False)
        return least, found

    return search


SEARCHES: dict[str, Callable[[Tensor], Callable[[Tensor, int], Neighbors]]] = {
    "assocmem": lambda p: lambda x, k: knn(x, p, k),
    "torch.cdist": cdist_neighbors,
    "faiss": faiss_index,
    "scikit-learn": sklearn_neighbors,
    "KeOps": keops_neighbors,
}


def keops_energy(x: Tensor, p: Tensor) -> Tensor:
    """The log-sum-exp of KeOps."""
    from pykeops.torch import LazyTensor

    squares = ((LazyTensor(x[:, None, :]) - LazyTensor(p[None, :, :])) ** 2).sum(-1)
    result: Tensor = -(-BETA * squares).logsumexp(1)[:, 0] / BETA
    return result


def attention(x: Tensor, p: Tensor) -> Tensor:
    """PyTorch's attention with the key bias."""
    bias, attend = -BETA * p.square().sum(-1), torch.nn.functional.scaled_dot_product_attention
    return attend(x[None], p[None], p[None], attn_mask=bias.expand(1, len(x), -1), scale=2 * BETA)[0]


SUMS: dict[str, dict[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "energy": {
        "assocmem": lambda x, p: energy(x, p, beta=BETA),
        "torch.cdist": lambda x, p: -torch.logsumexp(-BETA * torch.cdist(x, p).square(), 1) / BETA,
        "KeOps": keops_energy,
    },
    "retrieval": {
        "assocmem": lambda x, p: retrieve(x, p, beta=BETA),
        "assocmem DistanceMemory": lambda x, p: DistanceMemory(p, beta=BETA)(x),
        "torch.cdist": lambda x, p: torch.softmax(-BETA * torch.cdist(x, p).square(), 1) @ p,
        "SDPA with key bias": attention,
    },
}


def truth(x: Tensor, p: Tensor) -> Tensor:
    """Squared distances by differences in float64, nothing of the module."""
    return torch.stack([(row - p.double()).square().sum(-1) for row in x.double()])


def answers(name: str, x: Tensor, p: Tensor) -> list[dict[str, object]]:
    """Rows of one family: how many queries get a wrong list, and the largest errors."""
    squares, rows = truth(x, p), []
    order = squares.argsort(dim=-1, stable=True)[:, :K]
    right = squares.gather(1, order).sqrt()
    weights = torch.softmax(-BETA * squares, 1)
    sums = {"energy": -torch.logsumexp(-BETA * squares, 1) / BETA, "retrieval": weights @ p.double()}

    def row(task: str, peer: str, measured: Callable[[], dict[str, float]]) -> None:
        try:
            rows.append({"task": task, "family": name, "peer": peer, **measured()})
        except ImportError as error:
            rows.append({"task": task, "family": name, "peer": peer, "absent": str(error).splitlines()[0]})

    def neighbors(build: Callable[[Tensor], Callable[[Tensor, int], Neighbors]]) -> dict[str, float]:
        distances, index = build(p)(x, K)
        there = squares.gather(1, index).sqrt()  # Equal distances may come in any order.
        wrong = ((there - right).abs() > 1e-9 * right).any(-1)
        return {"wrong": float(wrong.double().mean()), "error": float((distances.double() - right).abs().max())}

    for peer, build in SEARCHES.items():
        row("knn", peer, lambda build=build: neighbors(build))  # type: ignore[misc]
    for task, peers in SUMS.items():
        for peer, call in peers.items():
            error = lambda call=call, task=task: float((call(x, p).double() - sums[task]).abs().max())  # noqa: E731
            row(task, peer, lambda error=error: {"error": error()})  # type: ignore[misc]
    return rows


def repeated(shape: tuple[int, int, int], rounds: int) -> list[dict[str, object]]:
    """Rows of one shape: milliseconds of a call for the k nearest, and how many times as long as of an index."""
    m, d, n = shape
    make = torch.Generator().manual_seed(1)
    p, x = torch.randn(d, n, generator=make), torch.randn(m, n, generator=make)
    index = Index(p)
    calls: dict[str, Callable[[], object]] = {"assocmem Index": lambda: index.search(x, K)}
    rows: list[dict[str, object]] = []
    for peer, build in SEARCHES.items():
        if peer == "KeOps":  # Compiled for each dimension, and slower by far where that is large.
            continue
        try:
            search = build(p)
        except ImportError as error:
            absent = str(error).splitlines()[0]
            rows.append({"task": "few queries", "shape": list(shape), "peer": peer, "absent": absent})
            continue
        calls[peer] = lambda search=search: search(x, K)  # type: ignore[misc]
    times: dict[str, list[float]] = {peer: [] for peer in calls}
    for turn in range(rounds + 1):
        for peer, call in calls.items():
            start = time.perf_counter()
            call()
            if turn:  # The first round warms up.
                times[peer].append(time.perf_counter() - start)
    for peer, seconds in times.items():
        over = [one / other for one, other in zip(seconds, times["assocmem Index"], strict=True)]
        median = {"median_s": statistics.median(seconds), "times_index": statistics.median(over)}
        rows.append({"task": "few queries", "shape": list(shape), "peer": peer, "runs": len(seconds), **median})
    return rows


def main(
    scale: Annotated[str, typer.Option(help="smoke (seconds) or local (minutes)")] = "local",
    out: Annotated[Path, typer.Option(help="folder of the record")] = ROOT / "results",
) -> None:
    """Compare, time, record."""
    if scale not in SIZES:
        raise typer.BadParameter(f"scale must be one of {', '.join(SIZES)}, got {scale!r}")
    start = time.perf_counter()
    rows = [row for name, (x, p) in families(*SIZES[scale]).items() for row in answers(name, x, p)]
    rows += [row for shape in REPEATED[scale] for row in repeated(shape, ROUNDS)]
    config = {"size": SIZES[scale], "repeated": REPEATED[scale], "k": K, "beta": BETA, "rounds": ROUNDS}
    config["threads"] = torch.get_num_threads()
    names = ("assocmem", "torch", "numpy", "faiss-cpu", "scikit-learn", "pykeops")
    summary = {"peers": sorted({str(row["peer"]) for row in rows})}
    took = time.perf_counter() - start
    print(write(Record("bench-comparison", scale, config, 0, rows, summary, took, versions=versions(names)), out))


if __name__ == "__main__":
    typer.run(main)
