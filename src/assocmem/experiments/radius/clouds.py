"""A cloud of vectors and what it is compared with: clouds that share some of its moments and nothing else.

Each control keeps less of what a trained model may have put into its activations: a Gaussian the mean and all
covariances, a shuffle the law of each coordinate, an isotropic Gaussian the mean and the total variance. Random pairs
keep all but who is whose neighbor.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64

from assocmem.memory import knn

__all__ = ["CONTROLS", "distinct", "like", "neighbors", "nested", "pair_distances"]

Cloud = Float[np.ndarray, "chunks n"]

CONTROLS = {
    "gaussian": "a Gaussian with the same mean and covariance",
    "isotropic": "an isotropic Gaussian with the same mean and total variance",
    "shuffled": "the same values, each coordinate shuffled over the chunks",
    "pairs": "the distance to a chunk drawn at random in place of the nearest",
    "distinct": "the same vectors without near-duplicate chunks",
}
"""What a control is."""
GRAM, SHARED = 8, 0.5
"""A chunk is a near-duplicate if more than this share of its runs of so many ids occurs in chunks before it."""


def neighbors(cloud: Cloud, k: int = 1, device: str = "cpu") -> Float[np.ndarray, "chunks k"]:
    """Euclidean distances to the k nearest others, ascending and exact.

    Parameters
    ----------
    cloud : Float[ndarray, "chunks n"]
        In float32 or float64.
    k : int
        How many, fewer than the chunks.
    device : str
        Where they are searched.

    Returns
    -------
    Float[ndarray, "chunks k"]
        In float64.
    """
    distances, _ = knn(torch.from_numpy(np.ascontiguousarray(cloud)).to(device), k=k, exclude_self=True)
    found: Float[np.ndarray, "chunks k"] = distances.double().cpu().numpy()
    return found


def pair_distances(cloud: Cloud, seed: int) -> Float[np.ndarray, " chunks"]:
    """The distance of each vector from another one that is drawn at random."""
    count = len(cloud)
    other = (np.arange(count) + np.random.default_rng(seed).integers(1, count, count)) % count
    distances: Float[np.ndarray, " chunks"] = np.linalg.norm(cloud.astype(np.float64) - cloud[other], axis=1)
    return distances


def like(cloud: Cloud, control: str, seed: int) -> Cloud:
    """A control of the same shape and type: ``gaussian``, ``isotropic`` or ``shuffled``.

    Parameters
    ----------
    cloud : Float[ndarray, "chunks n"]
        What it is like.
    control : str
        Which.
    seed : int
        Of its random numbers.

    Returns
    -------
    Float[ndarray, "chunks n"]
        Of the same type.

    Raises
    ------
    ValueError
        For another control.
    """
    draw, (count, n) = np.random.default_rng(seed), cloud.shape
    if control == "shuffled":
        return draw.permuted(cloud, axis=0)
    mean = cloud.mean(0, dtype=np.float64)
    centered = cloud.astype(np.float64) - mean
    if control == "gaussian":
        # Weights of the centered rows with variance 1/count give exactly their covariance, of whatever rank.
        noise = draw.standard_normal((count, min(count, n)))
        _, size, axes = np.linalg.svd(centered, full_matrices=False)
        drawn = noise * (size / np.sqrt(count)) @ axes
    elif control == "isotropic":
        drawn = draw.standard_normal((count, n)) * np.sqrt(np.square(centered).sum(1).mean() / n)
    else:
        raise ValueError(f"control got {control!r}; takes gaussian, isotropic or shuffled")
    made: Cloud = (mean + drawn).astype(cloud.dtype)
    return made


def distinct(ids: Sequence[Int64[np.ndarray, " T"]]) -> Bool[np.ndarray, " chunks"]:
    """Which chunks are no near-duplicates of one before them.

    Parameters
    ----------
    ids : Sequence[Int64[ndarray, "T"]]
        The chunks; one that is shorter than a run is never a duplicate unless an equal one came before.

    Returns
    -------
    Bool[ndarray, "chunks"]
        True for those to keep; the first always.
    """
    before: set[bytes] = set()
    kept = []
    for row in ids:
        size = min(GRAM, len(row))
        runs = {row[at : at + size].tobytes() for at in range(len(row) - size + 1)}
        kept.append(len(runs & before) <= SHARED * len(runs))
        before |= runs
    return np.array(kept)


def nested(order: Int64[np.ndarray, " chunks"], shares: Sequence[float]) -> dict[float, Int64[np.ndarray, " rows"]]:
    """Subsets of these shares, each the beginning of one order, so that a smaller one lies in a larger one.

    Parameters
    ----------
    order : Int64[ndarray, "chunks"]
        All chunks in some order.
    shares : Sequence[float]
        Ascending.

    Returns
    -------
    dict
        The chunks of each, by share.

    Raises
    ------
    ValueError
        For shares that do not rise.
    """
    if any(later <= earlier for earlier, later in pairwise(shares)):
        raise ValueError(f"shares must rise, got {tuple(shares)}")
    return {share: order[: max(2, round(share * len(order)))] for share in shares}
