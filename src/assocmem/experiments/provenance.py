"""Where numbers come from: the commit of this package, the machine, the installed versions; no other repository's.

A package that was installed lies in a folder that may belong to anybody's repository; its commit is never taken.
"""

from __future__ import annotations

import json
import platform
import subprocess
import tomllib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import assocmem

__all__ = ["commit", "commit_date", "device", "repository", "versions"]


def _own() -> Path:
    """The folder of this package."""
    return Path(assocmem.__file__).resolve().parent


def _git(place: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], cwd=place, check=True, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def repository(package: Path | None = None) -> Path | None:
    """The root of the repository that holds a package's source as its own.

    Parameters
    ----------
    package : Path, optional
        The folder of the package; that of this one by default.

    Returns
    -------
    Path or None
        None unless git's root above it has this project's pyproject.toml, and the package in its ``src``.
    """
    package = package or _own()
    top = _git(package, "rev-parse", "--show-toplevel") if package.is_dir() else None
    if top is None or package != Path(top).resolve() / "src" / "assocmem":
        return None
    try:
        project = tomllib.loads((Path(top) / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return Path(top) if project.get("project", {}).get("name") == "assocmem" else None


def commit(package: Path | None = None) -> str:
    """The commit of a package's source.

    Parameters
    ----------
    package : Path, optional
        The folder of the package; that of this one by default.

    Returns
    -------
    str
        In its own repository the commit, with "+changes" when files differ from it; of an installed package the one
        that pip noted when it fetched the repository; else "unknown".
    """
    root = repository(package)
    if root is None:
        return _noted(package or _own()) or "unknown"
    head, dirty = (_git(root, *words) for words in (("rev-parse", "HEAD"), ("status", "--porcelain", "-uno")))
    return "unknown" if not head else head + ("+changes" if dirty else "")


def _noted(package: Path) -> str | None:
    """The commit in pip's note of where it fetched the package from (``direct_url.json``); None without such a note."""
    try:
        installed = distribution("assocmem")
        if Path(str(installed.locate_file("assocmem"))).resolve() != package:
            return None
        note = json.loads(installed.read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return None
    fetched = note.get("vcs_info", {}).get("commit_id")
    return str(fetched) if fetched else None


def commit_date(package: Path | None = None) -> str:
    """The day of the commit of a package's source, in its own repository; empty where that is not known."""
    root = repository(package)
    return (_git(root, "log", "-1", "--format=%cs") if root else None) or ""


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
