"""The folder of a training: what run it holds, checkpoints that are whole, metrics as lines of JSON, the report.

The Trainer writes a checkpoint in place, file by file, and says when it is done; a process killed before leaves a torn
one. So a finished checkpoint gets a mark with name, size and hash of each of its files, and a run goes on from the
newest that is as its mark says; a finished run's report names its files alike. Weights are safetensors; the state of
optimizer, schedule and random numbers (and with FSDP the weights once more) is in torch's files, which the Trainer
reads with ``weights_only=True``, that is, without running what they say. Its own settings, which it pickles and does
not read again, are deleted.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import shlex
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from filelock import FileLock, Timeout
from transformers import TrainerCallback

from assocmem.language.files import flush_folder, write_text
from assocmem.language.training.losses import Losses
from assocmem.language.training.stopped import StoppedError

__all__ = ["DamagedRunError", "Guard", "HeldRunError", "RunFolder", "WrongRunError", "barrier", "since_least"]

DONE, METRICS, PLAN, MODEL, REPORT = "DONE", "metrics.jsonl", "plan.json", "model", "report.json"
PICKLED = "training_args.bin"
LOCK, HOLDER = "lock", "holder.json"


class WrongRunError(ValueError):
    """The folder holds another run than the one asked for; the message names what differs."""


class DamagedRunError(ValueError):
    """Files of the folder are missing or not as they were written; the message names them."""


class HeldRunError(RuntimeError):
    """Another process works on the folder; the message says which."""


class RunFolder:
    """The files of a run. A run is finished when it has a report.

    Parameters
    ----------
    path : Path
        The folder.
    identity : Mapping
        What decides the result, as JSON.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any]) -> None:
        self.path, self.identity = path, identity

    @property
    def finished(self) -> bool:
        """Whether the run is finished.

        Raises
        ------
        WrongRunError
            When another one is there.
        DamagedRunError
            When its plan cannot be read, or it has checkpoints and no plan.
        """
        plan = self.path / PLAN
        if plan.is_file():
            there, here = _json(plan), json.loads(json.dumps(self.identity))
            flat = [_flat(one) for one in (there, here)]
            names = sorted(name for name in flat[0] | flat[1] if flat[0].get(name) != flat[1].get(name))
            if names:
                raise WrongRunError(
                    f"{self.path} holds a run with other settings ({', '.join(names)}); give another folder"
                )
        elif self.checkpoints() or (self.path / REPORT).is_file():
            raise DamagedRunError(f"{self.path} holds a run without {PLAN}, so what it is cannot be told")
        return (self.path / REPORT).is_file()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for this process alone, until the block or the process ends, however that happens.

        Raises
        ------
        HeldRunError
            When another process holds it.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise HeldRunError(f"{self.path} is held by {_holder(self.path / HOLDER)}") from None
        try:
            began = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            holder = {"process": os.getpid(), "host": platform.node(), "since": began, "command": shlex.join(sys.argv)}
            write_text(self.path / HOLDER, json.dumps(holder, indent=1) + "\n")
            yield
        finally:
            (self.path / HOLDER).unlink(missing_ok=True)
            lock.release()

    def open(self) -> None:
        """Say whose folder it is, and delete torn checkpoints. For one process alone."""
        self.path.mkdir(parents=True, exist_ok=True)
        write_text(self.path / PLAN, json.dumps(self.identity, indent=1, sort_keys=True) + "\n")
        for torn in set(self.path.glob("checkpoint-*")) - set(self.checkpoints()):
            shutil.rmtree(torn)

    def checkpoints(self) -> list[Path]:
        """The finished checkpoints.

        Returns
        -------
        list[Path]
            Their folders, the newest last.
        """
        whole = [path for path in self.path.glob("checkpoint-*") if (path / DONE).is_file()]
        return sorted(whole, key=lambda path: int(path.name.rsplit("-", 1)[1]))

    def newest(self, report: Callable[[str], None]) -> Path | None:
        """The newest checkpoint that is as its mark says; those that are not are deleted once an older one is.

        Parameters
        ----------
        report : Callable
            Told of each checkpoint that is passed over, in a line.

        Returns
        -------
        Path or None
            Its folder; None where there is no checkpoint yet.

        Raises
        ------
        DamagedRunError
            When there are checkpoints and none of them is whole. Nothing is deleted then.
        """
        damaged: dict[Path, str] = {}
        for checkpoint in reversed(self.checkpoints()):
            wrong = fault(checkpoint, checkpoint / DONE)
            if wrong is None:
                for other, why in damaged.items():
                    report(f"{other} is passed over: {why}; the run goes on from {checkpoint.name}")
                    shutil.rmtree(other)
                return checkpoint
            damaged[checkpoint] = wrong
        if damaged:
            reasons = "; ".join(f"{path.name}: {why}" for path, why in damaged.items())
            raise DamagedRunError(f"{self.path} has no checkpoint that is whole ({reasons}); delete them to begin anew")
        return None

    def mark(self, step: int) -> None:
        """Mark a checkpoint as finished.

        Parameters
        ----------
        step : int
            The update after which it was written.
        """
        checkpoint = self.path / f"checkpoint-{step}"
        (checkpoint / PICKLED).unlink(missing_ok=True)
        (checkpoint / DONE).unlink(missing_ok=True)
        flush_folder(checkpoint)
        write_text(checkpoint / DONE, json.dumps(contents(checkpoint), indent=1) + "\n")

    def rewrite_metrics(self, history: Iterable[Mapping[str, float]]) -> None:
        """Put what has been logged so far in place of the lines that are there.

        Parameters
        ----------
        history : Iterable[Mapping]
            What the Trainer logged, in order.
        """
        write_text(self.path / METRICS, "".join(_line(row) for row in history))

    def add_metrics(self, logs: Mapping[str, float]) -> None:
        """Append a line.

        Parameters
        ----------
        logs : Mapping
            What the Trainer logged.
        """
        with (self.path / METRICS).open("a", encoding="utf-8") as file:
            file.write(_line(logs))

    def finish(self, report: Mapping[str, Any]) -> None:
        """Write the report, after everything else.

        Parameters
        ----------
        report : Mapping
            As JSON.
        """
        (self.path / MODEL / PICKLED).unlink(missing_ok=True)
        flush_folder(self.path / MODEL)
        files = contents(self.path / MODEL, self.path) | contents(self.path, names=[METRICS])
        write_text(self.path / REPORT, json.dumps({**report, "files": files}, indent=1) + "\n")

    def read(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Read a finished run.

        Returns
        -------
        tuple
            Metrics and report.

        Raises
        ------
        DamagedRunError
            When the report, the metrics or the model are not as they were written.
        """
        report = _json(self.path / REPORT)
        wrong = fault(self.path, self.path / REPORT)
        if wrong is not None:
            raise DamagedRunError(f"{self.path} holds a finished run that is damaged: {wrong}")
        lines = (self.path / METRICS).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines], {name: one for name, one in report.items() if name != "files"}


class Guard(TrainerCallback):
    """Keeps the folder while the Trainer works: marks, metrics, and a stop as soon as a logged number is not finite.

    A loss is logged wherever something else is recorded, so that no mean reaches across a checkpoint (the Trainer
    forgets what it has summed up since the last log). The last update gets no checkpoint: to go on from one, the
    Trainer would make an update too many, and what follows is the finished model.

    Parameters
    ----------
    folder : RunFolder
        Of the run.
    losses : Losses
        Of the updates since the last log.
    patience : int or None
        After so many held-out losses in a row that are no new minimum the training ends.
    """

    def __init__(self, folder: RunFolder, losses: Losses, patience: int | None = None) -> None:
        self.folder, self.losses, self.patience = folder, losses, patience
        self.signal = self.agreed = 0  # What this process was told, and what all ranks know.

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.is_world_process_zero:
            self.folder.rewrite_metrics(state.log_history)

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Let SIGTERM end the training at the next logged loss, with a checkpoint; a second one ends it at once.

        Raises
        ------
        StoppedError
            When it has ended so.
        """
        if threading.current_thread() is not threading.main_thread():
            yield  # Only the main thread may handle signals.
            return

        def stop(number: int, _: object) -> None:
            self.signal = number
            signal.signal(number, signal.SIG_DFL)

        before = signal.signal(signal.SIGTERM, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if control.should_log or control.should_save or control.should_evaluate:
            self.agreed = largest(self.signal, args.device)
            control.should_save = control.should_save or bool(self.agreed)
        if control.should_training_stop:
            control.should_save = False
        if control.should_save or control.should_evaluate or control.should_training_stop:
            control.should_log = True

    def on_log(self, args: Any, state: Any, control: Any, **event: Any) -> None:
        """Write what was logged.

        Parameters
        ----------
        args, state, control : Any
            As the Trainer hands them to callbacks.
        **event : Any
            With ``logs``.

        Raises
        ------
        FloatingPointError
            When a number is not finite.
        """
        logs: Mapping[str, float] = event["logs"]
        for name in ("loss", "grad_norm", "eval_held_out"):
            if not math.isfinite(logs.get(name, 0.0)):
                raise FloatingPointError(
                    f"training diverged: {name} is {logs[name]} after {state.global_step} updates in {self.folder.path}"
                )
        if "loss" in logs:  # In the state too, from which a run that goes on writes its metrics anew.
            state.log_history[-1]["losses"] = self.losses.taken()
        if state.is_world_process_zero:
            self.folder.add_metrics(state.log_history[-1] | {"step": state.global_step})

    def on_evaluate(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """End the training where the held-out loss has had no new minimum for long enough.

        That follows from the logged losses alone, so a run that goes on from a checkpoint ends at the same update. Its
        last update gets no checkpoint here either.
        """
        if self.out_of_patience(state.log_history):
            control.should_training_stop, control.should_save = True, False

    def out_of_patience(self, history: Iterable[Mapping[str, Any]]) -> bool:
        """Whether the held-out loss has had no new minimum for as long as the patience lasts.

        Parameters
        ----------
        history : iterable of Mapping
            What the Trainer has logged.

        Returns
        -------
        bool
            False without a patience.
        """
        held_out = [row["eval_held_out"] for row in history if "eval_held_out" in row]
        return self.patience is not None and since_least(held_out) >= self.patience

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Mark the checkpoint, and end the training where it was told to.

        Parameters
        ----------
        args, state, control : Any
            As the Trainer hands them to callbacks.

        Raises
        ------
        StoppedError
            When a rank was told to end.
        """
        barrier()
        if state.is_world_process_zero:
            self.folder.mark(state.global_step)
        if self.agreed:
            barrier()
            raise StoppedError(self.agreed)


def since_least(values: Sequence[float]) -> int:
    """How many values follow the first least one.

    Parameters
    ----------
    values : sequence of float
        In the order in which they were taken.

    Returns
    -------
    int
        0 where the last is the first least one, and where there is none.
    """
    return len(values) - 1 - min(range(len(values)), key=values.__getitem__) if values else 0


def barrier() -> None:
    """Wait for all ranks, if there are several."""
    if dist.is_available() and dist.is_initialized():
        dist.barrier()


def largest(number: int, device: Any) -> int:
    """The largest of a number of each rank."""
    if not (dist.is_available() and dist.is_initialized()):
        return number
    shared = torch.tensor(number, device=device)
    dist.all_reduce(shared, dist.ReduceOp.MAX)
    return int(shared)


def contents(folder: Path, root: Path | None = None, *, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Size and sha256 of the files in a folder, by their path from ``root`` (the folder itself if None)."""
    files = sorted(p for p in folder.rglob("*") if p.is_file()) if names is None else [folder / name for name in names]
    return {
        path.relative_to(root or folder).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in files
    }


def fault(folder: Path, mark: Path) -> str | None:
    """What is wrong with the files that a mark or a report names; None where they are as they were written."""
    try:
        noted = _json(mark)
    except DamagedRunError:
        return f"{mark.name} cannot be read"
    for name, file in (noted.get("files", {}) if mark.name == REPORT else noted).items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if path.stat().st_size != file["bytes"]:
            return f"{name} has {path.stat().st_size:,} bytes of {file['bytes']:,}"
        if _sha256(path) != file["sha256"]:
            return f"{name} is not what was written"
    return None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise DamagedRunError(f"{path} cannot be read: {error}") from None
    if not isinstance(value, dict):
        raise DamagedRunError(f"{path} cannot be read: it holds no mapping")
    return value


def _holder(path: Path) -> str:
    try:
        there = _json(path)
        return f"process {there['process']} on {there['host']} since {there['since']}: {there['command']}"
    except (DamagedRunError, KeyError):
        return "another process"


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """The leaves of nested dicts by dotted name."""
    if not isinstance(value, dict):
        return {name: value}
    return {k: leaf for key, inner in value.items() for k, leaf in _flat(inner, f"{name}.{key}".strip(".")).items()}


def _line(logs: Mapping[str, Any]) -> str:
    """A line of metrics; what the Trainer logs beside them (its own summary) gives none."""
    if "eval_held_out" in logs:
        return json.dumps({"step": logs["step"], "held_out": logs["eval_held_out"]}) + "\n"
    row = {name: logs[name] for name in ("step", "loss", "grad_norm", "learning_rate", "losses") if name in logs}
    return json.dumps(row) + "\n" if "loss" in row else ""
