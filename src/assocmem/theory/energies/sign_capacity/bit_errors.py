"""Error probabilities of one bit: exact by generating functions, in float64 by Fourier transforms, and normal."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np
import sympy as sp
from flint import arb, fmpz_poly
from scipy.special import ndtr, ndtri

from assocmem.theory.energies.sign_capacity.flip_law import FlipLaw
from assocmem.theory.energies.sign_capacity.memories import n, r
from assocmem.theory.energies.sign_capacity.polynomial_memory import power_law
from assocmem.theory.exact.certified import sign, to_arb

BERRY_ESSEEN = Fraction(4748, 10000)
"""Shevtsova's constant for sums of independent, identically distributed terms."""


def exact_bit_error(size: int, patterns: int, power: int, *, ties: bool = False) -> Fraction:
    """P(flipping a given bit lowers the energy), exactly, by expanding the generating function of N; F(z) = z^r.

    With ``ties`` half the probability of no change is added.
    """
    lost, tied = _lost_and_tied(size, patterns, power)
    return Fraction(2 * lost + (tied if ties else 0), 2 ** (size * (patterns - 1) + 1))


@lru_cache(maxsize=64)
def _lost_and_tied(size: int, patterns: int, power: int) -> tuple[int, int]:
    """How many of the equally likely draws of the other patterns lower the energy, and how many leave it."""
    shifts = [
        ((s + 1) ** power - (s - 1) ** power, math.comb(size - 1, (s + size - 1) // 2))
        for s in range(1 - size, size, 2)
    ]
    step = math.gcd(*(h for h, _ in shifts)) or 1
    top = max(abs(h) for h, _ in shifts) // step
    weights = [0] * (2 * top + 1)
    for h, count in shifts:
        weights[top + h // step] += count
        weights[top - h // step] += count
    counts = (fmpz_poly(weights) ** (patterns - 1)).coeffs()  # entry i: N = step (i - (patterns - 1) top)
    barrier = size**power - (size - 2) ** power
    middle = (patterns - 1) * top
    first = max(0, middle - barrier // step)  # the first entry with N + barrier >= 0
    tied = counts[first] if barrier % step == 0 and middle * step >= barrier else 0
    return int(sum(counts[:first])), int(tied)


def float_bit_error(size: int, patterns: int, power: int) -> float:
    """The same with half the ties, in float64 through a Fourier transform: for sizes where exact integers are slow."""
    shifts = np.array([(s + 1) ** power - (s - 1) ** power for s in range(1 - size, size, 2)])
    counts = np.array([math.comb(size - 1, j) for j in range(size)], dtype=float)
    step = int(np.gcd.reduce(shifts)) or 1
    top = int(np.abs(shifts).max()) // step
    weights = np.zeros(2 * top + 1)
    np.add.at(weights, top + shifts // step, counts)
    np.add.at(weights, top - shifts // step, counts)
    length = 2 * top * (patterns - 1) + 1
    mass = np.fft.irfft(np.fft.rfft(weights / 2**size, length) ** (patterns - 1), length)
    gaps = step * (np.arange(length) - (patterns - 1) * top) + size**power - (size - 2) ** power
    return float(mass[gaps < 0].sum() + mass[gaps == 0].sum() / 2)


def noise_drift(growth: sp.Expr, power: int, size: int) -> float:
    """How far a growth is from the capacity: ratio of s/(d-1), read off the bit errors at d = growth, from n to 2n.

    It tends to 1 exactly for the capacity in the reading "bit"; n^r instead of n^(r-1) halves it.
    """
    levels = []
    for at in (size, 2 * size):
        count = max(2, math.ceil(float(growth.subs({n: at, r: power}))))
        levels.append(float(ndtri(float_bit_error(at, count, power))) ** 2)
    return levels[1] / levels[0]


def third_moment_holds(size: int, power: int) -> bool:
    """Whether ``(E|D|^3)^2 <= V Q`` for one term of the noise, exactly: the inequality of Cauchy and Schwarz."""
    terms = [
        (abs((s + 1) ** power - (s - 1) ** power), Fraction(math.comb(size - 1, (s + size - 1) // 2), 2 ** (size - 1)))
        for s in range(1 - size, size, 2)
    ]
    second, third, fourth = (sum((p * h**k for h, p in terms), Fraction(0)) for k in (2, 3, 4))
    law = power_law(power)
    exact = (Fraction(str(e.subs(n, size))) for e in (law.variance, law.fourth))
    return (second, fourth) == tuple(exact) and third * third <= second * fourth


def normal_bit_error(size: int, patterns: int, law: FlipLaw) -> float:
    """Phi(-sqrt(s/(d-1)))."""
    return float(ndtr(-math.sqrt(float(law.scale.subs(n, size)) / (patterns - 1))))


def normal_holds(size: int, patterns: int, power: int, constant: Fraction = BERRY_ESSEEN) -> bool | None:
    """Certified: ``|exact error - Phi(-sqrt(s/(d-1)))| <= constant sqrt(K/(d-1))`` at one size."""
    law, error = power_law(power), exact_bit_error(size, patterns, power)
    s, k = (Fraction(str(sp.Rational(e.subs(n, size)))) for e in (law.scale, law.kurtosis))

    def slack() -> arb:
        normal = ((to_arb(s) / (2 * (patterns - 1))).sqrt()).erfc() / 2
        return to_arb(constant) * (to_arb(k) / (patterns - 1)).sqrt() - abs(to_arb(error) - normal)

    certain = sign(slack)
    return None if certain is None else certain >= 0
