"""Equation (14), bounds on the partition function at the paper's radius r = sqrt(n/(2 pi e)), and its correction.

Write a = n/2, c = 1/(2 pi e), q = 2c, so that r^2 = cn = qa, and Z = d I_n(r) = d V_n(r) e^(-cn) S with
S = sum_k (cn)^k / ((a+1)...(a+k)) (see ``assocmem.theory.exact.ball_integrals``).

- (a+1)...(a+k) >= (a+1)^k gives S < 1/(1 - qn/(n+2)).
- Jensen's inequality for y uniform in the ball, whose mean of ||y||^2 is n r^2/(n+2), gives
  I_n(r) > V_n(r) e^(-cn n/(n+2)).

The printed lower side has e^(-r) for e^(-r^2). Its excess over Z/(d V_n(r)) is about e^(cn - sqrt(cn)).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp
from flint import arb

from assocmem.theory.exact.certified import precision, sign
from assocmem.theory.exact.certified_ball_integrals import (
    certified_log_ball_integral,
    certified_log_ball_volume,
    certified_paper_radius,
)
from assocmem.theory.exact.enclose import enclose

n, a, u = sp.symbols("n a u", positive=True)
c = 1 / (2 * sp.pi * sp.E)
q = 1 / (sp.pi * sp.E)
JENSEN = -c * n**2 / (n + 2)
SERIES = -c * n - sp.log(1 - q * n / (n + 2))
PRINTED_LOW = -sp.sqrt(c * n)
"""Logarithms of bounds on Z/(d V_n(r)) at r^2 = cn: the two proved ones, and the left side of (14)."""
SIZES = (1, 2, 3, 5, 10, 20, 21, 22, 40, 100, 1024, 10**5)
"""Dimensions in which bounds are compared with certified values."""
LAST_TRUE = 20
"""The largest dimension in which the left side of (14) is true."""


@dataclass(frozen=True)
class Bounds:
    """lower <= log(Z/(d V_n(r))) <= upper at the paper's radius, as functions of n; None where nothing is said."""

    lower: sp.Expr | None
    upper: sp.Expr | None


PRINTED = Bounds(PRINTED_LOW, sp.Integer(0))
CORRECTED = Bounds(JENSEN, SERIES)


@cache
def weight(size: int, bits: int = 128) -> arb:
    """A ball around log(I_n(r)/V_n(r)) at r = sqrt(n/(2 pi e))."""
    with precision(bits + 64):
        radius = certified_paper_radius(size, bits=bits + 64)
        whole = certified_log_ball_integral(size, radius, bits=bits + 64)
        return whole - certified_log_ball_volume(size, radius, bits=bits + 64)


def value(expression: sp.Expr, size: int, bits: int = 128) -> arb:
    """A ball around a formula at an integer n.

    Raises
    ------
    TypeError
        For what ``assocmem.theory.exact.enclose.enclose`` does not know.
    """
    with precision(bits + 64):
        return enclose(expression, {n: size})


def violation(stmt: Bounds, sizes: tuple[int, ...] = SIZES) -> tuple[str, int, float] | None:
    """The first dimension in which a side certainly fails, and the logarithm of the factor by which it does."""
    for size in sizes:
        true = weight(size)
        for side, bound in (("lower", stmt.lower), ("upper", stmt.upper)):
            if bound is not None:
                stated = value(bound, size)
                gap = stated - true if side == "lower" else true - stated
                if gap > 0:
                    return side, size, float(gap.mid())
    return None


def mean_square(square: sp.Expr) -> sp.Expr:
    """The mean of ||y||^2 for y uniform in the ball of squared radius ``square`` in R^n."""
    return n * square / (n + 2)


@cache
def mean_square_residual() -> sp.Expr:
    """That mean as a quotient of two radial integrals, minus the formula."""
    radius, x = sp.symbols("r x", positive=True)
    mean = sp.integrate(x ** (n + 1), (x, 0, radius)) / sp.integrate(x ** (n - 1), (x, 0, radius))
    return sp.simplify(mean - mean_square(radius**2))


@cache
def bound_residuals() -> tuple[sp.Expr, sp.Expr]:
    """JENSEN plus the mean square at r^2 = cn, and SERIES minus -x - log(1 - x/(a+1)) at x = cn, a = n/2; zeros."""
    x, half = c * n, n / 2
    return sp.simplify(JENSEN + mean_square(x)), sp.simplify(sp.exp(SERIES + x) * (1 - x / (half + 1)) - 1)


@cache
def series_residual() -> sp.Expr:
    """d/dx of e^-x x^(a+k)/Gamma(a+k+1) minus (h_k - h_{k+1}) with h_k = e^-x x^(a+k-1)/Gamma(a+k); 0 for all k.

    Summed over k >= 0 it says that V e^-x S has the derivative of pi^a P(a, x): the series is the integral.
    """
    k, x = sp.symbols("k x", positive=True)
    term = sp.exp(-x) * x ** (a + k) / sp.gamma(a + k + 1)
    step = sp.exp(-x) * (x ** (a + k - 1) / sp.gamma(a + k) - x ** (a + k) / sp.gamma(a + k + 1))
    return sp.simplify(sp.gammasimp(sp.expand_func(sp.diff(term, x) - step) / (sp.exp(-x) * x ** (a + k))))


def proved(stmt: Bounds) -> bool:
    """Whether both sides follow from the proved ones: Jensen below; the geometric series, or Z <= d V_n(r), above."""
    if mean_square_residual() != 0 or series_residual() != 0 or bound_residuals() != (0, 0):
        return False
    low = stmt.lower is None or bool(sp.factor(JENSEN - stmt.lower).is_nonnegative)
    above = [sp.Integer(0), SERIES]
    high = stmt.upper is None or any((stmt.upper - bound).is_nonnegative for bound in above)
    return low and high


def true_up_to(last: int, checked: int = 40) -> int | None:
    """The first n at which 'the left side of (14) holds exactly for n <= last' is wrong, or 0 if it never is.

    Certified for n <= ``checked``. Beyond, log(Z/(d V)) < -cn - log(1-q) by the series, and with w = sqrt(cn) the
    difference w^2 - w + log(1-q) increases for w > 1/2, so it is enough that it is positive at n = ``checked``.
    None where a comparison stays undecided, or this last step fails.
    """
    sizes = range(1, max(checked, last) + 1)
    if not {1, checked, last} <= set(sizes):
        return None
    for size in sizes:
        holds = sign(lambda size=size: weight(size) - value(PRINTED_LOW, size))  # type: ignore[misc]
        if holds is None:
            return None
        if (holds > 0) != (size <= last):
            return size
    v = sp.Symbol("v", positive=True)
    slope = sp.diff(u**2 - u, u).subs(u, sp.Rational(1, 2) + v)
    series = value(-c * n - sp.log(1 - q), checked)
    start = value(PRINTED_LOW, checked) - series
    above = sp.expand(slope - 2 * v) == 0 and weight(checked) < series and value(sp.sqrt(c * n), checked) > 0.5
    return 0 if above and start > 0 else None
