"""A tiny model on ragged rows, for the tests of training: in this process, in one that can be killed, on ranks."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedType
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.utils.data import Dataset
from transformers import OPTForCausalLM, PreTrainedModel, Trainer, TrainerState, modeling_utils

from assocmem.language.models.vanilla import vanilla
from assocmem.language.training.folder import RunFolder
from assocmem.language.training.train import Trained, Training, train
from processes import SERVER

PLAN = Training(steps=16, batch=4, micro=2, learning_rate=1e-2, warmup=3, log_every=2, evaluate_every=4, save_every=3)
"""Two micro-batches an update, passes of 7 updates, checkpoints between logs and evaluations, the last on no grid."""


class Lines(Dataset[dict[str, Tensor]]):
    """Rows of 4 to 9 tokens of 19, from a seed; some labels are not predicted."""

    def __init__(self, count: int, seed: int = 0) -> None:
        make = torch.Generator().manual_seed(seed)
        lengths = torch.randint(4, 10, (count,), generator=make)
        self.rows = [torch.randint(1, 20, (int(n),), generator=make) for n in lengths]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        labels = self.rows[index].clone()
        if index % 3 == 0:
            labels[:3] = -100
        return {"input_ids": self.rows[index], "labels": labels}


def tiny(dropout: float = 0.0) -> OPTForCausalLM:
    return vanilla(vocabulary=20, layers=1, width=16, heads=2, context=12, dropout=dropout)


def run(
    folder: Path,
    plan: Training = PLAN,
    *,
    dropout: float = 0.1,
    rows: int = 27,
    held_out: int = 11,
    zeros: bool = False,
    identity: Mapping[str, Any] | None = None,
    lines: type[Lines] = Lines,
    **options: Any,
) -> Trained:
    """Train on 27 rows: the last update of a pass has 3. ``zeros`` starts from weights that no run begins with."""

    def make() -> OPTForCausalLM:
        model = tiny(dropout)
        if zeros:
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter.zero_()
        return model

    return train(
        make,
        lines(rows),
        plan,
        folder,
        identity=identity or {"data": "lines"},
        held_out=Lines(held_out, seed=1) if held_out else None,
        length=6.5,
        predicted=4.5,
        **options,
    )


def weights(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / "model" / "model.safetensors")


def assert_same(one: Path, other: Path) -> None:
    """Weights bit for bit, and metrics byte for byte."""
    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert (one / "metrics.jsonl").read_bytes() == (other / "metrics.jsonl").read_bytes()


def die_at(point: str, count: int) -> None:
    """Let this process be killed at the ``count``-th time that it comes to a point, with the work there half done."""
    calls = 0

    def deadly(holder: Any, name: str, half: Callable[..., object] | None = None) -> None:
        whole = getattr(holder, name)

        def call(*values: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == count:
                if half is not None:
                    half(*values, **named)
                os.kill(os.getpid(), signal.SIGKILL)
            return whole(*values, **named)

        setattr(holder, name, call)

    if point == "weights":
        deadly(safetensors.torch, "save_file", lambda tensors, path, **_: Path(path).write_bytes(b"half"))
        modeling_utils.safe_save_file = safetensors.torch.save_file
    elif point == "optimizer":
        deadly(torch, "save", lambda state, path: Path(path).write_bytes(b"half"))
    elif point == "state":
        deadly(TrainerState, "save_to_json", lambda state, path: Path(path).write_text("{"))
    elif point == "mark":
        deadly(RunFolder, "mark")
    elif point == "deletion":
        deadly(shutil, "rmtree", lambda path, **_: (Path(path) / "model.safetensors").unlink())
    elif point == "metrics":
        deadly(RunFolder, "add_metrics", lambda folder, _: _append(folder.path / "metrics.jsonl", '{"step": 1, "lo'))
    elif point == "model":
        deadly(Trainer, "save_model", lambda _, path, **__: (Path(path).mkdir(), (Path(path) / "config.json").touch()))
    elif point == "report":
        deadly(RunFolder, "finish")
    else:
        raise ValueError(point)


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def shard_on_cpu() -> None:
    """Let accelerate shard over gloo, as it does over NCCL; it would else train unsharded, without a word."""
    start = AcceleratorState.__init__

    def init(self: AcceleratorState, *values: Any, **named: Any) -> None:
        start(self, *values, **named)
        if named.get("fsdp_plugin") is not None:
            self.distributed_type, self.fsdp_plugin = DistributedType.FSDP, named["fsdp_plugin"]
            PartialState._shared_state["distributed_type"] = self.distributed_type

    AcceleratorState.__init__ = init  # type: ignore[method-assign]
    Training.check_machine = lambda self, ranks: None  # type: ignore[method-assign]


def begin(
    folder: Path,
    plan: Training,
    die: tuple[str, int] | None,
    options: Mapping[str, Any],
    environment: Mapping[str, str],
) -> None:
    """What a process of its own does; an error is left beside the folder."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    os.environ |= environment
    if die is not None:
        die_at(*die)
    try:
        if plan.shard == "full":
            shard_on_cpu()
        run(folder, plan, **options)
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()
    except BaseException:
        folder.with_name(f"error-{os.environ.get('RANK', '0')}.txt").write_text(traceback.format_exc())
        os._exit(1)


def start(
    folder: Path, plan: Training = PLAN, ranks: int = 1, die: tuple[str, int] | None = None, **options: Any
) -> list[BaseProcess]:
    """Processes as torchrun would start them; one, without its variables, for one rank. ``die`` is the last one's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes: list[BaseProcess] = []
    for rank in range(ranks):
        names = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": ranks, "LOCAL_WORLD_SIZE": ranks, "MASTER_PORT": port}
        environment = {name: str(value) for name, value in names.items()}
        environment |= {"MASTER_ADDR": "127.0.0.1", "GLOO_SOCKET_IFNAME": "lo"}
        values = (folder, plan, die if rank == ranks - 1 else None, options, environment if ranks > 1 else {})
        processes.append(SERVER.Process(target=begin, args=values))
        processes[-1].start()
    return processes


def finish(processes: list[BaseProcess], limit: float = 600.0) -> list[int | None]:
    """Exit codes after at most ``limit`` seconds; whatever happens, none of these processes is left."""
    try:
        stop = time.monotonic() + limit
        for process in processes:
            process.join(max(0.1, stop - time.monotonic()))
    finally:
        for process in processes:
            process.kill()
            process.join()
    return [process.exitcode for process in processes]


def errors(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.parent.glob("error-*.txt")))


def with_plan(**fields: Any) -> Training:
    return replace(PLAN, **fields)


def sums(model: PreTrainedModel, rows: Lines) -> list[tuple[torch.Tensor, int]]:
    """Nats and number of predicted tokens of each row, one at a time, without the code under test."""
    rows_summed = []
    for row in (rows[i] for i in range(len(rows))):
        logits, labels = model(input_ids=row["input_ids"][None]).logits[0, :-1], row["labels"][1:]
        rows_summed.append((cross_entropy(logits, labels, reduction="sum"), int((labels != -100).sum())))
    return rows_summed


def mean(parts: list[tuple[torch.Tensor, int]]) -> torch.Tensor:
    return sum(nats for nats, _ in parts) / sum(count for _, count in parts)  # type: ignore[return-value]


if __name__ == "__main__":  # Under torchrun: rank 1 dies when it saves for the second time.
    if os.environ["RANK"] == "1":
        die_at("optimizer", 2)
    run(Path(sys.argv[1]), with_plan(steps=9, micro=1))
