"""Records: one JSON file a run, with all that a reader needs to trust its numbers or to make them again.

This module is the only writer of ``results/``. A file appears whole or not at all.
"""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from assocmem.language.files import write_text

__all__ = ["SCALES", "Record", "begun", "commit", "device", "published", "read", "versions", "write"]

SCALES = ("smoke", "local", "paper")


@dataclass(frozen=True)
class Record:
    """One run; what says where its numbers come from is filled in when the record is made.

    Attributes
    ----------
    name : str
        Which run, also the file's name: lowercase words joined by hyphens.
    scale : str
        smoke (seconds), local (minutes, two cores) or paper (one GPU or more).
    config : dict
        What the run was asked to do.
    seed : int
        Its random seed.
    series : list[dict]
        Rows of measured values, units in the names.
    summary : dict
        The numbers that the book quotes.
    wall_s : float
        Seconds that it took.
    commit : str
        Of the working tree, by :func:`assocmem.experiments.records.commit`.
    device : str
        By :func:`assocmem.experiments.records.device`.
    versions : dict
        By :func:`assocmem.experiments.records.versions`.
    date : str
        When it ended, in UTC.

    Raises
    ------
    ValueError
        For another scale, or a name that is no lowercase words joined by hyphens.
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
    """The commit of the working tree.

    Parameters
    ----------
    folder : Path or None
        Within it; that of this package by default.

    Returns
    -------
    str
        With "+changes" when files differ from it; "unknown" outside a repository.
    """
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
    """What this process computes on.

    Returns
    -------
    str
        The GPU if there is one, else the processor and how many threads torch uses on it.
    """
    import torch  # Here alone, so that a record is read without it.

    if torch.cuda.is_available():
        return f"{torch.cuda.device_count()} x {torch.cuda.get_device_name()}"
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        name = lines[0].split(":", 1)[1].strip() if lines else name
    return f"{name}, {torch.get_num_threads()} threads"


def versions(names: Sequence[str] = ("assocmem", "torch", "numpy", "scipy", "transformers")) -> dict[str, str]:
    """The installed versions of packages, and Python's.

    Parameters
    ----------
    names : Sequence[str]
        Of the packages; absent ones are left out.

    Returns
    -------
    dict
        Versions by name.
    """
    installed = {"python": platform.python_version()}
    for name in names:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            continue
    return installed


def write(record: Record, folder: Path) -> Path:
    """Write a record to ``folder/NAME-SCALE.json``, whole or not at all.

    Parameters
    ----------
    record : Record
        What is written.
    folder : Path
        Made if it is not there.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ValueError
        For values that JSON cannot hold exactly (nan, infinity).
    OSError
        Where nothing can be written.
    """
    text = json.dumps(asdict(record), indent=1, sort_keys=True, allow_nan=False) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{record.name}-{record.scale}.json"
    write_text(target, text)
    return target


def begun(folder: Path) -> dict[str, Any]:
    """Commit and versions with which the work in a folder was begun: noted there at the first call, then read.

    A run that is cut off and resumed, or read from its folder, so names the code that began it.

    Parameters
    ----------
    folder : Path
        Made if it is not there.

    Returns
    -------
    dict
        ``commit`` and ``versions``.

    Raises
    ------
    OSError
        Where nothing can be written.
    """
    note = folder / "begun.json"
    if not note.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        write_text(note, json.dumps({"commit": commit(), "versions": versions()}, indent=1) + "\n")
    noted: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    return noted


def read(path: str | Path) -> Record:
    """Read a record.

    Parameters
    ----------
    path : str or Path
        Of the file.

    Returns
    -------
    Record
        As it was written.

    Raises
    ------
    ValueError
        Naming the file when fields are missing or unknown.
    OSError
        Where it cannot be read.
    """
    raw = json.loads(Path(path).read_text(encoding="utf-8"))
    try:
        return Record(**raw)
    except TypeError as error:
        raise ValueError(f"{path} is not a record: {error}") from None


def published(name: str, scale: str) -> Record:
    """The record of this name and scale that comes with the book, wherever the reader's current folder is.

    Parameters
    ----------
    name : str
        Of the run.
    scale : str
        smoke, local or paper.

    Returns
    -------
    Record
        As it was written.

    Raises
    ------
    FileNotFoundError
        When the package was installed without the repository, which holds the records.
    """
    folder = Path(__file__).resolve().parents[3] / "results"
    path = folder / f"{name}-{scale}.json"
    if not path.is_file():
        raise FileNotFoundError(f"record {path.name} is not there; records come with the repository, in results/")
    return read(path)
