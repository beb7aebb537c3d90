"""How far the closed form printed in equation (12) is from the integral: R(r) = printed/true at fixed n.

With F and G the integrals from 0 to r of t^(n-1) e^-t and t^(n-1) e^(-t^2), R = F/G and

    R' = r^(n-1) e^(-r^2) h/G^2,   h = e^(r^2-r) G - F,   h(0) = 0,   h' = (2r-1) e^(r^2-r) G.

So h falls up to r = 1/2 and then rises without bound: it changes its sign once, at some m > 1/2, and R falls from 1 up
to m and rises from there to 2 Gamma(n)/Gamma(n/2) = 2^n Gamma((n+1)/2)/sqrt(pi). On (0, 1) the integrand of F is the
smaller one, so R < 1 on (0, 1]. The limit exceeds 1, by induction in steps of two from n = 1 and n = 2: R = 1 once.

At the paper's radius r = sqrt(c n), c = 1/(2 pi e), the bounds of ``ball_bounds`` at (n, r) and at (n/2, c n) give

    log(1 - 2cn/(n+2)) <= log R - (c n - sqrt(c n)) <= log(((a+1-x)^2+a+1)/((a+1)(a+2)-ax)) - log(1 - r/(n+1)),

with a = n/2 and x = c n; both ends tend to log(1 - 2c) = log(1 - 1/(pi e)).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import precision, sign, to_arb
from assocmem.theory.exact.certified_ball_integrals import certified_log_ball_integral, certified_paper_radius
from assocmem.theory.exact.enclose import enclose
from assocmem.theory.partition.ball_bounds import FIRST_ORDER, PRINTED, SECOND_ORDER
from assocmem.theory.partition.bound_proofs import bounds_proof
from assocmem.theory.partition.mean_weight import n, r
from assocmem.theory.partition.printed_integral import certified_printed_log_ball_integral

c = 1 / (2 * sp.pi * sp.E)
DECADES = (1, 2, 5, 10, 30, 100, 300, 1024, 10**4, 10**5, 10**6)
LIMIT = 2**n * sp.gamma((n + 1) / 2) / sp.sqrt(sp.pi)


@dataclass(frozen=True)
class Shape:
    """R falls from 1, then rises to ``limit`` > 1; the turn lies beyond ``turn``, and R < 1 on (0, ``below``]."""

    turn: sp.Expr
    below: Fraction
    limit: sp.Expr


@dataclass(frozen=True)
class Growth:
    """lower <= log R - exponent <= upper at the paper's radius, for all n; both ends tend to ``tends``."""

    exponent: sp.Expr
    lower: sp.Expr
    upper: sp.Expr
    tends: sp.Expr


_a, _x, _s = n / 2, c * n, sp.sqrt(c * n)
GROWTH = Growth(
    c * n - _s,
    sp.log(1 - 2 * c * n / (n + 2)),
    sp.log(((_a + 1 - _x) ** 2 + _a + 1) / ((_a + 1) * (_a + 2) - _a * _x)) - sp.log(1 - _s / (n + 1)),
    sp.log(1 - 2 * c),
)


def certified_log_ratio(dimension: int, radius: Fraction | arb, *, bits: int = 128) -> arb:
    """A ball that contains log R, for exact or enclosed radius > 0."""
    with precision(bits + 64):
        printed = certified_printed_log_ball_integral(dimension, radius, bits=bits)
        return printed - certified_log_ball_integral(dimension, radius, bits=bits)


def shape_proved(turn: sp.Expr) -> bool:
    """The identities of the module's text, the sign of h' changing at the stated turn, and R < 1 up to r = 1."""
    true, printed = sp.lowergamma(n / 2, r**2) / 2, sp.lowergamma(n, r)
    h = sp.exp(r**2 - r) * true - printed
    slope = sp.simplify(sp.diff(h, r) / (sp.exp(r**2 - r) * true))
    ratio = sp.diff(printed / true, r) * true**2 / (r ** (n - 1) * sp.exp(-(r**2)))
    same = sp.simplify(sp.expand(sp.simplify(ratio)) - sp.expand(h)) == 0
    return bool(same and sp.expand(slope - 2 * (r - turn)) == 0 and h.subs(r, 0) == 0)


def limit_residual(limit: sp.Expr) -> sp.Expr:
    """The stated limit over 2 Gamma(n)/Gamma(n/2), less 1."""
    return sp.gammasimp(limit * sp.gamma(n / 2) / (2 * sp.gamma(n))) - 1


def limit_above_one() -> bool:
    """L(1) > 1, L(2) > 1 and L(n+2)/L(n) = 2(n+1) > 1 for L = 2 Gamma(n)/Gamma(n/2)."""
    whole = 2 * sp.gamma(n) / sp.gamma(n / 2)
    step = sp.simplify(sp.gammasimp(whole.subs(n, n + 2) / whole) - 2 * (n + 1))
    first, second = (sp.simplify(whole.subs(n, start)) for start in (1, 2))
    return bool(step == 0 and first == 2 / sp.sqrt(sp.pi) and first > 1 and second == 2)


def crossing(dimension: int, digits: int = 6) -> float:
    """The radius beyond which the printed form is too large, rounded to so many digits; the signs are certified."""
    low, high = Fraction(1), Fraction(2)
    while above_one(dimension, high) is False:
        high *= 2
    unit = Fraction(1, 10 ** (digits + 1))
    while high - low > unit:
        middle = (low + high) / 2
        middle = middle.limit_denominator(10 ** (digits + 3))
        low, high = (low, middle) if above_one(dimension, middle) else (middle, high)
    return round(float(high), digits)


def above_one(dimension: int, radius: Fraction) -> bool | None:
    """Whether the printed form certainly exceeds the integral (True) or is less (False)."""
    direction = sign(lambda: certified_log_ratio(dimension, radius))
    return None if direction is None else direction > 0


def rises(dimension: int, first: Fraction, second: Fraction) -> bool:
    """Whether R is certainly larger at the second radius than at the first."""
    return sign(lambda: certified_log_ratio(dimension, second) - certified_log_ratio(dimension, first)) == 1


def growth_proved(stmt: Growth) -> bool:
    """The stated ends are those of the proved bounds, and both have the stated limit."""
    proved = bounds_proof(FIRST_ORDER, 2) and bounds_proof(SECOND_ORDER, 2) and bounds_proof(PRINTED, 1)
    at_radius = {r: _s}
    printed_upper = 1 / (1 - _s / (n + 1))  # FIRST_ORDER's third upper bound at (a, x) = (n, r), over e^-r
    true_upper = (FIRST_ORDER.upper[2].value * sp.exp(r**2)).subs(at_radius)
    true_lower = (SECOND_ORDER.lower[0].value * sp.exp(r**2)).subs(at_radius)
    lower = sp.simplify(sp.exp(stmt.exponent + stmt.lower - (c * n - _s)) * true_upper - 1)
    upper = sp.simplify(sp.exp(stmt.exponent + stmt.upper - (c * n - _s)) * true_lower / printed_upper - 1)
    root, rate = sp.symbols("root rate", positive=True)  # n = root^2 turns both ends into logs of rational functions
    rational = [sp.exp(side).subs(c, rate).subs(n, root**2) for side in (stmt.lower, stmt.upper)]
    ends = [sp.simplify(sp.limit(side, root, sp.oo).subs(rate, c) - sp.exp(stmt.tends)) for side in rational]
    room = sp.Rational(1, 2) - c
    inside = (
        room.is_positive and sp.simplify(room - (sp.pi * sp.E - 1) / (2 * sp.pi * sp.E)) == 0
    )  # so c n < n/2 + 1 and sqrt(c n) < n + 1 for all n >= 1
    return bool(proved and inside and lower == 0 and upper == 0 and ends == [0, 0])


def growth_violation(stmt: Growth) -> str | None:
    """A dimension at which a stated end certainly fails, in words, or None."""
    for size in DECADES:
        with precision(256):
            ratio = certified_log_ratio(size, certified_paper_radius(size, bits=256), bits=256)
            low, high = (ratio - enclose(stmt.exponent + side, {n: size}) for side in (stmt.lower, stmt.upper))
        if low < 0 or high > 0:
            side = "lower" if low < 0 else "upper"
            return f"n={size}: the {side} end fails by {abs(float((low if low < 0 else high).mid())):.6g}"
    return None


def orders_within(stmt: Growth, dimension: int, orders: float) -> bool:
    """Whether a power of ten lies between the ends of the law of R, to two digits after the point."""
    with precision(128):
        low, high = (enclose(stmt.exponent + side, {n: dimension}) / arb(10).log() for side in (stmt.lower, stmt.upper))
        return bool(low - to_arb(Fraction(1, 100)) < orders < high + to_arb(Fraction(1, 100)))


def orders_of_magnitude(dimension: int) -> float:
    """log10 of printed/true at the paper's radius, to nine digits."""
    with precision(256):
        ratio = certified_log_ratio(dimension, certified_paper_radius(dimension, bits=256), bits=256)
        return float(f"{float((ratio / to_arb(10).log()).mid()):.9g}")
