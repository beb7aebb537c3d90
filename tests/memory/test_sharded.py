"""Patterns over processes: the same bits for any number of ranks, errors everywhere, no hang when a rank is lost.

Ranks are forked from a server that has torch loaded, with the environment that torchrun would set.
"""

from __future__ import annotations

import os
import signal
import socket
import time
import traceback
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import torch

from assocmem.memory import ShardedMemory, connect, energy, knn, retrieve, stream
from assocmem.memory._tiled import request
from processes import SERVER

SIZES = {1: [1000], 2: [999, 1], 3: [137, 0, 863]}
TINY = {1: [5], 2: [0, 5], 3: [2, 0, 3]}


def data() -> tuple[torch.Tensor, torch.Tensor]:
    """Clusters far from zero, with duplicates that fall into different shards."""
    make = torch.Generator().manual_seed(0)
    centers = 300 * torch.randn(20, 40, generator=make)
    patterns = torch.randn(1000, 40, generator=make) + centers[torch.arange(1000) % 20]
    patterns[[3, 140, 999]] = patterns[500].clone()
    x = patterns[::16] + 0.3 * torch.randn(63, 40, generator=make)
    x[0] = patterns[500]
    return x, patterns


def results(memory: ShardedMemory, x: torch.Tensor, every: torch.Tensor) -> dict[str, torch.Tensor]:
    """What the tests compare, from a sharded memory."""
    answers = {"energy": memory.energy(x, beta=0.05), "mean": memory.retrieve(x, beta=0.05)}
    answers["distances"], answers["indices"] = memory.knn(x, 7)
    answers["own distances"], answers["own indices"] = memory.knn(every[130:150], 3, self_offset=130)
    answers["own energy"] = memory.energy(every[130:150], beta=0.05, self_offset=130)
    answers["none"] = memory.energy(x[:0])
    assert len(memory) == len(every)
    assert all(torch.equal(a, answers[n]) for a, n in zip(memory.search(x, 7), ("distances", "indices"), strict=True))
    return answers


def rank(task: str, folder: Path) -> None:
    """What one process does."""
    connect(timeout_s=6.0 if task in ("killed", "stopped") else 60.0, backend="gloo")
    me, world = torch.distributed.get_rank(), torch.distributed.get_world_size()
    x, every = data()
    memory = ShardedMemory(every.split(SIZES[world])[me], timeout_s=4.0 if task in ("killed", "stopped") else None)
    if task == "results":
        answers = results(memory, x, every)
        request.PLAN = request.Plan(direct_limit=-1)
        answers |= {f"tiled {name}": value for name, value in results(memory, x, every).items()}
        tiny = ShardedMemory(every[:5].split(TINY[world])[me])
        answers["tiny distances"], answers["tiny indices"] = tiny.knn(x, 8)
        torch.save(answers, folder / f"{world}-{me}.pt")
    elif task == "refused":
        lines = []
        for bad in (x if me == 0 else x + 1, x if me else x * torch.nan, x if me else x[:, :2]):
            try:
                memory.energy(bad)
            except ValueError as error:
                lines.append(str(error))
        try:
            ShardedMemory(every[:0])
        except ValueError as error:
            lines.append(str(error))
        mine = every.split(SIZES[world])[me].clone()
        changed = ShardedMemory(mine)
        if me == 1:
            mine.mul_(2)
        try:
            changed.search(x)
        except ValueError as error:
            lines.append(str(error))
        (folder / f"{me}.txt").write_text("\n".join(lines))
    else:
        memory.energy(x)
        if me == 1:
            os.kill(os.getpid(), signal.SIGKILL if task == "killed" else signal.SIGSTOP)
        memory.energy(x)
    torch.distributed.destroy_process_group()


def begin(task: str, folder: Path, me: int, world: int, port: int) -> None:
    """Become a rank; leave the traceback of an error behind."""
    torch.set_num_threads(1)
    names = {"RANK": me, "WORLD_SIZE": world, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    os.environ |= {name: str(value) for name, value in names.items()} | {"GLOO_SOCKET_IFNAME": "lo"}
    try:
        rank(task, folder)
    except BaseException:
        (folder / f"error-{world}-{me}.txt").write_text(traceback.format_exc())
        os._exit(1)


def start(task: str, folder: Path, world: int) -> list[BaseProcess]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ranks: list[BaseProcess] = [SERVER.Process(target=begin, args=(task, folder, i, world, port)) for i in range(world)]
    for process in ranks:
        process.start()
    return ranks


def finish(ranks: list[BaseProcess], limit: float) -> list[int | None]:
    """Exit codes after at most ``limit`` seconds; whatever happens, none of these processes is left."""
    try:
        stop = time.monotonic() + limit
        for process in ranks:
            process.join(max(0.1, stop - time.monotonic()))
    finally:
        for process in ranks:
            process.kill()
            process.join()
    return [process.exitcode for process in ranks]


def errors(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.glob("error-*.txt")))


@pytest.fixture(scope="module")
def by_rank(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, int], dict[str, torch.Tensor]]:
    """Results of all ranks of 1, 2 and 3 processes."""
    folder = tmp_path_factory.mktemp("ranks")
    for world in SIZES:
        assert finish(start("results", folder, world), 60) == [0] * world, errors(folder)
    return {(w, r): torch.load(folder / f"{w}-{r}.pt", weights_only=True) for w in SIZES for r in range(w)}


@pytest.mark.slow
def test_neighbors_are_the_same_bits_for_any_number_of_ranks(by_rank: dict) -> None:
    x, every = data()
    one = {"distances": knn(x, every, 7), "own distances": None, "tiny distances": knn(x, every[:5], 8)}
    own = knn(every, k=3, exclude_self=True)
    one["own distances"] = tuple(part[130:150] for part in own)
    for other in by_rank.values():
        for name, pair in one.items():
            for prefix in ("", "tiled ") if "tiny" not in name else ("",):
                assert torch.equal(other[prefix + name], pair[0])
                assert torch.equal(other[prefix + name.replace("distances", "indices")], pair[1])
    assert one["distances"][1][0, :4].tolist() == [3, 140, 500, 999]


@pytest.mark.slow
def test_energies_and_retrievals_agree_for_any_number_of_ranks(by_rank: dict) -> None:
    x, every = data()
    x, every = x.double(), every.double()
    true = {"energy": energy(x, every, beta=0.05), "mean": retrieve(x, every, beta=0.05)}
    true["own energy"] = energy(every, exclude_self=True, beta=0.05)[130:150]
    for (world, _), other in by_rank.items():
        assert other["none"].shape == (0,)
        for name, value in true.items():
            for prefix in ("", "tiled "):
                got = other[prefix + name].double()
                assert float(((got - value).abs() / value.abs().clamp(min=1)).max()) < 1e-6
                assert torch.equal(other[prefix + name], by_rank[world, 0][prefix + name])
    assert by_rank[1, 0]["energy"].dtype == torch.float32


@pytest.mark.slow
def test_bad_input_on_one_rank_is_an_error_on_all(tmp_path: Path) -> None:
    assert finish(start("refused", tmp_path, 2), 60) == [0, 0], errors(tmp_path)
    first, second = ((tmp_path / f"{i}.txt").read_text().splitlines() for i in range(2))
    assert "must be the same on all ranks" in first[0]
    assert "must be the same on all ranks" in second[0]
    assert "x must be finite" in first[1]
    assert "refused on rank 0" in second[1]
    assert "n=2" in first[2]
    assert "refused on rank 0" in second[2]
    assert "none on all" in first[3]
    assert "none on all" in second[3]
    assert "refused on rank 1" in first[4]
    assert "changed in place" in second[4]


@pytest.mark.slow
@pytest.mark.parametrize("task", ["killed", "stopped"])
def test_a_lost_rank_stops_the_others_with_an_error(task: str, tmp_path: Path) -> None:
    ranks = start(task, tmp_path, 3)
    began = time.monotonic()
    for process in (ranks[0], ranks[2]):
        process.join(max(0.1, 20 - (time.monotonic() - began)))
    took = time.monotonic() - began
    ended = finish(ranks, 0.1)
    assert took < 20
    assert (ended[0], ended[2]) == (1, 1)
    for other in (0, 2):
        message = (tmp_path / f"error-3-{other}.txt").read_text()
        assert "RuntimeError" in message or "DistBackendError" in message


def test_shards_need_a_process_group(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="connect"):
        ShardedMemory(torch.zeros(2, 2))
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(ValueError, match="torchrun"):
        connect()


def test_data_have_a_tie_across_shards() -> None:
    x, every = data()
    nearest = stream(x[:1], every, want=("nearest",), k=4)
    assert nearest.indices is not None
    assert nearest.indices.tolist() == [[3, 140, 500, 999]]
