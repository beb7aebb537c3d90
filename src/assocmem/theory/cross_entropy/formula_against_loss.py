"""How far the printed formula is from the loss of the printed energy: log Z - log M, which takes every real value.

With 0 <= g <= m on Omega,

    ``e^-m/|Omega| - m <= log(Z/M) <= log Z - log|Omega| + 1/|Omega|``,

because ``M <= |Omega| exp(-e^-m/Z)``, ``e^-m |Omega| <= Z <= |Omega|`` and, by Jensen's inequality,
``M >= |Omega| e^(-1/|Omega|)``.
So log(Z/M) runs from oo to -oo as the radius grows, and M = Z at some radius; for one pattern on the line, at one only.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import sympy as sp
from flint import arb

from assocmem.theory.cross_entropy.one_layer import BITS, Balls, certified_error, certified_loss
from assocmem.theory.exact.certified import precision, to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_integral, certified_log_ball_volume

VOLUME, RISE, TOP = sp.symbols("u m K", positive=True)


def error_limits() -> tuple[sp.Expr, sp.Expr]:
    """Limits of the two bounds on log(Z/M) as ``|Omega| = u`` tends to 0 (there m <= 1) and to infinity (there Z < K).

    K = d pi^(n/2) bounds Z for balls of any radius, so the limits are those of r -> 0 and r -> oo in every dimension.
    """
    lower, upper = error_bounds()
    return sp.limit(lower.subs(RISE, 1), VOLUME, 0, "+"), sp.limit(upper, VOLUME, sp.oo)


def error_bounds() -> tuple[sp.Expr, sp.Expr]:
    """The two bounds on log(Z/M) of this module, in ``|Omega|``, m and Z."""
    return sp.exp(-RISE) / VOLUME - RISE, sp.log(TOP) - sp.log(VOLUME) + 1 / VOLUME


def bounds_agree() -> bool:
    """Whether the bounds hold for the interval [-1/2, 1/2], where they are e^(-1/4) - 1/4 and log Z + 1.

    The upper one is within 1/100 of the error there.
    """
    balls = Balls(1, Fraction(1, 2))
    error, log_z = certified_error(balls), balls.log_z()
    at = {VOLUME: 1, RISE: sp.Rational(1, 4), TOP: sp.exp(sp.Float(str(log_z.mid().str(20, radius=False)), 20))}
    lower, upper = (float(bound.subs(at)) for bound in error_bounds())
    with precision(BITS):
        quarter = to_arb(Fraction(1, 4))
        known = float(((-quarter).exp() - quarter).mid()), float((log_z + 1).mid())
    near = all(abs(value - other) < 1e-12 for value, other in zip((lower, upper), known, strict=True))
    return bool(near and lower < float(error.mid()) < upper < float(error.mid()) + 0.01)


def broken_far(share: Fraction) -> str | None:
    """Balls for which log(Z/M) certainly is not within ``1/|Omega|`` above ``share log(Z/|Omega|)``, in words.

    With share 1 that is the bound of this module and ``M < |Omega|``; ``Z/|Omega|`` does not depend on d, and
    ``|Omega| = d V``.
    """
    for n, r in ((1, Fraction(1, 2)), (10, Fraction(1)), (30, Fraction(3, 2))):
        for volume in (10, 10**6):
            with precision(BITS):
                log_volume = certified_log_ball_volume(n, r, bits=BITS)
                count = int((to_arb(volume).log() - log_volume).exp().mid().ceil().unique_fmpz())
                near = certified_log_ball_integral(n, r, bits=BITS) - log_volume
                balls = Balls(n, r, count)
                over = certified_error(balls) - to_arb(share) * near
                allowed = (-balls.log_volume()).exp()
            if not 0 < over < allowed:
                return f"n={n}, r={r}, d={count}: log(Z/M) = {float((over + to_arb(share) * near).mid()):.6f}"
    return None


def far_holds() -> bool:
    """``log(Z/M) = log(Z/|Omega|) + a`` for ``M = |Omega| e^-a``, ``0 < a <= 1/|Omega|``, which falls to 0 as d
    grows.
    """
    a, z, d, volume = sp.symbols("a Z d V", positive=True)
    exact = sp.log(z / (d * volume * sp.exp(-a))) - sp.log(z / (d * volume)) - a
    return bool(sp.simplify(sp.expand_log(exact, force=True)) == 0 and sp.limit(1 / (d * volume), d, sp.oo) == 0)


def bracket(low: Fraction, high: Fraction, n: int = 1, d: int = 1) -> bool:
    """Whether log(Z/M) is certainly positive at ``low`` and negative at ``high``: M = Z at a radius between them."""
    return bool(certified_error(Balls(n, low, d)) > 0 and certified_error(Balls(n, high, d)) < 0)


def only_root_between(low: Fraction, high: Fraction, steps: int = 160) -> bool:
    """Whether M = Z at exactly one radius for n = d = 1, in (low, high), by certified steps.

    Below 1/4 the bound ``e^-m/|Omega| - m > 0`` falls in r; above 5/2 the bound
    ``sqrt(pi) < |Omega| e^(-1/|Omega|) <= M`` grows. Between, Z and M both grow with r, so Z at the left end of a step
    against M at its right end decides; near the root the slope of M - Z must be positive.
    """
    quarter, far = Fraction(1, 4), Fraction(5, 2)
    if not bracket(low, high):
        return False
    with precision(BITS):
        rim = 2 * to_arb(quarter)
        below_quarter = (-to_arb(quarter**2)).exp() / rim - to_arb(quarter**2)
        beyond_far = 2 * to_arb(far) * (-1 / (2 * to_arb(far))).exp()
        tight = arb("0.16") < certified_error(Balls(1, quarter)) - below_quarter < arb("0.17")
        tight = tight and arb("0.07") < _w(far) - beyond_far < arb("0.09")
        ends = tight and below_quarter > 0 and beyond_far > arb.pi().sqrt()
        near = (Fraction(115, 100), Fraction(127, 100))
        grids = _grid(quarter, near[0], steps), _grid(*near, 24), _grid(near[1], far, steps)
        below = all(_z(a) > _w(b) for a, b in grids[0])
        rising = _slope_agrees() and all(_slope(a, b) > 0 for a, b in grids[1])
        above = all(_w(a) > _z(b) for a, b in grids[2])
    every = [piece for grid in grids for piece in grid]
    covered = every[0][0] == quarter and every[-1][1] == far and all(a[1] == b[0] for a, b in pairwise(every))
    inside = covered and all(a < b for a, b in every) and near[0] < low and high < near[1]
    return bool(ends and below and above and rising and inside)


def _slope_agrees() -> bool:
    """Whether the enclosure on a short interval is a little below the quotient of differences there.

    What it leaves out is the integral of E e^-E less e^(-1/Z), times Z'/Z.
    """
    low, high = Fraction(6, 5), Fraction(6, 5) + Fraction(1, 10**6)
    quotient = (_w(high) - _z(high) - _w(low) + _z(low)) / to_arb(high - low)
    return bool(arb("0.026") < quotient - _slope(low, high) < arb("0.027"))


def _grid(low: Fraction, high: Fraction, steps: int) -> list[tuple[Fraction, Fraction]]:
    width = (high - low) / steps
    return [(low + k * width, low + (k + 1) * width) for k in range(steps)]


def _z(r: Fraction) -> arb:
    return Balls(1, r).log_z().exp()


def _w(r: Fraction) -> arb:
    balls = Balls(1, r)
    return (certified_loss("printed", balls) - (-balls.log_z()).exp()).exp()


def _slope(low: Fraction, high: Fraction) -> arb:
    """An enclosure, from below, of d(M - Z)/dr on [low, high] for n = d = 1.

    Z' = 2 e^(-r^2) and M' = 2 exp(-e^(-r^2)/Z) + (Z'/Z) * integral of E e^-E, where E = e^-g/Z integrates to 1 and is
    at most 1/Z, so that the last integral is at least e^(-1/Z).
    """
    rim = (-to_arb(low * low)).exp(), (-to_arb(high * high)).exp()
    z = _z(low), _z(high)
    own = 2 * (-rim[0] / z[0]).exp()
    rest = 2 * rim[1] / z[1] * (-1 / z[0]).exp()
    return own + rest - 2 * rim[0]
