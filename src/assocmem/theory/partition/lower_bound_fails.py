"""Where the paper's lower bound e^-r V_n(r) <= I_n(r) fails: the set of radii is empty for n <= 2, else one interval.

With G(r) the integral of t^(n-1) e^(-t^2) from 0 to r, the slack over n V_n(1) is Q = G - e^-r r^n/n, and

    Q'(r) = r^(n-1) e^-r w(r),   w = e^(r-r^2) - 1 + r/n.

For r <= 1, w >= r/n > 0. For r > 1, w'' = ((2r-1)^2 - 2) e^(r-r^2) changes its sign once, from - to +, and
w'(1) = 1/n - 1 <= 0, w'(oo) = 1/n > 0: so w' changes its sign at most once, w falls and then rises, and w > 0 at r = 1
and for large r. Hence w has at most two zeros, and Q rises from 0, may fall once, and rises to Gamma(n/2)/2 > 0:
{Q < 0} is empty or an open interval with ends beyond 1. By ``assocmem.theory.partition.mean_weight_series.falls`` the
mean falls strictly in n at fixed r, so each interval lies, ends included, in the next one. At a fixed r > 1 the mean is
at most e^(-r^2)/(1 - 2r^2/(n+2)) for large n, which tends to e^(-r^2) < e^-r: in the end every r > 1 lies in the
interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import precision, sign
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.partition.ball_bounds import FIRST_ORDER
from assocmem.theory.partition.bound_proofs import bound_proof
from assocmem.theory.partition.closed_forms import AREA, exact_integral, sliced
from assocmem.theory.partition.mean_weight import n, r
from assocmem.theory.partition.mean_weight_series import falls

TURN = sp.exp(r - r**2) - 1 + r / n
"""w of the module's text."""


@dataclass(frozen=True)
class Iff:
    """The printed lower bound holds for every r > 0 exactly if n <= ``largest``; else it fails at ``radius``."""

    largest: int
    radius: Fraction


@dataclass(frozen=True)
class Window:
    """For every n >= ``first`` it fails exactly for the r of an open interval (l, u), l > ``left``, around ``inside``.

    ``bounded``: u is finite. The ends of the interval lie inside that of n + 1.
    """

    first: int
    left: Fraction
    inside: Fraction
    bounded: bool


def slack_residual() -> sp.Expr:
    """Q' over r^(n-1) e^-r, less w."""
    slack = sp.lowergamma(n / 2, r**2) / 2 - sp.exp(-r) * r**n / n
    return sp.simplify(sp.expand(sp.simplify(sp.diff(slack, r) / (r ** (n - 1) * sp.exp(-r)))) - sp.expand(TURN))


def turn_facts() -> bool:
    """w >= r/n for r = 1 - q <= 1; at 1 and at infinity as stated; the sign of w'' for r > 1 changes once, upward."""
    q = sp.Symbol("q", nonnegative=True)
    below = sp.expand((r - r**2).subs(r, 1 - q) - q * (1 - q)) == 0
    second = sp.expand(sp.simplify(sp.diff(TURN, r, 2) / sp.exp(r - r**2)) - ((2 * r - 1) ** 2 - 2)) == 0
    roots = [root for root in sp.solve((2 * r - 1) ** 2 - 2, r) if root > 1]
    at_one = TURN.subs(r, 1) == 1 / n and sp.expand(sp.diff(TURN, r).subs(r, 1)) == 1 / n - 1
    at_infinity = sp.limit(sp.diff(TURN, r), r, sp.oo) == 1 / n
    return bool(below and second and len(roots) == 1 and at_one and at_infinity)


def exhausts() -> bool:
    """The proved upper bound on the mean tends to e^(-r^2) as n grows, and r - r^2 < 0 for r = 1 + q > 1."""
    q = sp.Symbol("q", positive=True)
    upper = FIRST_ORDER.upper[2]
    limit = sp.limit(upper.value * sp.exp(r**2), n, sp.oo)
    below = sp.expand((r - r**2).subs(r, 1 + q) + q * (1 + q)) == 0
    return bool(limit == 1 and below and bound_proof(upper.at(2), "upper"))


def is_one_interval() -> bool:
    """{Q < 0} is empty or one bounded open interval beyond r = 1; those of n and n + 1 nest, and exhaust r > 1."""
    return bool(slack_residual() == 0 and turn_facts() and falls() and exhausts())


def plane_holds() -> bool:
    """n = 2: I/V = (1 - e^(-r^2))/r^2 >= e^-r for every r > 0; by ``falls``, n = 1 follows.

    On r <= 1 the integrand e^(-t^2) is at least e^(-r^2) >= e^-r. For r >= 1, 1 - e^(-r^2) >= 1 - 1/e, while
    r^2 e^-r is at most its value 4 e^-2 at r = 2, the only zero of its derivative.
    """
    exact = sp.simplify(sp.expand_func(2 * sp.lowergamma(1, r**2) / 2) - (1 - sp.exp(-(r**2)))) == 0
    return bool(exact and sign(plane_room) == 1 and falls())


def exact_slack(dimension: int, radius: int) -> sp.Expr:
    """I_n(r) - e^-r V_n(r) over the area of the unit sphere, exactly: negative where the printed lower bound fails."""
    lower = sp.exp(-radius) * sp.Rational(radius) ** dimension / dimension
    return sp.expand(exact_integral(sp.Integer(1), 2, dimension, radius) - lower)


def certified_slack(dimension: int, radius: int) -> arb:
    """A ball around ``exact_slack``, with its error function by Arb's own."""
    exact = exact_slack(dimension, radius)
    return enclose(exact, {term: enclose(term.args[0], {}).erf() for term in exact.atoms(sp.erf)})


def plane_room() -> arb:
    """1 - 1/e less the largest r^2 e^-r, at the zero of its derivative: what the proof leaves for n = 2, r >= 1."""
    product = r**2 * sp.exp(-r)
    (peak,) = sp.solve(sp.diff(product, r), r)
    return enclose(1 - sp.exp(-1) - product.subs(r, peak), {})


def sliced_slack(dimension: int, radius: int) -> arb:
    """``exact_slack`` in the plane or in space from the ball cut into chords or disks, without polar coordinates."""
    with precision(128):
        volume = enclose(AREA, {n: dimension}) / dimension * arb(radius) ** dimension
        return (sliced(dimension, Fraction(radius)) - (-arb(radius)).exp() * volume) / enclose(AREA, {n: dimension})


def sliced_room() -> arb:
    """``plane_room`` by slices: the mass of the unit disk over its area, less 4/e^2."""
    with precision(128):
        return sliced(2, Fraction(1)) / arb.pi() - 4 * (-arb(2)).exp()
