"""The closed form that the paper prints for the ball integral, 2 pi^(n/2) gamma(n, r) / Gamma(n/2), in logarithms.

It is not the integral (see ``assocmem.theory.exact.ball_integrals`` and chapter 6): both arguments of the incomplete
gamma function are wrong, gamma(n, r) for gamma(n/2, r^2)/2. The book needs its values to say by how
much, and what follows from them. With the same positive series as there, gamma(n, r) = e^(-r) (r^n/n) S(n, r).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from flint import arb
from scipy import special

from assocmem.theory.exact.ball_integrals import checked, log_ball_integral
from assocmem.theory.exact.certified import precision
from assocmem.theory.exact.certified_ball_integrals import (
    Real,
    certified_log_ball_integral,
    extra_bits,
    log_gamma,
    positive,
)
from assocmem.theory.exact.incomplete_gamma import Array


def printed_log_ball_integral(n: npt.ArrayLike, r: npt.ArrayLike) -> Array:
    """log of 2 pi^(n/2) gamma(n, r)/Gamma(n/2), the last member of equation (12) as printed.

    ``n`` (positive) and ``r`` (nonnegative) broadcast; float64, with the error bound of ``log_ball_integral`` for 2n.
    gamma(n, r) = Gamma(n) P(n, r), and log P(n, r) is read off the integral over the ball of radius sqrt(r) in R^(2n).

    Raises
    ------
    ValueError
        For n <= 0 or r < 0.
    """
    n, r = checked(n=n, r=r)
    mass = log_ball_integral(2 * n, np.sqrt(r))
    return np.asarray(mass + _log_factor(n))[()]


def _log_factor(n: Array) -> Array:
    """log of 2 pi^(-n/2) Gamma(n)/Gamma(n/2) = 2^n Gamma((n+1)/2) pi^(-(n+1)/2), by Legendre's duplication formula."""
    return np.asarray(n * math.log(2) + special.gammaln((n + 1) / 2) - (n + 1) / 2 * math.log(math.pi))


def certified_printed_log_ball_integral(n: Real, r: Real, *, bits: int = 128) -> arb:
    """A ball that contains the logarithm of the printed closed form, for exact or enclosed n > 0 and r > 0.

    Raises
    ------
    TypeError
        For an argument that is not exact (a float, text, a boolean), by name.
    ValueError
        For an argument that is out of range, by name.
    """
    with precision(bits + extra_bits(n)):
        size, radius = positive("n", n), positive("r", r)
        mass = certified_log_ball_integral(2 * size, radius.sqrt(), bits=bits)
        return mass + arb(2).log() - size / 2 * arb.pi().log() + log_gamma(size) - log_gamma(size / 2)
