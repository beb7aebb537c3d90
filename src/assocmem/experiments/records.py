"""Records: one JSON file a run, with all that a reader needs to trust its numbers or to make them again.

This module is the only writer of ``results/``. A file appears whole or not at all.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

SCALES = ("smoke", "local", "paper")


@dataclass(frozen=True)
class Record:
    """One run.

    name : which run, also the file's name: lowercase words joined by hyphens.
    scale : "smoke" (seconds), "local" (minutes, two cores) or "paper" (one GPU or more).
    config : what the run was asked to do; seed : its random seed.
    series : rows of measured values, units in the names; summary : the numbers that the book quotes.
    commit, device, versions, date, wall_s : where they come from; filled in by `start`.
    """

    name: str
    scale: str
    config: dict[str, Any]
    seed: int
    series: list[dict[str, Any]]
    summary: dict[str, Any]
    wall_s: float
    commit: str = field(default_factory=lambda: commit())
    device: str = field(default_factory=lambda: device())
    versions: dict[str, str] = field(default_factory=lambda: versions())
    date: str = field(default_factory=lambda: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise ValueError(f"scale={self.scale!r} is not one of {', '.join(SCALES)}")
        if not self.name.replace("-", "").isalnum() or self.name != self.name.lower():
            raise ValueError(f"name={self.name!r} takes lowercase words joined by hyphens")


def commit(folder: Path | None = None) -> str:
    """The commit of the working tree, with "+changes" when files differ from it; "unknown" outside a repository."""
    place = folder or Path(__file__).resolve().parent
    try:
        head, dirty = (
            subprocess.run(["git", *words], cwd=place, check=True, capture_output=True, text=True).stdout.strip()
            for words in (("rev-parse", "HEAD"), ("status", "--porcelain", "--untracked-files=no"))
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + ("+changes" if dirty else "")


def device() -> str:
    """The GPU if there is one, else the processor and how many threads torch uses on it."""
    if torch.cuda.is_available():
        return f"{torch.cuda.device_count()} x {torch.cuda.get_device_name()}"
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        name = lines[0].split(":", 1)[1].strip() if lines else name
    return f"{name}, {torch.get_num_threads()} threads"


def versions(names: Sequence[str] = ("assocmem", "torch", "numpy", "scipy", "transformers")) -> dict[str, str]:
    """Python and the installed versions of the named packages; absent ones are left out."""
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def write(record: Record, folder: Path) -> Path:
    """Write a record to ``folder/NAME-SCALE.json``, whole or not at all, and return the path.

    Raises ValueError for values that JSON cannot hold exactly (nan, infinity).
    """
    text = json.dumps(asdict(record), indent=1, sort_keys=True, allow_nan=False) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{record.name}-{record.scale}.json"
    _replace(target, text)
    target.chmod(0o644)
    return target


def begun(folder: Path) -> dict[str, Any]:
    """Commit and versions with which the work kept in ``folder`` was begun: noted there at the first call, then read.

    A run that is cut off and resumed, or read from where it is kept, so names the code that began it.
    """
    note = folder / "begun.json"
    if not note.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _replace(note, json.dumps({"commit": commit(), "versions": versions()}, indent=1) + "\n")
    found: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    return found


def _replace(target: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=target.parent, suffix=".tmp", delete=False, encoding="utf-8") as scratch:
        scratch.write(text)
    os.replace(scratch.name, target)


def read(path: Path) -> Record:
    """Read a record; raises ValueError naming the file when fields are missing or unknown."""
    raw = json.loads(Path(path).read_text(encoding="utf-8"))
    try:
        return Record(**raw)
    except TypeError as error:
        raise ValueError(f"{path} is not a record: {error}") from None


def published(name: str, scale: str) -> Record:
    """The record of this name and scale that comes with the book, wherever the reader's current folder is.

    Raises FileNotFoundError when the package was installed without the repository, which holds the records.
    """
    folder = Path(__file__).resolve().parents[3] / "results"
    path = folder / f"{name}-{scale}.json"
    if not path.is_file():
        raise FileNotFoundError(f"record {path.name} is not there; records come with the repository, in results/")
    return read(path)
