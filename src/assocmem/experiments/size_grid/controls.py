"""Controls whose exponent is known: linear regression by gradient flow, under the rule that reads the language models.

With isotropic Gaussian features, a fixed ratio of signal to noise and the flow stopped where the held-out loss is
least, D*/m tends to a constant for m features: the exponent is 1. The same losses with N = m^2, as of a product of two
square matrices, have the exponent 2: it is a matter of what is called N, and the fit has to tell the two apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from assocmem.experiments.size_grid.fits import Exponent, crossing, exponent

__all__ = ["FEATURES", "RATIOS", "Control", "control", "flow_gap"]

FEATURES = (64, 128, 256, 512)
"""Sizes m; at smaller ones D*/m has not reached its constant, the less so the more noise there is."""
RATIOS = (3.5, 4.5, 6.0, 8.0)
"""Data sizes in multiples of m; D* lies among them."""
SEEDS = 5
SIGNAL, NOISE = 100.0, 1.0
"""Mean square of what is to be learned, whatever m is, and of what is not."""
TIMES = np.geomspace(1e-2, 1e3, 501)
"""Times of the flow at which both losses are looked at."""


@dataclass(frozen=True)
class Control:
    """Both exponents from the same losses."""

    plain: Exponent
    relabeled: Exponent


def flow_gap(features: int, samples: int, draw: np.random.Generator, *, signal: float = SIGNAL) -> float:
    """How far the training loss is below the held-out loss where that is least, on the flow from 0.

    The flow is known in closed form from the eigenvalues of the design, and the held-out loss is the exact mean over
    new data; both losses are half the squared error.

    Parameters
    ----------
    features, samples : int
        m and D.
    draw : numpy.random.Generator
        Draws weights, design and noise.
    signal : float
        Mean square of the part of a target that is to be learned; that of the noise is 1.

    Returns
    -------
    float
        In the units of the loss.
    """
    truth = draw.standard_normal(features) * np.sqrt(signal / features)
    design = draw.standard_normal((samples, features))
    targets = design @ truth + np.sqrt(NOISE) * draw.standard_normal(samples)
    values, vectors = np.linalg.eigh(design.T @ design / samples)
    values = np.maximum(values, 1e-12)
    pulled = vectors.T @ (design.T @ targets / samples)
    aim = vectors.T @ truth
    learned = pulled / values * -np.expm1(-np.outer(TIMES, values))
    held_out = (np.square(learned - aim).sum(1) + NOISE) / 2
    fitted = np.square(targets).mean() - 2 * learned @ pulled + (np.square(learned) * values).sum(1)
    best = int(held_out.argmin())
    return float(abs(held_out[best] - fitted[best] / 2))


def control(
    seed: int, sigma: float = 0.2, *, features: Sequence[int] = FEATURES, seeds: int = SEEDS, signal: float = SIGNAL
) -> Control:
    """One repetition of the control, with the cells and the fit of the grid.

    Parameters
    ----------
    seed : int
        Of all that is drawn.
    sigma : float
        The threshold.
    features : sequence of int
        Sizes.
    seeds : int
        Cells of each size and amount of data.
    signal : float
        Against a noise of 1.

    Returns
    -------
    Control
        Both exponents with their intervals.

    Raises
    ------
    ValueError
        Where the gap of a size does not fall with D.
    """
    draw = np.random.default_rng(seed)
    gaps = {
        m: {
            round(ratio * m): [flow_gap(m, round(ratio * m), draw, signal=signal) for _ in range(seeds)]
            for ratio in RATIOS
        }
        for m in features
    }
    return Control(_exponent(gaps.items(), 1, sigma), _exponent(gaps.items(), 2, sigma))


def _exponent(gaps: Iterable[tuple[int, dict[int, list[float]]]], power: int, sigma: float) -> Exponent:
    found = [crossing(m**power, of_size, sigma) for m, of_size in gaps]
    whole = [one for one in found if one is not None]
    if len(whole) < len(found):
        raise ValueError("the gap of a size does not fall with the data")
    return exponent(whole)
