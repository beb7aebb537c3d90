"""The folder of a training: what run it holds, checkpoints that are whole, metrics as lines of JSON, the report.

The Trainer writes a checkpoint in place, file by file, and says when it is done; a process killed before leaves a torn
one. So a finished checkpoint gets a mark, and only marked ones are resumed from. Weights are safetensors; the state of
optimizer, schedule and random numbers (and with FSDP the weights once more) is in torch's files, which the Trainer
reads with ``weights_only=True``, that is, without running what they say. Its own settings, which it pickles and does
not read again, are deleted.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch.distributed as dist
from transformers import TrainerCallback

from assocmem.language.files import flush_folder, write_text

__all__ = ["Guard", "RunFolder", "WrongRunError", "barrier"]

DONE, METRICS, PLAN, MODEL, REPORT = "DONE", "metrics.jsonl", "plan.json", "model", "report.json"
PICKLED = "training_args.bin"


class WrongRunError(ValueError):
    """The folder holds another run than the one asked for; the message names what differs."""


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
        """
        plan = self.path / PLAN
        if plan.is_file():
            there, here = json.loads(plan.read_text(encoding="utf-8")), json.loads(json.dumps(self.identity))
            flat = [_flat(one) for one in (there, here)]
            names = sorted(name for name in flat[0] | flat[1] if flat[0].get(name) != flat[1].get(name))
            if names:
                raise WrongRunError(
                    f"{self.path} holds a run with other settings ({', '.join(names)}); give another folder"
                )
        return (self.path / REPORT).is_file()

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

    def mark(self, step: int) -> None:
        """Mark a checkpoint as finished.

        Parameters
        ----------
        step : int
            The update after which it was written.
        """
        checkpoint = self.path / f"checkpoint-{step}"
        (checkpoint / PICKLED).unlink(missing_ok=True)
        flush_folder(checkpoint)
        (checkpoint / DONE).touch()

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
        write_text(self.path / REPORT, json.dumps(report, indent=1) + "\n")

    def read(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Read a finished run.

        Returns
        -------
        tuple
            Metrics and report.
        """
        lines = (self.path / METRICS).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines], json.loads((self.path / REPORT).read_text(encoding="utf-8"))


class Guard(TrainerCallback):
    """Keeps the folder while the Trainer works: marks, metrics, and a stop as soon as a logged number is not finite.

    A loss is logged wherever something else is recorded, so that no mean reaches across a checkpoint (the Trainer
    forgets what it has summed up since the last log). The last update gets no checkpoint: to go on from one, the
    Trainer would make an update too many, and what follows is the finished model.

    Parameters
    ----------
    folder : RunFolder
        Of the run.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.is_world_process_zero:
            self.folder.rewrite_metrics(state.log_history)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
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
        if state.is_world_process_zero:
            self.folder.add_metrics({**logs, "step": state.global_step})

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        barrier()
        if state.is_world_process_zero:
            self.folder.mark(state.global_step)


def barrier() -> None:
    """Wait for all ranks, if there are several."""
    if dist.is_available() and dist.is_initialized():
        dist.barrier()


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """The leaves of nested dicts by dotted name."""
    if not isinstance(value, dict):
        return {name: value}
    return {k: leaf for key, inner in value.items() for k, leaf in _flat(inner, f"{name}.{key}".strip(".")).items()}


def _line(logs: Mapping[str, float]) -> str:
    """A line of metrics; what the Trainer logs beside them (its own summary) gives none."""
    if "eval_held_out" in logs:
        return json.dumps({"step": logs["step"], "held_out": logs["eval_held_out"]}) + "\n"
    row = {name: logs[name] for name in ("step", "loss", "grad_norm", "learning_rate") if name in logs}
    return json.dumps(row) + "\n" if "loss" in row else ""
