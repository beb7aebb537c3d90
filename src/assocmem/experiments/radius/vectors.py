"""Captured vectors on disk: shards of whole chunks, each there whole or not at all, so that a capture can go on.

A folder has the name of the hash of all that its vectors depend on. ``capture.json`` describes it, written first;
``shard-00000.npy`` and so on hold Float[ndarray, "chunks layers n"] in float32. What is there is never made again.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from transformers import PreTrainedModel

from assocmem.experiments.records import commit
from assocmem.language.files import replacing, write_json
from assocmem.language.models.hidden_states import NORM, context_of, layer_names, layer_vectors

__all__ = ["SHARD", "Vectors", "capture"]

SHARD = 32
"""Chunks of a shard."""
NOTE = "capture.json"
Ids = Sequence[Int64[np.ndarray, " T"]]
TRACK = Callable[[list[int]], "Iterator[int] | Sequence[int]"]


@dataclass(frozen=True)
class Vectors:
    """Vectors of one model on some chunks.

    Attributes
    ----------
    folder : Path
        Where they lie.
    count : int
        How many chunks.
    layers : tuple[str, ...]
        Their names, as :func:`assocmem.language.models.hidden_states.layer_names` gives them.
    n : int
        Coordinates of a vector.
    about : dict
        What ``capture.json`` says.
    """

    folder: Path
    count: int
    layers: tuple[str, ...]
    n: int
    about: dict[str, Any]

    def missing(self) -> list[int]:
        """Numbers of the shards that are not there, or not of the right shape."""
        return [number for number in range(-(-self.count // SHARD)) if self._open(number) is None]

    def layer(self, name: str) -> Float[np.ndarray, "chunks n"]:
        """The vectors of one layer.

        Parameters
        ----------
        name : str
            Of the layer.

        Returns
        -------
        Float[ndarray, "chunks n"]
            In float32.

        Raises
        ------
        ValueError
            For a layer that there is not, and for a capture that is not finished.
        """
        if name not in self.layers:
            raise ValueError(f"layer got {name!r}; takes one of {', '.join(self.layers)}")
        place, parts = self.layers.index(name), []
        for number in range(-(-self.count // SHARD)):
            part = self._open(number)
            if part is None:
                raise ValueError(f"vectors: shard {number} of {self.folder} is missing; the same command captures it")
            parts.append(np.array(part[:, place]))
        return np.concatenate(parts)

    def path(self, number: int) -> Path:
        """The file of a shard."""
        return self.folder / f"shard-{number:05d}.npy"

    def rows(self, number: int) -> range:
        """The chunks of a shard."""
        return range(number * SHARD, min((number + 1) * SHARD, self.count))

    def _open(self, number: int) -> Float[np.ndarray, "rows layers n"] | None:
        try:
            part = np.load(self.path(number), mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return part if part.shape == (len(self.rows(number)), len(self.layers), self.n) else None


def capture(
    folder: Path,
    model: PreTrainedModel,
    ids: Ids,
    about: dict[str, Any],
    *,
    batch: int,
    whole: bool = False,
    rank: int = 0,
    ranks: int = 1,
    track: TRACK = lambda shards: shards,
) -> Vectors:
    """Capture what is not there yet.

    Parameters
    ----------
    folder : Path
        Of these vectors and no others.
    model : PreTrainedModel
        In evaluation mode.
    ids : Sequence[Int64[ndarray, "T"]]
        The chunks.
    about : dict
        What ``capture.json`` shall say.
    batch : int
        Chunks that go through the model together; those of one shard go in the order of their lengths.
    whole : bool
        Whether to take all positions as one vector; the chunks must be equally long.
    rank, ranks : int
        Of several processes each captures every ``ranks``-th shard, whichever of them begins first.
    track : Callable
        Hands on the numbers of the shards, and may show how far it is.

    Returns
    -------
    Vectors
        Complete, but for the shards of other ranks.

    Raises
    ------
    ValueError
        For chunks that the model cannot take.
    OSError
        Where there is no room; shards that are there stay.
    """
    longest, most = max(map(len, ids)), context_of(model)
    if most is not None and longest > most:
        raise ValueError(f"length got {longest} with the start token; the model takes at most {most} tokens")
    width = int(model.config.get_text_config().hidden_size)
    names = (NORM,) if whole else tuple(layer_names(model))
    vectors = Vectors(folder, len(ids), names, width * longest if whole else width, about)
    folder.mkdir(parents=True, exist_ok=True)
    if rank == 0 and not (folder / NOTE).is_file():
        write_json(folder / NOTE, {**about, "commit": commit(), "layers": names, "n": vectors.n}, indent=1)
    missing = vectors.missing()
    _check_room(vectors, missing)
    for number in track([number for number in missing if number % ranks == rank]):
        part = _shard(model, [ids[i] for i in vectors.rows(number)], batch, whole)
        if not np.isfinite(part).all():
            raise ValueError(f"model gives vectors that are not finite, in shard {number}")
        try:
            with replacing(vectors.path(number)) as file:
                np.save(file, part, allow_pickle=False)
        except OSError as error:
            raise OSError(_refused(vectors, error)) from error
    return vectors


def _shard(model: PreTrainedModel, ids: Ids, batch: int, whole: bool) -> Float[np.ndarray, "rows layers n"]:
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    out: list[Any] = [None] * len(ids)
    for at in range(0, len(order), batch):
        chosen = order[at : at + batch]
        longest = max(len(ids[i]) for i in chosen)
        tokens = torch.zeros(len(chosen), longest, dtype=torch.int64)
        for row, i in enumerate(chosen):
            tokens[row, : len(ids[i])] = torch.from_numpy(ids[i])
        last = torch.tensor([len(ids[i]) - 1 for i in chosen])
        found = layer_vectors(model, tokens, last, whole=whole).cpu().numpy()
        for row, i in enumerate(chosen):
            out[i] = found[row]
    return np.stack(out)


def _check_room(vectors: Vectors, missing: list[int]) -> None:
    """Before hours are spent: the disk must hold what is still to come."""
    need = sum(len(vectors.rows(number)) for number in missing) * len(vectors.layers) * vectors.n * 4
    free = shutil.disk_usage(vectors.folder if vectors.folder.is_dir() else vectors.folder.parent).free
    if need > free:
        raise OSError(
            f"vectors need {need / 1e9:.2f} GB and {vectors.folder} has room for {free / 1e9:.2f}; give another folder"
        )


def _refused(vectors: Vectors, error: OSError) -> str:
    what = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else str(error.strerror)
    return f"vectors cannot be written to {vectors.folder}: {what}; what is captured stays, the same command goes on"
