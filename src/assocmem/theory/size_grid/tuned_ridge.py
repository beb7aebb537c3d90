"""Ridge regression with the best penalty, in its deterministic equivalents: the local exponent of N in D*.

N features with variances v_i = i^-a and signals q_i = i^-a (q_i = v_i b_i^2 for the weight b_i), noise of variance u.
For D data and the penalty l the number k solves D = d1 + D l/k, and with d1 and d2 the sums of v/(v+k) and v^2/(v+k)^2

    B = k^2 sum of q/(v+k)^2,   test = (u + B)/(1 - d2/D),   train = (l/k)^2 test = (1 - d1/D)^2 test.

The test error is stationary in the penalty exactly at D = d2 - (u+B) d2'/B', so that D and the gap are functions of k.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import numpy as np
from flint import arb

from assocmem.theory.exact.certified import precision, to_arb

BITS = 96
WIDTH = Fraction(1, 10**7)
"""Relative width of the bracket of k."""


@dataclass(frozen=True)
class Ridge:
    """Sizes and laws: N, twice the exponent a of the spectrum, and the variance of the noise."""

    size: int
    doubled_exponent: int = 3
    noise: Fraction = Fraction(1, 2)


class Equivalents(NamedTuple):
    """D, the gap of half the squared errors, and l/k, where the test error is stationary."""

    data: arb
    gap: arb
    share: arb


def equivalents(ridge: Ridge, k: arb) -> Equivalents:
    """The equivalents at a ball of k."""
    bias, slope, first, second, falls = (arb(0) for _ in range(5))
    for i in range(1, ridge.size + 1):
        v = 1 / (arb(i) ** (ridge.doubled_exponent // 2) * (arb(i).sqrt() if ridge.doubled_exponent % 2 else 1))
        part = 1 / (v + k)
        kept = v * part
        first += kept
        second += kept**2
        falls += 2 * kept**2 * part
        bias += v * part**2
        slope += 2 * kept * v * part**2
    noise = to_arb(ridge.noise)
    bias, slope = k**2 * bias, k * slope
    data = second + (noise + bias) * falls / slope
    share = 1 - first / data
    test = (noise + bias) / (1 - second / data)
    return Equivalents(data, test * (1 - share**2) / 2, share)


def _gap_near(ridge: Ridge, k: float) -> float:
    v = np.arange(1, ridge.size + 1) ** (-ridge.doubled_exponent / 2)
    noise, kept = float(ridge.noise), v / (v + k)
    bias, slope = k**2 * (v / (v + k) ** 2).sum(), 2 * k * (v * v / (v + k) ** 3).sum()
    data = (kept**2).sum() + (noise + bias) * 2 * (kept**2 / (v + k)).sum() / slope
    test = (noise + bias) / (1 - (kept**2).sum() / data)
    return float(test * (1 - (1 - kept.sum() / data) ** 2) / 2)


@cache
def data_at(ridge: Ridge, threshold: Fraction) -> arb:
    """A ball that certainly holds a D at which the gap at a stationary penalty l > 0 is the threshold.

    A bracket of k is found in float64; the gap is then certainly on different sides of the threshold at its ends.

    Raises
    ------
    ArithmeticError
        Where that is not certain.
    """
    low, high = 1e-9, 1.0
    while high > low * (1 + float(WIDTH) / 4):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if _gap_near(ridge, middle) < float(threshold) else (low, middle)
    ends = Fraction(low) * (1 - WIDTH), Fraction(high) * (1 + WIDTH)
    with precision(BITS):
        gaps = [equivalents(ridge, to_arb(end)).gap - to_arb(threshold) for end in ends]
        whole = equivalents(ridge, to_arb(ends[0]).union(to_arb(ends[1])))
        if not (gaps[0] < 0 < gaps[1] and whole.share > 0):
            raise ArithmeticError(f"size={ridge.size}: the bracket of k stayed undecided")
        return whole.data


def local_exponent(ridge: Ridge, factor: int, threshold: Fraction) -> arb:
    """log factor over the logarithm of the quotient of the D of the two sizes."""
    larger = Ridge(factor * ridge.size, ridge.doubled_exponent, ridge.noise)
    with precision(BITS):
        quotient = data_at(larger, threshold) / data_at(ridge, threshold)
        return arb(factor).log() / quotient.log()
