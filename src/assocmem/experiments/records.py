"""Records: one JSON file a run, with all that a reader needs to trust its numbers or to make them again.

Those that the book quotes come with the package, in ``experiments/results``; a run writes its own elsewhere, by default
into ``results`` of the current folder. This module is their only writer. A file appears whole or not at all.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from assocmem.experiments.provenance import commit, device, versions
from assocmem.language.files import write_text

__all__ = ["SCALES", "Record", "begun", "commit", "device", "published", "read", "versions", "write", "write_as"]

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
        Of the package's source, by :func:`assocmem.experiments.provenance.commit`.
    device : str
        By :func:`assocmem.experiments.provenance.device`.
    versions : dict
        By :func:`assocmem.experiments.provenance.versions`.
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
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{record.name}-{record.scale}.json"
    write_as(record, target)
    return target


def write_as(record: Record, path: Path) -> None:
    """Write a record to a file of another name, whole or not at all.

    Parameters
    ----------
    record : Record
        What is written.
    path : Path
        In a folder that is there.

    Raises
    ------
    ValueError
        For values that JSON cannot hold exactly (nan, infinity).
    OSError
        Where it cannot be written.
    """
    write_text(path, json.dumps(asdict(record), indent=1, sort_keys=True, allow_nan=False) + "\n")


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


def read(path: str | Path | Traversable) -> Record:
    """Read a record.

    Parameters
    ----------
    path : str, Path or Traversable
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
    raw = json.loads((Path(path) if isinstance(path, str) else path).read_text(encoding="utf-8"))
    try:
        return Record(**raw)
    except TypeError as error:
        raise ValueError(f"{path} is not a record: {error}") from None


def published(name: str, scale: str) -> Record:
    """The record of this name and scale that comes with the package, wherever the reader's current folder is.

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
        When the book has no such record; the message names those that it has.
    """
    folder = resources.files("assocmem.experiments") / "results"
    path = folder / f"{name}-{scale}.json"
    if not path.is_file():
        there = sorted(one.name for one in folder.iterdir() if one.name.endswith(".json"))
        raise FileNotFoundError(f"record {path.name} is not among those of the book: {', '.join(there)}")
    return read(path)
