"""The cross-entropy of one layer under each reading of its energy, exactly: d balls of radius r that do not meet.

For an energy E on Omega that has one value at all patterns, L = log(integral of exp(-E)) + E(rho). With g the squared
distance to the nearest pattern and Z the integral of exp(-g) over Omega, the readings of chapter 4 give

    printed: E = exp(-g)/Z      L = log M + 1/Z,  M the integral of exp(-exp(-g)/Z)
    A: E = g                    L = log Z
    B: E = g + log Z            L = log Z

and the paper's formula is log Z + 1/Z. Losses are natural logarithms (nats per validation sample).
In the printed reading 1/Z can be huge; it is kept inside the exponent, as
L = log|Omega| + log of the mean of exp((1 - exp(-g))/Z).
The certified functions hold at every n, d and r > 0; the float ones state their ranges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from flint import acb, arb

from assocmem.theory.exact.ball_integrals import log_ball_volume, log_partition
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import (
    UNIT_INTERVAL,
    Real,
    certified_log_ball_volume,
    certified_log_partition,
    positive,
)
from assocmem.theory.exact.incomplete_gamma import Array

OneLayer = Literal["printed", "A", "B"]
ONE_LAYER: tuple[OneLayer, ...] = ("printed", "A", "B")
BITS = 128
MASS_LOST = 150
"""What lies this many nats below the whole is bounded, not integrated."""


@dataclass(frozen=True)
class Balls:
    """d patterns in R^n with balls of radius r that do not meet: one layer, Omega the union of the balls.

    Raises
    ------
    ValueError
        For an n, r or d that is not positive.
    """

    n: int
    r: Real
    d: int = 1

    def __post_init__(self) -> None:
        for name in ("n", "r", "d"):
            positive(name, getattr(self, name))

    def log_volume(self) -> arb:
        """A ball around log|Omega|."""
        with precision(BITS):
            return to_arb(self.d).log() + certified_log_ball_volume(self.n, self.r, bits=BITS)

    def log_z(self) -> arb:
        """A ball around log Z."""
        return certified_log_partition(self.n, self.r, self.d, bits=BITS)


def certified_loss(reading: OneLayer, balls: Balls) -> arb:
    """A ball around the exact cross-entropy; by quadrature with a proved error in the printed reading.

    Raises
    ------
    ValueError
        For a reading outside ``ONE_LAYER``.
    ArithmeticError
        Where the quadrature fails.
    """
    if reading not in ONE_LAYER:
        raise ValueError(f"reading={reading!r} must be one of {ONE_LAYER}")
    if reading != "printed":
        return balls.log_z()
    with precision(BITS):
        inverse = (-balls.log_z()).exp()
        return balls.log_volume() + _log_mean(balls, inverse)


def _log_mean(balls: Balls, inverse: arb) -> arb:
    """log of the mean over a ball of ``exp((1 - exp(-|y|^2)) / Z)``, with ``|y| = r (1-s)`` and the weight n
    (1-s)^(n-1) ds.

    The exponent at the rim s = 0 is taken out; it falls in s. Below ``deep`` the integrand is integrated with a proved
    error; beyond it it is less than exp(-MASS_LOST) / (1 + slope) times its weight, whose integral is at most 1.
    """
    square = (balls.r if isinstance(balls.r, arb) else to_arb(balls.r)) ** 2
    steep = (-square).exp() * inverse

    def exponent(s: acb) -> acb:
        return -steep * (square * s * (2 - s)).expm1()

    deep, lost = arb(1), MASS_LOST + (1 + steep).log()
    while exponent(acb(deep / 2)).real < -lost:
        deep /= 2

    def weight(part: acb, _analytic: bool) -> acb:
        s = deep * part
        return (1 - s) ** (balls.n - 1) * exponent(s).exp()

    rest = arb(0) if deep == 1 else exponent(acb(deep)).real.exp() * UNIT_INTERVAL
    value = balls.n * deep * acb.integral(weight, 0, 1).real + rest
    if not value > 0:
        raise ArithmeticError(f"the quadrature encloses nothing positive at n={balls.n}, r={balls.r}, d={balls.d}")
    return value.log() + steep * square.expm1()


def certified_formula(balls: Balls) -> arb:
    """A ball around log Z + 1/Z, what the paper prints for the loss."""
    with precision(BITS):
        log_z = balls.log_z()
        return log_z + (-log_z).exp()


def certified_error(balls: Balls) -> arb:
    """A ball around log Z - log M: the printed formula minus the exact loss of the printed energy."""
    with precision(BITS):
        return certified_formula(balls) - certified_loss("printed", balls)


def formula(n: npt.ArrayLike, r: npt.ArrayLike, d: npt.ArrayLike = 1) -> Array:
    """log Z + 1/Z in float64, in nats; the arguments broadcast (see
    ``assocmem.theory.exact.ball_integrals.log_partition``).

    inf where 1/Z is more than float64 holds, as at r = 0.
    """
    log_z = np.asarray(log_partition(n, r, d))
    with np.errstate(over="ignore", invalid="ignore"):
        value = log_z + np.exp(-log_z)
    return np.where(np.isneginf(log_z), np.inf, value)[()]


def loss(reading: OneLayer, n: int, r: npt.ArrayLike, d: int = 1) -> Array:
    """The exact cross-entropy in float64 for radii of any shape, in nats.

    Printed reading: Gauss-Legendre rules on panels that shrink geometrically toward the rim, where the integrand
    peaks for small Z, and toward the center, where it falls for large r; relative error of the mean below 1e-9 for
    n <= 1000 and r <= 100 (tested against ``certified_loss``). inf where the loss is more than float64 holds; at r = 0
    and r = inf the limits: for r = 0 they are -inf for n = 1, 2 and inf for n >= 3.

    Raises
    ------
    ValueError
        For a reading outside ``ONE_LAYER``, and like ``assocmem.theory.exact.ball_integrals.log_partition``.
    """
    if reading not in ONE_LAYER:
        raise ValueError(f"reading={reading!r} must be one of {ONE_LAYER}")
    radii = np.asarray(r, dtype=np.float64)
    log_z = np.asarray(log_partition(n, radii, d))
    if reading != "printed":
        return log_z[()]
    inner = (radii > 0) & (radii < np.inf)
    some = np.where(inner, radii, 1.0)
    mean = _float_log_mean(n, np.log(some), np.where(inner, log_z, 0.0))
    whole = np.log(float(d)) + log_ball_volume(n, some) + mean
    end = np.where((radii == 0) & (n <= 2), -np.inf, np.inf)
    return np.where(inner, whole, end)[()]


def _float_log_mean(n: int, log_r: Array, log_z: Array) -> Array:
    """log of the mean over the ball of ``exp((1 - exp(-|y|^2)) / Z)``, the exponent taken out at the rim."""
    depth, log_weight = _panels(n)
    log_square, inverse = 2 * log_r, -log_z
    square = np.exp(log_square)
    with np.errstate(over="ignore", divide="ignore"):
        rim = np.exp(_log_one_minus_exp(log_square) + inverse)
        # exp(-r^2 u^2) - exp(-r^2) with u = 1 - depth, without cancellation near the rim
        within = _log_one_minus_exp(log_square[..., None] + np.log(depth * (2 - depth)))
        fall = np.exp(within - square[..., None] * (1 - depth) ** 2 + inverse[..., None])
        mean = np.log(np.sum(np.exp(log_weight - fall), axis=-1))
    log_slope = np.log(2) + log_square - square + inverse
    narrow = log_slope > 50 * np.log(2)  # narrower than the panels
    return np.asarray(np.where(narrow, np.log(n) - log_slope, mean) + rim)


def _log_one_minus_exp(log_x: Array) -> Array:
    """log(1 - exp(-x)) from log x, down to x that float64 does not hold."""
    x = np.exp(np.minimum(log_x, 300.0))
    return np.asarray(np.where(x < 1e-8, log_x - x / 2, np.log(-np.expm1(-x))))


def _panels(n: int) -> tuple[Array, Array]:
    """Nodes 1 - u on (0, 1) and the logarithms of n u^(n-1) times the weights."""
    nodes, weights = np.polynomial.legendre.leggauss(16)
    edges = np.concatenate([[0.0], 2.0 ** -np.arange(60.0, 0.0, -1.0), 1 - 2.0 ** -np.arange(2.0, 21.0), [1.0]])
    width = np.diff(edges)
    depth = (edges[:-1, None] + width[:, None] * (nodes + 1) / 2).ravel()
    log_weight = np.log((width[:, None] * weights / 2).ravel())
    return depth, log_weight + np.log(n) + (n - 1) * np.log1p(-depth)
