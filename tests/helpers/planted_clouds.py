"""Clouds of vectors with a planted structure, as captured vectors of a model would lie on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float

from assocmem.experiments.radius.vectors import SHARD, Vectors


def stored(folder: Path, layers: dict[str, Float[np.ndarray, "chunks n"]]) -> Vectors:
    """Put the vectors of these layers on disk."""
    folder.mkdir(parents=True)
    whole = np.stack(list(layers.values()), 1).astype(np.float32)
    vectors = Vectors(folder, len(whole), tuple(layers), whole.shape[2], {})
    for number in range(-(-len(whole) // SHARD)):
        np.save(vectors.path(number), whole[vectors.rows(number).start : vectors.rows(number).stop])
    return vectors


def gaussian(count: int, n: int, seed: int = 0) -> Float[np.ndarray, "chunks n"]:
    """Independent normal coordinates of variance one."""
    return np.random.default_rng(seed).standard_normal((count, n))


def clustered(count: int, n: int, seed: int = 0) -> Float[np.ndarray, "chunks n"]:
    """A twentieth as many centers, and around each vectors that are a tenth as far from it as centers are apart."""
    draw = np.random.default_rng(seed)
    centers = draw.standard_normal((count // 20, n))
    return centers[np.arange(count) % len(centers)] + 0.1 * draw.standard_normal((count, n))
