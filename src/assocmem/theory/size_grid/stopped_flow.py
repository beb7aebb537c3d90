"""Least squares by gradient flow from 0, stopped where the test loss is least: the gap in the limit of many weights.

y = <x, w> + e with x standard normal in p dimensions, w of squared norm s, and e of mean 0 and variance 1; losses are
half squared errors. For p to infinity and D/p to r > 1 the eigenvalues l of X^T X/D follow the law of Marchenko and
Pastur with g = 1/r, whose mean of f is written M f. The eigenvectors are uniform whatever w is, so at the time t

    test(t)  = 1 + s M exp(-2tl) + g M (1 - exp(-tl))^2/l
    train(t) = 1 - g + M (g + s l) exp(-2tl)

and test'(t)/2 = M (g (exp(-tl) - exp(-2tl)) - s l exp(-2tl)) is negative, has one zero, and is positive. Certified in
Arb for given g: a bracket of the zero, and the gap there, as each of its terms is monotone in t.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from flint import acb, arb

from assocmem.theory.exact.certified import precision, to_arb

BITS = 64
TOLERANCE = 2.0**-26
"""Relative error that an integral aims at; the ball is certain whatever it is."""
NEAR = 1e-4
"""Relative width of a bracket of the best time."""


def spectral_mean(function: Callable[[acb], acb], inverse_ratio: arb) -> arb:
    """M f: the mean over the law of Marchenko and Pastur with g < 1, by the angle of l = 1 + g + 2 sqrt(g) cos."""
    root, base = inverse_ratio.sqrt(), 1 + inverse_ratio

    def integrand(angle: acb, _: bool) -> acb:
        eigenvalue = base + 2 * root * angle.cos()
        return function(eigenvalue) * angle.sin() ** 2 / eigenvalue

    return acb.integral(integrand, 0, arb.pi(), rel_tol=TOLERANCE).real * 2 / arb.pi()


@dataclass(frozen=True)
class Flow:
    """The flow at a signal, and at a quotient of data and weights.

    Attributes
    ----------
    signal : Fraction
        s, the signal over the noise.
    ratio : Fraction
        r = D/p, above 1.
    """

    signal: Fraction
    ratio: Fraction

    def slope(self, time: float) -> arb:
        """Half the derivative of the mean squared test error."""
        g, s = to_arb(1 / self.ratio), to_arb(self.signal)

        def rate(value: acb) -> acb:
            once = (-value * arb(time)).exp()
            return g * once - (g + s * value) * once**2

        return spectral_mean(rate, g)

    def best_time(self) -> tuple[float, float]:
        """A certified bracket of the time of the least test loss.

        Raises
        ------
        ArithmeticError
            Where the slope at an end stays undecided.
        """
        low, high = 0.0, 1.0
        while self.slope(high) < 0:
            low, high = high, 2 * high
        while high - low > NEAR * high:
            time = (low + high) / 2
            low, high = (time, high) if self.slope(time) < 0 else (low, time)
        if not (low > 0 and self.slope(low) < 0 < self.slope(high)):
            raise ArithmeticError(f"the slope at {low} or {high} stayed undecided")
        return low, high

    def twice_gap(self, falling: float, rising: float) -> arb:
        """test - train of squared errors, with the terms that fall in t at one time and those that rise at another."""
        g, s = to_arb(1 / self.ratio), to_arb(self.signal)

        def gap(value: acb) -> acb:
            kept = (-2 * value * arb(falling)).exp()
            learned = (1 - (-value * arb(rising)).exp()) ** 2 / value
            left = (g + s * value) * (-2 * value * arb(rising)).exp()
            return s * kept + g * learned - left

        return g + spectral_mean(gap, g)


@cache
def gap_bounds(signal: Fraction, ratio: Fraction) -> tuple[arb, arb]:
    """A lower and an upper bound of the gap of half the squared errors at the best time.

    Raises
    ------
    ValueError
        Unless signal > 0 and ratio > 1.
    ArithmeticError
        Where the bracket of the best time stays undecided.
    """
    if signal <= 0 or ratio <= 1:
        raise ValueError(f"signal={signal} and ratio={ratio}; takes signal > 0 and ratio > 1")
    with precision(BITS):
        flow = Flow(signal, ratio)
        early, late = flow.best_time()
        return flow.twice_gap(late, early) / 2, flow.twice_gap(early, late) / 2


@cache
def signs_of_slope(signal: Fraction, ratio: Fraction) -> tuple[int, ...]:
    """Certified signs of the slope of the test loss at the times 1/64, 1/32, ..., 64; 0 for an undecided one."""
    with precision(BITS):
        slopes = [Flow(signal, ratio).slope(2.0**k) for k in range(-6, 7)]
        return tuple(1 if slope > 0 else -1 if slope < 0 else 0 for slope in slopes)
