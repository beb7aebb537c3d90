"""Stirling's formula with a remainder bounded on both sides, and the places where its printed form fails.

On the plane cut along the negative axis let

    mu(z) = log Gamma(z) - (z - 1/2) log z + z - log(2 pi)/2,   so that   Gamma(z) = sqrt(2 pi/z) (z/e)^z e^mu(z).

From Gamma(z+1) = z Gamma(z), mu(z) - mu(z+1) = step(z) = (z + 1/2) log(1 + 1/z) - 1, and mu(x) -> 0 as x -> +oo
(Stirling). Hence mu(z) is the sum of step(z + k), which is the integral over t > 0 of Q(t)/(z+t)^2 with
Q(t) = {t}(1 - {t})/2 >= 0.

On the positive axis a function b with b, b' -> 0 lies below mu beyond a point if the second derivative of
D(x) = step(x) - (b(x) - b(x+1)) is positive there: D is then positive, and mu - b is the sum of D(x + k).
Off the axis ``|z+t|^2 = (|z|+t)^2 cos^2(theta/2) + (|z|-t)^2 sin^2(theta/2)`` with theta = arg z, so
``|mu(z)| <= mu(|z|)/cos^2(theta/2) <= 1/(12 |z| cos^2(theta/2))`` (Stieltjes). And Q <= 1/8, with the integral of
``1/|z+t|^2`` over t > 0 equal to ``theta/(|z| sin theta)``, gives ``|mu(z)| <= |theta|/(8 |Im z|)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, reduce

import sympy as sp
from flint import acb, arb

from assocmem.theory.exact.certified import precision, to_arb

z, t = sp.symbols("z t", positive=True)
STEP = (z + sp.Rational(1, 2)) * sp.log(1 + 1 / z) - 1
"""mu(z) - mu(z+1)."""
LOW, HIGH = 1 / (12 * z + 1), 1 / (12 * z)
"""Robbins' bounds, LOW < mu(x) < HIGH; he proved them for integers."""
CUBIC = 1 / (12 * z) - 1 / (360 * z**3)
"""A lower bound with one term more of the asymptotic series."""
ROBBINS_FROM = Fraction(1, 2)
"""From here on the steps of LOW stay below those of mu; nearer to 0 the bound is certified by monotony."""


@dataclass(frozen=True)
class Remainder:
    """low(x) < mu(x) < high(x) for all x > 0; where Im z is not 0, ``|mu(z)|`` is below each of two bounds.

    These are ``high(|z|)/cos^2(share * arg z)`` and ``peak * |arg z|/|Im z|``.
    """

    low: sp.Expr = LOW
    high: sp.Expr = HIGH
    share: Fraction = Fraction(1, 2)
    peak: Fraction = Fraction(1, 8)


@cache
def step_residual() -> sp.Expr:
    """mu(z) - mu(z+1) as defined, with log Gamma(z+1) - log Gamma(z) = log z, minus STEP; 0."""
    half = sp.Rational(1, 2)
    after = (z + half) * sp.log(z + 1) - z - 1
    defined = -sp.log(z) - (z - half) * sp.log(z) + z + after
    return sp.simplify(defined - STEP.subs(sp.log(1 + 1 / z), sp.log(z + 1) - sp.log(z)))


@cache
def leading_term() -> sp.Expr:
    """mu(x) up to O(x^-3) as x -> +oo, from the series of log Gamma; that no constant is left is Stirling's formula."""
    series = sp.loggamma(z).series(z, sp.oo, 3).removeO()
    rest = series - (z - sp.Rational(1, 2)) * sp.log(z) + z - sp.log(2 * sp.pi) / 2
    return sp.simplify(sp.expand_log(sp.expand(rest), force=True))


@cache
def kernel_residual() -> sp.Expr:
    """The integral of (t(1-t)/2)/(z+t)^2 over 0 < t < 1, minus STEP."""
    whole = sp.integrate(sp.apart(t * (1 - t) / 2 / (z + t) ** 2, t), (t, 0, 1))
    return sp.simplify(sp.expand_log(sp.expand(whole - STEP.rewrite(sp.log)), force=True))


@cache
def half_angle_residual(share: Fraction = Fraction(1, 2)) -> sp.Expr:
    """``|z+t|^2 - (|z|+t)^2 cos^2 - (|z|-t)^2 sin^2`` at the angle share * arg z, with z here ``|z|``; 0 for
    one half.
    """
    theta = sp.Symbol("theta", real=True)
    double = sp.cos(2 * sp.Rational(share.numerator, share.denominator) * theta)
    split = (z + t) ** 2 * (1 + double) / 2 + (z - t) ** 2 * (1 - double) / 2
    return sp.expand(z**2 + 2 * z * t * sp.cos(theta) + t**2 - split)


@cache
def kernel_peak() -> sp.Expr:
    """The largest value of t(1-t)/2 on [0, 1], by completing the square; 1/8."""
    top = (t * (1 - t) / 2).subs(t, sp.Rational(1, 2))
    return top if sp.expand(top - t * (1 - t) / 2 - (t - sp.Rational(1, 2)) ** 2 / 2) == 0 else sp.oo


@cache
def angle_residuals() -> tuple[sp.Expr, sp.Expr]:
    """Zeros that prove the integral of ``1/|z+t|^2`` over t > 0 to be ``theta/(|z| sin theta)``, with z here ``|z|``.

    With ``y = |Im z| > 0`` and x = Re z, -arccot((t+x)/y)/y is an integral of 1/((t+x)^2 + y^2) that vanishes at
    infinity and is -theta/y at t = 0, where cot theta = x/y.
    """
    x, y = sp.Symbol("x", real=True), sp.Symbol("y", positive=True)
    angle = sp.pi / 2 - sp.atan((t + x) / y)
    return sp.simplify(sp.diff(-angle / y, t) - 1 / ((t + x) ** 2 + y**2)), sp.limit(angle, t, sp.oo)


@cache
def side(bound: sp.Expr, since: Fraction = Fraction(0)) -> int | None:
    """1 if mu > bound and -1 if mu < bound on (since, oo), by the sign of the second difference; None if undecided."""
    if sp.limit(bound, z, sp.oo) != 0 or sp.limit(sp.diff(bound, z), z, sp.oo) != 0:
        return None
    excess = STEP - bound + bound.subs(z, z + 1)
    top, bottom = sp.fraction(sp.together(sp.diff(excess, z, 2)))
    start = sp.Rational(since.numerator, since.denominator)
    above, below = (_coefficient_sign(part.subs(z, t + start)) for part in (top, bottom))
    return None if above is None or below is None else above * below


def _coefficient_sign(polynomial: sp.Expr) -> int | None:
    """The sign of a polynomial for all t > 0, if all its coefficients share one."""
    signs = {int(sp.sign(c)) for c in sp.Poly(sp.expand(polynomial), t).coeffs()}
    return signs.pop() if len(signs) == 1 else None


def mu(x: Fraction | int, bits: int = 256) -> arb:
    """A ball around mu(x) for exact x > 0."""
    with precision(bits):
        value = to_arb(x)
        return value.lgamma() - (value - to_arb(Fraction(1, 2))) * value.log() + value - (2 * arb.pi()).log() / 2


@cache
def _parts(bound: sp.Expr) -> tuple[tuple[int, ...], ...]:
    """Integer coefficients of the numerator and of the denominator, highest power first."""
    return tuple(tuple(int(c) for c in sp.Poly(part, z).all_coeffs()) for part in sp.fraction(sp.together(bound)))


def at(bound: sp.Expr, x: Fraction) -> Fraction:
    """The exact value of a bound, a quotient of polynomials with rational coefficients."""
    top, bottom = (reduce(lambda total, c: total * x + c, part, Fraction(0)) for part in _parts(bound))
    return top / bottom


@cache
def holds_near_zero(low: sp.Expr, first: Fraction = Fraction(1, 50), last: Fraction = ROBBINS_FROM) -> bool:
    """Whether low < mu on (0, last]: mu >= step >= 1 up to ``first``, where low <= 1; then both fall, link by link.

    STEP is convex and tends to 0, so it and with it mu are decreasing; on [u, v] it is enough that low(u) < mu(v).
    ``low`` must be decreasing and at most 1, which is checked for a quotient 1/(p z + q) with p >= 0, q >= 1.
    """
    top, bottom = _parts(low)
    if len(top) != 1 or len(bottom) != 2 or not (bottom[0] >= 0 and bottom[1] >= top[0] > 0):
        return False
    if side(sp.Integer(0)) != 1 or sp.limit(STEP, z, sp.oo) != 0:
        return False
    with precision(128):
        start = to_arb(first)
        if not (start + to_arb(Fraction(1, 2))) * (1 + 1 / start).log() >= 2:
            return False
    u = first
    while u < last:
        v = min(last, u * Fraction(21, 20)).limit_denominator(10**6)
        if not to_arb(at(low, u)) < mu(v, 128):
            return False
        u = v
    return True


def outside(stmt: Remainder, points: Sequence[Fraction]) -> tuple[str, Fraction] | None:
    """The first point of the positive axis at which a bound certainly fails, with the side."""
    for x in points:
        value = mu(x, 512)
        if to_arb(at(stmt.low, x)) > value:
            return "lower", x
        if to_arb(at(stmt.high, x)) < value:
            return "upper", x
    return None


def complex_mu(re: Fraction, im: Fraction, bits: int = 256) -> acb:
    """A ball around mu(z) off the negative axis, principal branches."""
    with precision(bits):
        point = acb(to_arb(re), to_arb(im))
        return point.lgamma() - (point - to_arb(Fraction(1, 2))) * point.log() + point - (2 * arb.pi()).log() / 2


def sector_excess(stmt: Remainder, re: Fraction, im: Fraction) -> arb:
    """``|mu(z)|`` minus the smaller of the two stated bounds, for high = h/z and im != 0; positive where one fails."""
    with precision(256):
        point = acb(to_arb(re), to_arb(im))
        scale = to_arb(at(stmt.high * z, Fraction(1)))
        cosine = (point.arg() * to_arb(stmt.share)).cos()
        first = scale / (abs(point) * cosine * cosine)
        second = to_arb(stmt.peak) * abs(point.arg()) / abs(to_arb(im))
        return abs(complex_mu(re, im)) - first.min(second)


def printed_ratio(re: Fraction, im: Fraction = Fraction(0), bits: int = 256) -> acb:
    """A ball around Gamma(z) / [sqrt(2 pi/z) (z/e)^z], with arg z = pi on the negative axis. Not for a pole."""
    with precision(bits):
        point = acb(to_arb(re), to_arb(im))
        log_z = acb((-to_arb(re)).log(), arb.pi()) if im == 0 and re < 0 else point.log()
        return point.gamma() / ((2 * arb.pi()).log() / 2 + (point - to_arb(Fraction(1, 2))) * log_z - point).exp()


def ratios_agree(x: Fraction) -> bool:
    """Whether ``printed_ratio`` at -x is ``reflected_ratio`` times e^-mu(x), to twelve digits: two routes."""
    reflected = complex(sp.N(reflected_ratio().subs(z, sp.Rational(x.numerator, x.denominator)), 30))
    with precision(256):
        gap = printed_ratio(-x) - acb(reflected.real, reflected.imag) * (-mu(x)).exp()
    return bool(abs(gap) < arb("1e-12"))


@cache
def reflected_ratio() -> sp.Expr:
    """lim of Gamma(z) / [sqrt(2 pi/z) (z/e)^z] e^mu(x) at z = -x: 1/(1 - e^(-2 pi i x)), by the reflection formula.

    Gamma(-x) = -pi/(sin(pi x) Gamma(x+1)) and Gamma(x+1) = sqrt(2 pi x) (x/e)^x e^mu(x).
    """
    x = z
    gamma = -sp.pi / (sp.sin(sp.pi * x) * sp.sqrt(2 * sp.pi * x) * sp.exp(x * (sp.log(x) - 1)))
    printed = sp.sqrt(2 * sp.pi / x) / sp.I * sp.exp(-x * (sp.log(x) + sp.I * sp.pi - 1))
    return sp.simplify((gamma / printed).rewrite(sp.exp))
