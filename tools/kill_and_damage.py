"""Kills trainings at random moments, and damages what they wrote: each ends as if nothing had been, or in one line.

    python tools/kill_and_damage.py                  # 100 kills and all kinds of damage, some minutes on one core
    python tools/kill_and_damage.py --kills 8 --seed 3

A training goes on after each SIGKILL until it is through; its weights, metrics and record are then those of a training
that nothing stopped, byte for byte. After each kind of damage the command ends so too, or refuses with one line and an
exit status of the table. Anything else is a fault: it is printed, and the exit status is 1. Processes are forked from
one that has imported all, so that a kill may strike at any moment of the work itself.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from filelock import FileLock
from rich.console import Console
from rich.table import Table

UPDATES = 24
CHANGING = {"wall_s", "date", "commit", "tokens_per_second", "updates_per_second", "mfu", "seconds", "resumed", "peak"}
"""Of a record, what differs between two equal runs."""


def command(folder: Path) -> list[str]:
    """What is typed: a small training whose text, tokens and run lie in a folder."""
    options = {
        "data": folder / "text.txt",
        "tokens": folder / "tokens",
        "out": folder / "out",
        "steps": UPDATES,
        "save-every": 3,
        "evaluate-every": 4,
        "log-every": 2,
        "layers": 1,
        "width": 16,
        "heads": 2,
        "context": 16,
        "batch-tokens": 64,
        "held-out-tokens": 200,
        "vocabulary": 300,
        "device": "cpu",
    }
    return ["assocmem", "train", *(f"--{name}={value}" for name, value in options.items())]


def fresh(folder: Path) -> Path:
    """A folder with the text alone."""
    folder.mkdir(parents=True)
    tale = (f"On day {i} the clock struck {i * 7 % 12}, and nobody counted." for i in range(300))
    (folder / "text.txt").write_text("\n".join(tale), encoding="utf-8")
    return folder


def started(words: list[str], log: Path) -> int:
    """The id of a child that runs a command and writes what it prints to a file."""
    child = os.fork()
    if child:
        return child
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.argv = words
    from assocmem.cli import main

    status = 0
    try:
        main()
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def ended(child: int) -> int:
    """The exit status of a child; minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def run(folder: Path) -> tuple[int, str]:
    """Exit status and last line of the command in a folder; a traceback counts as the last line."""
    log = folder / "log"
    status = ended(started(command(folder), log))
    said = log.read_text(encoding="utf-8", errors="replace")
    lines = [line for line in said.splitlines() if line.strip()]
    return status, "Traceback" if "Traceback" in said else (lines[-1] if lines else "")


def result(folder: Path) -> dict[str, Any]:
    """What a finished training is: bytes of the weights, metrics, and the record but for times."""
    out = folder / "out"
    (record,) = out.glob("*.json")
    (place,) = (path for path in out.iterdir() if path.is_dir())
    return {
        "weights": (place / "model" / "model.safetensors").read_bytes(),
        "metrics": (place / "metrics.jsonl").read_text(encoding="utf-8"),
        "record": without_times(json.loads(record.read_text(encoding="utf-8"))),
    }


def without_times(value: Any) -> Any:
    """JSON without what differs between equal runs."""
    if isinstance(value, dict):
        return {name: without_times(one) for name, one in value.items() if name not in CHANGING}
    return [without_times(one) for one in value] if isinstance(value, list) else value


def killed_at_random(folder: Path, draw: random.Random, longest: float) -> int:
    """How often a training was killed before it was through."""
    kills = 0
    while True:
        child = started(command(folder), folder / "log")
        wait = draw.uniform(0, longest)
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                code = os.waitstatus_to_exitcode(status)
                if code != 0:
                    raise AssertionError(f"status {code}: {(folder / 'log').read_text(encoding='utf-8')[-400:]}")
                return kills
            time.sleep(0.002)
        os.kill(child, signal.SIGKILL)
        ended(child)
        kills += 1


@dataclass(frozen=True)
class Damage:
    """A kind of damage: its name, whether it strikes a finished training, and what it does to the folder."""

    name: str
    finished: bool
    strike: Callable[[Path], object]


def checkpoint(folder: Path, place: int = -1) -> Path:
    """A checkpoint of the run, the newest by default."""
    return sorted(folder.glob("out/*/checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]))[place]


def place_of(folder: Path) -> Path:
    """The folder of the run."""
    return next(path for path in (folder / "out").iterdir() if path.is_dir())


def flip(path: Path) -> None:
    """Turn one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def cut(path: Path) -> None:
    """Keep the first half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    """Leave nothing in a file."""
    path.write_bytes(b"")


def shuffle(path: Path) -> None:
    """Turn the bytes of a file around, by pairs."""
    data = path.read_bytes()
    path.write_bytes(b"".join(data[i : i + 2] for i in range(len(data) - 2, -1, -2)))


def held(path: Path) -> FileLock:
    """A lock as another process would hold it."""
    lock = FileLock(path)
    lock.acquire()
    return lock


def everywhere(folder: Path, name: str, how: Callable[[Path], object]) -> None:
    """Do the same to a file of every checkpoint."""
    for path in folder.glob(f"out/*/checkpoint-*/{name}"):
        how(path)


def other_plan(folder: Path) -> None:
    """The plan of another run."""
    path = place_of(folder) / "plan.json"
    plan = json.loads(path.read_text(encoding="utf-8"))
    plan["plan"]["seed"] += 1
    path.write_text(json.dumps(plan), encoding="utf-8")


def torn(folder: Path) -> None:
    """A newer checkpoint that a kill left without its mark."""
    shutil.copytree(checkpoint(folder), place_of(folder) / "checkpoint-999")
    (place_of(folder) / "checkpoint-999" / "DONE").unlink()


def of_newest(how: Callable[[Path], object], name: str) -> Damage:
    """Damage to a file of the newest checkpoint."""
    return Damage(f"{how.__name__} {name} of the newest checkpoint", False, lambda f: how(checkpoint(f) / name))


def of_tokens(how: Callable[[Path], object], name: str) -> Damage:
    """Damage to a file of the tokens."""
    return Damage(f"{how.__name__} {name}", False, lambda f: how(f / "tokens" / name))


STATES = ("model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json", "DONE")
DAMAGES = [
    *(of_newest(how, name) for name in STATES for how in (empty, flip)),
    *(of_newest(Path.unlink, name) for name in ("optimizer.pt", "trainer_state.json", "DONE")),
    Damage("newest checkpoint gone", False, lambda f: shutil.rmtree(checkpoint(f))),
    Damage("all weights of checkpoints cut", False, lambda f: everywhere(f, "model.safetensors", cut)),
    Damage("all checkpoints without random state", False, lambda f: everywhere(f, "rng_state.pth", Path.unlink)),
    Damage("a newer checkpoint without its mark", False, torn),
    Damage("empty plan", False, lambda f: empty(place_of(f) / "plan.json")),
    Damage("plan of another run", False, other_plan),
    Damage("empty metrics", False, lambda f: empty(place_of(f) / "metrics.jsonl")),
    Damage("metrics that are none", False, lambda f: (place_of(f) / "metrics.jsonl").write_text("{")),
    Damage("text of another content", False, lambda f: (f / "text.txt").write_text("Another text. " * 900)),
    Damage("held by another process", False, lambda f: held(place_of(f) / "lock")),
    of_tokens(shuffle, "train/tokens.bin"),
    of_tokens(cut, "train/tokens.bin"),
    of_tokens(empty, "train/manifest.json"),
    of_tokens(Path.unlink, "train/manifest.json"),
    of_tokens(flip, "held-out/tokens.bin"),
    of_tokens(cut, "held-out-bytes.npy"),
    of_tokens(Path.unlink, "held-out-bytes.npy"),
    of_tokens(empty, "text.json"),
    of_tokens(empty, "tokenizer/tokenizer.json"),
    Damage("a foreign file among the tokens", False, lambda f: (f / "tokens" / "mine.txt").write_text("mine")),
    Damage("finished: empty report", True, lambda f: empty(place_of(f) / "report.json")),
    Damage("finished: no report", True, lambda f: (place_of(f) / "report.json").unlink()),
    Damage("finished: flip the weights", True, lambda f: flip(place_of(f) / "model" / "model.safetensors")),
    Damage("finished: no weights", True, lambda f: (place_of(f) / "model" / "model.safetensors").unlink()),
    Damage("finished: cut the metrics", True, lambda f: cut(place_of(f) / "metrics.jsonl")),
]


def half_done(folder: Path) -> None:
    """A training that was killed after its second checkpoint."""
    child = started(command(folder), folder / "log")
    while len(list(folder.glob("out/*/checkpoint-*/DONE"))) < 2:
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    ended(child)


def outcome(folder: Path, whole: dict[str, Any]) -> tuple[str, str]:
    """What came of it, "as if nothing had been", "refused" or "fault", and what was said."""
    from assocmem.cli.exit_status import Status

    status, said = run(folder)
    if status == 0:
        same = result(folder) == whole
        return ("as if nothing had been" if same else "fault"), "" if same else "another result, and not a word"
    told = said.startswith("assocmem: ") and str(folder) in said  # In one line that names the place.
    refused = told and status in {int(one) for one in Status} - {Status.PROGRAM}
    return ("refused" if refused else "fault"), f"{status}: {said}"


def main(
    kills: Annotated[int, typer.Option(help="at least so many", min=0)] = 100,
    damages: Annotated[int, typer.Option(help="kinds of damage, from the first on; all by default", min=0)] = 999,
    seed: Annotated[int, typer.Option(help="of the moments of the kills")] = 0,
) -> None:
    """Kill and damage trainings, and print what came of it."""
    import assocmem.cli.train
    import assocmem.experiments.training.run  # noqa: F401  # All that a child needs is there before it begins.

    console, draw, faults = Console(width=140), random.Random(seed), []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        os.environ["ASSOCMEM_CACHE"] = str(root / "cache")
        begun = time.monotonic()
        status, said = run(fresh(root / "whole"))
        if status != 0:
            console.print(f"the training alone ends with {status}: {said}")
            raise typer.Exit(1)
        longest, whole = time.monotonic() - begun, result(root / "whole")
        done, lives = 0, 0
        while done < kills:
            folder = fresh(root / f"life-{lives}")
            try:
                done += killed_at_random(folder, draw, longest)
                if result(folder) != whole:
                    faults.append(f"life {lives}: another result after kills")
            except AssertionError as error:
                faults.append(f"life {lives}: {error}")
                done += 1
            shutil.rmtree(folder)
            lives += 1
        half_done(fresh(root / "half"))
        table, counts = Table("damage", "what came of it", "said"), Counter[str]()
        for damage in DAMAGES[:damages]:
            folder = root / "struck"
            shutil.copytree(root / ("whole" if damage.finished else "half"), folder)
            kept = damage.strike(folder)
            came, said = outcome(folder, whole)
            if isinstance(kept, FileLock):
                kept.release()
            counts[came] += 1
            table.add_row(damage.name, came, said.replace(str(root), ""))
            if came == "fault":
                faults.append(f"{damage.name}: {said}")
            shutil.rmtree(folder)
    console.print(table)
    console.print(f"{done} kills in {lives} trainings; {sum(counts.values())} kinds of damage: {dict(counts)}")
    for fault in faults:
        console.print(f"FAULT {fault}", soft_wrap=True)
    raise typer.Exit(1 if faults else 0)


if __name__ == "__main__":
    typer.run(main)
