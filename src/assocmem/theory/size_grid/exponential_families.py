"""Akaike's gap: mean test loss less mean training loss of the likeliest member of an exponential family.

In the limit it is N/D.

A member has the loss A(eta) - <eta, T(x)> at x. At the likeliest member h of D data the gap is exactly the mean of
<h - eta, T' - mu>, with T' the mean of T over the data and mu its expectation. Losses in nats.
"""

from __future__ import annotations

from functools import cache
from itertools import product

import sympy as sp

D = sp.Symbol("D", positive=True)
"""Independent data."""
N = sp.Symbol("N", positive=True)
"""Parameters."""
RATES = N / (D - 1)
"""The gap of N independent exponential laws with unknown rates."""


@cache
def gap_of_mean() -> sp.Expr:
    """The gap of one normal law of variance 1 with unknown mean: h - eta = T' - mu, normal of variance 1/D."""
    z = sp.Symbol("z", real=True)
    density = sp.sqrt(D / (2 * sp.pi)) * sp.exp(-D * z**2 / 2)
    return sp.simplify(sp.integrate(z**2 * density, (z, -sp.oo, sp.oo)))


@cache
def gap_of_rate() -> sp.Expr:
    """The gap of one exponential law of unknown rate: eta is minus the rate, h = -1/T'; y = T' D at the rate 1.

    y has the Gamma law of order D, of which sympy integrates powers for D = 1 + e, e > 0.
    """
    y, extra = sp.symbols("y e", positive=True)
    order = 1 + extra
    product_of_both = sp.expand((1 - order / y) * (y / order - 1))
    density = y ** (order - 1) * sp.exp(-y) / sp.gamma(order)
    terms = [sp.integrate(sp.powsimp(term * density), (y, 0, sp.oo)) for term in product_of_both.as_ordered_terms()]
    return sp.simplify(sp.gammasimp(sum(terms)).subs(extra, D - 1))


@cache
def limit_of_gap(gap: sp.Expr) -> sp.Expr:
    """The limit of D times a gap."""
    return sp.limit(D * gap, D, sp.oo)


def agreeing_tosses(tosses: int) -> int:
    """How many of the 2^D outcomes agree in all tosses, for which the likeliest coin never shows the other side."""
    return sum(len(set(outcome)) == 1 for outcome in product((0, 1), repeat=tosses))
