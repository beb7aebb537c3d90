"""Row 2 of Table 1, polynomial energies: the law of one bit for F(z) = z^r, exactly and in its leading terms.

F(z) = z^r: A ~ 2 r n^(r-1) and V ~ 4 r^2 (2r-3)!! n^(r-1), hence s ~ n^(r-1)/(2r-3)!!. The moments come
from E e^(tS) = cosh(t)^m: the coefficient of m^k in E S^(2k) is (2k)! (1/2)^k/k! = (2k-1)!!, and no higher power
occurs, because log cosh t starts with t^2/2.
"""

from __future__ import annotations

import math
from functools import cache

import sympy as sp

from assocmem.theory.energies.sign_capacity.flip_law import FlipLaw
from assocmem.theory.energies.sign_capacity.memories import n, r

POWERS = range(2, 7)
"""Degrees at which exact polynomials are compared with the laws for every r."""
z = sp.Symbol("z", positive=True)
"""The argument of F."""


@cache
def cumulant_rates(order: int) -> tuple[int, ...]:
    """Derivatives 1, ..., order of log cosh at 0: the cumulants of one fair sign."""
    y = sp.Symbol("y")
    out, poly = [], sp.Poly(y, y)
    for _ in range(order):
        out.append(int(poly(0)))
        poly = poly.diff(y) * sp.Poly(1 - y**2, y)
    return tuple(out)


@cache
def sign_sum_moment(order: int) -> sp.Expr:
    """E S^order for the sum S of n - 1 fair signs, a polynomial in n; from n - 1 times the cumulants of one sign."""
    if order == 0:
        return sp.Integer(1)
    rates, m = cumulant_rates(order), n - 1
    terms = [math.comb(order - 1, j) * rates[j] * m * sign_sum_moment(order - 1 - j) for j in range(order)]
    return sp.expand(sum(terms))


def polynomial_law(interaction: sp.Expr) -> FlipLaw:
    """The exact law for a polynomial F in z."""
    spread = sp.Poly(sp.expand(interaction.subs(z, z + 1) - interaction.subs(z, z - 1)), z)

    def mean(poly: sp.Poly) -> sp.Expr:
        return sp.expand(sum(c * sign_sum_moment(k) for (k,), c in poly.terms()))

    return FlipLaw(sp.expand(interaction.subs(z, n) - interaction.subs(z, n - 2)), mean(spread**2), mean(spread**4))


@cache
def power_law(power: int) -> FlipLaw:
    """The exact law for F(z) = z^r."""
    return polynomial_law(z**power)


def leading_law() -> FlipLaw:
    """Leading terms of the law of F(z) = z^r for symbolic r, derived from three Taylor coefficients."""
    t = sp.Symbol("tau")
    slope = sp.series(1 - (1 - 2 * t) ** r, t, 0, 2).removeO().coeff(t, 1)  # A = n^r (1 - (1-2/n)^r)
    spread = sp.series((1 + t) ** r - (1 - t) ** r, t, 0, 2).removeO().coeff(t, 1)  # h(S) ~ spread * S^(r-1)
    rate = sp.series(sp.log(sp.cosh(t)), t, 0, 4).removeO().coeff(t, 2)

    def even_moment(k: sp.Expr) -> sp.Expr:
        return sp.factorial(2 * k) * rate**k / sp.factorial(k) * n**k

    return FlipLaw(slope * n ** (r - 1), spread**2 * even_moment(r - 1), spread**4 * even_moment(2 * (r - 1)))


def leading_mismatch(power: int, law: FlipLaw) -> tuple[sp.Expr, ...]:
    """Limits of exact over leading, minus 1, for A, V and Q at one degree; all 0 when the law is right there."""
    exact = power_law(power)
    pairs = ((exact.signal, law.signal), (exact.variance, law.variance), (exact.fourth, law.fourth))
    return tuple(sp.limit(sp.cancel(a / b.subs(r, power)), n, sp.oo) - 1 for a, b in pairs)
