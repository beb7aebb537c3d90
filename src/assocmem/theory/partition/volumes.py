"""Volumes of balls: where they start to shrink with the dimension, their Stirling form, and the radius of volume 1.

With a = n/2, V_n(r) = pi^a r^n / Gamma(a+1), and Gamma(a+1) = sqrt(2 pi a) (a/e)^a e^mu(a), so that exactly

    V_n(1) = (pi n)^(-1/2) (2 pi e/n)^(n/2) e^(-mu(n/2)),     1/(6n+1) < mu(n/2) < 1/(6n),
    V_n(r) = (r/R_n)^n   with   R_n = Gamma(n/2+1)^(1/n)/sqrt(pi) = sqrt(n/(2 pi e)) (pi n)^(1/(2n)) e^(mu(n/2)/n).

Hence V_n(r) is of order one exactly if r = R_n (1 + O(1/n)), and at r = sqrt(n/(2 pi e)) it is about (pi n)^(-1/2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import sympy as sp
from flint import arb

from assocmem.theory.exact.ball_integrals import log_ball_volume
from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_volume
from assocmem.theory.exact.incomplete_gamma import Array
from assocmem.theory.partition.stirling import HIGH, LOW, z

n, r = sp.symbols("n r", positive=True)
VOLUME = sp.pi ** (n / 2) * r**n / sp.gamma(1 + n / 2)
STIRLING = (2 * sp.pi * sp.E / n) ** (n / 2) / sp.sqrt(n * sp.pi)
"""The last member of the paper's display for V_n(1)."""
MIDDLE = {
    "submission": sp.pi ** (n / 2) / (sp.sqrt(2 * sp.pi * (n / 2)) * (n / 2 / sp.E) ** (n / 2)),
    "later": sp.pi ** (n / 2) / (sp.sqrt(2 * sp.pi * (n / 2)) * (n / sp.E) ** (n / 2)),
}
"""The middle member of that display in the two versions."""
PEAK = 5
"""The dimension in which the unit ball is largest."""


@cache
def volume_residual(volume: sp.Expr) -> sp.Expr:
    """The integral of exp(-||x||^2) over R^n by shells of the stated balls, over pi^(n/2), minus 1.

    By scaling V_n(t) = V_n(1) t^n, so it is V_n(1) times the integral of n t^(n-1) exp(-t^2), and the Gaussian integral
    is the n-th power of the one-dimensional one. 0 proves the formula for all n.
    """
    s = sp.Symbol("s", positive=True)
    shells = sp.integrate(n * s ** (n - 1) * sp.exp(-(s**2)), (s, 0, sp.oo))
    return sp.gammasimp(sp.simplify(volume.subs(r, 1) * shells / sp.pi ** (n / 2))) - 1


def homogeneous(volume: sp.Expr) -> bool:
    """Whether the stated volume scales like r^n."""
    s = sp.Symbol("s", positive=True)
    return bool(sp.simplify(sp.expand_power_base(volume.subs(r, s * r) / volume, force=True) / s**n) == 1)


@cache
def two_step_ratio() -> sp.Expr:
    """V_{n+2}(1)/V_n(1), for all n."""
    return sp.simplify(sp.gammasimp((VOLUME.subs(n, n + 2) / VOLUME).subs(r, 1)))


def one_step(size: int) -> sp.Expr:
    """V_{n+1}(1)/V_n(1) at an integer n, exact."""
    return sp.simplify((VOLUME.subs(n, size + 1) / VOLUME.subs(n, size)).subs(r, 1))


@dataclass(frozen=True)
class Monotony:
    """V_n(1) falls strictly with integer n from ``first`` on, and rises strictly up to ``rises_to`` (0: nothing said).

    ``fast``: faster than every geometric sequence.
    """

    first: int
    rises_to: int = 0
    fast: bool = True


def falls_from(first: int) -> bool:
    """Whether V_{n+1} < V_n for all integers n >= first.

    R_n = V_{n+1}/V_n has R_{n+2}/R_n = (n+2)/(n+3) < 1, so R_first < 1 and R_{first+1} < 1 suffice, by induction in
    steps of two; and one of them that is not is a counterexample.
    """
    shrink = sp.simplify(two_step_ratio().subs(n, n + 1) / two_step_ratio())
    below = all(bool(one_step(first + k) < 1) for k in (0, 1))
    return bool(sp.simplify(shrink - (n + 2) / (n + 3)) == 0) and below


def rises_up_to(last: int) -> bool:
    """Whether V_1 < V_2 < ... < V_last."""
    return all(bool(one_step(k) > 1) for k in range(1, last))


def slope_sign(dimension: Fraction) -> int | None:
    """Certified sign of d log V_n(1)/dn = (log pi - psi(n/2+1))/2 at a real dimension.

    psi' > 0, so the sign changes once, from positive to negative.
    """
    return sign(lambda: arb.pi().log() - (to_arb(dimension) / 2 + 1).digamma())


def real_peak(digits: int = 4) -> tuple[Fraction, Fraction]:
    """Ends of an interval of length 10^-digits that holds the only maximum of V_n(1) over real n > 0, certified.

    Raises
    ------
    ArithmeticError
        If the sign of the slope stays undecided, or the maximum is not between 5 and 6.
    """
    low, high = Fraction(5), Fraction(6)
    if slope_sign(low) != 1 or slope_sign(high) != -1:
        raise ArithmeticError("the maximum is not between 5 and 6")
    for k in range(1, digits + 1):
        steps = [low + Fraction(j, 10**k) for j in range(11)]
        low = max(x for x in steps if slope_sign(x) == 1)
        high = low + Fraction(1, 10**k)
        if slope_sign(high) != -1:
            raise ArithmeticError("the sign of the slope stayed undecided")
    return low, high


def middle_over_last(version: Literal["submission", "later"]) -> sp.Expr:
    """The middle member of the display over the last one, simplified; 1 where the printed equality holds."""
    logarithm = sp.expand_log(sp.log(MIDDLE[version]) - sp.log(STIRLING), force=True)
    return sp.exp(sp.simplify(sp.expand(logarithm)))


def volume_exponent_residual(approximation: sp.Expr) -> sp.Expr:
    """log approximation - log V_n(1) - mu(n/2) with log Gamma(n/2+1) = (n/2+1/2) log(n/2) - n/2 + log(2 pi)/2 + mu.

    0: the approximation is V_n(1) e^mu(n/2) exactly.
    """
    a = n / 2
    without_mu = a * sp.log(sp.pi) - ((a + sp.Rational(1, 2)) * sp.log(a) - a + sp.log(2 * sp.pi) / 2)
    return sp.simplify(sp.expand(sp.expand_log(sp.log(approximation) - without_mu, force=True)))


def stirling_excess(size: int, bits: int = 128) -> arb:
    """A ball around log STIRLING - log V_n(1), which is mu(n/2)."""
    with precision(bits + 64):
        k = arb(size)
        approximation = k / 2 * (2 * arb.pi() * arb(1).exp() / k).log() - (k * arb.pi()).log() / 2
        return approximation - certified_log_ball_volume(size, 1, bits=bits)


def exponent_bounds() -> tuple[sp.Expr, sp.Expr]:
    """The bounds on mu(n/2): 1/(6n+1) and 1/(6n)."""
    low, high = (sp.simplify(bound.subs(z, n / 2)) for bound in (LOW, HIGH))
    return low, high


SHIFT = sp.Symbol("y", positive=True)
"""By how much the logarithm of a volume differs from 0."""


def at_paper_radius() -> sp.Expr:
    """V_n(sqrt(n/(2 pi e))) e^mu(n/2), by the Stirling form of V_n(1): (pi n)^(-1/2)."""
    scaled = STIRLING * sp.sqrt(n / (2 * sp.pi * sp.E)) ** n
    return sp.exp(sp.simplify(sp.expand(sp.expand_log(sp.log(scaled), force=True))))


def log_volume_limit(power: Fraction) -> sp.Expr:
    """The limit of log V_n(R_n (1 + y n^-power)) = n log(1 + y n^-power)."""
    return sp.limit(n * sp.log(1 + SHIFT * n ** -sp.Rational(power.numerator, power.denominator)), n, sp.oo)


def relative_width(power: Fraction) -> sp.Expr:
    """The limit of n^power (r/R_n - 1) at the radius r = R_n e^(y/n), where log V_n = y."""
    return sp.limit(n ** sp.Rational(power.numerator, power.denominator) * (sp.exp(SHIFT / n) - 1), n, sp.oo)


def unit_volume_radius(size: npt.ArrayLike) -> Array:
    """R_n, the radius of the ball of volume 1 in R^n; relative error below 1e-14 for n up to 10^6.

    Raises
    ------
    ValueError
        For n <= 0.
    """
    size = np.asarray(size, dtype=np.float64)
    scale = np.sqrt(size / (2 * math.pi * math.e))
    return np.asarray(scale * np.exp(-log_ball_volume(size, scale) / size))[()]


def certified_unit_volume_radius(size: int, *, bits: int = 128) -> arb:
    """A ball around R_n = exp(-log V_n(1)/n)."""
    with precision(bits + 32):
        return (-certified_log_ball_volume(size, 1, bits=bits) / size).exp()


def radius_expansion(size: int, *, exponent: Fraction = Fraction(1, 2), bits: int = 128) -> arb:
    """sqrt(n/(2 pi e)) (pi n)^(exponent/n) as a ball: R_n without its last factor for exponent one half."""
    with precision(bits + 32):
        k = arb(size)
        return (k / (2 * arb.pi() * arb(1).exp())).sqrt() * (to_arb(exponent) / k * (arb.pi() * k).log()).exp()


@cache
def radius_residual() -> sp.Expr:
    """n log R_n from V_n(R_n) = 1 minus n log [sqrt(n/(2 pi e)) (pi n)^(1/(2n))], less mu(n/2); 0."""
    a = n / 2
    exact = (a + sp.Rational(1, 2)) * sp.log(a) - a + sp.log(2 * sp.pi) / 2 - a * sp.log(sp.pi)
    printed = a * sp.log(n / (2 * sp.pi * sp.E)) + sp.log(sp.pi * n) / 2
    return sp.simplify(sp.expand(sp.expand_log(exact - printed, force=True)))
